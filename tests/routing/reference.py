"""The rules a second time, as naively as can be: every world is made, and every rule tried in it.

A world settles all that is not known: whether a connector is enabled, what its limit is, which
spaces it has, where each server is and what the way there costs. In a world there is one answer.
Slow, and without a line of the engine.
"""

from __future__ import annotations

from itertools import pairwise, permutations, product
from typing import NamedTuple

from auditor.model import Unreadable

FAR = 1_000


class World(NamedTuple):
    """All that is not known, settled."""

    enabled: dict
    limit: dict
    spaces: dict
    scoped: dict
    distance: dict
    """(connector, where) → (cost, rank, hops), and whether it is in the sender's site."""


def unknown(value):
    return isinstance(value, Unreadable)


def covers(pattern, domain):
    """0 for the domain itself, then the more the shorter the parent; None if it does not."""
    if pattern == domain:
        return 0
    if pattern == "*":
        return 1_000
    if pattern.startswith("*."):
        parent = pattern[2:]
        if domain == parent or domain.endswith("." + parent):
            return 1 + domain.count(".") - parent.count(".")
    return None


def split(space):
    address, _, cost = space.removeprefix("SMTP:").rpartition(";")
    return address, int(cost)


def winner(connectors, world, domain, size):
    """The one connector that carries a message in a world; None where none does."""
    fitting = []
    for connector in connectors:
        if not world.enabled[connector] or world.limit[connector] < size:
            continue
        (cost, rank, hops), in_site = world.distance[connector]
        if world.scoped[connector] and not in_site:
            continue
        for space in world.spaces[connector]:
            pattern, space_cost = split(space)
            level = covers(pattern, domain)
            if level is not None:
                key = (level, space_cost + cost, rank, hops, connector.properties["Name"].lower())
                fitting.append((key, connector))
    return min(fitting, key=lambda found: found[0])[1] if fitting else None


def ways(links, start, end):
    """Cost and hops of the cheapest way, by trying every order of the sites between."""
    if start == end:
        return 0, 0
    sites = {site for link in links for site in link.sites} - {start, end}
    best = None
    for count in range(len(sites) + 1):
        for between in permutations(sorted(sites), count):
            path = (start, *between, end)
            cost = hops = 0
            for one, two in pairwise(path):
                fits = [link.cost for link in links if {one, two} <= link.sites]
                if not fits:
                    break
                cost, hops = cost + min(fits), hops + 1
            else:
                best = min(best or (cost, hops), (cost, hops))
    return best


def inside(accepted, domain):
    levels = [
        (covers(one.domain, domain), one.inside)
        for one in accepted
        if covers(one.domain, domain) is not None
    ]
    return min(levels, key=lambda found: found[0])[1] if levels else False


def senders(organisation):
    """From where mail sets out: names, or None for a server of which nothing is known."""
    if organisation.servers:
        return [server.name for server in organisation.servers.values()]
    found = {
        name
        for connector in organisation.send
        if connector.properties["Enabled"] is not False
        and not unknown(connector.properties["SourceTransportServers"])
        for name in connector.properties["SourceTransportServers"]
    }
    return [*sorted(found), None]


def spot_of(name, sites):
    """Where a server is: its site, or if that is not known, a spot of its own."""
    return ("site", sites[name]) if sites.get(name) else ("server", name)


def distances(spot, sender, sites, links, hops_count):
    """Every distance that a spot may have from the sender: how far, and whether in its site."""
    kind, where = spot
    here = sites.get(sender)
    remote = [((cost, 2, int(hops_count)), False) for cost in (0, 1, 2, 3, 4, 7, FAR)]
    if spot == ("server", sender):
        return [((0, 1, 0), True)]
    if kind != "site" or here is None:
        # Nothing is known, not even of servers that were not named.
        nearest = 0 if kind == "lost" else 1
        return [((0, nearest, 0), True), *remote]
    if where == here:
        return [((0, 1, 0), True)]
    way = None if links is None else ways(links, here, where)
    if way is None:
        return remote
    return [((way[0], 2, way[1] if hops_count else 0), False)]


def sources(connector):
    """The names of its source servers; none where they cannot be read."""
    value = connector.properties["SourceTransportServers"]
    return () if unknown(value) else value


def answers(organisation, domain, size, sender):
    """What may happen to a message: the connectors that may carry it, None among them if none may.

    Of unreadable spaces all that is tried is one that covers the domain exactly, and none at all:
    nothing in between could give another answer.
    """
    sites = {server.name: server.site for server in (organisation.servers or {}).values()}
    send = [c for c in organisation.send if c.properties["Enabled"] is not False]
    spots = {spot_of(name, sites) for c in send for name in sources(c)}
    spots |= {("lost", c.position) for c in send if not sources(c)}
    ordered = sorted(spots, key=str)
    hop_rules = {False} if organisation.server_versions == {"2010"} else {True, False}
    found = set()
    for hops_count in hop_rules:
        every = [
            distances(spot, sender, sites, organisation.site_links, hops_count) for spot in ordered
        ]
        for chosen in product(*every):
            at = dict(zip(ordered, chosen, strict=True))
            distance = {c: nearest(c, at, sender, sites) for c in send}
            for world in worlds(send, distance, domain):
                found.add(winner(send, world, domain, size))
    return found


def nearest(connector, at, sender, sites):
    """How far a connector is, and whether it is in the sender's site."""
    if not sources(connector):
        return at["lost", connector.position]
    if sender in sources(connector):
        return (0, 0, 0), True
    near = [at[spot_of(name, sites)] for name in sources(connector)]
    return min(reach for reach, _ in near), any(in_site for _, in_site in near)


def worlds(send, distance, domain):
    """All that connectors may be, with given distances."""

    def choices(name, values):
        return [values if unknown(c.properties[name]) else [c.properties[name]] for c in send]

    enabled = choices("Enabled", [True, False])
    limit = [
        [0, 10**9]
        if unknown(v := c.properties["MaxMessageSize"])
        else [10**9 if v == "Unlimited" else v]
        for c in send
    ]
    spaces = choices("AddressSpaces", [(f"SMTP:{domain};1",), (f"SMTP:{domain};100",), ()])
    scoped = choices("IsScopedConnector", [True, False])
    for one in product(product(*enabled), product(*limit), product(*spaces), product(*scoped)):
        yield World(*(dict(zip(send, part, strict=True)) for part in one), distance)
