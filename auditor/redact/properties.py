"""A connector's property → the same value with stand-ins, in one plain shape.

The value is read as the audit reads it and written anew: what equals still equals, what differs
differs, and what cannot be read cannot be read for the same reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.kinds import ADDRESS_SPACES, HOST, IP_ADDRESS, NAME, SERVERS, SMART_HOSTS, TEXT, TEXTS
from auditor.kinds.base import CONTRADICTIONS, CUT_REASON, TYPE_NAME_REASON
from auditor.model import CONTRADICTION, Unreadable
from auditor.properties import PROPERTIES
from auditor.redact.texts import TYPE_NAME, structured
from auditor.redact.words import is_harmless

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from auditor.kinds import Kind
    from auditor.model import Json, Present, Raw
    from auditor.redact.names import Names

LABELS: Final = ("Name", "Identity", "Id")
"""What a connector is called by: the first of these that can be read."""

_FREE: Final = frozenset({"Comment", "AdminDisplayName"})
_SPACE_TYPES: Final = frozenset(
    {"X400", "X500", "FAX", "MS", "MSMAIL", "CCMAIL", "GWISE", "NOTES", "MOBILE", "MAPI"}
)


def redacted_property(name: str, raw: Raw, names: Names) -> Json:
    """The raw value of a property of the table, as an export or a policy gives it."""
    if raw is None:
        return None
    kind = PROPERTIES[name].kind
    value = kind.read(raw)
    if isinstance(value, Unreadable):
        return _unreadable(value)
    if value is None or isinstance(value, bool | int) or value == "":
        return value
    if not isinstance(value, str | tuple):
        raise AssertionError(f"{name} was read as {value!r}")
    if name in LABELS and isinstance(value, str):
        return names.connector(value) if name == "Name" else _identity(value, names)
    if name in _FREE:
        return names.exact(kind.name, str(value), None, str(value))
    return _PRESENT.get(kind, _enumeration)(value, names, kind)


def _unreadable(value: Unreadable) -> Json:
    """Something that cannot be read for the same reason, whatever it was."""
    if value.reason in CONTRADICTIONS:
        return {CONTRADICTION: True}
    return {TYPE_NAME_REASON: TYPE_NAME, CUT_REASON: "..."}.get(value.reason, {"Redacted": True})


def redacted_label(raw: Mapping[str, Raw], names: Names) -> dict[str, Json]:
    """The property that a connector is called by, alone: whatever it holds is the name."""
    for name in LABELS:
        value = NAME.read(raw.get(name))
        if isinstance(value, str) and value:
            return {name: names.connector(value)}
    return {}


def _identity(text: str, names: Names) -> str:
    """An identity beside a name: the same, or one that holds more than it."""
    key = text.strip().lower()
    if any(sign in text for sign in "\\=/") and key not in names.connectors():
        found = structured(text, names)
        if found is not None:
            return names.exact("name", key, found, text)
    return names.connector(text)


def _items(value: Present) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (str(value),)


def _host(value: Present, names: Names, _: Kind) -> Json:
    return names.host(str(value))


def _address(value: Present, names: Names, _: Kind) -> Json:
    return names.address(str(value))


def _smart_hosts(value: Present, names: Names, _: Kind) -> Json:
    return [
        f"[{names.address(item)}]" if item.startswith("[") else names.host(item)
        for item in _items(value)
    ]


def _servers(value: Present, names: Names, _: Kind) -> Json:
    return [names.server(item) for item in _items(value)]


def _address_spaces(value: Present, names: Names, _: Kind) -> Json:
    return [_space(item, names) for item in _items(value)]


def _space(space: str, names: Names) -> str:
    """``SMTP:contoso.com;1``, normalised: type and cost stay."""
    scope = "Local:" if space.startswith("Local:") else ""
    kind, _, rest = space.removeprefix(scope).partition(":")
    address, _, cost = rest.rpartition(";")
    if kind == "SMTP":
        return f"{scope}SMTP:{names.host(address)};{cost}"
    if kind not in _SPACE_TYPES:
        kind = names.numbered("type", kind, kind, "TYPE-{}")
    if address != "*":
        address = names.exact("space", address, None, address)
    return f"{scope}{kind}:{address};{cost}"


def _text(value: Present, names: Names, kind: Kind) -> Json:
    """Text compares exactly, and names without letter case: no two may become one."""
    text = str(value)
    key = text if kind is TEXT else text.lower()
    return names.exact(kind.name, key, structured(text, names), text)


def _texts(value: Present, names: Names, _: Kind) -> Json:
    return [_text(item, names, TEXT) for item in _items(value)]


def _enumeration(value: Present, names: Names, _: Kind) -> Json:
    """A member, a size or a time span; a word that is none of these is hidden."""
    text = str(value)
    return text if is_harmless(text) else names.numbered("word", text.lower(), text, "Word{}")


_PRESENT: Final[Mapping[Kind, Callable[[Present, Names, Kind], Json]]] = {
    HOST: _host,
    IP_ADDRESS: _address,
    SMART_HOSTS: _smart_hosts,
    SERVERS: _servers,
    ADDRESS_SPACES: _address_spaces,
    TEXT: _text,
    NAME: _text,
    TEXTS: _texts,
}
