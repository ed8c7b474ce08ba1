"""Accepted domains: whether mail for a domain stays in the organisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.kinds import BOOLEAN
from auditor.kinds.address_spaces import read_domain
from auditor.kinds.base import text_of, whole
from auditor.model import AcceptedDomain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.model import Raw, Snapshot

_TYPES: Final = {"authoritative": True, "externalrelay": False, "internalrelay": False}
_AUTHORITATIVE: Final = 0
"""The number of ``Authoritative``, the default; which of the others is which does not matter.

Source: https://learn.microsoft.com/previous-versions/office/exchange-server-api/ff340752(v=exchg.150)
"""


class Accepted(NamedTuple):
    """The accepted domains, and whether these are all that there are."""

    domains: tuple[AcceptedDomain, ...]
    whole: bool


def accepted_domains(snapshot: Snapshot) -> Accepted:
    """The domains that the organisation takes mail for, as far as they can be read.

    One whose name cannot be read is left out: then another may not be what it seems, for a domain
    below it can be one that is sent on. Where two contradict each other, nothing is known.
    """
    raw = snapshot.objects.get("AcceptedDomain", ())
    readings = [_domains(one) for one in raw]
    found: dict[str, bool | None] = {}
    for domain in (domain for domains in readings for domain in domains or ()):
        known = found.setdefault(domain.domain, domain.inside)
        found[domain.domain] = known if known == domain.inside else None
    for domains in readings:
        below = f"*.{domains[0].domain}" if domains and domains[0].inside is False else ""
        if found.get(below, False) is None and not _is_taken_in(below, found):
            del found[below]
    whole = None not in readings and all(e.noun != "AcceptedDomain" for e in snapshot.errors)
    return Accepted(tuple(AcceptedDomain(*one) for one in found.items()), whole)


def _is_taken_in(pattern: str, found: Mapping[str, bool | None]) -> bool:
    """Whether mail below a relay domain may be delivered inside, by a domain above it.

    If not, it is sent on whether the relay domain is meant with all below it or not.
    """
    above = pattern.removeprefix("*.").partition(".")[2]
    while above:
        if found.get(f"*.{above}", False) is not False:
            return True
        above = above.partition(".")[2]
    return False


def _domains(raw: Mapping[str, Raw]) -> list[AcceptedDomain] | None:
    """What one says; None where its name cannot be read."""
    name = _name(raw.get("DomainName"))
    if name is None:
        return None
    # Everything at once can be relayed, but never be delivered inside.
    if name == "*":
        return []
    inside = _is_inside(raw.get("DomainType"))
    found = [AcceptedDomain(name, inside)]
    if not name.startswith("*."):
        below = BOOLEAN.read(raw["MatchSubDomains"]) if "MatchSubDomains" in raw else None
        if below is not False:
            found.append(AcceptedDomain(f"*.{name}", inside if below is True else None))
    return found


def _name(raw: Raw) -> str | None:
    text = text_of(raw)
    if text is None and isinstance(raw, dict):
        # SmtpDomainWithSubdomains, as ConvertTo-Json writes it.
        address = raw.get("Address")
        text = address if isinstance(address, str) else None
    return None if text is None else read_domain(text.strip())


def _is_inside(raw: Raw) -> bool | None:
    """Whether mail is delivered inside; None where the type cannot be read."""
    number = whole(raw)
    if number is not None:
        return number == _AUTHORITATIVE if 0 <= number <= len(_TYPES) - 1 else None
    text = text_of(raw)
    return None if text is None else _TYPES.get(text.strip().lower())
