"""What a host of the gateway is: its role and its region, by the vendor's pattern of names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from auditor.model import Gateway, Policy, Region, Value

# us-smtp-outbound-1.mimecast.com: grid, role, number. Seen for outbound, inbound (MX),
# Microsoft 365 and journaling hosts.
_PATTERN = re.compile(
    r"(?P<grid>[a-z0-9]+)-smtp-(?P<role>outbound|inbound|o365-outbound|journal)-[0-9]+\."
)

ROLES: Final = {
    "inbound": "takes mail in (MX) and does not send yours out",
    "o365-outbound": "takes mail from Microsoft 365, not from your own servers",
    "journal": "takes journal copies, not mail",
}
"""What the roles other than outbound are for, in words for a message."""


class GatewayHost(NamedTuple):
    """A host's role (None: not recognised) and the region whose grid its name has, if known."""

    role: str | None
    region: Region | None


def is_gateway_host(host: str, gateway: Gateway) -> bool:
    """Whether a normalised host is under one of the gateway's domains."""
    return any(host == domain or host.endswith(f".{domain}") for domain in gateway.domains)


def recognise(host: str, policy: Policy) -> GatewayHost | None:
    """The role and region of a host; None if it is not the gateway's at all."""
    for region in policy.regions.values():
        if host in region.smart_hosts:
            return GatewayHost("outbound", region)
    if not is_gateway_host(host, policy.gateway):
        return None
    match = _PATTERN.match(host)
    if match is None:
        return GatewayHost(None, None)
    return GatewayHost(match["role"], _region_of_grid(match["grid"], policy.regions.values()))


def _region_of_grid(grid: str, regions: Iterable[Region]) -> Region | None:
    for region in regions:
        for host in region.smart_hosts:
            match = _PATTERN.match(host)
            if match and match["grid"] == grid:
                return region
    return None


def routes_to_gateway(hosts: Value, policy: Policy) -> bool:
    """Whether a list of smart hosts has one of the gateway's that is not for journaling."""
    if not isinstance(hosts, tuple):
        return False
    found = (recognise(host, policy) for host in hosts)
    return any(host is not None and host.role != "journal" for host in found)


def region_name(region: Region) -> str:
    """``North America (na)``."""
    return f"{region.title} ({region.id})"


def unconfirmed_note(hosts: tuple[str, ...], policy: Policy) -> str:
    """A sentence where hosts that only one source knows decide a finding; else nothing."""
    regions = [
        region
        for region in policy.regions.values()
        if region.state == "unconfirmed" and not set(hosts).isdisjoint(region.smart_hosts)
    ]
    if not regions:
        return ""
    names = ", ".join(region_name(region) for region in regions)
    return f" The host names of {names} are unconfirmed: have {policy.gateway.name} confirm them."
