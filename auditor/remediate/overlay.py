"""An organisation as it will be: the connectors with the values that a plan gives them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.model import ABSENT, Connector

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.model import Connectors, Present, Properties, Server, Settings, Value


class Overlaid:
    """The properties of a connector, with planned values over them."""

    __slots__ = ("_below", "_planned")

    def __init__(self, planned: Mapping[str, Present | None], below: Properties) -> None:
        self._planned = planned
        self._below = below

    @property
    def is_made(self) -> bool:
        """Whether the connector is one that the plan makes."""
        return isinstance(self._below, Defaults)

    def __getitem__(self, name: str) -> Value:
        return self._planned[name] if name in self._planned else self._below[name]


class Defaults:
    """What a connector has of which New-SendConnector was told nothing.

    Source: https://learn.microsoft.com/en-us/powershell/module/exchangepowershell/New-SendConnector
    (the default values of its parameters; of the others nothing is said).
    """

    __slots__ = ("_server",)

    def __init__(self, servers: Mapping[str, Server] | None) -> None:
        sending = (name for name, one in (servers or {}).items() if one.carries_transport)
        self._server = next(sending, "this-server")

    _VALUES: Mapping[str, Present | None] = {
        "ConnectionInactivityTimeOut": "00:10:00",
        "DNSRoutingEnabled": True,
        "DomainSecureEnabled": False,
        "Enabled": True,
        "ForceHELO": False,
        "IgnoreSTARTTLS": False,
        "IsScopedConnector": False,
        "Port": 25,
        "ProtocolLoggingLevel": "None",
        "RequireTLS": False,
        "SmartHostAuthMechanism": "None",
        "SmartHosts": (),
        "TlsAuthLevel": None,
        "TlsDomain": None,
        "UseExternalDNSServersEnabled": False,
    }

    def __getitem__(self, name: str) -> Value:
        # It sends from the server on which it is made, whichever that is.
        return (
            (self._server,) if name == "SourceTransportServers" else self._VALUES.get(name, ABSENT)
        )


def overlaid(
    inventory: Connectors, planned: Mapping[int, Settings], created: Settings | None
) -> Connectors:
    """The connectors with their planned values.

    Args:
        inventory: as it was audited.
        planned: by the identity of the connector.
        created: of a connector that is made, which comes last; None where none is.
    """

    def changed(connector: Connector) -> Connector:
        values = planned.get(id(connector))
        if not values:
            return connector
        return replace(connector, properties=Overlaid(values, connector.properties))

    send = tuple(map(changed, inventory.send))
    if created is not None:
        send += (Connector(Overlaid(created, Defaults(inventory.servers)), position=len(send) + 1),)
    return replace(inventory, send=send, other=tuple(map(changed, inventory.other)))
