"""Traffic: every class of mail, every size and every place, with the connectors that carry it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from auditor.routing.carriers import LARGEST, Offer
from auditor.routing.classes import MailClass, mail_classes
from auditor.routing.network import Network, Part
from auditor.routing.steps import Step, steps_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.model import Connectors
    from auditor.routing.places import Place


class Stretch(NamedTuple):
    """Mail that goes one way.

    Attributes:
        mail: its class.
        places: from where, as bits of the positions of places.
        above: it is larger than so many bytes; -1 where it may be of any size below.
        step: up to which size, and what may carry it.
        inside: whether it is delivered in the organisation instead; None where nobody knows.
        last: nothing takes what is larger.
    """

    mail: MailClass
    places: int
    above: int
    step: Step
    inside: bool | None = False
    last: bool = False


@dataclass(frozen=True, slots=True)
class Traffic:
    """All mail of an organisation: the stretches are apart, and together they are everything."""

    network: Network
    stretches: tuple[Stretch, ...]

    def places(self, bits: int) -> tuple[Place, ...]:
        """The places that are meant."""
        return tuple(p for n, p in enumerate(self.network.places) if bits >> n & 1)


def traffic_of(connectors: Connectors) -> Traffic:
    """Where all mail goes, by the rules of this package."""
    network = Network(connectors)
    return Traffic(network, tuple(_stretches(network)))


def _stretches(network: Network) -> Iterator[Stretch]:
    for mail in mail_classes(network):
        yield from stretches_of(mail, network)
    for carrier in network.linked:
        usable = True if carrier.is_linked else None
        steps = steps_of((Offer(carrier, "", 1, ""),), (usable,))
        mail = MailClass("received", carrier.linked or "")
        yield from _part(mail, Part(network.everywhere, steps), inside=False)


def stretches_of(mail: MailClass, network: Network) -> Iterator[Stretch]:
    """Where the mail of one class goes."""
    ladder = tuple(mail.ladder())
    inside = network.inside(ladder)
    if inside:
        yield Stretch(mail, network.everywhere, -1, _NO_STEP, inside=True)
        return
    for part in network.parts(ladder):
        yield from _part(mail, part, inside=inside)


_NO_STEP = Step(LARGEST, (), certain=False)


def _part(mail: MailClass, part: Part, *, inside: bool | None) -> Iterator[Stretch]:
    above = -1
    *_, end = part.steps
    for step, following in zip(part.steps, (*part.steps[1:], None), strict=True):
        last = following is None or (following is end and not end.possible)
        yield Stretch(mail, part.places, above, step, inside, last)
        above = step.upto
