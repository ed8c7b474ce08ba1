"""Raw objects → Connectors, with the property table. Values are read when first asked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from auditor.kinds.base import CONTRADICTIONS
from auditor.model import ABSENT, Connector, Connectors, Unreadable, is_known
from auditor.normalise.accepted import accepted_domains
from auditor.normalise.servers import edge_servers, printed, server_versions, transport_servers
from auditor.normalise.sites import site_links
from auditor.properties import PROPERTIES, SETTINGS, VERSIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.model import Absent, Raw, Snapshot, Value

_OTHER_NOUNS: Final = ("ForeignConnector", "DeliveryAgentConnector")
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
    accepted = accepted_domains(snapshot)
    return Connectors(
        send=_connectors(snapshot, "SendConnector"),
        other=tuple(c for noun in _OTHER_NOUNS for c in _connectors(snapshot, noun)),
        server_versions=server_versions(servers) if servers else frozenset(),
        servers=None if servers is None else transport_servers(servers),
        incomplete=tuple(
            dict.fromkeys(
                f"Get-{error.noun}"
                for error in snapshot.errors
                if error.noun in _OTHER_NOUNS and not error.refused
            )
        ),
        settings=Settings(snapshot.objects),
        edge_servers=edge_servers(snapshot),
        site_links=site_links(snapshot),
        accepted_domains=accepted.domains,
        accepted_whole=accepted.whole,
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
    match = _ORGANIZATION.search(printed(raw, "DistinguishedName") or "")
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
