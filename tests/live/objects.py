"""Objects of Exchange as CLIXML for the endpoint, and whole organisations of them.

The properties of a send connector are all of Exchange 2019's, in its order; of other objects
those that are documented and that matter for mail flow. ``changes`` take plain Python values,
``OMIT`` to leave a property out, or a ``Scalar`` or ``Rich`` for a shape of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.live.directory import (
    DATA,
    DOMAIN,
    GATEWAY,
    GROUP,
    HOSTS,
    OMIT,
    ROUTING,
    SITE,
    SYSTEM,
    address,
    directory_object,
    identifier,
    list_of,
    smart_hosts,
    write,
)
from tests.live.psrp import Answer
from tests.live.surroundings import (
    accepted_domain,
    ad_site,
    ad_site_link,
    edge_subscription,
    exchange_server,
    organization_config,
    transport_config,
    transport_service,
)

__all__ = [
    "DOMAIN",
    "HOSTS",
    "OMIT",
    "SITE",
    "accepted_domain",
    "ad_site",
    "ad_site_link",
    "delivery_agent_connector",
    "edge_organization",
    "edge_subscription",
    "exchange_2010",
    "exchange_server",
    "foreign_connector",
    "organization",
    "organization_config",
    "send_connector",
    "transport_config",
    "transport_service",
]


def send_connector(
    name: str = "Outbound Mail to Mimecast", shape: str = "rich", **changes: Any
) -> str:
    """A send connector: by default a compliant one to the gateway.

    Args:
        name: Its name.
        shape: "rich", "mixed" or "plain".
        changes: Values of properties: lists of text for AddressSpaces, SmartHosts and
            SourceTransportServers, text for enumerations, sizes and time spans.
    """
    nowhere = address("0.0.0.0")  # what Exchange prints for "any address"
    hosts = changes.get("SmartHosts", HOSTS)
    if isinstance(hosts, tuple | list):
        changes = {"SmartHostsString": ",".join(hosts), **changes}
        changes["SmartHosts"] = smart_hosts(hosts, nowhere)
    directory = directory_object(
        name,
        f"CN=Connections,{ROUTING}",
        ("msExchConnector", "mailGateway", "msExchRoutingSMTPConnector"),
        "ms-Exch-Routing-SMTP-Connector",
    )
    properties = {
        "DNSRoutingEnabled": False,
        "TlsDomain": None,
        "TlsAuthLevel": None,
        "ErrorPolicies": "Default",
        "SmartHosts": None,
        "Port": 25,
        "ConnectionInactivityTimeOut": "00:10:00",
        "ForceHELO": False,
        "FrontendProxyEnabled": False,
        "IgnoreSTARTTLS": False,
        "CloudServicesMailEnabled": False,
        "Fqdn": None,
        "TlsCertificateName": None,
        "RequireTLS": False,
        "RequireOorg": False,
        "Enabled": True,
        "ProtocolLoggingLevel": "Verbose",
        "SmartHostAuthMechanism": "None",
        "AuthenticationCredential": None,
        "UseExternalDNSServersEnabled": False,
        "DomainSecureEnabled": False,
        # With a smart host by name this is a reference into the list above.
        "SourceIPAddress": nowhere,
        "SmtpMaxMessagesPerConnection": 20,
        "ConnectorType": "Default",
        "SmartHostsString": "",
        "CertificateSubject": None,
        "Region": "NotSpecified",
        "AddressSpaces": ("SMTP:*;1",),
        "ConnectedDomains": list_of(f"{DATA}.ConnectedDomain", ()),
        "IsScopedConnector": False,
        "IsSmtpConnector": True,
        "Comment": "",
        "SourceRoutingGroup": identifier(ROUTING),
        "SourceTransportServers": ("EX01", "EX02"),
        "HomeMTA": identifier(f"CN=Microsoft MTA,CN=EX01,CN=Servers,{GROUP}"),
        "HomeMtaServerId": identifier(f"CN=EX01,CN=Servers,{GROUP}"),
        "MaxMessageSize": "35 MB (36,700,160 bytes)",
        **directory,
    }
    return write((f"{SYSTEM}.SmtpSendConnectorConfig", *GATEWAY), properties, changes, shape)


def foreign_connector(name: str = "Fax", shape: str = "rich", **changes: Any) -> str:
    """A foreign connector, which writes messages to a folder."""
    directory = directory_object(
        name,
        f"CN=Connections,{ROUTING}",
        ("msExchConnector", "mailGateway"),
        "Mail-Gateway",
    )
    properties = {
        "DropDirectory": "Fax",
        "DropDirectoryQuota": "Unlimited",
        "RelayDsnRequired": False,
        "Enabled": True,
        **_routing(("FAX:*;1",)),
        **directory,
    }
    return write((f"{SYSTEM}.ForeignConnector", *GATEWAY), properties, changes, shape)


def delivery_agent_connector(
    name: str = "Text Messaging Delivery Agent Connector", shape: str = "rich", **changes: Any
) -> str:
    """A connector that hands messages to a delivery agent."""
    directory = directory_object(
        name,
        f"CN=Connections,{ROUTING}",
        ("msExchConnector", "mailGateway", "msExchDeliveryAgentConnector"),
        "ms-Exch-Delivery-Agent-Connector",
    )
    properties = {
        "Enabled": True,
        "DeliveryProtocol": "MOBILE",
        "MaxConcurrentConnections": 5,
        "MaxMessagesPerConnection": 20,
        **_routing(("MOBILE:*;1",)),
        **directory,
    }
    return write((f"{SYSTEM}.DeliveryAgentConnector", *GATEWAY), properties, changes, shape)


def _routing(spaces: Sequence[str]) -> dict[str, Any]:
    """What connectors that are not SMTP's have in common."""
    return {
        "AddressSpaces": spaces,
        "ConnectedDomains": list_of(f"{DATA}.ConnectedDomain", ()),
        "IsScopedConnector": False,
        "IsSmtpConnector": False,
        "Comment": "",
        "SourceRoutingGroup": identifier(ROUTING),
        "SourceTransportServers": ("EX01", "EX02"),
        "MaxMessageSize": "Unlimited",
    }


def _connectors(count: int, shape: str, *, drifted: bool) -> list[str]:
    """The subject, an inbound one of EdgeSync, and for the rest such as are switched off."""
    drift = {"SmartHosts": ("mail.contoso.test",), "SmartHostAuthMechanism": "BasicAuth"}
    found = [send_connector(shape=shape, **(drift if drifted else {}))]
    if count > 1:
        inbound = {"AddressSpaces": ("SMTP:--;1",), "SmartHosts": ("--",)}
        name = f"EdgeSync - Inbound to {SITE}"
        found.append(send_connector(name, shape, **inbound, SourceTransportServers=("EDGE01",)))
    for number in range(len(found) + 1, count + 1):
        spaces = (f"SMTP:partner{number}.example;{number % 100 + 1}",)
        # A drifted organisation has another way out that is open.
        enabled = drifted and number == 3
        found.append(
            send_connector(
                f"Partner {number:03}", shape, AddressSpaces=spaces, Enabled=enabled, Comment="old"
            )
        )
    return found[:count]


def organization(
    connectors: int = 20, shape: str = "rich", drifted: bool = False
) -> dict[str, Answer]:
    """A whole organisation that complies: what each cmdlet answers.

    Args:
        connectors: How many send connectors; the first is the gateway's.
        shape: "rich", "mixed" or "plain".
        drifted: The gateway's connector has another smart host and authenticates, and the
            third connector is enabled.
    """
    servers = ("EX01", "EX02")
    services = [transport_service(name, shape) for name in servers]
    found = {
        "Get-SendConnector": _connectors(connectors, shape, drifted=drifted),
        "Get-ExchangeServer": [exchange_server(name, shape=shape) for name in servers],
        "Get-TransportService": services,
        "Get-TransportServer": services,
        "Get-AcceptedDomain": [accepted_domain(shape=shape)],
        "Get-TransportConfig": [transport_config(shape)],
        "Get-EdgeSubscription": [],
        "Get-AdSite": [ad_site(shape=shape)],
        "Get-AdSiteLink": [ad_site_link(shape=shape)],
        "Get-ForeignConnector": [],
        "Get-DeliveryAgentConnector": [delivery_agent_connector(shape=shape)],
        "Get-OrganizationConfig": [organization_config(shape=shape)],
    }
    return {
        name: Answer(objects, parameters=_PARAMETERS.get(name, ("Identity", "DomainController")))
        for name, objects in found.items()
    }


_PARAMETERS = {"Get-ExchangeServer": ("Identity", "DomainController", "Domain", "Status")}


def edge_organization(shape: str = "rich") -> dict[str, Answer]:
    """An Edge server: it has no Active Directory, and none of its cmdlets are recognised.

    Args:
        shape: "rich", "mixed" or "plain".
    """
    whole = organization(1, shape)
    kept = ("Get-AcceptedDomain", "Get-TransportConfig", "Get-TransportServer")
    edge = exchange_server("EDGE01", roles="Edge", shape=shape)
    service = Answer([transport_service("EDGE01", shape)], parameters=("Identity",))
    connector = send_connector(shape=shape, SourceTransportServers=("EDGE01",))
    return {
        **{name: Answer(whole[name].objects, parameters=("Identity",)) for name in kept},
        "Get-SendConnector": Answer([connector], parameters=("Identity",)),
        "Get-ExchangeServer": Answer([edge], parameters=("Identity",)),
        "Get-TransportService": service,
        "Get-TransportServer": service,
    }


def exchange_2010(connectors: int = 2, shape: str = "rich") -> dict[str, Answer]:
    """An organisation of Exchange 2010: other properties, and no Get-TransportService.

    Args:
        connectors: How many send connectors, two at most.
        shape: "rich", "mixed" or "plain".
    """
    lacking = ("FrontendProxyEnabled", "CloudServicesMailEnabled", "TlsCertificateName")
    changes: dict[str, Any] = {
        **dict.fromkeys((*lacking, "ConnectorType"), OMIT),
        "IsCoexistenceConnector": False,
        "LinkedReceiveConnector": None,
    }
    roles = "Mailbox, ClientAccess, HubTransport"
    version = "Version 14.3 (Build 123.4)"
    servers = [exchange_server(name, version, roles, shape=shape) for name in ("EX01", "EX02")]
    old = send_connector("Old Internet", shape, **changes, Enabled=False)
    found = [send_connector(shape=shape, **changes), old][:connectors]
    answers = organization(1, shape)
    del answers["Get-TransportService"]
    parameters = ("Identity", "DomainController")
    return {
        **answers,
        "Get-SendConnector": Answer(found, parameters=parameters),
        "Get-ExchangeServer": Answer(servers, parameters=(*parameters, "Domain", "Status")),
    }
