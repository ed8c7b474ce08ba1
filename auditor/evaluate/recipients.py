"""The route of one recipient: which connector, to which hosts, whether that is right, and why."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.errors import UsageError, shortened
from auditor.evaluate.allowed import allowances
from auditor.evaluate.bypass_routes import exempt_routes
from auditor.evaluate.gateway_hosts import region_name
from auditor.evaluate.messages import not_known
from auditor.evaluate.next_hops import DNS, leads_to_gateway, next_hops
from auditor.evaluate.route_doubts import doubts
from auditor.evaluate.route_map import agreed
from auditor.evaluate.situation import Situation
from auditor.evaluate.subject import choose_subject
from auditor.kinds import same_server
from auditor.model import Ladder, RecipientRoute, Scene, is_known
from auditor.properties import shown
from auditor.routing import (
    LARGEST,
    MailClass,
    Stretch,
    class_of,
    ladder,
    stretches_of,
    traffic_of,
    why_taken,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from auditor.model import Connector, Connectors, Policy, Region, Rung
    from auditor.routing import Offer, Place


_NAMED: Final = 10
"""How many servers a hint names."""


class Recipient(NamedTuple):
    """A recipient as it was given, and what decides its route: its domain, or its address."""

    given: str
    domain: str


class Router:
    """Answers for one organisation.

    Args:
        connectors: normalised.
        policy: whose exemptions and hosts count.
        region: the effective one; None only for a policy that asks for none.
        now: the instant, with a time zone.
    """

    def __init__(
        self, connectors: Connectors, policy: Policy, region: Region | None, now: datetime
    ) -> None:
        today, scene = now.astimezone(UTC).date(), Scene(region, connectors.settings)
        self._traffic = traffic_of(connectors)
        self._situation = Situation(connectors, policy, scene, today, self._traffic)
        self._choice = choose_subject(self._situation)
        self._allowed = allowances(self._choice, self._situation)
        self._exempt = exempt_routes(self._choice, self._situation)

    def places(self, server: str | None) -> tuple[Place, ...]:
        """The places that a server may be in; all of them without one.

        Raises:
            UsageError: there is no such server.
        """
        places = self._traffic.network.places
        if server is None:
            return places
        found = tuple(p for p in places if any(same_server(server, key) for key in p.servers))
        if found:
            return found
        topology = self._traffic.network.topology
        if topology.servers is None:
            return tuple(place for place in places if not place.servers) or places
        known = sorted({topology.title(key) for place in places for key in place.servers})
        more = f" and {len(known) - _NAMED} more" if len(known) > _NAMED else ""
        hint = f"Known: {', '.join(known[:_NAMED])}{more}." if known else "None is known to."
        raise UsageError(f"no server {shortened(server)} sends mail here", hint=hint)

    def route(self, recipient: Recipient, size: int, places: Sequence[Place]) -> RecipientRoute:
        """The route of a message.

        Args:
            recipient: to whom.
            size: in bytes.
            places: from where it may set out.
        """
        network = self._traffic.network
        mail = class_of(recipient.domain, network)
        bits = sum(1 << network.places.index(place) for place in places)
        stretches = [
            stretch
            for stretch in stretches_of(mail, network)
            if stretch.places & bits and stretch.above < size <= stretch.step.upto
        ]
        here = [stretch._replace(places=stretch.places & bits) for stretch in stretches]
        connectors = tuple(
            dict.fromkeys(o.carrier.connector for s in here for o in s.step.possible)
        )
        one = connectors[0] if len(connectors) == 1 and all(s.step.certain for s in here) else None
        hops = {next_hops(connector) for connector in connectors}
        return RecipientRoute(
            recipient=recipient.given,
            domain=recipient.domain,
            inside=here[0].inside,
            connector=one,
            possible=connectors,
            next_hops=next(iter(hops)) if len(hops) == 1 else None if hops else (),
            through_gateway=self._sure(_worst(self._through(stretch) for stretch in here)),
            exempt=bool(connectors) and all(map(self._is_exempt, here)),
            is_right=self._sure(_worst(self._is_right(stretch) for stretch in here)),
            why=f"{self._why(mail, here, size)}{self._missing()}",
        )

    def _sure(self, answer: bool | None) -> bool | None:
        """An answer that a connector which was not collected cannot turn into a wrong one."""
        return None if answer and self._situation.connectors.incomplete else answer

    def _missing(self) -> str:
        cmdlets = self._situation.connectors.incomplete
        if not cmdlets:
            return ""
        return f" But {' and '.join(cmdlets)} did not return everything."

    def ladders(self, recipient: Recipient, size: int, places: Sequence[Place]) -> Iterator[Ladder]:
        """Every connector with the reason, one ladder for servers with the same one."""
        network, connectors = self._traffic.network, self._situation.connectors
        mail = class_of(recipient.domain, network)
        if network.inside(mail.ladder()):
            return  # no connector is asked
        found: dict[tuple[Rung, ...], list[str]] = {}
        for place in places:
            rungs = ladder(connectors, network, mail, size, place)
            names = [network.topology.title(key) for key in place.servers]
            found.setdefault(rungs, []).extend(names or ["any other server"])
        for rungs, servers in found.items():
            yield Ladder(tuple(servers), rungs)

    def _through(self, stretch: Stretch) -> bool | None:
        answers = {self._leads(offer) for offer in stretch.step.possible}
        return agreed(answers | _not_sent(stretch, goes=False))

    def _is_right(self, stretch: Stretch) -> bool | None:
        """Whether it goes through the gateway, as an exemption says, or stays inside."""
        answers = {self._is_offer_right(offer) for offer in stretch.step.possible}
        return agreed(answers | _not_sent(stretch, goes=True))

    def _is_offer_right(self, offer: Offer) -> bool | None:
        if self._covers(offer) or self._leads(offer):
            return True
        return None if self._allowed[offer.carrier].may_cover(offer) else self._leads(offer)

    def _is_exempt(self, stretch: Stretch) -> bool:
        return bool(stretch.step.possible) and all(map(self._covers, stretch.step.possible))

    def _covers(self, offer: Offer) -> bool:
        return self._allowed[offer.carrier].covers(offer) or offer.carrier in self._exempt

    def _leads(self, offer: Offer) -> bool | None:
        situation = self._situation
        return leads_to_gateway(offer.carrier.connector, situation.policy, situation.scene.region)

    def _why(self, mail: MailClass, here: Sequence[Stretch], size: int) -> str:
        if here[0].inside:
            domain = mail.name
            return f"{domain} is an accepted domain: its mail is delivered in the organisation."
        ways = {stretch.step.possible for stretch in here}
        if len(ways) > 1:
            return self._by_server(here)
        # Where it is certain from one server and not from the next, the doubt is what to tell.
        unsure = [stretch for stretch in here if not stretch.step.certain]
        return self._reason((unsure or here)[0], mail, size)

    def _reason(self, stretch: Stretch, mail: MailClass, size: int) -> str:
        possible = stretch.step.possible
        if not possible:
            return self._not_carried(mail, size)
        if len(possible) > 1 or not stretch.step.certain or stretch.inside is None:
            names = " or ".join(f"'{offer.carrier.connector.label}'" for offer in possible)
            lost = "" if stretch.step.certain else ", or no connector,"
            reasons = " ".join(doubts([stretch], self._choice, guarded=False))
            return f"It may be {names}{lost} that carries it. {reasons}"
        elsewhere = self._elsewhere(possible[0].carrier.connector)
        return f"{why_taken(self._traffic, stretch)}{elsewhere}{self._larger(stretch)}"

    def _elsewhere(self, connector: Connector) -> str:
        """Which of several next hops are not those of the region."""
        region, hops = self._situation.scene.region, next_hops(connector)
        if hops is None:
            return self._unread(connector)
        if region is None or not hops or hops == DNS:
            return ""
        wrong = [hop for hop in hops if hop not in region.smart_hosts]
        if not wrong:
            return ""
        said = f"{', '.join(wrong)} {'is no host' if len(wrong) == 1 else 'are no hosts'}"
        return f" {said} of {region_name(region)}."

    @staticmethod
    def _unread(connector: Connector) -> str:
        """What is not known of where a connector sends to."""
        names = ("DNSRoutingEnabled", "SmartHosts")
        values = {name: connector.properties[name] for name in names}
        said = [
            f"{name} of '{connector.label}' {not_known(value)}"
            for name, value in values.items()
            if value is None or not is_known(value)
        ]
        return f" Where to is not known: {' and '.join(said)}."

    def _larger(self, stretch: Stretch) -> str:
        """What becomes of larger messages, where that is not the same."""
        upto = stretch.step.upto
        if upto == LARGEST:
            return ""
        after = next(
            s
            for s in stretches_of(stretch.mail, self._traffic.network)
            if s.above == upto and s.places & stretch.places
        )
        if upto == 0 and after.step.possible == stretch.step.possible:
            return ""
        if upto == 0:
            reasons = " ".join(doubts([after], self._choice, guarded=False))
            return f" What carries larger messages cannot be told. {reasons}"
        names = " or ".join(f"'{o.carrier.connector.label}'" for o in after.step.possible)
        around = "" if self._is_right(after) is not False else ", which is not the gateway"
        way = f"go through {names}{around}" if names else "are returned"
        return f" Messages over {shown('MaxMessageSize', upto)} {way}."

    def _not_carried(self, mail: MailClass, size: int) -> str:
        network = self._traffic.network
        covering = [o for pattern in mail.ladder() for o in network.offers.get(pattern, ())]
        limits = [o.carrier.limit for o in covering if o.carrier.limit is not None]
        if limits and max(limits) < size:
            most = shown("MaxMessageSize", max(limits))
            return f"It is returned: the largest message that a connector takes is {most}."
        if mail.kind == "typed":
            return "It is returned: no connector is for such addresses."
        return "No connector that the server may use covers it: it waits in the Unreachable queue."

    def _by_server(self, here: Sequence[Stretch]) -> str:
        topology = self._traffic.network.topology
        said = []
        for stretch in here:
            names = " or ".join(f"'{o.carrier.connector.label}'" for o in stretch.step.possible)
            servers = [
                topology.title(key)
                for place in self._traffic.places(stretch.places)
                for key in place.servers
            ]
            origin = ", ".join(servers[:5]) or "any other server"
            said.append(f"from {origin} through {names or 'none'}")
        return f"It depends on the server: {'; '.join(said)}."


def _not_sent(stretch: Stretch, *, goes: bool) -> set[bool | None]:
    """The answers where no connector takes it; ``goes`` is that of delivery inside."""
    if stretch.inside:
        return {goes}
    found: set[bool | None] = set() if stretch.step.certain else {False}
    return found | ({goes} if stretch.inside is None else set())


def _worst(answers: Iterator[bool | None]) -> bool | None:
    """Of several places that are sure to send mail: one that is wrong decides."""
    found = set(answers)
    return False if False in found else None if None in found else True
