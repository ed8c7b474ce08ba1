"""Hosts that stay as they are."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.model import Policy

MICROSOFT: Final = (
    *("mail.protection.outlook.com", "mail.onmicrosoft.com", "onmicrosoft.com", "mx.microsoft"),
    *("mail.eo.outlook.com", "protection.outlook.com"),
)
"""Domains of Microsoft's that decide what a host is; the tenant's label before them is replaced.

Source: https://learn.microsoft.com/microsoft-365/enterprise/external-domain-name-system-records
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """Hosts that stay as they are: the gateway's.

    Attributes:
        domains: every host at or under these stays.
        hosts: so do these, though they are under no such domain; addresses in brackets.
    """

    domains: tuple[str, ...]
    hosts: frozenset[str] = frozenset()

    def holds(self, host: str) -> bool:
        """Whether a normalised host stays."""
        return host in self.hosts or any(
            host == domain or host.endswith(f".{domain}") for domain in self.domains
        )

    def words(self) -> Iterator[str]:
        """What no stand-in may be."""
        for name in chain(self.domains, self.hosts):
            yield name.strip("[]")
            yield from name.split(".")


def kept_of(policy: Policy) -> Kept:
    """The gateway's hosts: under its domains, or a smart host of any region."""
    hosts = frozenset(host for region in policy.regions.values() for host in region.smart_hosts)
    return Kept(policy.gateway.domains, hosts)
