"""A model of Exchange: it takes the cmdlets that change connectors, and refuses what Exchange does.

It holds its connectors as Get-SendConnector gives them. Where the documentation and the field
differ in how strict Exchange is, the model is the stricter: what it takes, Exchange takes.

Sources: the pages of New-SendConnector, Set-SendConnector, Set-ForeignConnector and
Set-DeliveryAgentConnector under
https://learn.microsoft.com/en-us/powershell/module/exchangepowershell/
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.kinds import ADDRESS_SPACES, BOOLEAN, INTEGER, SIZE, TEXT
from auditor.kinds.address_spaces import domain_of
from auditor.model import Unreadable
from auditor.properties import PROPERTIES, possible

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from auditor.kinds import Kind

CREDENTIAL = "System.Management.Automation.PSCredential"


class RefusedError(Exception):
    """Exchange, or PowerShell before it, does not carry out a command."""


_SEND = frozenset({
    *("AddressSpaces", "CloudServicesMailEnabled", "Comment", "ConnectionInactivityTimeOut"),
    *("ConnectorType", "DNSRoutingEnabled", "DomainSecureEnabled", "Enabled", "ErrorPolicies"),
    *("ForceHELO", "Fqdn", "FrontendProxyEnabled", "IgnoreSTARTTLS", "IsCoexistenceConnector"),
    *("IsScopedConnector", "LinkedReceiveConnector", "MaxMessageSize", "Name", "Port"),
    *("ProtocolLoggingLevel", "RequireOorg", "RequireTLS", "SmartHostAuthMechanism", "SmartHosts"),
    *("SmtpMaxMessagesPerConnection", "SourceIPAddress", "SourceTransportServers"),
    *("TlsAuthLevel", "TlsCertificateName", "TlsDomain", "UseExternalDNSServersEnabled"),
})  # fmt: skip
_ANY = frozenset({
    *("AddressSpaces", "Comment", "Enabled", "IsScopedConnector", "MaxMessageSize", "Name"),
    "SourceTransportServers",
})  # fmt: skip

PARAMETERS: Mapping[str, frozenset[str]] = {
    "New-SendConnector": _SEND,
    "Set-SendConnector": _SEND,
    "Set-ForeignConnector": _ANY | {"DropDirectory", "DropDirectoryQuota", "RelayDsnRequired"},
    "Set-DeliveryAgentConnector": _ANY
    | {"DeliveryProtocol", "MaxConcurrentConnections", "MaxMessagesPerConnection"},
}

_OTHER_KINDS: Mapping[str, Kind] = {
    "DropDirectory": TEXT,
    "DropDirectoryQuota": SIZE,
    "RelayDsnRequired": BOOLEAN,
    "DeliveryProtocol": TEXT,
    "MaxConcurrentConnections": INTEGER,
    "MaxMessagesPerConnection": INTEGER,
}

NULLABLE = frozenset({
    *("Comment", "Fqdn", "LinkedReceiveConnector", "TlsAuthLevel", "TlsCertificateName"),
    *("TlsDomain", "AddressSpaces", "SmartHosts", "SourceTransportServers"),
})  # fmt: skip
"""What takes $null; the other types are values of .NET that are never null."""

DEFAULTS: Mapping[str, object] = {
    "AddressSpaces": [],
    "CloudServicesMailEnabled": False,
    "Comment": None,
    "ConnectionInactivityTimeOut": "00:10:00",
    "ConnectorType": "Default",
    "DNSRoutingEnabled": True,
    "DomainSecureEnabled": False,
    "Enabled": True,
    "ErrorPolicies": "Default",
    "ForceHELO": False,
    "Fqdn": None,
    "FrontendProxyEnabled": False,
    "IgnoreSTARTTLS": False,
    "IsCoexistenceConnector": False,
    "IsScopedConnector": False,
    "LinkedReceiveConnector": None,
    "MaxMessageSize": "35 MB (36,700,160 bytes)",
    "Port": 25,
    "ProtocolLoggingLevel": "None",
    "RequireOorg": False,
    "RequireTLS": False,
    "SmartHostAuthMechanism": "None",
    "SmartHosts": [],
    "SmtpMaxMessagesPerConnection": 20,
    "SourceIPAddress": "0.0.0.0",
    "TlsAuthLevel": None,
    "TlsCertificateName": None,
    "TlsDomain": None,
    "UseExternalDNSServersEnabled": False,
}
_SIZE_MOST = 2_147_483_647

Settings = dict[str, object]


def _needs_hosts(now: Settings) -> bool:
    return not now["DNSRoutingEnabled"] and not now["SmartHosts"]


def _authenticates(now: Settings) -> bool:
    return now["SmartHostAuthMechanism"] != "None"


def _is_basic(now: Settings) -> bool:
    return str(now["SmartHostAuthMechanism"]).startswith("BasicAuth")


def _domain(now: Settings) -> bool:
    return now["TlsAuthLevel"] == "DomainValidation"


def _is_not_smtp(now: Settings) -> bool:
    return any(domain_of(space) is None for space in spaces_of(now))


# What a send connector can never be, whichever way it got there.
RULES: Mapping[str, Callable[[Settings], bool]] = {
    "DNSRoutingEnabled is false, and there is no smart host": _needs_hosts,
    "smart hosts cannot be used with DNS routing": lambda now: bool(
        now["DNSRoutingEnabled"] and now["SmartHosts"]
    ),
    "SmartHostAuthMechanism cannot be used with DNS routing": lambda now: bool(
        now["DNSRoutingEnabled"] and _authenticates(now)
    ),
    "Basic authentication needs a credential": lambda now: (
        _is_basic(now) and not now["AuthenticationCredential"]
    ),
    "RequireTLS cannot be true while IgnoreSTARTTLS is": lambda now: bool(
        now["RequireTLS"] and now["IgnoreSTARTTLS"]
    ),
    "TlsAuthLevel needs RequireTLS": lambda now: bool(
        now["TlsAuthLevel"] and not now["RequireTLS"]
    ),
    "TlsAuthLevel cannot be set while IgnoreSTARTTLS is true": lambda now: bool(
        now["TlsAuthLevel"] and now["IgnoreSTARTTLS"]
    ),
    "TlsDomain can be set only with DomainValidation": lambda now: bool(
        now["TlsDomain"] and not _domain(now)
    ),
    "DomainValidation with smart hosts needs a TlsDomain": lambda now: bool(
        _domain(now) and now["SmartHosts"] and not now["TlsDomain"]
    ),
    "DomainSecureEnabled needs DNS routing": lambda now: bool(
        now["DomainSecureEnabled"] and not now["DNSRoutingEnabled"]
    ),
    "DomainSecureEnabled cannot be true while IgnoreSTARTTLS is": lambda now: bool(
        now["DomainSecureEnabled"] and now["IgnoreSTARTTLS"]
    ),
    "an address space that is not SMTP needs smart hosts": lambda now: bool(
        _is_not_smtp(now) and not now["SmartHosts"]
    ),
    "a connector needs an address space": lambda now: not now["AddressSpaces"],
}


@dataclass
class Exchange:
    """One organisation.

    Attributes:
        objects: its connectors by noun (``SendConnector``), as Get- gives them.
        version: of the server that takes the commands.
        server: its name: where a new connector sends from.
    """

    objects: dict[str, list[Settings]]
    version: str = "2019"
    server: str = "EX01"

    def copy(self) -> Exchange:
        """The same organisation, to be changed on its own."""
        return deepcopy(self)

    def run(
        self,
        cmdlet: str,
        identity: str | None,
        parameters: Mapping[str, object],
        *,
        credential: bool = False,
    ) -> None:
        """Carry out a command.

        Args:
            cmdlet: ``Set-SendConnector``, …
            identity: Guid or name of the connector; None for one that is made.
            parameters: by name, as values of Python; None is $null.
            credential: whether -AuthenticationCredential is given.

        Raises:
            RefusedError: Exchange does not; nothing has changed.
        """
        if cmdlet not in PARAMETERS:
            raise RefusedError(f"there is no cmdlet {cmdlet}")
        given = {name: self._accepted(cmdlet, name, value) for name, value in parameters.items()}
        if credential and cmdlet not in {"New-SendConnector", "Set-SendConnector"}:
            raise RefusedError(f"{cmdlet} has no parameter AuthenticationCredential")
        _refuse_line(given, credential)
        noun = cmdlet.partition("-")[2]
        found = self._new(given) if cmdlet.startswith("New-") else self._find(noun, identity)
        changed = _changed(found, given, credential)
        if noun == "SendConnector":
            refuse_state(changed)
        self._refuse_name(str(changed["Name"]), found)
        found.update(changed)
        if cmdlet.startswith("New-"):
            self.objects.setdefault(noun, []).append(found)

    def _accepted(self, cmdlet: str, name: str, value: object) -> object:
        """A value as the connector will hold it."""
        if name not in PARAMETERS[cmdlet]:
            raise RefusedError(f"{cmdlet} has no parameter {name}")
        known = PROPERTIES.get(name)
        if known is not None and not known.in_version(self.version):
            raise RefusedError(f"{cmdlet} has no parameter {name} on Exchange {self.version}")
        kind = _OTHER_KINDS[name] if known is None else known.kind
        if value is None and name not in NULLABLE:
            raise RefusedError(f"{name} cannot be null")
        if kind.is_list:
            return _accepted_list(name, kind, value)
        return value if value is None else _accepted_value(name, kind, value)

    def _new(self, given: Settings) -> Settings:
        for name in ("Name", "AddressSpaces"):
            if not given.get(name):
                raise RefusedError(f"New-SendConnector needs {name}")
        if "SmartHosts" in given and given.get("DNSRoutingEnabled", True):
            raise RefusedError("smart hosts cannot be used with DNS routing")
        number = sum(map(len, self.objects.values())) + 1
        made = {
            name: value
            for name, value in DEFAULTS.items()
            if name not in PROPERTIES or PROPERTIES[name].in_version(self.version)
        }
        made["AuthenticationCredential"] = None
        made["SourceTransportServers"] = [self.server]
        made["Guid"] = f"99999999-0000-0000-0000-{number:012}"
        return made

    def _find(self, noun: str, identity: str | None) -> Settings:
        wanted = str(identity).lower()
        mine = self.objects.get(noun, [])
        found = [c for c in mine if c["Guid"] == wanted] or [
            c for c in mine if str(c["Name"]).lower() == wanted
        ]
        if len(found) != 1:
            what = "is ambiguous" if found else "does not exist"
            raise RefusedError(f"the {noun} {identity!r} {what}")
        return found[0]

    def _refuse_name(self, name: str, mine: Settings) -> None:
        if "Name" in mine and str(mine["Name"]).lower() == name.lower():
            return
        everything = [c for found in self.objects.values() for c in found]
        if any(c is not mine and str(c["Name"]).lower() == name.lower() for c in everything):
            raise RefusedError(f"there is another connector named {name!r}")


def _accepted_list(name: str, kind: Kind, value: object) -> list[str]:
    if not isinstance(value, list | tuple | None):
        raise RefusedError(f"{name} takes a list, not {value!r}")
    items = list(value or ())
    read = kind.read(items)
    if not isinstance(read, tuple):
        raise RefusedError(f"{name} cannot be {value!r}")
    if len(set(read)) != len(items):
        raise RefusedError(f"{name} holds an item twice")
    return items


def _accepted_value(name: str, kind: Kind, value: object) -> object:
    if isinstance(value, list | tuple):
        raise RefusedError(f"{name} takes one value, not a list")
    if kind is BOOLEAN and not isinstance(value, bool):
        raise RefusedError(f"{name} takes a boolean, not {value!r}")
    if kind is INTEGER and (isinstance(value, bool) or not isinstance(value, int)):
        raise RefusedError(f"{name} takes a number, not {value!r}")
    read = kind.read(value)
    if read is None or isinstance(read, Unreadable) or read == "":
        raise RefusedError(f"{name} cannot be {value!r}")
    if kind.members and read not in kind.members:
        raise RefusedError(f"{name} cannot be {value!r}")
    if name in PROPERTIES and not possible(name, read):
        raise RefusedError(f"{name} cannot be {value!r}: it is beyond its bounds")
    if name == "MaxMessageSize" and isinstance(read, int) and read > _SIZE_MOST:
        raise RefusedError(f"{name} cannot be {value!r}: it is beyond its bounds")
    if name == "TlsDomain" and read == "*":
        raise RefusedError("TlsDomain cannot be *")
    return value


def _refuse_line(given: Settings, credential: bool) -> None:
    """What must stand in one command."""
    if given.get("DNSRoutingEnabled") is False and not given.get("SmartHosts"):
        raise RefusedError("DNSRoutingEnabled false needs SmartHosts in the same command")
    if given.get("DNSRoutingEnabled") is True and given.get("SmartHosts"):
        raise RefusedError("smart hosts cannot be used with DNS routing")
    mechanism = str(given.get("SmartHostAuthMechanism"))
    if mechanism.startswith("BasicAuth") and not credential:
        raise RefusedError(f"SmartHostAuthMechanism {mechanism} needs AuthenticationCredential")


def _changed(found: Settings, given: Settings, credential: bool) -> Settings:
    changed = {**found, **given}
    if credential:
        changed["AuthenticationCredential"] = CREDENTIAL
    if given.get("DNSRoutingEnabled") is True:
        cleared = {"SmartHosts": [], "SmartHostAuthMechanism": "None"}
        changed.update({name: v for name, v in cleared.items() if name not in given})
        changed["AuthenticationCredential"] = None
    return changed


def refuse_state(connector: Settings) -> None:
    """Refuse what a send connector cannot be.

    Raises:
        RefusedError: a rule of Exchange is broken.
    """
    for text, broken in RULES.items():
        if broken(connector):
            raise RefusedError(text)


def spaces_of(connector: Settings) -> tuple[str, ...]:
    """The address spaces of a connector, normalised."""
    read = ADDRESS_SPACES.read(connector["AddressSpaces"])
    assert isinstance(read, tuple), read
    return read


def carries_all(connector: Settings) -> bool:
    """Whether mail for every domain may take this connector."""
    return connector["Enabled"] is True and any(
        domain_of(space) == "*" for space in spaces_of(connector)
    )
