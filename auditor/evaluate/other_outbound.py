"""``OtherOutboundConnectors``: no other enabled connector takes outbound mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.evaluate.host_messages import bypass_message
from auditor.evaluate.messages import not_known
from auditor.evaluate.outcome import Outcome
from auditor.evaluate.subject import is_inbound
from auditor.kinds.address_spaces import INBOUND_MARKER, domain_of
from auditor.model import Change, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.evaluate.situation import Situation
    from auditor.evaluate.subject import Choice
    from auditor.model import Connector, Connectors, Control, Json, Policy, Value

CONTROL: Final = "OtherOutboundConnectors"
_SHOWN = ("AddressSpaces", "DNSRoutingEnabled", "Enabled", "SmartHosts")
_EXPECTED: Json = {"Enabled": False}
_ADVICE = "Disable it, or have it exempted in the policy where something needs it."
_ADVICE_FIRST = (
    "Disable it only when the gateway's connector is right: until then it may be the one way out."
)


def judge_others(choice: Choice, situation: Situation) -> list[Outcome]:
    """One outcome for each other enabled outbound connector, or one pass."""
    connectors = situation.connectors
    outcomes = list(_judge_each(choice, connectors, situation.policy))
    if connectors.incomplete:
        outcomes.append(_incomplete(connectors.incomplete))
    if outcomes:
        return outcomes
    message = "No other enabled connector takes outbound mail."
    return [Outcome("pass", None, message, [], ())]


def _incomplete(cmdlets: tuple[str, ...]) -> Outcome:
    """Where a cmdlet failed half-way, there may be a connector that nobody saw."""
    message = (
        "Whether another connector takes mail around the gateway cannot be told: "
        f"{' and '.join(cmdlets)} did not return everything."
    )
    return Outcome("unknown", None, message, [])


def _judge_each(choice: Choice, connectors: Connectors, policy: Policy) -> Iterator[Outcome]:
    for connector in connectors.send:
        enabled = connector.properties["Enabled"]
        if enabled is False:
            continue
        if choice.candidates and (connector in choice.candidates or connector is choice.subject):
            yield _unknown(connector, "it may be the one that routes to the gateway")
        elif connector is not choice.subject:
            yield from _judge_one(connector, enabled, is_inbound(connector), choice, policy)
    for connector in connectors.other:
        enabled = connector.properties["Enabled"]
        if enabled is not False:
            yield from _judge_one(connector, enabled, _carries_no_smtp(connector), choice, policy)


def _judge_one(
    connector: Connector, enabled: Value, harmless: bool | None, choice: Choice, policy: Policy
) -> Iterator[Outcome]:
    """``harmless``: it takes no outbound mail; None where its address spaces are not known."""
    if harmless:
        return
    if enabled is not True:
        yield _unknown(connector, f"whether it is enabled {not_known(enabled)}")
    elif harmless is None:
        spaces = connector.properties["AddressSpaces"]
        yield _unknown(connector, f"for which addresses it is {not_known(spaces)}")
    else:
        change = Change("changed", "/Enabled", expected=False, actual=True)
        message = bypass_message(connector, choice.subject, policy)
        what = advice(choice.subject)
        yield Outcome("fail", connector, message, _EXPECTED, _shown(connector), (change,), what)


def finding_of(connector: Connector, control: Control, choice: Choice) -> Finding | None:
    """The failed finding of one connector, before any exemption and without words."""
    send = connector.cmdlet == "SendConnector"
    harmless = is_inbound(connector) if send else _carries_no_smtp(connector)
    other = connector is not choice.subject and connector not in choice.candidates
    if not other or harmless is not False or connector.properties["Enabled"] is not True:
        return None
    return Finding(control, "fail", connector, _EXPECTED, _shown(connector), "")


def advice(subject: Connector | None) -> str:
    """What to do about a connector that carries mail beside the subject."""
    return _ADVICE if _carries_all(subject) else _ADVICE_FIRST


def _carries_all(subject: Connector | None) -> bool:
    """Whether mail for every domain has a way through the gateway's connector as it is."""
    if subject is None or subject.properties["Enabled"] is not True:
        return False
    spaces = subject.properties["AddressSpaces"]
    return isinstance(spaces, tuple) and any(domain_of(space) == "*" for space in spaces)


def _carries_no_smtp(connector: Connector) -> bool | None:
    spaces = connector.properties["AddressSpaces"]
    if not isinstance(spaces, tuple) or not spaces:
        # One without address spaces carries nothing, and Exchange makes none: it was not read.
        return None
    return all(domain_of(space) in {None, INBOUND_MARKER} for space in spaces)


def _unknown(connector: Connector, why: str) -> Outcome:
    message = f"Whether '{connector.label}' takes mail around the gateway cannot be told: {why}."
    return Outcome("unknown", connector, message, _EXPECTED, _shown(connector))


def _shown(connector: Connector) -> dict[str, Value]:
    """What the finding is about; absent and unreadable stay what they are, also in the digest."""
    return {name: connector.properties[name] for name in _SHOWN}
