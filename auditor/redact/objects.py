"""Raw objects of any cmdlet → the same with stand-ins. What is not known is replaced whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from auditor.kinds import SIZE, TIME_SPAN
from auditor.kinds.base import text_of
from auditor.kinds.servers import read_server
from auditor.model import CONTRADICTION
from auditor.properties import PROPERTIES, SETTINGS
from auditor.redact.properties import (
    LABELS,
    redacted_label,
    redacted_property,
    redacted_setting,
)
from auditor.redact.texts import redacted_name, redacted_text
from auditor.redact.words import are_bytes, is_documented, is_number, is_word

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from auditor.model import Json, Raw
    from auditor.redact.names import Names

_CONNECTORS: Final = frozenset({"SendConnector", "ForeignConnector", "DeliveryAgentConnector"})
_NESTED: Final = frozenset(
    {
        *("Value", "value", "Count", "Name", "Major", "Minor", "Build", "Revision", "Domain"),
        *("DistinguishedName", "Address", "Type", "Cost", "IncludeSubDomains", "IsSmtpType"),
        *("SmtpDomain", "Guid", "ObjectGuid", "Ref", "Unresolved"),
    }
)
_VERSION: Final = re.compile(r"(?:Version\s+)?(?:8|14|15)(?:\.[0-9]{1,2})?(?![0-9])", re.ASCII)
_PATH: Final = re.compile(r"[=/]")
_DEPTH: Final = 20


def redacted_object(noun: str, raw: Mapping[str, Raw], names: Names) -> dict[str, Json]:
    """One object of a cmdlet, given by its noun. Every property stays; its name if documented."""
    label = redacted_label(raw, names) if noun in _CONNECTORS else {}
    redacted = {
        key if is_documented(key) else _key(key, names): _property(noun, key, value, names)
        for key, value in raw.items()
    }
    return {**redacted, **label}


def _key(key: str, names: Names) -> str:
    return names.numbered("key", key, key, "key-{}")


def _property(noun: str, key: str, value: Raw, names: Names) -> Json:
    if key == "AuthenticationCredential":
        return "(set; dropped)" if value not in (None, "", {}) else value
    if noun in _CONNECTORS and key in PROPERTIES:
        redacted = redacted_property(key, value, names)
        # Only a Guid that is text tells one object from another.
        wrapped = key == "Guid" and not isinstance(value, str) and isinstance(redacted, str)
        return {"ToString": redacted} if wrapped else redacted
    setting = SETTINGS.get(f"{noun}.{key}")
    if setting is not None:
        return redacted_setting(setting, value, names)
    if is_documented(key) and isinstance(value, int | float):
        return value
    text = _OWN.get(noun, redacted_name) if key in LABELS else _KEYS.get(key, redacted_text)
    return _value(value, text, names, 0)


def _value(value: Raw, text: Callable[[str, Names], str], names: Names, depth: int) -> Json:
    """Any value; ``text`` replaces the texts in it."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return text(value, names) if value.strip() else value
    if depth > _DEPTH:
        return {CONTRADICTION: True}
    if isinstance(value, list | tuple):
        if are_bytes(value):
            return [redacted_text(f"({value})", names)]
        return [_value(item, text, names, depth + 1) for item in value]
    if isinstance(value, dict):
        return _rich(value, text, names, depth)
    return value if is_number(str(value)) else redacted_text(str(value), names)


def _rich(
    value: dict[str, Raw], text: Callable[[str, Names], str], names: Names, depth: int
) -> Json:
    """A rich object: as it prints, where it does, for that is what is read of it."""
    if CONTRADICTION in value:
        return {CONTRADICTION: True}
    for found in (text_of(value), value.get("IPAddressToString")):
        if isinstance(found, str):
            return text(found, names) if found.strip() else found
    for key, kind in (("IsUnlimited", SIZE), ("Ticks", TIME_SPAN)):
        number = kind.read(value) if key in value else None
        if isinstance(number, str | int):
            return number
    return {
        key if key in _NESTED else _key(key, names): _value(item, text, names, depth + 1)
        for key, item in value.items()
    }


def _server(text: str, names: Names) -> str:
    """A server, also as the identity of one; what cannot be read as one still cannot."""
    found = names.server(text) or redacted_text(text, names)
    return found if isinstance(read_server(text), str) else f"({found})"


def _site(text: str, names: Names) -> str:
    return redacted_text(text, names) if _PATH.search(text) else names.site(text)


def _organization(text: str, names: Names) -> str:
    return redacted_text(text, names) if _PATH.search(text) else names.organization(text)


def _host(text: str, names: Names) -> str:
    return names.host(text) or redacted_text(text, names)


def _version(text: str, names: Names) -> str:
    """A version, of which what follows the numbers is left out where it is not known."""
    found = None if is_number(text) else _VERSION.match(text.strip())
    return found[0] if found else redacted_text(text, names)


def _role(text: str, names: Names) -> str:
    """A server's roles, also where something has such a word as its name."""
    return text if is_word(text) else redacted_text(text, names)


_OWN: Final[Mapping[str, Callable[[str, Names], str]]] = {
    "ExchangeServer": _server,
    "TransportService": _server,
    "TransportServer": _server,
    "EdgeSubscription": _server,
    "AdSite": _site,
    "OrganizationConfig": _organization,
}
"""What an object's own name is the name of, by the noun of its cmdlet."""

_KEYS: Final[Mapping[str, Callable[[str, Names], str]]] = {
    "Fqdn": _server,
    "PSComputerName": _server,
    "OriginatingServer": _server,
    "Server": _server,
    "SourceTransportServers": _server,
    "Site": _site,
    "Sites": _site,
    "DomainName": _host,
    "Domain": _host,
    "AdminDisplayVersion": _version,
    "ServerRole": _role,
}
"""What a property holds, in the objects of every cmdlet; every other is judged by its content."""
