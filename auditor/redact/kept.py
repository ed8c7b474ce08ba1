"""What stays as it is: what the built-in policies say of gateways, for that names no customer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

from auditor.evaluate.gateway_hosts import ROLES
from auditor.policy import builtin_names, load_policy

if TYPE_CHECKING:
    from collections.abc import Iterator

_MICROSOFT: Final = (
    *("mail.protection.outlook.com", "mail.onmicrosoft.com", "onmicrosoft.com", "mx.microsoft"),
    *("mail.eo.outlook.com", "protection.outlook.com"),
)
"""Domains of Microsoft's that decide what a host is; the tenant's label before them is replaced.

Source: https://learn.microsoft.com/microsoft-365/enterprise/external-domain-name-system-records
"""

VENDOR_LABEL: Final = re.compile(
    rf"([a-z0-9]+)-smtp-(outbound|{'|'.join(ROLES)})-([0-9]+)", re.ASCII
)
"""First label of a gateway's host: grid, role, number, as ``evaluate`` recognises it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Words that stay.

    Attributes:
        domains: they stay; of the hosts under them, the labels before are replaced.
        hosts: these stay whole, under whatever domain; addresses in brackets.
        grids: what the labels of such hosts begin with.
        gateways: names of gateways.
        regions: ids of regions.
    """

    domains: tuple[str, ...] = _MICROSOFT
    hosts: frozenset[str] = frozenset()
    grids: frozenset[str] = frozenset()
    gateways: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()

    def domain_of(self, host: str) -> str | None:
        """The longest domain that stays and that a normalised host is, or is under."""
        found = [name for name in self.domains if f".{host}".endswith(f".{name}")]
        return max(found, key=len, default=None)

    def words(self) -> Iterator[str]:
        """What no stand-in may be."""
        for name in chain(self.domains, self.hosts, self.grids, self.regions):
            yield from (name.strip("[]"), *name.split("."))


@lru_cache(maxsize=1)
def builtin() -> Kept:
    """What stays in every redaction."""
    policies = [load_policy(name, Path()) for name in builtin_names()]
    regions = [region for policy in policies for region in policy.regions.values()]
    hosts = frozenset(host for region in regions for host in region.smart_hosts)
    labels = (VENDOR_LABEL.match(host) for host in hosts)
    return Kept(
        domains=(*(name for policy in policies for name in policy.gateway.domains), *_MICROSOFT),
        hosts=hosts,
        grids=frozenset(label[1] for label in labels if label),
        gateways=frozenset(policy.gateway.name for policy in policies),
        regions=frozenset(region.id for region in regions),
    )
