"""Places: servers from which mail sets out, together where routing cannot tell them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.routing.topology import SITE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from auditor.routing.carriers import Carrier
    from auditor.routing.topology import Topology


_MOST: Final = 1_000
"""How many stands are tried."""


class Place(NamedTuple):
    """Servers that route alike.

    Attributes:
        servers: their keys; none for any server of which nothing is known.
        node: where they are, as the topology names it; None where that is not known.
        site: the Active Directory site, where it is known.
        hosted: the carriers that have a source server among them.
    """

    servers: tuple[str, ...]
    node: str | None
    site: str | None
    hosted: frozenset[Carrier]


class Stand(NamedTuple):
    """A place, and what is assumed of its site.

    Attributes:
        place: the one.
        beside: the node that is taken to be in the same site, though that is not known.
        scoped: the nodes of scoped connectors: whether these are in the site makes a difference
            to more than the distance, so they are in it only where they are ``beside``.
        is_vague: whether a connector is in scope is left open where it is not known.
    """

    place: Place
    beside: str | None = None
    scoped: frozenset[str] = frozenset()
    is_vague: bool = False

    def is_apart(self, node: str) -> bool:
        """Whether a node can only be in another site."""
        both = node.startswith(SITE) and (self.place.node or "").startswith(SITE)
        return both or node in self.scoped


def stands_of(places: Sequence[Place], carriers: Iterable[Carrier]) -> tuple[Stand, ...]:
    """Every place with everything that may be so of scoped connectors, place by place."""
    scoped = frozenset(
        node for carrier in carriers if carrier.scoped is not False for node in carrier.nodes
    )
    stands = [
        Stand(place, beside, scoped)
        for place in places
        for beside in (None, *(n for n in sorted(scoped) if _may_be_beside(place, n)))
    ]
    if len(stands) <= _MOST:
        return tuple(stands)
    # Too many to try each: less is decided then, and nothing is decided otherwise.
    return tuple(Stand(place, is_vague=True) for place in places)


def _may_be_beside(place: Place, node: str) -> bool:
    both = node.startswith(SITE) and (place.node or "").startswith(SITE)
    return not both and node != place.node


def places_of(topology: Topology, carriers: Sequence[Carrier]) -> tuple[Place, ...]:
    """All places from which mail sets out.

    Where the servers were not collected: the source servers, and one place for all others.
    """
    senders = _known_senders(topology)
    others = not senders
    if others:
        senders = _source_servers(topology, carriers)
    found: dict[tuple[str, frozenset[Carrier]], list[str]] = {}
    for key in senders:
        hosted = frozenset(carrier for carrier in carriers if key in carrier.hosts)
        found.setdefault((topology.node(key), hosted), []).append(key)
    places = [
        Place(tuple(keys), node, topology.site(keys[0]), hosted)
        for (node, hosted), keys in found.items()
    ]
    if others:
        places.append(Place((), None, None, frozenset()))
    return tuple(places)


def _known_senders(topology: Topology) -> list[str]:
    sending = sorted(
        k for k, server in (topology.servers or {}).items() if server.carries_transport
    )
    # An Edge server only passes on what others send, unless there are no others.
    return [key for key in sending if not topology.is_edge(key)] or sending


def _source_servers(topology: Topology, carriers: Sequence[Carrier]) -> list[str]:
    """Those that send; an Edge server only passes on what others send."""
    return sorted(
        {key for carrier in carriers for key in carrier.hosts if not topology.is_edge(key)}
    )
