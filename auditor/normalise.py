"""Raw objects → Connectors, with the property table. Values are read when first asked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from auditor.kinds.base import CONTRADICTIONS, text_of
from auditor.kinds.servers import read_server
from auditor.model import ABSENT, Connector, Connectors, Unreadable, is_known
from auditor.properties import PROPERTIES, SETTINGS, VERSIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.model import Absent, Raw, Snapshot, Value

_OTHER_NOUNS: Final = ("ForeignConnector", "DeliveryAgentConnector")
_SERVER_VERSION = re.compile(r"(?:Version\s+)?(14|15\.[0-9]+)(?![0-9])")
_VERSION_NAMES: Final = {"14": "2010", "15.0": "2013", "15.1": "2016", "15.2": "2019"}
_ORGANIZATION = re.compile(r"CN=([^,\\=]{1,256}),CN=Microsoft Exchange,CN=Services,", re.IGNORECASE)
_NO_NAME: Final = "first organization"
_BOUND: Final = tuple(
    (name, frozenset(version for version in VERSIONS if known.in_version(version)))
    for name, known in PROPERTIES.items()
    if known.since or known.until
)


class Settings:
    """Settings of an organisation by ``TransportConfig.MaxSendSize``, read when asked for."""

    __slots__ = ("_objects",)

    def __init__(self, objects: Mapping[str, tuple[Mapping[str, Raw], ...]]) -> None:
        self._objects = objects

    def __getitem__(self, name: str) -> Value:
        noun, _, key = name.partition(".")
        values = [
            SETTINGS[name].read(raw[key]) if key in raw else ABSENT
            for raw in self._objects.get(noun, ())
        ]
        # An organisation has one of each; where an export holds more, they must agree.
        if any(value != values[0] for value in values):
            return Unreadable("the export gives it more than once, and not alike")
        return values[0] if values else ABSENT


class LazyProperties:
    """The properties of one raw object: each is read once, when it is first asked for.

    An audit looks at some ten properties of sixty, and at one or two of a disabled connector.
    """

    __slots__ = ("_raw", "_values")

    def __init__(self, raw: Mapping[str, Raw]) -> None:
        self._raw = raw
        self._values: dict[str, Value] = {}

    def __getitem__(self, name: str) -> Value:
        try:
            return self._values[name]
        except KeyError:
            value = self._values[name] = self._read(name)
            return value

    def _read(self, name: str) -> Value:
        raw = self._raw.get(name, ABSENT)
        value: Value = ABSENT if raw is ABSENT else PROPERTIES[name].kind.read(raw)
        if name == "SmartHosts" and (value is ABSENT or isinstance(value, Unreadable)):
            return self._beside_text(value)
        return value

    def _beside_text(self, hosts: Absent | Unreadable) -> Value:
        """The same list as text, which Exchange gives beside the smart hosts."""
        joined = self["SmartHostsString"]
        if not isinstance(joined, tuple):
            return hosts
        # An empty text beside a list that is there would contradict it, and so does a list itself.
        usable = hosts is ABSENT or (joined and hosts.reason not in CONTRADICTIONS)
        return joined if usable else hosts


def normalise(snapshot: Snapshot) -> Connectors:
    """All connectors of a snapshot, with what it tells of servers. Never raises."""
    servers = snapshot.objects.get("ExchangeServer")
    if any(error.noun == "ExchangeServer" for error in snapshot.errors):
        # Not all came: what is not among them may exist all the same.
        servers = None
    return Connectors(
        send=_connectors(snapshot, "SendConnector"),
        other=tuple(c for noun in _OTHER_NOUNS for c in _connectors(snapshot, noun)),
        server_versions=_server_versions(servers) if servers else frozenset(),
        servers=None if servers is None else _transport(servers),
        incomplete=tuple(
            dict.fromkeys(
                f"Get-{error.noun}"
                for error in snapshot.errors
                if error.noun in _OTHER_NOUNS and not error.refused
            )
        ),
        settings=Settings(snapshot.objects),
    )


def proven_versions(connectors: Connectors) -> frozenset[str]:
    """The Exchange versions that the servers, or else the set of properties, prove; or none.

    A value under a property that only some versions have proves that the object is of one of
    them. Null proves nothing: Select-Object makes any property that it is asked for.
    """
    if connectors.server_versions:
        return connectors.server_versions
    possible = frozenset(VERSIONS)
    for connector in connectors.send:
        for name, versions in _BOUND:
            value = connector.properties[name]
            if value is not None and is_known(value):
                possible &= versions
    return possible if len(possible) < len(VERSIONS) else frozenset()


def organization_of(snapshot: Snapshot) -> str | None:
    """The organisation's name from the data, where it says more than "First Organization"."""
    if snapshot.organization is not None:
        return snapshot.organization
    for noun in ("OrganizationConfig", "SendConnector"):
        for raw in snapshot.objects.get(noun, ()):
            name = _organization_in(raw)
            if name is not None:
                return name
    return None


def _organization_in(raw: Mapping[str, Raw]) -> str | None:
    """The organisation's name in the distinguished name of one of its objects."""
    match = _ORGANIZATION.search(_text(raw, "DistinguishedName") or "")
    found = match[1].strip() if match else ""
    return found if found and found.lower() != _NO_NAME else None


def _connectors(snapshot: Snapshot, noun: str) -> tuple[Connector, ...]:
    known: dict[Raw, Mapping[str, Raw]] = {}
    found = []
    for position, raw in enumerate(snapshot.objects.get(noun, ()), start=1):
        guid = raw.get("Guid")
        # A transcript may hold the same output twice; the same Guid with other values stays two.
        if isinstance(guid, str):
            # Not by == alone: to Python, False and 0 are one.
            if guid in known and repr(known[guid]) == repr(raw):
                continue
            known[guid] = raw
        found.append(Connector(LazyProperties(raw), noun, position))
    return tuple(found)


def _server_versions(servers: tuple[Mapping[str, Raw], ...]) -> frozenset[str]:
    """The versions of all servers; empty if one cannot be read, for then nothing is proved."""
    found = set()
    for server in servers:
        match = _SERVER_VERSION.match(_text(server, "AdminDisplayVersion") or "")
        name = _VERSION_NAMES.get(match[1]) if match else None
        if name is None:
            return frozenset()
        found.add(name)
    return frozenset(found)


def _transport(servers: tuple[Mapping[str, Raw], ...]) -> dict[str, bool] | None:
    """Each server's name, and whether it can send: False only where the data says so.

    None where one has no name that can be read: then no other is known not to exist.
    """
    found = {}
    for server in servers:
        readings = (read_server(server.get(key)) for key in ("Fqdn", "Name", "Identity"))
        name = next((text for text in readings if isinstance(text, str)), None)
        if name is None:
            return None
        found[name.lower()] = _carries_transport(server)
    return found


def _carries_transport(server: Mapping[str, Raw]) -> bool:
    """Hub Transport (2010), Mailbox (2013 and later) and Edge servers carry transport.

    Source: https://learn.microsoft.com/exchange/architecture/architecture
    """
    flags = [server.get(name) for name in ("IsHubTransportServer", "IsEdgeServer")]
    if all(isinstance(flag, bool) for flag in flags):
        return any(flags)
    roles = {word.strip().lower() for word in (_text(server, "ServerRole") or "").split(",")}
    version = (_text(server, "AdminDisplayVersion") or "").removeprefix("Version ")
    without = {"clientaccess", "unifiedmessaging"} | (
        {"mailbox"} if version[:3] == "14." else set()
    )
    return not roles <= without


def _text(raw: Mapping[str, Raw], name: str) -> str | None:
    return (text_of(raw.get(name)) or "").strip() or None
