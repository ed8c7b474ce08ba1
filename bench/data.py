"""Organisations to audit: 20 send connectors each, the same bytes on every run."""

from __future__ import annotations

import json
from typing import Final

CONNECTORS: Final = 20
REGION: Final = "na"
HOSTS: Final = ("us-smtp-outbound-1.mimecast.com", "us-smtp-outbound-2.mimecast.com")
WRONG_HOST: Final = "eu-smtp-outbound-1.mimecast.com"
ALSO_ENABLED: Final = 7

_GROUP: Final = "Exchange Routing Group (DWBGZMFD01QNBJR)"
_FIXED: Final[dict[str, object]] = {
    "DNSRoutingEnabled": False,
    "TlsDomain": None,
    "TlsAuthLevel": None,
    "ErrorPolicies": "Default",
    "SmartHosts": [],
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
    "Enabled": False,
    "ProtocolLoggingLevel": "None",
    "SmartHostAuthMechanism": "None",
    "AuthenticationCredential": None,
    "UseExternalDNSServersEnabled": False,
    "DomainSecureEnabled": False,
    "SourceIPAddress": "0.0.0.0",
    "SmtpMaxMessagesPerConnection": 20,
    "ConnectorType": "Default",
    "SmartHostsString": "",
    "CertificateSubject": None,
    "Region": "NotSpecified",
    "AddressSpaces": ["SMTP:*;1"],
    "ConnectedDomains": [],
    "IsScopedConnector": False,
    "IsSmtpConnector": True,
    "Comment": "",
    "SourceRoutingGroup": _GROUP,
    "HomeMTA": "Microsoft MTA",
    "MaxMessageSize": "35 MB (36,700,160 bytes)",
    "AdminDisplayName": "",
    "ExchangeVersion": "0.1 (8.0.535.0)",
    "ObjectClass": ["top", "msExchConnector", "mailGateway", "msExchRoutingSMTPConnector"],
    "WhenChanged": "2022-03-23T18:00:30+01:00",
    "WhenCreated": "2022-03-23T17:51:11+01:00",
    "WhenChangedUTC": "2022-03-23T17:00:30Z",
    "WhenCreatedUTC": "2022-03-23T16:51:11Z",
    "OrganizationId": "",
    "IsValid": True,
    "ObjectState": "Unchanged",
    "RunspaceId": "ae7ffd61-d227-4f30-b04a-97a1178934ed",
    "PSShowComputerName": False,
}


def organisation(number: int, *, drifted: bool = False) -> list[dict[str, object]]:
    """The send connectors of one organisation.

    Connector 0 is compliant and enabled; the others, to relays of before, are disabled. A drifted
    organisation has a smart host of another region and port 587 there, and one relay enabled.

    Args:
        number: which organisation; its number is in every name, so no two share them.
        drifted: whether it is not compliant.
    """
    connectors = [_connector(number, index) for index in range(CONNECTORS)]
    # Were they to the gateway too, an enabled one would be the better gateway connector.
    for index, connector in enumerate(connectors):
        connector.update(_routed(f"relay{index}.contoso{number}.com"))
    hosts = (WRONG_HOST, HOSTS[1]) if drifted else HOSTS
    connectors[0] |= {"Enabled": True, "Port": 587 if drifted else 25, **_routed(*hosts)}
    connectors[ALSO_ENABLED]["Enabled"] = drifted
    return connectors


def export(number: int, *, drifted: bool = False) -> bytes:
    """An organisation as the JSON that an export of Get-SendConnector holds."""
    return json.dumps(organisation(number, drifted=drifted)).encode()


def _routed(*hosts: str) -> dict[str, object]:
    return {"SmartHosts": list(hosts), "SmartHostsString": ",".join(hosts)}


def _connector(number: int, index: int) -> dict[str, object]:
    name, company = f"Connector {index} of {number}", f"contoso{number}"
    server = f"EX{number}A"
    path = f"CN={company},CN=Microsoft Exchange,CN=Services,CN=Configuration,DC={company},DC=com"
    return _FIXED | {
        "SourceTransportServers": [server, f"EX{number}B"],
        "HomeMtaServerId": server,
        "Name": name,
        "DistinguishedName": (
            f"CN={name},CN=Connections,CN={_GROUP},CN=Routing Groups,"
            f"CN=Exchange Administrative Group (FYDIBOHF23SPDLT),CN=Administrative Groups,{path}"
        ),
        "Identity": name,
        "Guid": f"0292c782-9804-4d8b-{number % 65536:04x}-{index:012d}",
        "ObjectCategory": f"{company}.com/Configuration/Schema/ms-Exch-Routing-SMTP-Connector",
        "Id": name,
        "OriginatingServer": f"dc01.{company}.com",
        "PSComputerName": f"{server.lower()}.{company}.com",
    }
