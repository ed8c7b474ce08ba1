"""A group: the connectors that cover a recipient alike, and in which order they are taken."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.routing.carriers import LARGEST
from auditor.routing.steps import steps_of, united
from auditor.routing.topology import SITE, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from auditor.routing.carriers import Carrier, Offer
    from auditor.routing.places import Place, Stand
    from auditor.routing.steps import Steps
    from auditor.routing.topology import Topology

# Signs that sort before or after letters, depending on which case of the letters is compared.
_ODD: Final = re.compile(r"[\[\\\]^_`]|[^\x00-\x7f]")


class Reach(NamedTuple):
    """How far a source server is: cost of the links, then the rank, then the number of links.

    ``rank``: 0 on the sending server itself, 1 in its site, 2 in another one, 3 nobody knows.
    """

    cost: int
    rank: int
    hops: int = 0


_LOCAL: Final = Reach(0, 0)
_NEAR: Final = Reach(0, 1)
FAR: Final = Reach(LARGEST, 3)


class Group:
    """Offers for one pattern."""

    def __init__(self, offers: Sequence[Offer], topology: Topology) -> None:
        self._offers = offers
        self._topology = topology

    @property
    def is_plain(self) -> bool:
        """Whether it is the same from every place: all have the same source servers."""
        first = self._offers[0].carrier
        return all(
            offer.carrier.is_plain
            and (offer.carrier is first or (first.hosts and offer.carrier.hosts == first.hosts))
            for offer in self._offers
        )

    def steps(self) -> Steps:
        """The steps of a plain group."""
        if len(self._offers) == 1:
            return steps_of(self._offers, (True,))
        usable = [True] * len(self._offers)
        reach = dict.fromkeys((offer.carrier for offer in self._offers), _LOCAL)
        return united([steps_of(ordered, usable) for ordered in self._ordered(reach)])

    def steps_from(self, stand: Stand) -> Steps:
        """The steps from one stand, whatever of the ways from there is not known."""
        usable = {offer.carrier: _usable(offer.carrier, stand) for offer in self._offers}
        if len(self._offers) == 1:
            return steps_of(self._offers, [*usable.values()])
        found = {
            steps_of(ordered, [usable[offer.carrier] for offer in ordered]): None
            for reach in self.reaches(stand)
            for ordered in self._ordered(reach)
        }
        return united([*found])

    def _ordered(self, reach: Mapping[Carrier, Reach]) -> Iterator[list[Offer]]:
        """The offers, the best first; more than once where names can be ordered in two ways."""
        for names in _orders(self._offers):
            yield sorted(
                self._offers,
                key=lambda offer: (
                    offer.cost + reach[offer.carrier].cost,
                    *reach[offer.carrier][1:],
                    names[offer.carrier],
                ),
            )

    def reaches(self, stand: Stand) -> Iterator[dict[Carrier, Reach]]:
        """How far each connector may be: all that makes a difference, one after the other.

        Where ways are not known, each node in turn is taken to be next door, and all others of
        which nothing is known to be far away. Whatever the ways are, the connector that is taken
        is one that is taken then: a nearer node favours all connectors that are there alike, and
        another node that is near as well only adds rivals.
        """
        carriers = [offer.carrier for offer in self._offers]
        nodes = sorted({node for carrier in carriers for node in carrier.nodes})
        for hops_count in sorted(self._topology.hops_count):
            known = {node: self._known(stand, node, hops_count=hops_count) for node in nodes}
            base = {node: reach or FAR for node, reach in known.items()}
            yield _nearest(carriers, stand, base)
            for near in (node for node, reach in known.items() if reach is None):
                next_door = Reach(0, 2, int(hops_count)) if stand.is_apart(near) else _beside(near)
                yield _nearest(carriers, stand, {**base, near: next_door})

    def _known(self, stand: Stand, node: str, *, hops_count: bool) -> Reach | None:
        if node == stand.beside:
            return _beside(node)
        start = stand.place.node
        way = None if start is None else self._topology.way(start, node)
        if way is None:
            return None
        return _NEAR if start == node else Reach(way.cost, 2, way.hops if hops_count else 0)


def _beside(node: str) -> Reach:
    """In the sender's site; where not even the server is known, on the sender itself."""
    return _LOCAL if node.startswith(UNKNOWN) else _NEAR


def _nearest(
    carriers: Sequence[Carrier], stand: Stand, reach: Mapping[str, Reach]
) -> dict[Carrier, Reach]:
    hosted = stand.place.hosted
    return {
        carrier: _LOCAL if carrier in hosted else min(reach[node] for node in carrier.nodes)
        for carrier in carriers
    }


def _usable(carrier: Carrier, stand: Stand) -> bool | None:
    """Whether a connector is in scope; None where nobody knows whether it is scoped at all."""
    place = stand.place
    here = carrier in place.hosted or not carrier.nodes.isdisjoint({place.node, stand.beside})
    return True if here or carrier.scoped is False else None if carrier.scoped is None else False


def in_scope(carrier: Carrier, place: Place) -> bool | None:
    """Whether servers in a place may use a connector; None where that is not known."""
    if carrier.scoped is False or carrier in place.hosted or place.node in carrier.nodes:
        return True
    nodes = (place.node or "", *carrier.nodes)
    elsewhere = all(node.startswith(SITE) for node in nodes)
    return False if elsewhere and carrier.scoped else None


def _orders(offers: Sequence[Offer]) -> list[dict[Carrier, tuple[str, int]]]:
    """How the names may sort: the documentation says alphanumeric, and no more."""
    carriers = [offer.carrier for offer in offers]
    names = [(carrier.connector.name or "") for carrier in carriers]
    counted = list(enumerate(zip(carriers, names, strict=True)))
    lowered = {carrier: (name.lower(), number) for number, (carrier, name) in counted}
    if len(set(map(str.lower, names))) == len(names) and not any(map(_ODD.search, names)):
        return [lowered]
    return [lowered, {carrier: (name.upper(), -number) for number, (carrier, name) in counted}]
