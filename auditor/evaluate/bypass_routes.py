"""``BypassRoutes``: every recipient's mail goes through the subject, or as an exemption says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from auditor.evaluate.allowed import Allowance, allowances
from auditor.evaluate.exempting import permissions
from auditor.evaluate.next_hops import leads_to_gateway, manner, next_hops
from auditor.evaluate.other_outbound import advice
from auditor.evaluate.outcome import Outcome
from auditor.evaluate.route_doubts import doubts
from auditor.evaluate.route_words import Words, bundled
from auditor.model import Change, Finding
from auditor.routing import passed_over

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from auditor.evaluate.situation import Situation
    from auditor.evaluate.subject import Choice
    from auditor.model import Connector, Json, Value
    from auditor.routing import Carrier, Offer, Stretch, Traffic

CONTROL: Final = "BypassRoutes"
_EXPECTED: Json = {"mail": []}
_NOT_COVERED: Final = (
    "Its exemption from OtherOutboundConnectors does not cover that: leave it only the address "
    "spaces that it is for."
)
_KINDS: Final = 3
"""How many kinds of mail a message names."""


@dataclass(slots=True)
class Takings:
    """The mail that one connector takes beside the subject.

    Attributes:
        around: it goes around the gateway, and nothing permits that.
        perhaps: it may be so.
        permitted: an exemption covers it.
    """

    around: list[Stretch] = field(default_factory=list)
    perhaps: list[Stretch] = field(default_factory=list)
    permitted: list[Stretch] = field(default_factory=list)


def mail_taken(traffic: Traffic) -> dict[Carrier, dict[str, Value | Json]]:
    """What each connector takes, or may take, as a finding shows it.

    That is the same whatever the policy is, so that a digest of it can be approved.
    """
    words = Words(traffic)
    found: dict[Carrier, list[Stretch]] = {}
    for stretch in traffic.stretches:
        for carrier in dict.fromkeys(offer.carrier for offer in stretch.step.possible):
            if not _is_handed_over(stretch, carrier.connector):
                found.setdefault(carrier, []).append(stretch)
    return {
        carrier: {"mail": mail_of(stretches, words), "next_hops": _hops(carrier.connector)}
        for carrier, stretches in found.items()
    }


def exempt_routes(choice: Choice, situation: Situation) -> frozenset[Carrier]:
    """The connectors whose routes an exemption of this very control covers, whole."""
    control = situation.policy.controls.get(CONTROL)
    if control is None or all(e.control != CONTROL for e in situation.policy.exemptions):
        return frozenset()
    found = []
    for carrier, mail in mail_taken(situation.traffic).items():
        connector = carrier.connector
        finding = Finding(control, "fail", connector, _EXPECTED, mail, "")
        if connector is not choice.subject and permissions(finding, situation)[0]:
            found.append(carrier)
    return frozenset(found)


def mail_of(stretches: list[Stretch], words: Words) -> tuple[str, ...]:
    """The mail of some stretches, a phrase for each domain."""
    return tuple(text for bundle in bundled(stretches) for text in words.phrases(bundle))


def _hops(connector: Connector) -> Json:
    hops = next_hops(connector)
    return None if hops is None else [*hops]


def judge_routes(choice: Choice, situation: Situation) -> list[Outcome]:
    """One outcome for each connector that takes such mail, or one pass."""
    allowed = allowances(choice, situation)
    takings = _takings(choice, situation, allowed)
    # Where nothing goes another way, nobody needs the words for it.
    judge = _Judge(choice, situation, allowed) if takings else None
    outcomes = [judge.outcome(*taken) for taken in takings.items()] if judge else []
    if situation.connectors.incomplete:
        outcomes.append(_incomplete(situation.connectors.incomplete))
    if outcomes:
        return outcomes
    message = "No connector carries any mail."
    if choice.subject is not None:
        label = choice.subject.label
        message = f"No recipient's mail leaves by another connector than '{label}'."
    return [Outcome("pass", None, message, _EXPECTED, {"mail": ()})]


def _takings(
    choice: Choice, situation: Situation, allowed: Mapping[Carrier, Allowance]
) -> Mapping[Carrier, Takings]:
    """What every other connector takes, in the order of the export."""
    found: dict[Carrier, Takings] = {}
    for stretch in situation.traffic.stretches:
        for offer, kind in _sorted_out(stretch, choice, allowed):
            takings = found.setdefault(offer.carrier, Takings())
            getattr(takings, kind).append(stretch)
    order = situation.traffic.network.carriers
    return {carrier: found[carrier] for carrier in order if carrier in found}


def _sorted_out(
    stretch: Stretch, choice: Choice, allowed: Mapping[Carrier, Allowance]
) -> Iterator[tuple[Offer, str]]:
    """The offers of a stretch that are not the subject's, and what becomes of each."""
    possible = stretch.step.possible
    wrong = []
    for offer in possible:
        if _is_right(offer, stretch, choice):
            continue
        if allowed[offer.carrier].covers(offer):
            yield offer, "permitted"
        else:
            wrong.append(offer)
    if not wrong:
        return
    decided = stretch.step.certain and stretch.inside is False and len(wrong) == len(possible)
    for offer in wrong:
        unsure = _may_be_subject(offer, choice) or allowed[offer.carrier].may_cover(offer)
        certain = decided and not unsure and offer.carrier.enabled is True
        yield offer, "around" if certain else "perhaps"
        # Where it is one of several, the first that is surely there stands for all.
        decided = decided and not certain


def _is_right(offer: Offer, stretch: Stretch, choice: Choice) -> bool:
    connector = offer.carrier.connector
    if connector is choice.subject and not choice.candidates:
        return True
    return _is_handed_over(stretch, connector)


def _is_handed_over(stretch: Stretch, connector: Connector) -> bool:
    """Whether what is no SMTP goes to another program, as Exchange's own for text messages does."""
    return stretch.mail.kind == "typed" and connector.cmdlet != "SendConnector"


def _may_be_subject(offer: Offer, choice: Choice) -> bool:
    connector = offer.carrier.connector
    return bool(choice.candidates) and (
        connector in choice.candidates or connector is choice.subject
    )


class _Judge:
    """Says of one connector after another what it takes."""

    def __init__(
        self, choice: Choice, situation: Situation, allowed: Mapping[Carrier, Allowance]
    ) -> None:
        self._choice = choice
        self._situation = situation
        self._allowed = allowed
        self._words = Words(situation.traffic)
        self._taken = mail_taken(situation.traffic)

    def outcome(self, carrier: Carrier, takings: Takings) -> Outcome:
        """The outcome of one connector."""
        connector = carrier.connector
        actual = self._taken[carrier]
        if takings.around:
            mail = mail_of(takings.around, self._words)
            change = Change("changed", "/mail", [], [*mail])
            undecided = bool(takings.perhaps)
            message = self._around(connector, takings.around)
            return Outcome(
                "fail",
                connector,
                message,
                _EXPECTED,
                actual,
                (change,),
                _NOT_COVERED if self._allowed[carrier].exempt else advice(self._choice.subject),
                undecided=undecided,
            )
        if takings.perhaps:
            return Outcome("unknown", connector, self._perhaps(carrier, takings), _EXPECTED, actual)
        return Outcome(
            "exempt",
            connector,
            self._permitted(connector, takings),
            _EXPECTED,
            actual,
            exemption=self._allowed[carrier].exemption,
        )

    def _listed(self, stretches: list[Stretch]) -> list[tuple[str, str]]:
        """Some of the mail and its verb, and how much more there is."""
        bundles = bundled(stretches)
        words = self._words
        found = [(words.phrase(bundle), words.leaves(bundle)) for bundle in bundles[:_KINDS]]
        if len(bundles) > _KINDS:
            found[-1] = (f"{len(bundles) - _KINDS + 1} other kinds of mail", "leave")
        return found

    def _around(self, connector: Connector, stretches: list[Stretch]) -> str:
        said = self._listed(stretches)
        through = f"through '{connector.label}'{manner(connector)}"
        first, verb = said[0]
        rest = "".join(f"; {text} {verb} by it as well" for text, verb in said[1:])
        why = self._why(stretches)
        # Another connector with the right hosts goes to the gateway, and yet is one too many.
        leads = leads_to_gateway(connector, self._situation.policy, self._situation.scene.region)
        head = "Beside the gateway's connector" if leads else "Around the gateway"
        return f"{head}: {first} {verb} {through}{rest}. {why}".rstrip()

    def _why(self, stretches: list[Stretch]) -> str:
        """Why it takes the mail before the subject."""
        subject = self._choice.subject
        if stretches[0].mail.kind == "received":
            return "It is linked with that receive connector, so no address space counts."
        if subject is None:
            return "No connector to the gateway is there to take it."
        why = passed_over(
            self._situation.connectors, self._situation.traffic, stretches[0], subject
        )
        return f"'{subject.label}' is passed over: {why[:1].lower()}{why[1:]}"

    def _perhaps(self, carrier: Carrier, takings: Takings) -> str:
        said = self._listed(takings.perhaps)
        mail = " and ".join(text for text, _ in said)
        verb = "leave" if len(said) > 1 else said[0][1]
        allowed = self._allowed[carrier]
        guarded = any(allowed.may_cover(o) for s in takings.perhaps for o in s.step.possible)
        reasons = " ".join(doubts(takings.perhaps, self._choice, guarded=guarded))
        return (
            f"Whether {mail} {verb} through '{carrier.connector.label}', around the gateway, "
            f"cannot be told. {reasons}"
        ).rstrip()

    def _permitted(self, connector: Connector, takings: Takings) -> str:
        said = self._listed(takings.permitted)
        mail = " and ".join(text for text, _ in said)
        verb = "leave" if len(said) > 1 else said[0][1]
        if not any(s.step.certain and len(s.step.possible) == 1 for s in takings.permitted):
            verb = "can leave"
        through = f"through '{connector.label}'{manner(connector)}"
        return f"{mail[0].upper()}{mail[1:]} {verb} {through}, as its exemption says."


def _incomplete(cmdlets: tuple[str, ...]) -> Outcome:
    message = (
        "Whether all mail goes through the gateway cannot be told: "
        f"{' and '.join(cmdlets)} did not return everything."
    )
    return Outcome("unknown", None, message, _EXPECTED)
