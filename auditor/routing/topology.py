"""Where servers are, and what it costs to send from one site to another."""

from __future__ import annotations

from functools import cached_property
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.normalise import proven_versions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from auditor.model import Connector, Connectors, Server, SiteLink, Value

SITE: Final = "site "
_SERVER: Final = "server "
UNKNOWN: Final = "source of "


class Way(NamedTuple):
    """From one site to another: the sum of the costs of the links, and how many there are."""

    cost: int
    hops: int


class Topology:
    """The servers and sites of an organisation, as far as they are known.

    A server is known by a key, a place of servers by a node: the site where that is known, else
    the server itself, which may then be anywhere.
    """

    def __init__(self, connectors: Connectors) -> None:
        self.servers: Mapping[str, Server] | None = connectors.servers or None
        self._edges = connectors.edge_servers
        self._titles = _titles(connectors)
        self._by_label = _by_label(self._titles, self.servers or {})
        self._links = connectors.site_links
        self._ways: dict[str, Mapping[str, Way | None]] = {}
        self._connectors = connectors

    @cached_property
    def hops_count(self) -> set[bool]:
        """Whether the number of links counts among other sites; both where that may be.

        Up to 2010 all other sites are equally near. For 2013 and later the documentation says that
        the number of hops decides, and then "typically" puts all other sites into one rank: either
        reading may be right, so a route is decided only where both give the same answer.
        Sources: https://learn.microsoft.com/exchange/mail-flow/mail-routing/connector-selection;
        for 2010 https://technet.microsoft.com/library/bb232045(v=exchg.141).aspx (proximity).
        """
        if not self._links:
            return {True}  # no way is known by its links
        versions = proven_versions(self._connectors)
        return {False} if versions == {"2010"} else {True, False}

    def key(self, name: str) -> str:
        """A server's key: the one name of a server that has the same first label.

        A bare name stands for a whole one, and a whole one for a bare one, where only one fits.
        """
        lowered = name.lower().rstrip(".")
        if lowered in (self.servers or ()):
            return lowered
        label, dot, _ = lowered.partition(".")
        if dot:
            return label if label in (self.servers or ()) else lowered
        found = self._by_label.get(lowered, frozenset())
        return next(iter(found)) if len(found) == 1 else lowered

    def hosts(self, servers: Value) -> frozenset[str]:
        """The keys of a connector's source servers; none where they are not known.

        Servers that do not exist, or cannot send, do not count.
        """
        if not isinstance(servers, tuple):
            return frozenset()
        keys = frozenset(map(self.key, servers))
        if self.servers is None:
            return keys
        return frozenset(key for key in keys if self._can_send(key))

    def _can_send(self, key: str) -> bool:
        server = (self.servers or {}).get(key)
        if server is None:
            return key in self._edges
        return server.carries_transport

    def nodes(self, hosts: frozenset[str], connector: Connector) -> frozenset[str]:
        """Where a connector's source servers are."""
        if not hosts:
            return frozenset({f"{UNKNOWN}{connector.cmdlet} {connector.position}"})
        return frozenset(map(self.node, hosts))

    def node(self, key: str) -> str:
        """Where a server is."""
        site = self.site(key)
        return f"{_SERVER}{key}" if site is None else f"{SITE}{site.lower()}"

    def site(self, key: str) -> str | None:
        """The site of a server, where it is known."""
        server = (self.servers or {}).get(key)
        return None if server is None else server.site

    def title(self, key: str) -> str:
        """A server's name as the data spells it, short where that is clear."""
        label = key.partition(".")[0]
        if len(self._by_label.get(label, ())) > 1:
            return self._titles.get(key, key)
        server = (self.servers or {}).get(key)
        short = server.title if server is not None else ""
        return short or self._titles.get(label) or self._titles.get(key, key).partition(".")[0]

    def is_edge(self, key: str) -> bool:
        """Whether a server is known to be an Edge server."""
        server = (self.servers or {}).get(key)
        return key in self._edges or (server is not None and server.is_edge)

    def way(self, start: str, end: str) -> Way | None:
        """The cheapest way between two nodes; None where it is not known."""
        if start == end:
            return Way(0, 0)
        if not (start.startswith(SITE) and end.startswith(SITE)) or self._links is None:
            return None
        if start not in self._ways:
            self._ways[start] = _certain_ways(start.removeprefix(SITE), self._links)
        return self._ways[start].get(end.removeprefix(SITE))


def _titles(connectors: Connectors) -> dict[str, str]:
    """The names of all servers and of the sources in use, in lower case and as spelled."""
    names = [server.name for server in (connectors.servers or {}).values()]
    names += connectors.edge_servers
    for connector in (*connectors.send, *connectors.other):
        if connector.properties["Enabled"] is False:
            continue
        servers = connector.properties["SourceTransportServers"]
        names += servers if isinstance(servers, tuple) else ()
    return {name.lower(): name for name in reversed(names)}


def _by_label(names: Iterable[str], servers: Mapping[str, Server]) -> dict[str, frozenset[str]]:
    """First labels → the whole names that begin with them."""
    found: dict[str, set[str]] = {}
    for name in names:
        label, dot, _ = name.partition(".")
        if dot or name in servers:
            found.setdefault(label, set()).add(name)
    return {label: frozenset(full) for label, full in found.items()}


def _certain_ways(start: str, links: Sequence[SiteLink]) -> dict[str, Way | None]:
    """The cheapest way to each site; None where large messages may have to take another.

    Source: https://learn.microsoft.com/exchange/mail-flow/mail-routing/mail-routing (least-cost
    path, then the number of hops).
    """
    ways = _ways(start, links)
    open_to_all = _ways(start, [link for link in links if not link.limited])
    return {site: way if open_to_all.get(site) == way else None for site, way in ways.items()}


def _ways(start: str, links: Sequence[SiteLink]) -> dict[str, Way]:
    """Dijkstra's algorithm, by cost and then by hops."""
    near: dict[str, list[int]] = {}
    for number, link in enumerate(links):
        for site in link.sites:
            near.setdefault(site.lower(), []).append(number)
    found: dict[str, Way] = {}
    used: set[int] = set()
    waiting = [(Way(0, 0), start)]
    while waiting:
        way, site = heappop(waiting)
        if site in found:
            continue
        found[site] = way
        # The nearest site on a link is the one from which it leads on at the least cost.
        for number in near.get(site, ()):
            if number not in used:
                used.add(number)
                there = Way(way.cost + links[number].cost, way.hops + 1)
                for other in links[number].sites:
                    heappush(waiting, (there, other.lower()))
    return found
