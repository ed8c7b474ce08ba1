"""A property and what must hold of it: under ``properties``, in ``when`` and in ``only_if``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.errors import PolicyError, did_you_mean, nearest
from auditor.model import Requirement
from auditor.policy.fields import fail, key_place, mapping
from auditor.policy.matchers import MATCHERS, read_equals, read_matchers
from auditor.properties import PROPERTIES

if TYPE_CHECKING:
    from auditor.errors import Place
    from auditor.kinds import Kind
    from auditor.yamlfile import Node


def kind_of(name: str, place: Place) -> Kind:
    """The kind of a property's values.

    Raises:
        PolicyError: Exchange has no such property.
    """
    known = PROPERTIES.get(name)
    if known is None:
        raise PolicyError(
            f"Exchange's send connectors have no property {name!r}",
            place,
            did_you_mean(name, PROPERTIES)
            if nearest(name, PROPERTIES)
            else "Properties have the names that Get-SendConnector prints.",
        )
    return known.kind


def read_requirements(node: Node, what: str) -> tuple[Requirement, ...]:
    """``{Property: value or matchers}``, all of which must hold.

    Args:
        node: the mapping.
        what: it is, for messages: ``when``, ``only_if``.

    Raises:
        PolicyError: it asks nothing, or something that cannot be asked.
    """
    entries = mapping(node, what)
    if not entries:
        fail(node, f"{what} asks nothing", f"Name a property: {what}: {{Enabled: true}}")
    return tuple(
        read_requirement(name, value, key_place(node, name), what)
        for name, value in entries.items()
    )


def read_requirement(name: str, node: Node, place: Place, what: str) -> Requirement:
    """One property with a plain value, which means equals, or with matchers."""
    kind = kind_of(name, place)
    if not isinstance(node.value, dict):
        return Requirement(name, read_equals(node, name, kind))
    entries = mapping(node, f"{name} in {what}", MATCHERS)
    matcher = read_matchers(entries, name, kind)
    if matcher is None:
        raise PolicyError(f"{name} in {what} asks nothing", place, some_matcher())
    return Requirement(name, matcher)


def some_matcher() -> str:
    """A hint for a property of which nothing is asked."""
    return f"Add one of: {', '.join(MATCHERS)}."
