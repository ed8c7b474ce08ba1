"""A value as a policy gives it → the normalised value, by the property's own kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.errors import shortened
from auditor.kinds import NAME, TEXT
from auditor.model import Unreadable
from auditor.policy.fields import OR_NULL, fail, refuse_blank, sequence
from auditor.policy.matchers.slips import REASONS, slip_of
from auditor.policy.words import hint_for
from auditor.properties import PROPERTIES, possible, shown

if TYPE_CHECKING:
    from auditor.kinds import Kind
    from auditor.model import Present
    from auditor.yamlfile import Node


def read_value(node: Node, name: str, kind: Kind) -> Present | None:
    """A value that a policy gives, by the property's own kind.

    Raises:
        PolicyError: the property cannot hold it, with the place of the item that does not fit.
    """
    refuse_blank(node, name)
    if kind.is_list:
        items = (
            node.value if isinstance(node.value, tuple) else () if node.value is None else (node,)
        )
        return _checked(kind.read([_item(item, name, kind) for item in items]), node, name, kind)
    if isinstance(node.value, tuple | dict):
        fail(node, f"{name} holds one {kind.name}, not {node.describe()}")
    if kind in (TEXT, NAME) and isinstance(node.value, bool | int):
        fail(node, f"{name} is text, not {node.describe()}", "Put it in quotes.")
    value = _checked(kind.read(node.value), node, name, kind)
    _refuse_slip(value, node, name, kind)
    return value


def read_items(node: Node, matcher: str, name: str, kind: Kind) -> tuple[str, ...]:
    """Some items of a list property.

    Raises:
        PolicyError: there are none, or one does not fit.
    """
    what = f"{matcher!r} of {name}"
    if not sequence(node, what):
        fail(node, f"{what} must name at least one", f"For example: {kind.example}")
    found = read_value(node, name, kind)
    return found if isinstance(found, tuple) else ()


def _item(item: Node, name: str, kind: Kind) -> str:
    if item.value is None or (isinstance(item.value, str) and not item.value.strip()):
        fail(item, f"{name}: an item is empty", "Take it out; a list of nothing is [].")
    if isinstance(item.value, tuple):
        fail(item, f"{name} holds texts, not a list", f"Write one list: {kind.example or '[a, b]'}")
    if not isinstance(item.value, str):
        fail(item, f"{name} holds texts, not {item.describe()}", "Put it in quotes.")
    found = _checked(kind.read([item.value]), item, name, kind)
    if isinstance(found, tuple) and found:
        _refuse_slip(found[0], item, name, kind)
    return item.value


def _refuse_slip(value: Present | None, node: Node, name: str, kind: Kind) -> None:
    slip = slip_of(node.value, value, kind)
    if slip is not None:
        fail(node, f"{name}: {slip.problem}", slip.hint)


def _checked(value: object, node: Node, name: str, kind: Kind) -> Present | None:
    meant_null = OR_NULL if node.value in {"None", "none"} else None
    if isinstance(value, Unreadable):
        example = f"For example: {kind.example}" if kind.example else None
        fail(node, f"{name}: {_reason(value, node)}", meant_null or example)
    if kind.members and isinstance(value, str) and value not in kind.members:
        hint = meant_null or hint_for(value, kind.members)
        fail(node, f"{name} cannot be {shortened(value)}", hint)
    assert value is None or isinstance(value, bool | int | str | tuple)  # noqa: S101 - for mypy
    if value is not None and name in PROPERTIES and not possible(name, value):
        known = PROPERTIES[name]
        message = f"{name} cannot be {shown(name, value)}"
        fail(node, message, f"It is from {known.least} to {known.most}.")
    return value


def _reason(value: Unreadable, node: Node) -> str:
    """Why a value cannot be read; in a policy it was written, not exported."""
    if value.reason in REASONS and isinstance(node.value, str):
        return f"{shortened(node.value)} {REASONS[value.reason]}"
    return value.reason
