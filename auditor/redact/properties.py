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
from auditor.redact.words import is_number, is_word

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from auditor.kinds import Kind
    from auditor.model import Json, Raw, Value
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
    if isinstance(value, str) and value:
        if name in LABELS:
            return names.connector(value) if name == "Name" else _identity(value, names)
        if name in _FREE:
            return names.exact(kind.name, value, None, value)
    return _redacted(value, kind, names)


def redacted_setting(kind: Kind, raw: Raw, names: Names) -> Json:
    """The raw value of a setting that connectors are compared with."""
    return _redacted(kind.read(raw), kind, names)


def _redacted(value: Value, kind: Kind, names: Names) -> Json:
    """A value as it was read; what is empty stays empty."""
    if isinstance(value, Unreadable):
        return _unreadable(value)
    if value is None or isinstance(value, bool | int):
        return value
    if not isinstance(value, str | tuple):
        raise AssertionError(f"{kind.phrase} was read as {value!r}")
    one = _ONE.get(kind, _enumeration)
    if isinstance(value, tuple):
        return [one(item, names) if item else item for item in value]
    return one(value, names) if value else value


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
    if any(sign in text for sign in "\\=/") and key not in names.connectors:
        found = structured(text, names)
        if found is not None:
            return names.exact("name", key, found, text)
    return names.connector(text)


def _smart_host(text: str, names: Names) -> Json:
    return f"[{names.address(text)}]" if text.startswith("[") else names.host(text)


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


def _text(text: str, names: Names) -> Json:
    """Text compares exactly: no two may become one."""
    return names.exact("text", text, structured(text, names), text)


def _name(text: str, names: Names) -> Json:
    """Names compare without letter case: no two others may become one."""
    return names.exact("name", text.lower(), structured(text, names), text)


def _enumeration(text: str, names: Names) -> Json:
    """A member, a size or a time span; a word that is none of these is hidden."""
    known = is_number(text) or is_word(text)
    return text if known else names.numbered("word", text.lower(), text, "Word{}")


_ONE: Final[Mapping[Kind, Callable[[str, Names], Json]]] = {
    HOST: lambda text, names: names.host(text),
    IP_ADDRESS: lambda text, names: names.address(text),
    SMART_HOSTS: _smart_host,
    SERVERS: lambda text, names: names.server(text),
    ADDRESS_SPACES: _space,
    TEXT: _text,
    TEXTS: _text,
    NAME: _name,
}
"""What becomes of a value, or of each item of a list."""
