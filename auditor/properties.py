"""One table: connector property → its kind, and the Exchange versions that have it.

Sources: the properties that ``Get-SendConnector`` returns on Exchange 2019, in its order;
https://learn.microsoft.com/powershell/module/exchange/set-sendconnector (types, versions); the
help of Exchange 2010's Set-SendConnector (IsCoexistenceConnector, LinkedReceiveConnector).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from auditor.kinds import (
    ADDRESS_SPACES,
    BOOLEAN,
    HOST,
    INTEGER,
    IP_ADDRESS,
    NAME,
    SERVERS,
    SIZE,
    SMART_HOSTS,
    TEXT,
    TEXTS,
    TIME_SPAN,
    Kind,
    enumeration,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.model import Present

VERSIONS: Final = ("2010", "2013", "2016", "2019")
"""Exchange versions as far as properties differ; Subscription Edition is as 2019."""


@dataclass(frozen=True, slots=True)
class Property:
    """A property's kind, the versions that have it, and the values that it can have.

    ``since`` and ``until`` are the first and last version, ``least`` and ``most`` the smallest and
    largest value (None: no bound).
    """

    kind: Kind
    since: str | None = None
    until: str | None = None
    least: Present | None = None
    most: Present | None = None

    def in_version(self, version: str) -> bool:
        """Whether an Exchange version has the property."""
        year = VERSIONS.index(version)
        return (self.since is None or year >= VERSIONS.index(self.since)) and (
            self.until is None or year <= VERSIONS.index(self.until)
        )


_AUTH = enumeration(
    "smart host authentication mechanism",
    {
        "None": 0,
        "BasicAuth": 2,
        "BasicAuthRequireTLS": 4,
        "ExchangeServer": 8,
        "ExternalAuthoritative": 16,
    },
)
_TLS_LEVEL = enumeration(
    "TLS authentication level",
    {"EncryptionOnly": 1, "CertificateValidation": 2, "DomainValidation": 3},
)
_LOGGING = enumeration("protocol logging level", {"None": 0, "Verbose": 1})
# Of these three the documentation gives names but not every number: what is not listed stays as
# it came, and differs from every name.
_ERROR_POLICIES = enumeration("error policy", {"Default": 0}, closed=False)
_CONNECTOR_TYPE = enumeration("connector type", {"Default": 0}, closed=False)
_CONNECTOR_REGION = enumeration("connector region", {"NotSpecified": 0}, closed=False)

PROPERTIES: Final[Mapping[str, Property]] = {
    "DNSRoutingEnabled": Property(BOOLEAN),
    "TlsDomain": Property(HOST),
    "TlsAuthLevel": Property(_TLS_LEVEL),
    "ErrorPolicies": Property(_ERROR_POLICIES),
    "SmartHosts": Property(SMART_HOSTS),
    "Port": Property(INTEGER, least=1, most=65_535),
    "ConnectionInactivityTimeOut": Property(TIME_SPAN, least="00:00:01", most="1.00:00:00"),
    "ForceHELO": Property(BOOLEAN),
    "FrontendProxyEnabled": Property(BOOLEAN, since="2013"),
    "IgnoreSTARTTLS": Property(BOOLEAN),
    "CloudServicesMailEnabled": Property(BOOLEAN, since="2013"),
    "Fqdn": Property(HOST),
    "TlsCertificateName": Property(TEXT, since="2013"),
    "RequireTLS": Property(BOOLEAN),
    "RequireOorg": Property(BOOLEAN),
    "Enabled": Property(BOOLEAN),
    "ProtocolLoggingLevel": Property(_LOGGING),
    "SmartHostAuthMechanism": Property(_AUTH),
    "UseExternalDNSServersEnabled": Property(BOOLEAN),
    "DomainSecureEnabled": Property(BOOLEAN),
    "SourceIPAddress": Property(IP_ADDRESS),
    "SmtpMaxMessagesPerConnection": Property(INTEGER),
    "ConnectorType": Property(_CONNECTOR_TYPE, since="2016"),
    "SmartHostsString": Property(SMART_HOSTS),
    "CertificateSubject": Property(TEXT),
    "Region": Property(_CONNECTOR_REGION),
    "AddressSpaces": Property(ADDRESS_SPACES),
    "ConnectedDomains": Property(TEXTS),
    "IsScopedConnector": Property(BOOLEAN),
    "IsSmtpConnector": Property(BOOLEAN),
    "Comment": Property(TEXT),
    "SourceRoutingGroup": Property(NAME),
    "SourceTransportServers": Property(SERVERS),
    "HomeMTA": Property(NAME),
    "HomeMtaServerId": Property(NAME),
    "MaxMessageSize": Property(SIZE),
    "AdminDisplayName": Property(TEXT),
    "ExchangeVersion": Property(TEXT),
    "Name": Property(NAME),
    "DistinguishedName": Property(TEXT),
    "Identity": Property(NAME),
    "Guid": Property(NAME),
    "ObjectCategory": Property(TEXT),
    "ObjectClass": Property(TEXTS),
    "WhenChanged": Property(TEXT),
    "WhenCreated": Property(TEXT),
    "WhenChangedUTC": Property(TEXT),
    "WhenCreatedUTC": Property(TEXT),
    "OrganizationId": Property(TEXT),
    "Id": Property(NAME),
    "OriginatingServer": Property(HOST),
    "IsValid": Property(BOOLEAN),
    "ObjectState": Property(TEXT),
    "IsCoexistenceConnector": Property(BOOLEAN, until="2010"),
    "LinkedReceiveConnector": Property(NAME, until="2010"),
}


# fmt: off
SETTABLE: Final = frozenset({
    "AddressSpaces", "CloudServicesMailEnabled", "Comment", "ConnectionInactivityTimeOut",
    "ConnectorType", "DNSRoutingEnabled", "DomainSecureEnabled", "Enabled", "ErrorPolicies",
    "ForceHELO", "Fqdn", "FrontendProxyEnabled", "IgnoreSTARTTLS", "IsCoexistenceConnector",
    "IsScopedConnector", "LinkedReceiveConnector", "MaxMessageSize", "Name", "Port",
    "ProtocolLoggingLevel", "RequireOorg", "RequireTLS", "SmartHostAuthMechanism", "SmartHosts",
    "SmtpMaxMessagesPerConnection", "SourceIPAddress", "SourceTransportServers", "TlsAuthLevel",
    "TlsCertificateName", "TlsDomain", "UseExternalDNSServersEnabled",
})
# fmt: on
"""The properties that Set-SendConnector has a parameter for; the others Exchange sets itself.

Source: https://learn.microsoft.com/en-us/powershell/module/exchangepowershell/Set-SendConnector
"""

SETTINGS: Final[Mapping[str, Kind]] = {
    "TransportConfig.MaxSendSize": SIZE,
    "TransportConfig.MaxReceiveSize": SIZE,
}
"""What connectors can be compared with: noun of a cmdlet and property → the kind of its values.

Source: https://learn.microsoft.com/powershell/module/exchange/set-transportconfig (MaxSendSize,
MaxReceiveSize: Unlimited).
"""


def possible(name: str, value: Present) -> bool:
    """Whether a property can have a value at all, as far as its bounds say."""
    known = PROPERTIES[name]
    measure = known.kind.measure
    if measure is None:
        return True
    size = measure(value)
    return (known.least is None or size >= measure(known.least)) and (
        known.most is None or size <= measure(known.most)
    )


BY_LOWER: Final[Mapping[str, str]] = {
    name.lower(): name for name in (*PROPERTIES, "AuthenticationCredential")
}
"""Exchange's spelling of each property; the credential is not in the table: it is never read."""


def shown(name: str, value: Present | None) -> str:
    """A value of a property as a person reads it; never more than its content."""
    if value is None:
        return "(not set)"
    if isinstance(value, tuple):
        return ", ".join(value) if value else "(empty)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and name in PROPERTIES and PROPERTIES[name].kind is SIZE:
        return _shown_size(value)
    return str(value)


def _shown_size(size: int) -> str:
    for unit, factor in (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)):
        if size and size % factor == 0:
            return f"{size // factor} {unit}"
    return f"{size:,} bytes"
