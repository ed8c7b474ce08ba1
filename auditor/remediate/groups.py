"""Which unchanged settings a command repeats, and what its rollback gives back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.model import is_known

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.model import Connector, PlannedChange, Present

ROUTE: Final = ("DNSRoutingEnabled", "SmartHosts", "SmartHostAuthMechanism")
TLS: Final = ("RequireTLS", "IgnoreSTARTTLS", "TlsAuthLevel", "TlsDomain")
BASIC: Final = "BasicAuth"
CLEARED: Final = ("SmartHosts", "SmartHostAuthMechanism")
"""What Exchange clears when DNS routing is switched on."""


def known(connector: Connector, name: str) -> Present | None:
    """The value of a property; None where there is none, or it could not be read."""
    value = connector.properties[name]
    return value if is_known(value) else None


def grouped(
    values: Mapping[str, Present | None], connector: Connector
) -> dict[str, Present | None]:
    """The changed settings, with those that Exchange wants to hear in the same command."""
    found = dict(values)
    for group in (ROUTE, TLS):
        if found.keys().isdisjoint(group):
            continue
        for name in group:
            value = known(connector, name)
            # A Basic mechanism could not be said again without its credential.
            needs_credential = str(value).startswith(BASIC)
            if name not in found and value is not None and value != () and not needs_credential:
                found[name] = value
    order = {name: position for position, name in enumerate((*ROUTE, *TLS))}
    return dict(sorted(found.items(), key=lambda item: order.get(item[0], len(order))))


def rolled_back(change: PlannedChange) -> dict[str, Present | None]:
    """What puts a change back; a connector that was created is disabled."""
    if change.connector is None:
        return {"Enabled": False}
    differing = {n: v for n, v in change.before.items() if v != change.parameters[n]}
    if differing.get("DNSRoutingEnabled") is True:
        return {name: value for name, value in differing.items() if name not in CLEARED}
    if "SmartHosts" in differing:
        return {"DNSRoutingEnabled": change.before.get("DNSRoutingEnabled", False), **differing}
    return differing
