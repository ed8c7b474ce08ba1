"""Mail in words: which recipients, which sizes, from where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.properties import shown
from auditor.routing import LARGEST, MailClass

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from auditor.routing import Place, Stretch, Traffic

_SHOWN: Final = 5
"""How many domains a sentence names."""


class Bundle(NamedTuple):
    """Mail of the same sizes from the same places, of several classes.

    Attributes:
        above: larger than so many bytes; negative: of any size.
        upto: up to so many.
        places: as bits.
        classes: in their order.
    """

    above: int
    upto: int
    places: int
    classes: tuple[MailClass, ...]


def bundled(stretches: Iterable[Stretch]) -> list[Bundle]:
    """Stretches that go one way, put together: first the sizes, then places, then classes."""
    sizes: dict[tuple[MailClass, int], list[tuple[int, int]]] = {}
    for stretch in stretches:
        found = sizes.setdefault((stretch.mail, stretch.places), [])
        above, upto = stretch.above, LARGEST if stretch.last else stretch.step.upto
        if found and found[-1][1] == above:
            above = found.pop()[0]
        found.append((above, upto))
    places: dict[tuple[MailClass, int, int], int] = {}
    for (mail, bits), ranges in sizes.items():
        for above, upto in ranges:
            key = (mail, above, upto)
            places[key] = places.get(key, 0) | bits
    together: dict[tuple[int, int, int], list[MailClass]] = {}
    for (mail, above, upto), bits in places.items():
        together.setdefault((above, upto, bits), []).append(mail)
    return [Bundle(*key, tuple(classes)) for key, classes in together.items()]


class Words:
    """The words for the mail of one organisation."""

    def __init__(self, traffic: Traffic) -> None:
        self._traffic = traffic
        found = {stretch.mail: stretch.inside is True for stretch in traffic.stretches}
        domains = {mail for mail in found if mail.kind in {"exact", "below", "other"}}
        self._all = frozenset(mail for mail in domains if not found[mail])
        self._anything = "any domain outside" if any(found.values()) else "any domain"

    def phrase(self, bundle: Bundle) -> str:
        """The mail as the subject of a sentence: some domains by name, and how many more."""
        to = self.recipients(bundle.classes)
        some = to[:_SHOWN]
        if len(to) > _SHOWN:
            some = [*some[:-1], f"{len(to) - _SHOWN + 1} more"]
        return self._sentence(bundle, _and(some))

    def phrases(self, bundle: Bundle) -> list[str]:
        """The mail whole: a phrase for each domain."""
        return [self._sentence(bundle, to) for to in self.recipients(bundle.classes)]

    def leaves(self, bundle: Bundle) -> str:
        """The verb that goes with the phrase."""
        return "leave" if self._sizes(bundle) else "leaves"

    def recipients(self, classes: Sequence[MailClass]) -> list[str]:
        """The recipients of several classes; a domain and what is below it are one."""
        given = set(classes)
        if self._all <= given and self._all:
            rest = [mail for mail in classes if mail not in self._all]
            return [self._anything, *self.recipients(rest)] if rest else [self._anything]
        found = ["any other domain"] if MailClass("other") in given else []
        for mail in classes:
            twin = MailClass("below" if mail.kind == "exact" else "exact", mail.name)
            if mail.kind == "exact":
                found.append(f"{mail.name}{' and all below it' if twin in given else ''}")
            elif mail.kind == "below" and twin not in given:
                found.append(f"all below {mail.name}")
            elif mail.kind == "typed":
                found.append(mail.name)
            elif mail.kind == "received":
                found.append(f"'{mail.name}'")
        return found

    def _sentence(self, bundle: Bundle, to: str) -> str:
        sizes = self._sizes(bundle)
        where = self.origin(bundle.places)
        if all(mail.kind == "received" for mail in bundle.classes):
            return f"mail that comes in by the receive connector {to}{where}"
        # Where domains make no difference, the size or the place says it all.
        nothing_more = to == self._anything and self._anything == "any domain"
        about = "" if nothing_more and (sizes or where) else f" to {to}"
        return f"{sizes or 'mail'}{about}{where}"

    def _sizes(self, bundle: Bundle) -> str:
        above, upto = bundle.above, bundle.upto
        if above < 0:
            # Up to nothing at all: what the limit is, nobody knows.
            return f"messages up to {_size(upto)}" if 0 < upto < LARGEST else ""
        if above == 0:
            return "larger messages"
        over = f"messages over {_size(above)}"
        return over if upto == LARGEST else f"{over} and up to {_size(upto)}"

    def origin(self, bits: int) -> str:
        """From where, as the end of a phrase: `` sent from site Branch``; empty: everywhere."""
        traffic = self._traffic
        if bits == traffic.network.everywhere:
            return ""
        meant = traffic.places(bits)
        found: list[str] = []
        for place in meant:
            found += self._place(place, meant)
        names = list(dict.fromkeys(found))
        if len(names) > _SHOWN:
            names = [*names[: _SHOWN - 1], f"{len(names) - _SHOWN + 1} more"]
        return f" sent from {_and(names)}"

    def _place(self, place: Place, meant: Sequence[Place]) -> list[str]:
        if not place.servers:
            return ["any other server"]
        here = [p for p in self._traffic.network.places if p.node == place.node]
        if place.site is not None and all(p in meant for p in here):
            return [f"site {place.site}"]
        return [self._traffic.network.topology.title(key) for key in place.servers]


def _size(size: int) -> str:
    return shown("MaxMessageSize", size)


def _and(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    comma = "," if any(" and " in name for name in names) else ""
    return f"{', '.join(names[:-1])}{comma} and {names[-1]}"
