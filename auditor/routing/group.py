"""A group: the connectors that cover a recipient alike, and in which order they are taken."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.routing.carriers import LARGEST
from auditor.routing.steps import steps_of, united
from auditor.routing.topology import SITE, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from auditor.routing.carriers import Carrier, Offer
    from auditor.routing.places import Place, Stand
    from auditor.routing.steps import Steps
    from auditor.routing.topology import Topology

# Signs whose place among letters depends on how names are compared: which case of the letters
# counts, and whether hyphens and apostrophes do.
_ODD: Final = re.compile(r"[\[\\\]^_`'-]|[^\x00-\x7f]")
_LIGHT: Final = str.maketrans("", "", "-'")


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
        reach = dict.fromkeys((offer.carrier for offer in self._offers), _LOCAL)
        usable = dict.fromkeys(reach, True)
        return _any_of(self._ordered(names, [(reach, {})], usable) for names in self._names())

    def steps_from(self, stand: Stand) -> Steps:
        """The steps from one stand, whatever of the ways from there is not known."""
        usable = {offer.carrier: _usable(offer.carrier, stand) for offer in self._offers}
        if len(self._offers) == 1:
            return steps_of(self._offers, [*usable.values()])
        lies = [*self.lies(stand)]
        return _any_of(self._ordered(names, lies, usable) for names in self._names())

    def _ordered(
        self,
        names: Mapping[Carrier, tuple[str, int]],
        lies: Sequence[tuple[dict[Carrier, Reach], dict[Carrier, Reach]]],
        usable: Mapping[Carrier, bool | None],
    ) -> Iterator[Steps]:
        """The steps for every way in which everything may lie."""
        known: dict[Carrier, Reach] | None = None
        usual: list[Offer] = []
        for base, near in lies:

            def key(offer: Offer, base: Mapping[Carrier, Reach] = base) -> tuple[object, ...]:
                reach = near.get(offer.carrier) or base[offer.carrier]  # noqa: B023 - used at once
                return (offer.cost + reach.cost, reach.rank, reach.hops, names[offer.carrier])

            if base is not known:
                known, usual = base, needed(sorted(self._offers, key=key), usable)
            order = usual
            if near:
                moved = [offer for offer in self._offers if offer.carrier in near]
                rest = [offer for offer in usual if offer.carrier not in near]
                order = needed(sorted([*moved, *rest], key=key), usable)
            yield steps_of(order, [usable[offer.carrier] for offer in order])

    def lies(self, stand: Stand) -> Iterator[tuple[dict[Carrier, Reach], dict[Carrier, Reach]]]:
        """How far each connector may be: all that makes a difference, one after the other.

        Where ways are not known, each node in turn is taken to be next door, and all others of
        which nothing is known to be far away. Whatever the ways are, the connector that is taken
        is one that is taken then: a nearer node favours all connectors that are there alike, and
        another node that is near as well only adds rivals.

        Returns:
            How far each is, and beside it how far those are that are nearer this time.
        """
        carriers = [offer.carrier for offer in self._offers]
        at: dict[str, list[Carrier]] = {}
        for carrier in carriers:
            for node in sorted(carrier.nodes):
                at.setdefault(node, []).append(carrier)
        for hops_count in sorted(self._topology.hops_count):
            known = {node: self._known(stand, node, hops_count=hops_count) for node in at}
            base = _nearest(carriers, stand, known)
            yield base, {}
            for node, there in at.items():
                if known[node] is None:
                    apart = stand.is_apart(node)
                    door = Reach(0, 2, int(hops_count)) if apart else _beside(node)
                    near = {carrier: door for carrier in there if door < base[carrier]}
                    if near:
                        yield base, near

    def _names(self) -> list[dict[Carrier, tuple[str, int]]]:
        """How the names may sort: the documentation says alphanumeric, and no more."""
        carriers = [offer.carrier for offer in self._offers]
        names = [(carrier.connector.name or "") for carrier in carriers]
        counted = list(enumerate(zip(carriers, names, strict=True)))
        lowered = {carrier: (name.lower(), number) for number, (carrier, name) in counted}
        if len(set(map(str.lower, names))) == len(names) and not any(map(_ODD.search, names)):
            return [lowered]
        raised = {carrier: (name.upper(), -number) for number, (carrier, name) in counted}
        light = {c: (name.lower().translate(_LIGHT), number) for number, (c, name) in counted}
        return [lowered, raised, light]

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
    carriers: Sequence[Carrier], stand: Stand, known: Mapping[str, Reach | None]
) -> dict[Carrier, Reach]:
    hosted = stand.place.hosted
    return {
        carrier: _LOCAL if carrier in hosted else min(known[node] or FAR for node in carrier.nodes)
        for carrier in carriers
    }


def needed(ordered: Sequence[Offer], usable: Mapping[Carrier, bool | None]) -> list[Offer]:
    """The offers without those that are never reached: something before them takes as much."""
    kept, most = [], -1
    for offer in ordered:
        carrier = offer.carrier
        limit = LARGEST if carrier.limit is None else carrier.limit
        if usable[carrier] is not False and limit > most:
            kept.append(offer)
            if usable[carrier] and carrier.is_certain and carrier.limit is not None:
                most = limit
                if most == LARGEST:
                    break
    return kept


def _any_of(every: Iterable[Iterable[Steps]]) -> Steps:
    """What may happen where it is not known which of them holds."""
    return united([*dict.fromkeys(steps for some in every for steps in some)])


def _usable(carrier: Carrier, stand: Stand) -> bool | None:
    """Whether a connector is in scope; None where nobody knows whether it is scoped at all."""
    place = stand.place
    if carrier.scoped is False:
        return True
    here = carrier in place.hosted or not carrier.nodes.isdisjoint({place.node, stand.beside})
    if stand.is_vague and not here:
        return in_scope(carrier, place)
    return True if here else None if carrier.scoped is None else False


def in_scope(carrier: Carrier, place: Place) -> bool | None:
    """Whether servers in a place may use a connector; None where that is not known."""
    if carrier.scoped is False or carrier in place.hosted or place.node in carrier.nodes:
        return True
    nodes = (place.node or "", *carrier.nodes)
    elsewhere = all(node.startswith(SITE) for node in nodes)
    return False if elsewhere and carrier.scoped else None
