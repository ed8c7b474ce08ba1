"""Address spaces: ``Type:Address;Cost``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from auditor.errors import shortened
from auditor.kinds.base import Kind, list_reader, read_item, unexpected
from auditor.kinds.hosts import host_name
from auditor.model import Unreadable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.model import Raw

INBOUND_MARKER: Final = "--"
# No blank in a type: else the cost of one space and the type of the next would make one.
_TYPED = re.compile(r"([A-Za-z][A-Za-z0-9._-]*):(.*)", re.DOTALL)
# What joins one address space to the next: X.400 addresses hold ``=``, never a colon or a cost.
_SECOND_SPACE = re.compile(r"(?:^|[\s;,|])[A-Za-z][\w.-]*:|;\s*[0-9]+\s*(?:[\s;]|$)", re.ASCII)
_COST_MAX: Final = 100


def read_address_space(raw: Raw) -> str | Unreadable:
    """One address space as ``SMTP:contoso.com;1``.

    SMTP is the type and 1 the cost where they are left out; the cost follows the last ``;``.
    Source: https://technet.microsoft.com/library/bb629547(EXCHG.80).aspx
    (New-SendConnector, AddressSpaces).
    """
    return read_item("address space", raw, _text_of_rich_space, _read_text)


def _read_text(text: str) -> str | Unreadable:
    text = text.strip()
    scope, rest = ("Local:", text[6:]) if text[:6].lower() == "local:" else ("", text)
    typed = _TYPED.fullmatch(rest)
    kind, address = (typed[1].upper(), typed[2]) if typed else ("SMTP", rest)
    space = _costed(kind, address, text)
    return space if isinstance(space, Unreadable) else scope + space


def _costed(kind: str, address: str, written: str) -> str | Unreadable:
    cost = 1
    if ";" in address:
        address, _, digits = address.rpartition(";")
        if not re.fullmatch(r"\s*[0-9]{1,9}\s*", digits, re.ASCII):
            return Unreadable(f"the address space {shortened(written)} has no readable cost")
        cost = int(digits)
        if not 1 <= cost <= _COST_MAX:
            return Unreadable(f"an address space has the cost {cost}, which is not 1 to 100")
    address = address.strip()
    if kind == "SMTP":
        domain = read_domain(address)
        if domain is None:
            return unexpected("address space", written)
        address = domain
    elif not address or _SECOND_SPACE.search(address):
        return unexpected("address space", written)
    return f"{kind}:{address};{cost}"


def read_domain(text: str) -> str | None:
    """A domain as ``contoso.com``, ``*.contoso.com``, ``*`` or ``--``; None if it is none."""
    if text in {"*", INBOUND_MARKER}:
        return text
    star = "*." if text.startswith("*.") else ""
    name = host_name(text[len(star) :])
    return None if name is None or name == INBOUND_MARKER else star + name


def _text_of_rich_space(raw: dict[str, Raw]) -> str | None:
    """The text of ``{"Address": …, "Type": …, "Cost": …}`` (capture, AddressSpace)."""
    kind, address, cost = raw.get("Type"), raw.get("Address"), raw.get("Cost")
    if not isinstance(kind, str) or not isinstance(address, str) or not isinstance(cost, int):
        return None
    if "*" in {address, raw.get("Domain", address)} and raw.get("Domain", address) != address:
        return f"{kind}:{address} is not {raw['Domain']}"  # nothing that can be read
    scope = "Local:" if raw.get("IsLocal") is True else ""
    return f"{scope}{kind}:{address};{cost}"


def split_spaces(text: str) -> Sequence[str] | Unreadable:
    """Items of a joined list. ``;`` both joins lists and precedes the cost, so it needs care."""
    if re.search(r"[|\n]", text):
        return re.split(r"[|\n]", text)
    if "," in text:
        return text.split(",")
    typed = _TYPED.fullmatch(text)
    if typed and typed[1].upper() not in {"SMTP", "LOCAL"}:
        if re.search(r";\s*smtp:", text, re.IGNORECASE):
            return Unreadable("the export joined the address spaces with the sign that they hold")
        return (text,)
    return _split_smtp(text)


def _split_smtp(text: str) -> Sequence[str]:
    """``SMTP:*;1;SMTP:contoso.com;5``: a part that is only digits is the cost of the one before."""
    items: list[str] = []
    for part in text.split(";"):
        if items and ";" not in items[-1] and (part.strip().isdigit() or not part.strip()):
            items[-1] += f";{part}"
        else:
            items.append(part)
    return items


def is_inbound_only(spaces: Sequence[str]) -> bool:
    """Whether every one of some address spaces is the inbound marker."""
    return bool(spaces) and all(domain_of(space) == INBOUND_MARKER for space in spaces)


def typed_pattern(kind: str, address: str) -> str:
    """An address that is no SMTP, as it compares: ``X400:c=us``; letter case does not count."""
    return f"{kind.upper()}:{address.strip().lower()}"


def domain_of(space: str) -> str | None:
    """The SMTP domain of a normalised address space (``*``, ``*.contoso.com``); else None."""
    kind, _, rest = space.removeprefix("Local:").partition(":")
    return rest.rpartition(";")[0] if kind == "SMTP" else None


ADDRESS_SPACES: Final = Kind(
    "address spaces",
    list_reader("address space", read_address_space, split_spaces),
    is_list=True,
    textual=True,
    ignores_case=True,
    example='["SMTP:*;1"]',
)
