"""Deliveries counted one by one, as protocol logs and small sets of events need it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from auditor.model import Hour, Recipients, Way

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from auditor.model import LogKind

MOST_DOMAINS: Final = 1000


@dataclass(slots=True)
class Tally:
    """What went one way; of each delivery the set of its recipients' domains."""

    times: list[tuple[datetime, frozenset[str]]] = field(default_factory=list)
    recipients: int = 0

    def add(self, when: datetime, recipients: Iterable[str], addresses: bool) -> None:
        """One more delivery."""
        found = list(recipients)
        self.recipients += len(found)
        keys = (one.lower() if addresses else domain_of(one) for one in found)
        self.times.append((when, frozenset(keys)))

    def way(
        self,
        kind: LogKind,
        server: str | None,
        connector: str,
        host: str,
        address: str,
        is_own: Callable[[str], bool],
    ) -> Way:
        """All of it."""
        outside = [(t, d) for t, d in self.times if not d or not all(map(is_own, d))]
        hours = Counter(t.replace(minute=0, second=0, microsecond=0) for t, _ in outside)
        seen: dict[str, list[datetime]] = {}
        for when, domains in outside:
            for domain in domains:
                if not is_own(domain):
                    seen.setdefault(domain, []).append(when)
        listed = sorted(seen.items(), key=lambda one: (-len(one[1]), one[0]))
        times = [when for when, _ in self.times]
        return Way(
            kind=kind,
            server=server,
            connector=connector,
            host=host,
            address=address,
            deliveries=len(times),
            recipients=self.recipients,
            bytes=0,
            inside=len(times) - len(outside),
            first=min(times),
            last=max(times),
            hours=tuple(Hour(*one) for one in sorted(hours.items())),
            domains=tuple(
                Recipients(name, len(at), 0, min(at), max(at)) for name, at in listed[:MOST_DOMAINS]
            ),
            more_domains=len(listed[MOST_DOMAINS:]),
        )


def domain_of(recipient: str) -> str:
    """The domain of an address, in small letters; empty where there is none."""
    _, at, domain = recipient.rpartition("@")
    return domain.strip(" <>").lower() if at else ""
