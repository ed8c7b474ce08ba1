"""``ConnectorPresent``: there is a connector that routes to the gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.evaluate.gateway_hosts import region_name, routes_to_gateway, unconfirmed_note
from auditor.evaluate.outcome import Outcome
from auditor.model import Change, Unreadable, is_known

if TYPE_CHECKING:
    from auditor.evaluate.situation import Situation
    from auditor.evaluate.subject import Choice
    from auditor.model import Connector, Connectors


def judge_presence(choice: Choice, situation: Situation) -> tuple[Outcome]:
    """Whether the subject, if there is one, has a smart host of the gateway."""
    return (_presence(choice, situation),)


def _presence(choice: Choice, situation: Situation) -> Outcome:
    policy, region = situation.policy, situation.scene.region
    if choice.candidates:
        return Outcome("unknown", one_or_none(choice.candidates), why_unknown(choice), True)
    gateway, subject = policy.gateway.name, choice.subject
    if subject is None:
        where = f" in {region_name(region)}" if region else ""
        return _absent(
            None,
            f"No send connector has a smart host of {gateway}{where}: no mail leaves through the "
            f"gateway.{_advice(situation.connectors)}",
        )
    hosts = subject.properties["SmartHosts"]
    if choice.named and not is_known(hosts):
        return Outcome(
            "unknown",
            subject,
            f"Whether '{subject.label}' routes to {gateway} cannot be told: its smart hosts "
            "could not be read.",
            True,
        )
    if not routes_to_gateway(hosts, policy):
        return _absent(
            subject,
            f"'{subject.label}', the connector that the policy names, has no smart host of "
            f"{gateway}: mail that it carries does not reach the gateway.",
        )
    note = unconfirmed_note(hosts if isinstance(hosts, tuple) else (), policy)
    return Outcome(
        "pass",
        subject,
        f"'{subject.label}' is the send connector that routes to {gateway}.{note}",
        True,
        True,
    )


def why_unknown(choice: Choice) -> str:
    """Why nothing is known of the subject."""
    names = ", ".join(f"'{connector.label}'" for connector in choice.candidates)
    hosts = choice.candidates[0].properties["SmartHosts"]
    reason = hosts.reason if isinstance(hosts, Unreadable) else "the export does not hold them"
    return (
        f"It cannot be told which connector routes to the gateway: the smart hosts of {names} "
        f"could not be read ({reason})."
    )


def one_or_none(connectors: tuple[Connector, ...]) -> Connector | None:
    """The connector, where there is only one that is meant."""
    return connectors[0] if len(connectors) == 1 else None


def _advice(connectors: Connectors) -> str:
    if connectors.send:
        return " Create one, or correct the smart hosts of the one that is meant."
    return (
        " The export holds no send connector at all: if that is not so, the account may not be "
        "allowed to read them."
    )


def _absent(connector: Connector | None, message: str) -> Outcome:
    change = Change("changed", "", expected=True, actual=False)
    return Outcome("fail", connector, message, True, False, (change,))
