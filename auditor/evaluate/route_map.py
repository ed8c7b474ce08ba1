"""The map of routes: who, by which connector, to which hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.evaluate.allowed import Allowance
from auditor.evaluate.next_hops import leads_to_gateway, next_hops
from auditor.evaluate.route_words import Words, bundled
from auditor.model import Route, RouteMap
from auditor.routing import OTHER, why_taken

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from auditor.evaluate.situation import Situation
    from auditor.model.routes import Fate
    from auditor.routing import Carrier, Offer, Stretch

_LOST: Final[Mapping[Fate, tuple[str, str]]] = {
    "returned": ("is returned: no connector takes it", "are returned: no connector takes them"),
    "unreachable": (
        "waits in the Unreachable queue: no connector takes it",
        "wait in the Unreachable queue: no connector takes them",
    ),
}


def route_map(situation: Situation, allowed: Mapping[Carrier, Allowance]) -> RouteMap:
    """All mail of an organisation, by the way that it takes."""
    found: dict[tuple[Fate, tuple[Carrier, ...], bool], list[Stretch]] = {}
    for stretch in situation.traffic.stretches:
        key = (fate_of(stretch), *_carried(stretch, allowed))
        found.setdefault(key, []).append(stretch)
    # What takes the mail of most recipients stands first.
    ordered = sorted(found.items(), key=lambda item: all(s.mail != OTHER for s in item[1]))
    words = Words(situation.traffic)
    routes = [
        _route(fate, carriers, exempt, stretches, words, situation)
        for (fate, carriers, exempt), stretches in ordered
    ]
    notes = [*_lost(found, words), *_ties(situation, words)]
    return RouteMap(tuple(routes), tuple(notes))


def fate_of(stretch: Stretch) -> Fate:
    """What becomes of mail."""
    if stretch.inside:
        return "inside"
    if stretch.step.possible:
        return "sent"
    # Something takes it when it is smaller; an address that is no SMTP waits for nothing.
    too_large = stretch.above >= 0 or stretch.mail.kind == "typed"
    return "returned" if too_large else "unreachable"


def _carried(
    stretch: Stretch, allowed: Mapping[Carrier, Allowance]
) -> tuple[tuple[Carrier, ...], bool]:
    possible = stretch.step.possible
    exempt = bool(possible) and all(allowed[offer.carrier].covers(offer) for offer in possible)
    return tuple(offer.carrier for offer in possible), exempt


def _route(
    fate: Fate,
    carriers: Sequence[Carrier],
    exempt: bool,
    stretches: Sequence[Stretch],
    words: Words,
    situation: Situation,
) -> Route:
    connectors = tuple(carrier.connector for carrier in carriers)
    policy, region = situation.policy, situation.scene.region
    hops = {next_hops(connector) for connector in connectors}
    gateway = {leads_to_gateway(connector, policy, region) for connector in connectors}
    return Route(
        mail=tuple(text for bundle in bundled(stretches) for text in words.phrases(bundle)),
        fate=fate,
        connectors=connectors,
        next_hops=() if fate != "sent" else next(iter(hops)) if len(hops) == 1 else None,
        through_gateway=False if fate != "sent" else agreed(gateway),
        exempt=exempt,
    )


def agreed(answers: set[bool | None]) -> bool | None:
    """What all of them say; None where they differ, or one is not known."""
    return next(iter(answers)) if len(answers) == 1 else None


def _lost(
    found: Mapping[tuple[Fate, tuple[Carrier, ...], bool], Sequence[Stretch]], words: Words
) -> Iterator[str]:
    """What no connector carries: it goes around nothing, but somebody should know."""
    for (fate, *_), stretches in found.items():
        if fate in _LOST:
            for bundle in bundled(stretches):
                one, many = _LOST[fate]
                text = f"{words.phrase(bundle)} {one if words.leaves(bundle) == 'leaves' else many}"
                yield f"{text[0].upper()}{text[1:]}."


def _ties(situation: Situation, words: Words) -> Iterator[str]:
    """Which of several connectors for every domain at one cost is taken, and why."""
    traffic = situation.traffic
    stars = traffic.network.offers.get("*", [])
    for stretch in traffic.stretches:
        step = stretch.step
        if stretch.mail != OTHER or stretch.above >= 0 or not step.possible:
            continue
        rivals = [offer for offer in stars if offer.cost == step.possible[0].cost]
        if len(rivals) > 1 and step.possible[0] in rivals:
            yield _tie(stretch, rivals, words, situation)


def _tie(stretch: Stretch, rivals: Sequence[Offer], words: Words, situation: Situation) -> str:
    names = [f"'{offer.carrier.connector.label}'" for offer in rivals]
    listed = f"{', '.join(names[:-1])} and {names[-1]}"
    origin = words.origin(stretch.places)
    head = f"{listed} have * at the same cost ({rivals[0].cost})."
    if len(stretch.step.possible) > 1 or not stretch.step.certain:
        return f"{head} Which of them carries mail{origin} cannot be told."
    label = stretch.step.possible[0].carrier.connector.label
    return f"{head} '{label}' carries mail{origin}. {why_taken(situation.traffic, stretch)}"
