"""Why a message takes a connector and not another: every connector, with the reason.

For people who want to see it; the answers themselves are the network's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from auditor.kinds.address_spaces import is_inbound_only
from auditor.model import Reason, Rung, Unreadable, is_known
from auditor.properties import shown
from auditor.routing.carriers import LARGEST
from auditor.routing.group import Group, in_scope
from auditor.routing.places import Stand
from auditor.routing.steps import step_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from auditor.model import Connector, Connectors
    from auditor.routing.carriers import Carrier, Offer
    from auditor.routing.classes import MailClass
    from auditor.routing.network import Network
    from auditor.routing.places import Place
    from auditor.routing.steps import Step
    from auditor.routing.traffic import Stretch, Traffic

_ORDER: Final[tuple[str, ...]] = get_args(Reason)


def _answer(network: Network, mail: MailClass, size: int, place: Place) -> Step:
    """What carries a message of a size in bytes from a place."""
    bit = 1 << network.places.index(place)
    parts = network.parts(mail.ladder())
    steps = next(part.steps for part in parts if part.places & bit)
    return step_at(steps, size)


def ladder(
    connectors: Connectors, network: Network, mail: MailClass, size: int, place: Place
) -> tuple[Rung, ...]:
    """Every connector of the organisation, what is taken first.

    Args:
        connectors: the organisation's.
        network: made of them.
        mail: the recipient's class.
        size: of the message, in bytes.
        place: where it sets out.
    """
    taken = _answer(network, mail, size, place)
    judge = _Judge(network, mail, size, place, taken)
    carriers = {id(carrier.connector): carrier for carrier in network.carriers}
    rungs = [
        judge.rung(connector, carriers.get(id(connector)))
        for connector in (*connectors.send, *connectors.other)
    ]
    return tuple(sorted(rungs, key=lambda rung: _ORDER.index(rung.reason)))


class _Judge:
    """Says of one connector after another why it is taken or not."""

    def __init__(
        self, network: Network, mail: MailClass, size: int, place: Place, taken: Step
    ) -> None:
        self._network = network
        self._patterns = [p for p in mail.ladder() if p in network.offers]
        self._size = size
        self._place = place
        self._taken = taken
        self._winner = taken.possible[0] if taken.possible else None
        self._certain = taken.certain and len(taken.possible) == 1

    def rung(self, connector: Connector, carrier: Carrier | None) -> Rung:
        """The rung of one connector; ``carrier`` is None where it is disabled."""
        if carrier is None:
            return Rung(connector, None, "disabled", "It is disabled.")
        offer = self._offer(carrier)
        mine = next((o for o in self._taken.possible if o.carrier is carrier), None)
        if mine is not None:
            return self._taken_rung(connector, mine)
        if offer is None:
            return _no_match(connector)
        out = self._out(carrier)
        if out is not None:
            return Rung(connector, offer.space, *out)
        return Rung(connector, offer.space, *self._behind(offer))

    def _taken_rung(self, connector: Connector, offer: Offer) -> Rung:
        space = offer.space or None
        if not self._certain:
            return Rung(connector, space, "possible", "It may be the one that carries it.")
        rivals = [*self._rivals()]
        if len(rivals) == 1 and self._are_others_too_small(offer):
            return Rung(connector, space, "chosen", "No other connector takes so large a message.")
        why = decisive(offer, rivals, self._network, self._place, self._size)
        return Rung(connector, space, "chosen", why)

    def _rivals(self) -> Iterator[Offer]:
        """What would carry the message as well."""
        for pattern in self._patterns:
            for offer in self._network.offers[pattern]:
                if self._out(offer.carrier) is None:
                    yield offer

    def _are_others_too_small(self, offer: Offer) -> bool:
        others = (o for p in self._patterns for o in self._network.offers[p] if o is not offer)
        outs = [self._out(other.carrier) for other in others if other.carrier is not offer.carrier]
        return any(out is not None and out[0] == "too small" for out in outs)

    def _offer(self, carrier: Carrier) -> Offer | None:
        """Its offer that covers the recipient most specifically."""
        return next(
            (
                offer
                for pattern in self._patterns
                for offer in self._network.offers[pattern]
                if offer.carrier is carrier
            ),
            None,
        )

    def _out(self, carrier: Carrier) -> tuple[Reason, str] | None:
        """Why it is out of it, whatever the others are."""
        if in_scope(carrier, self._place) is False:
            sites = _sites(carrier, self._network)
            return "out of scope", f"Only servers of its own site use it{sites}."
        if carrier.limit is not None and carrier.limit < self._size:
            most = shown("MaxMessageSize", carrier.limit)
            return "too small", f"It takes messages up to {most}."
        return None

    def _behind(self, offer: Offer) -> tuple[Reason, str]:
        if self._winner is None:
            raise AssertionError("something covers the recipient, and nothing is taken")
        return compared(self._winner, offer, self._network, self._place)


def compared(better: Offer, other: Offer, network: Network, place: Place) -> tuple[Reason, str]:
    """Why one offer is taken before another."""
    if better.carrier.spaces is None:
        return "possible", "It may be the one that carries it."
    if better.pattern != other.pattern:
        return "less specific", f"{other.pattern} is less specific than {better.pattern}."
    lies = Group((better, other), network.topology).lies(Stand(place))
    reasons = dict.fromkeys(_order(better, other, {**base, **near}) for base, near in lies)
    if len(reasons) > 1:
        reasons.pop(None, None)
    return next(filter(None, reasons), None) or (
        "higher name",
        f"At the same cost and as near, its name comes after '{better.carrier.connector.label}'.",
    )


def _order(
    better: Offer, other: Offer, reach: Mapping[Carrier, Sequence[int]]
) -> tuple[Reason, str] | None:
    """By cost or by distance; None where neither says."""
    near, far = reach[better.carrier], reach[other.carrier]
    left, right = better.cost + near[0], other.cost + far[0]
    if left < right:
        with_links = " with the site links" if near[0] or far[0] else ""
        if far[0] >= LARGEST and better.cost == other.cost:
            return "farther", "At the same cost, its source servers are not nearer."
        if far[0] >= LARGEST and better.cost < other.cost:
            least = "" if near[0] >= LARGEST else "at least "
            return "dearer", f"Its address space costs {least}{other.cost}, against {better.cost}."
        if max(near[0], far[0]) >= LARGEST:
            return "dearer", f"Its cost{with_links} is higher."
        return "dearer", f"Its cost{with_links} is {right}, against {left}."
    if left == right and tuple(near[1:]) < tuple(far[1:]):
        return "farther", "At the same cost, its source servers are farther away."
    return None


def decisive(
    winner: Offer, rivals: Sequence[Offer], network: Network, place: Place, size: int
) -> str:
    """Why an offer is taken, for people: what it has before the next best one."""
    others = [offer for offer in rivals if offer.carrier is not winner.carrier]
    if not others:
        return f"No other connector takes {'such mail' if size == 0 else 'it'}."
    reasons = [(*compared(winner, offer, network, place), offer) for offer in others]
    reason, _, rival = min(reasons, key=lambda found: _ORDER.index(found[0]))
    name = rival.carrier.connector.label
    if reason == "less specific":
        return f"{winner.pattern} is more specific than {rival.pattern} of '{name}'."
    if reason == "dearer":
        return f"It costs less than '{name}': {_costs(winner, rival, network, place)}."
    if reason == "farther":
        return f"At the same cost as '{name}', its source servers are nearer."
    return f"At the same cost as '{name}' and as near, its name comes first."


def _costs(winner: Offer, rival: Offer, network: Network, place: Place) -> str:
    """The costs of both with the site links, where these are known."""
    base, _ = next(Group((winner, rival), network.topology).lies(Stand(place)))
    near, far = base[winner.carrier].cost, base[rival.carrier].cost
    if max(near, far) < LARGEST:
        links = " with the site links" if near or far else ""
        return f"{winner.cost + near} against {rival.cost + far}{links}"
    if winner.cost < rival.cost:
        return f"{winner.cost} against {rival.cost}"
    return "the site links count as well"


def passed_over(
    connectors: Connectors, traffic: Traffic, stretch: Stretch, connector: Connector
) -> str:
    """Why a connector does not carry mail that another one carries, for people."""
    place = traffic.places(stretch.places)[0]
    rungs = ladder(connectors, traffic.network, stretch.mail, _smallest(stretch), place)
    return next((rung.text for rung in rungs if rung.connector is connector), "")


def why_taken(traffic: Traffic, stretch: Stretch) -> str:
    """Why mail takes the connector that it takes, for people."""
    place = traffic.places(stretch.places)[0]
    step = stretch.step
    judge = _Judge(traffic.network, stretch.mail, _smallest(stretch), place, step)
    offer = step.possible[0]
    return judge.rung(offer.carrier.connector, offer.carrier).text


def _smallest(stretch: Stretch) -> int:
    """The size of the smallest message of a stretch, in bytes."""
    return stretch.above + 1


def _no_match(connector: Connector) -> Rung:
    spaces = connector.properties["AddressSpaces"]
    if isinstance(spaces, tuple) and is_inbound_only(spaces):
        return Rung(connector, None, "inbound", "It takes mail in, and none out (--).")
    if not is_known(spaces):
        why = spaces.reason if isinstance(spaces, Unreadable) else "not in the export"
        return Rung(connector, None, "no match", f"Its address spaces are not known ({why}).")
    return Rung(connector, None, "no match", "None of its address spaces covers the recipient.")


def _sites(carrier: Carrier, network: Network) -> str:
    sites = sorted({network.topology.site(key) or "" for key in carrier.hosts} - {""})
    return f" ({', '.join(sites)})" if sites else ""
