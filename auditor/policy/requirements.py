"""A property and what must hold of it: under ``properties``, in ``when`` and in ``only_if``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.errors import PolicyError, nearest, shortened
from auditor.model import Requirement
from auditor.policy.fields import boolean, fail, key_place, mapping
from auditor.policy.matchers import MATCHERS, read_equals, read_matchers
from auditor.policy.words import SPECIAL, STRAYS, hint_for
from auditor.properties import PROPERTIES

if TYPE_CHECKING:
    from auditor.errors import Place
    from auditor.kinds import Kind
    from auditor.yamlfile import Node

NEVER: Final = "not_applicable_because"
CREDENTIAL: Final = "AuthenticationCredential"


def kind_of(name: str, place: Place) -> Kind:
    """The kind of a property's values.

    Raises:
        PolicyError: Exchange has no such property.
    """
    known = PROPERTIES.get(name)
    if known is None:
        raise _no_property(name, place)
    return known.kind


def _no_property(name: str, place: Place) -> PolicyError:
    if name.lower() == CREDENTIAL.lower():
        message = f"{CREDENTIAL} is never read: only whether it was set is kept"
        return PolicyError(message, place, "Take it out.")
    hint = "Properties have the names that Get-SendConnector prints."
    if name in SPECIAL:
        hint = STRAYS[name.lower()]
    elif nearest(name, PROPERTIES):
        hint = hint_for(name, PROPERTIES)
    message = f"Exchange's send connectors have no property {shortened(name)}"
    return PolicyError(message, place, hint)


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
    found = [
        _requirement(name, value, key_place(node, name), what) for name, value in entries.items()
    ]
    return tuple(requirement for requirement in found if requirement is not None)


def _requirement(name: str, node: Node, place: Place, what: str) -> Requirement | None:
    """One property with a plain value, which means equals, or with matchers.

    In ``when``, ``ignore: true`` drops a condition that was inherited: then None.
    """
    kind = kind_of(name, place)
    if not isinstance(node.value, dict):
        return Requirement(name, read_equals(node, name, kind))
    droppable = ("ignore",) if what == "when" else ()
    entries = mapping(node, f"{name} in {what}", (*MATCHERS, *droppable))
    if is_ignored(node, entries, name):
        return None
    matcher = read_matchers(entries, name, kind, node.keys)
    if matcher is None:
        raise PolicyError(f"{name} in {what} asks nothing", place, some_matcher())
    return Requirement(name, matcher)


def is_ignored(node: Node, entries: dict[str, Node], name: str) -> bool:
    """Whether something is dropped that would be inherited."""
    if "ignore" not in entries:
        return False
    if not boolean(entries["ignore"], "ignore"):
        fail(entries["ignore"], "ignore can only be true", "Leave it out.")
    other = next((key for key in entries if key in MATCHERS or key == NEVER), None)
    if other is not None:
        second = max("ignore", other, key=list(entries).index)
        message = f"{name} is ignored and has {other!r}"
        raise PolicyError(message, key_place(node, second), "Leave one of them out.")
    return True


def some_matcher() -> str:
    """A hint for a property of which nothing is asked."""
    return f"Add one of: {', '.join(MATCHERS)}."
