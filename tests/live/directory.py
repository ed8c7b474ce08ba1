"""What objects of the directory are made of: names, identities, enumerations, sizes, lists.

Everything is of one invented organisation, and the same in every run.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from tests.live.values import ENUMERATION, LIST, OBJECT, VALUE, Rich, Scalar, Writer

OMIT = object()
"""A change that leaves the property out."""

DOMAIN = "contoso.test"
HOSTS = ("us-smtp-outbound-1.mimecast.com", "us-smtp-outbound-2.mimecast.com")
SITE = "Default-First-Site-Name"
_BASE = "DC=contoso,DC=test"
CONFIGURATION = f"CN=Configuration,{_BASE}"
ORGANIZATION = f"CN=Contoso,CN=Microsoft Exchange,CN=Services,{CONFIGURATION}"
GROUP = (
    "CN=Exchange Administrative Group (FYDIBOHF23SPDLT),CN=Administrative Groups," + ORGANIZATION
)
ROUTING = f"CN=Exchange Routing Group (DWBGZMFD01QNBJR),CN=Routing Groups,{GROUP}"
SITES = f"CN=Sites,{CONFIGURATION}"
SETTINGS = f"CN=Transport Settings,{ORGANIZATION}"
DATA = "Microsoft.Exchange.Data"
DIRECTORY = f"{DATA}.Directory"
SYSTEM = f"{DIRECTORY}.SystemConfiguration"
MANAGEMENT = f"{DIRECTORY}.Management"
_NAMESPACE = uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
_CONFIGURABLE = (
    f"{DIRECTORY}.ADObject",
    f"{DIRECTORY}.ADRawEntry",
    f"{DATA}.ConfigurableObject",
    OBJECT,
)
CONFIGURATION_OBJECT = (f"{SYSTEM}.ADConfigurationObject", *_CONFIGURABLE)
PRESENTATION_OBJECT = (f"{MANAGEMENT}.ADPresentationObject", *_CONFIGURABLE)
GATEWAY = (
    f"{SYSTEM}.MailGateway",
    f"{SYSTEM}.SendConnector",
    f"{SYSTEM}.ADLegacyVersionableObject",
    *CONFIGURATION_OBJECT,
)

_ENUMERATIONS: dict[str, tuple[str, dict[str, int]]] = {
    "ErrorPolicies": (f"{DATA}.ErrorPolicies", {"Default": 0, "DowngradeDnsFailures": 1}),
    "TlsAuthLevel": (
        f"{DATA}.TlsAuthLevel",
        {"EncryptionOnly": 1, "CertificateValidation": 2, "DomainValidation": 3},
    ),
    "ProtocolLoggingLevel": (f"{DATA}.ProtocolLoggingLevel", {"None": 0, "Verbose": 1}),
    "SmartHostAuthMechanism": (
        f"{SYSTEM}.SmtpSendConnectorConfig+AuthMechanisms",
        {
            "None": 0,
            "BasicAuth": 2,
            "BasicAuthRequireTLS": 4,
            "ExchangeServer": 8,
            "ExternalAuthoritative": 16,
        },
    ),
    "ConnectorType": (f"{DATA}.SendConnectorType", {"Default": 0}),
    "Region": (f"{DATA}.SendConnectorRegion", {"NotSpecified": 0}),
    "ObjectState": (f"{DATA}.ObjectState", {"New": 0, "Unchanged": 1}),
    "ServerRole": (
        f"{SYSTEM}.ServerRole",
        {
            "Mailbox": 2,
            "ClientAccess": 4,
            "HubTransport": 32,
            "Edge": 64,
            "Mailbox, ClientAccess": 6,
            "Mailbox, ClientAccess, HubTransport": 38,
        },
    ),
    "Edition": (f"{DATA}.ServerEditionType", {"StandardEvaluation": 2}),
    "DomainType": (
        f"{SYSTEM}.AcceptedDomainType",
        {"Authoritative": 0, "ExternalRelay": 1, "InternalRelay": 2},
    ),
}
_ENUMERATIONS["IntraOrgConnectorProtocolLoggingLevel"] = _ENUMERATIONS["ProtocolLoggingLevel"]


def _guid(*names: str) -> Scalar:
    """A GUID that is the same in every run."""
    return Scalar("G", str(uuid.uuid5(_NAMESPACE, "/".join(names))))


def _moment(hour: int, *, utc: bool) -> Scalar:
    """A time on the day when everything was made."""
    zone, shown = ("Z", hour) if utc else ("-05:00", hour - 5)
    text = f"2024-02-05T{shown:02}:30:00{zone}"
    return Scalar("DT", text, f"2/5/2024 {shown % 12 or 12}:30:00 {'AM' if shown < 12 else 'PM'}")


def _enumeration(name: str, value: str) -> Rich:
    type_name, numbers = _ENUMERATIONS[name]
    return Rich((type_name, *ENUMERATION), value, number=numbers[value])


def list_of(of: str, items: Sequence[Any]) -> Rich:
    """A list of values of one type."""
    assembly = "mscorlib, Version=4.0.0.0" if of.startswith("System.") else f"{DATA}"
    name = f"{DATA}.MultiValuedProperty`1[[{of}, {assembly}, Culture=neutral]]"
    return Rich((name, *LIST), items=list(items))


def strings(*items: str) -> Rich:
    """A list of text."""
    return list_of("System.String", items)


def identifier(distinguished_name: str, text: str | None = None) -> Rich:
    """An ADObjectId."""
    first, _, rest = distinguished_name.partition(",")
    name = first.partition("=")[2]
    return Rich(
        (f"{DIRECTORY}.ADObjectId", f"{DATA}.ObjectId", OBJECT),
        text or name,
        {
            "OrgHierarchyToIgnore": None,
            "IsDeleted": False,
            "Rdn": first,
            "Parent": rest.partition(",")[0].partition("=")[2],
            "Depth": distinguished_name.count("CN="),
            "DistinguishedName": distinguished_name,
            "IsRelativeDn": False,
            "DomainId": DOMAIN,
            "PartitionGuid": _guid("partition"),
            "PartitionFQDN": DOMAIN,
            "ObjectGuid": _guid(distinguished_name),
            "Name": name,
        },
        blob=750,
    )


def _server_identifiers(*names: str) -> Rich:
    items = [identifier(f"CN={name},CN=Servers,{GROUP}") for name in names]
    of = f"{DIRECTORY}.ADObjectId"
    types = (f"{DIRECTORY}.ADMultiValuedProperty`1[[{of}]]", *list_of(of, ()).types)
    return Rich(types, items=items)


def address(text: str) -> Rich:
    """An IP address."""
    properties = {
        "Address": Scalar("I64", "0"),
        "AddressFamily": "InterNetworkV6" if ":" in text else "InterNetwork",
        "IsIPv6Multicast": False,
        "IsIPv6LinkLocal": False,
        "IsIPv6SiteLocal": False,
        "IsIPv6Teredo": False,
        "IsIPv4MappedToIPv6": False,
    }
    notes = {"IPAddressToString": text}
    return Rich(("System.Net.IPAddress", OBJECT), text, properties, notes=notes)


def smart_hosts(hosts: Sequence[str], nowhere: Rich) -> Rich:
    """Smart hosts; one by name carries the address 0.0.0.0, and all share the object."""
    items = [
        Rich(
            (f"{DATA}.SmartHost", OBJECT),
            host,
            {
                "Address": address(host.strip("[]")) if host.startswith("[") else nowhere,
                "IsIPAddress": host.startswith("["),
                "Domain": None if host.startswith("[") else host,
            },
            blob=900,
        )
        for host in hosts
    ]
    return list_of(f"{DATA}.SmartHost", items)


def _address_space(text: str) -> Rich:
    kind, _, rest = text.rpartition(";")[0].partition(":")
    return Rich(
        (f"{DATA}.AddressSpace", OBJECT),
        text,
        {
            "Address": rest,
            "Type": kind,
            "Cost": int(text.rpartition(";")[2]),
            "IncludeSubDomains": rest.startswith("*"),
            "Domain": rest,
            "IsSmtpType": kind.upper() == "SMTP",
            "IsX400Type": kind.upper() == "X400",
            "X400Address": None,
        },
        blob=450,
    )


def time_span(text: str) -> Rich:
    """A time span, of the form ``[days.]hh:mm:ss``."""
    days, _, clock = text.rpartition(".")
    hours, minutes, seconds = (int(part) for part in clock.split(":"))
    total = ((int(days or 0) * 24 + hours) * 60 + minutes) * 60 + seconds
    return Rich(
        (f"{DATA}.EnhancedTimeSpan", *VALUE),
        text,
        {
            "Days": int(days or 0),
            "Hours": hours,
            "Milliseconds": 0,
            "Minutes": minutes,
            "Seconds": seconds,
            "Ticks": Scalar("I64", str(total * 10_000_000)),
            "TotalMinutes": Scalar("Db", f"{total / 60:.17g}"),
            "TotalSeconds": Scalar("Db", str(total)),
            "Sign": 1,
        },
        blob=180,
    )


def _size(text: str) -> Rich:
    limited = text != "Unlimited"
    name = f"{DATA}.Unlimited`1[[{DATA}.ByteQuantifiedSize, {DATA}, Culture=neutral]]"
    properties: dict[str, Any] = {"IsUnlimited": not limited}
    return Rich(
        (name, *VALUE), text, {**properties, "Value": text} if limited else properties, blob=500
    )


def _version(text: str) -> Rich:
    digits = [int(part) for part in text.removeprefix("Version ").split(" ")[0].split(".")]
    return Rich(
        (f"{DATA}.ServerVersion", OBJECT), text, {"Major": digits[0], "Minor": digits[1]}, blob=300
    )


_CONVERTERS: dict[str, Any] = {
    **{name: (lambda text, name=name: _enumeration(name, text)) for name in _ENUMERATIONS},
    "AddressSpaces": lambda items: list_of(f"{DATA}.AddressSpace", map(_address_space, items)),
    "SourceTransportServers": lambda names: _server_identifiers(*names),
    "ConnectionInactivityTimeOut": time_span,
    "MaxMessageSize": _size,
    "MaxSendSize": _size,
    "MaxReceiveSize": _size,
    "DropDirectoryQuota": _size,
    "SourceIPAddress": address,
    "AdminDisplayVersion": _version,
}


def directory_object(
    name: str, parent: str, classes: Sequence[str], category: str
) -> dict[str, Any]:
    """What every object of the directory ends with."""
    distinguished_name = f"CN={name},{parent}"
    identity = identifier(distinguished_name)
    schema = f"{DOMAIN}/Configuration/Schema/{category}"
    category_name = f"CN={category},CN=Schema,{CONFIGURATION}"
    organization = {"OrganizationalUnit": None, "ConfigurationUnit": None, "IdForEventLog": ""}
    return {
        "AdminDisplayName": "",
        "ExchangeVersion": Rich(
            (f"{DATA}.ExchangeObjectVersion", OBJECT),
            "0.1 (8.0.535.0)",
            {
                "NextMajorVersion": "1.0 (0.0.0.0)",
                "NextMinorVersion": "0.2 (0.0.0.0)",
                "Major": Scalar("By", "0"),
                "Minor": Scalar("By", "1"),
                "ExchangeBuild": "8.0.535.0",
            },
            blob=400,
        ),
        "Name": name,
        "DistinguishedName": distinguished_name,
        "Identity": identity,
        "Guid": identity.properties["ObjectGuid"],
        "ObjectCategory": identifier(category_name, schema),
        "ObjectClass": strings("top", *classes),
        "WhenChanged": _moment(17, utc=False),
        "WhenCreated": _moment(16, utc=False),
        "WhenChangedUTC": _moment(17, utc=True),
        "WhenCreatedUTC": _moment(16, utc=True),
        "OrganizationId": Rich((f"{DIRECTORY}.OrganizationId", OBJECT), "", organization, blob=660),
        "Id": identity,
        "OriginatingServer": f"DC01.{DOMAIN}",
        "IsValid": True,
        "ObjectState": "Unchanged",
    }


def write(
    types: tuple[str, ...], properties: dict[str, Any], changes: dict[str, Any], shape: str
) -> str:
    """An object as CLIXML.

    Args:
        types: Its type names.
        properties: Its properties, in their order.
        changes: Other values of properties, and further ones.
        shape: "rich", "mixed" or "plain".
    """
    merged = {**properties, **changes}
    found = {
        name: _CONVERTERS[name](value)
        if name in _CONVERTERS and isinstance(value, str | tuple | list)
        else value
        for name, value in merged.items()
        if value is not OMIT
    }
    name = str(merged.get("Name"))
    # The largest binary form is that of the object itself.
    whole = Rich(types, name, found, blob=22_800 if "SmartHosts" in found else 12_000)
    return Writer(shape).write(whole, top=True)
