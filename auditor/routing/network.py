"""The network of an organisation: from an address space, to every place's steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from auditor.routing.carriers import Offer, carriers_of, offers_of
from auditor.routing.group import Group
from auditor.routing.places import places_of, stands_of
from auditor.routing.steps import NOTHING, Steps, fall_back, united
from auditor.routing.topology import Topology

if TYPE_CHECKING:
    from collections.abc import Iterable

    from auditor.model import Connectors
    from auditor.routing.places import Place


class Part(NamedTuple):
    """Places from which mail goes the same way, as bits of their positions, and which way."""

    places: int
    steps: Steps


class Network:
    """All that routing knows of an organisation.

    Args:
        connectors: normalised.

    Attributes:
        carriers: the connectors that are not disabled.
        places: where mail sets out.
        offers: what the connectors take, by pattern.
        patterns: the patterns of all address spaces and accepted domains.
        everywhere: all places, as bits of their positions.
        linked: the carriers that are linked with a receive connector.
    """

    def __init__(self, connectors: Connectors) -> None:
        self.topology = Topology(connectors)
        self.carriers = carriers_of(connectors, self.topology)
        self.places = places_of(self.topology, self.carriers)
        self.offers = offers_of(self.carriers)
        self.linked = tuple(carrier for carrier in self.carriers if carrier.linked is not None)
        self._open = tuple(carrier for carrier in self.carriers if carrier.spaces is None)
        self._stands = stands_of(self.places, self.carriers)
        self.everywhere = (1 << len(self.places)) - 1
        self._inside = dict(connectors.accepted_domains)
        self._accepted_whole = connectors.accepted_whole
        self.patterns = frozenset({*self.offers, *self._inside})
        self._every_stand = (1 << len(self._stands)) - 1
        self._known: dict[tuple[str, ...], tuple[Part, ...]] = {
            (): (Part(self._every_stand, NOTHING),)
        }

    def inside(self, ladder: Iterable[str]) -> bool | None:
        """Whether mail is delivered in the organisation, by the most specific accepted domain.

        False also where no accepted domain covers it; None where its type is not known.
        """
        found = next((pattern for pattern in ladder if pattern in self._inside), None)
        if found is None:
            return False
        inside = self._inside[found]
        # Another one, more specific, may be among those that could not be read.
        sure = self._accepted_whole or "*" not in found
        return inside if sure or not inside else None

    def parts(self, ladder: Iterable[str]) -> tuple[Part, ...]:
        """Which way mail goes for which address spaces could cover it.

        Args:
            ladder: the address spaces that would cover it, the most specific first.

        Returns:
            Parts that are apart, and together hold every place.
        """
        ordered = tuple(ladder)
        there = tuple(pattern for pattern in ordered if pattern in self.offers)
        open_too = self._open
        parts = self._parts_beside_open(ordered[0], there) if open_too else self._parts(there)
        return parts if len(self._stands) == len(self.places) else self._by_place(parts)

    def _by_place(self, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        """Parts of stands as parts of places, from which each of theirs may hold."""
        stands: dict[Place, int] = {}
        for number, stand in enumerate(self._stands):
            stands[stand.place] = stands.get(stand.place, 0) | 1 << number
        return _together(
            Part(1 << position, united([steps for bits, steps in parts if bits & stands[place]]))
            for position, place in enumerate(self.places)
        )

    def _parts_beside_open(self, first: str, patterns: tuple[str, ...]) -> tuple[Part, ...]:
        """The same where some connector may take anything, for nobody knows its address spaces.

        It may have the most specific address space that there can be, at the lowest cost.
        """
        rivals: list[Offer] = []
        if patterns and patterns[0] == first and "*" not in first:
            rivals, patterns = self.offers[first], patterns[1:]
        anything = [Offer(carrier, first, 1, "") for carrier in self._open]
        level = self._level(Group([*rivals, *anything], self.topology))
        return _combined(level, self._parts(patterns))

    def _parts(self, patterns: tuple[str, ...]) -> tuple[Part, ...]:
        known = self._known.get(patterns)
        if known is None:
            upper = self._level(Group(self.offers[patterns[0]], self.topology))
            if len(upper) == 1 and all(step.certain for step in upper[0].steps):
                known = upper
            else:
                known = _combined(upper, self._parts(patterns[1:]))
            self._known[patterns] = known
        return known

    def _level(self, group: Group) -> tuple[Part, ...]:
        """The ways for one level of address spaces alone."""
        if group.is_plain:
            return (Part(self._every_stand, group.steps()),)
        return _together(
            Part(1 << number, group.steps_from(stand)) for number, stand in enumerate(self._stands)
        )


def _combined(upper: tuple[Part, ...], lower: tuple[Part, ...]) -> tuple[Part, ...]:
    if len(upper) == len(lower) == 1:
        return (Part(upper[0].places, fall_back(upper[0].steps, lower[0].steps)),)
    return _together(
        Part(high.places & low.places, fall_back(high.steps, low.steps))
        for high in upper
        for low in lower
        if high.places & low.places
    )


def _together(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Parts that go the same way as one."""
    found: dict[Steps, int] = {}
    for places, steps in parts:
        found[steps] = found.get(steps, 0) | places
    return tuple(Part(places, steps) for steps, places in found.items())
