"""Where a connector sends mail to, and whether that is the gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.evaluate.gateway_hosts import recognise

if TYPE_CHECKING:
    from auditor.model import Connector, Policy, Region

DNS: Final = ("dns",)
"""The next hops of a connector that looks up each recipient's own server."""


def next_hops(connector: Connector) -> tuple[str, ...] | None:
    """Its smart hosts, or ``("dns",)``; none where it has neither; None where it is not known.

    A foreign or a delivery-agent connector hands mail to another program, so it has none.
    """
    if connector.cmdlet != "SendConnector":
        return ()
    by_dns, hosts = connector.properties["DNSRoutingEnabled"], connector.properties["SmartHosts"]
    if by_dns is True:
        return DNS
    if by_dns is not False or not isinstance(hosts, tuple):
        return None
    return hosts


def leads_to_gateway(connector: Connector, policy: Policy, region: Region | None) -> bool | None:
    """Whether every next hop is a host of the region, or where there is none, of the gateway.

    None where the next hops are not known.
    """
    hops = next_hops(connector)
    if hops is None:
        return None
    if region is not None:
        return bool(hops) and set(hops) <= set(region.smart_hosts)
    found = [recognise(host, policy) for host in hops]
    return bool(found) and all(host is not None and host.role == "outbound" for host in found)


def manner(connector: Connector) -> str:
    """How mail leaves, as the end of a sentence: `` by DNS``, `` to mail.contoso.com``."""
    hops = next_hops(connector)
    if hops == DNS:
        return " by DNS"
    if hops:
        return f" to {', '.join(hops[:3])}{f' and {len(hops) - 3} more' if len(hops) > 3 else ''}"
    if connector.cmdlet != "SendConnector" or hops is None:
        return ""
    return ", which has neither DNS routing nor a smart host: it waits in the queue"
