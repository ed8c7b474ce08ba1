"""Accepted domains: whether mail for a domain stays in the organisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.kinds import BOOLEAN
from auditor.kinds.address_spaces import read_domain
from auditor.kinds.base import text_of, whole
from auditor.model import AcceptedDomain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from auditor.model import Raw, Snapshot

_TYPES: Final = {"authoritative": True, "externalrelay": False, "internalrelay": False}
_AUTHORITATIVE: Final = 0
"""The number of ``Authoritative``, the default; which of the others is which does not matter.

Source: https://learn.microsoft.com/previous-versions/office/exchange-server-api/ff340752(v=exchg.150)
"""


def accepted_domains(snapshot: Snapshot) -> tuple[AcceptedDomain, ...]:
    """The domains that the organisation takes mail for, as far as they can be read.

    One that cannot be read is left out: mail for it counts as mail that leaves.
    """
    return tuple(
        domain for raw in snapshot.objects.get("AcceptedDomain", ()) for domain in _domains(raw)
    )


def _domains(raw: Mapping[str, Raw]) -> Iterator[AcceptedDomain]:
    name = _name(raw.get("DomainName"))
    # Everything at once can be relayed, but never be delivered inside.
    if name is None or name == "*":
        return
    inside = _is_inside(raw.get("DomainType"))
    yield AcceptedDomain(name, inside)
    if BOOLEAN.read(raw.get("MatchSubDomains")) is True and not name.startswith("*."):
        yield AcceptedDomain(f"*.{name}", inside)


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
