"""What one organisation has: raw as it was collected, and normalised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from auditor.model.values import Raw, Value

ADMIN_LOG: Final = "AdminAuditLog"
"""The noun of the administrator audit log's entries: what was done, and not what there is."""


def cmdlet_of(noun: str) -> str:
    """The whole name of the cmdlet that returns what a noun names: ``Get-SendConnector``."""
    return f"Search-{noun}" if noun == ADMIN_LOG else f"Get-{noun}"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a snapshot came from.

    Attributes:
        kind: ``clixml``, ``json``, ``format-list``, ``csv``, ``live``.
        location: base names of files, or the endpoint.
        collected_at: when, where the source says so; else None (an export does not).
        tool: the program that made the snapshot, with its version.
        files: base names of the files read, in the order given.
        server: the host that was asked, where it was one.
        account: who asked, as the server or the user says.
        cautions: what weakens the evidence: ``insecure`` (the server's certificate was not
            verified), ``cleartext`` (the answers came unencrypted).
    """

    kind: str
    location: str
    collected_at: datetime | None = None
    tool: str | None = None
    files: tuple[str, ...] = ()
    server: str | None = None
    account: str | None = None
    cautions: tuple[str, ...] = ()


class CollectionError(NamedTuple):
    """What could not be collected, or not all of it, and why.

    Attributes:
        cmdlet: its whole name.
        reason: for people.
        refused: the account may not run it, or the server has no such cmdlet: there is nothing
            that was begun and lost.
    """

    cmdlet: str
    reason: str
    refused: bool = False

    @property
    def noun(self) -> str:
        """What the cmdlet returns: ``SendConnector``."""
        return self.cmdlet.removeprefix("Get-").removeprefix("Search-")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was collected from one organisation at one moment.

    ``objects`` maps a cmdlet's noun (``SendConnector``) to its raw objects.
    """

    organization: str | None
    provenance: Provenance
    objects: Mapping[str, tuple[Mapping[str, Raw], ...]]
    errors: tuple[CollectionError, ...] = ()


class Properties(Protocol):
    """The properties of one connector, or settings of its organisation, read when asked for."""

    def __getitem__(self, name: str) -> Value:
        """The normalised value of a property, by Exchange's own name."""
        ...


@dataclass(frozen=True, slots=True)
class Connector:
    """One connector.

    ``cmdlet`` is the noun of the cmdlet that returned it: ``SendConnector``,
    ``ForeignConnector`` or ``DeliveryAgentConnector``. ``position`` counts from 1 in the export.
    """

    properties: Properties
    cmdlet: str = "SendConnector"
    position: int = 1

    @property
    def name(self) -> str | None:
        """Its name as it was given; else that of its identity."""
        for key in ("Name", "Identity", "Id"):
            value = self.properties[key]
            if isinstance(value, str) and value:
                return value
        return None

    @property
    def guid(self) -> str | None:
        """Its Guid in lower case, without braces."""
        value = self.properties["Guid"]
        return value.strip("{}").lower() if isinstance(value, str) and value else None

    @property
    def label(self) -> str:
        """What to call it in a message."""
        return self.name if self.name else f"(connector {self.position}, which has no name)"


class Server(NamedTuple):
    """One Exchange server.

    Attributes:
        name: as the data spells it.
        carries_transport: whether it can send mail; False only where the data says so.
        site: the name of its Active Directory site; None where it is not known.
        is_edge: whether it is an Edge server, outside of the organisation's own routing.
        title: its short name, where the data has one.
    """

    name: str
    carries_transport: bool
    site: str | None = None
    is_edge: bool = False
    title: str = ""


class SiteLink(NamedTuple):
    """A link between Active Directory sites.

    Attributes:
        sites: their names.
        cost: what it costs to send mail over it.
        limited: not every message may pass, because of its size.
    """

    sites: frozenset[str]
    cost: int
    limited: bool = False


class AcceptedDomain(NamedTuple):
    """A domain (``contoso.com``, ``*.contoso.com``) that the organisation takes mail for.

    ``inside``: mail for it is delivered in the organisation (authoritative), or sent on (relay
    domains); None where that is not known.
    """

    domain: str
    inside: bool | None


@dataclass(frozen=True, slots=True)
class Connectors:
    """All connectors of one organisation, and what is known of its servers.

    Attributes:
        send: every send connector, in the order of the export.
        other: foreign and delivery-agent connectors, where they were collected.
        server_versions: the Exchange versions of the servers (``2010``, ``2013``, ``2016``,
            ``2019``); empty where they were not collected, or one could not be read.
        servers: each known server by its name in lower case; None where servers were not
            collected.
        incomplete: the cmdlets that returned other connectors only in part, or failed.
        settings: what else the organisation says, by ``TransportConfig.MaxSendSize``.
        edge_servers: names in lower case of servers that are known to be Edge servers.
        site_links: the links between Active Directory sites; None where they are not all known.
        accepted_domains: the domains that the organisation takes mail for, as far as known.
        accepted_whole: whether there are no others that could not be read or collected.
    """

    send: tuple[Connector, ...]
    other: tuple[Connector, ...] = ()
    server_versions: frozenset[str] = frozenset()
    servers: Mapping[str, Server] | None = None
    incomplete: tuple[str, ...] = ()
    settings: Properties | None = None
    edge_servers: frozenset[str] = frozenset()
    site_links: tuple[SiteLink, ...] | None = None
    accepted_domains: tuple[AcceptedDomain, ...] = ()
    accepted_whole: bool = True
