"""The driver: every control in the policy's order, each outcome a finding, then the exemptions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING, Final

from auditor.evaluate.allowed import allowances
from auditor.evaluate.bypass_routes import judge_routes
from auditor.evaluate.exempting import exempted, uses
from auditor.evaluate.other_outbound import judge_others
from auditor.evaluate.outcome import Outcome
from auditor.evaluate.presence import judge_presence
from auditor.evaluate.property_control import judge_control
from auditor.evaluate.route_map import route_map
from auditor.evaluate.situation import Situation
from auditor.evaluate.subject import Choice, choose_subject
from auditor.model import Audit, Finding, Scene
from auditor.routing import traffic_of

if TYPE_CHECKING:
    from datetime import datetime

    from auditor.model import Connectors, Control, Policy, Region, Snapshot


def evaluate(
    connectors: Connectors,
    policy: Policy,
    region: Region | None,
    now: datetime,
    snapshot: Snapshot,
    organization: str | None = None,
) -> Audit:
    """Hold the connectors of an organisation against a policy.

    Args:
        connectors: the normalised connectors.
        policy: what must hold.
        region: the effective region; None only for a policy that asks for none.
        now: the instant of the evaluation, with a time zone.
        snapshot: what the connectors were made of, for the report's provenance.
        organization: the name for reports.
    """
    scene = Scene(region, connectors.settings)
    today = now.astimezone(UTC).date()
    situation = Situation(connectors, policy, scene, today, traffic_of(connectors))
    choice = choose_subject(situation)
    findings = tuple(
        _advised(
            exempted(_finding(control, outcome), situation, undecided=outcome.undecided),
            outcome.advice,
        )
        for control in policy.all_controls
        for outcome in _judge(control, choice, situation)
    )
    return Audit(
        policy=policy,
        region=region,
        snapshot=snapshot,
        organization=organization,
        evaluated_at=now,
        findings=findings,
        connectors=len(connectors.send),
        subject=choice.subject,
        inventory=connectors,
        exemptions=uses(findings, situation),
        routes=route_map(situation, allowances(choice, situation)),
    )


def _judge(control: Control, choice: Choice, situation: Situation) -> Iterable[Outcome]:
    special = _SPECIAL.get(control.id)
    if special is None or control.not_applicable_because is not None:
        return judge_control(control, choice, situation)
    return special(choice, situation)


def _finding(control: Control, outcome: Outcome) -> Finding:
    return Finding(
        control=control,
        status=outcome.status,
        connector=outcome.connector,
        expected=outcome.expected,
        actual=outcome.actual,
        message=outcome.message,
        changes=outcome.changes,
        exemption=outcome.exemption,
    )


def _advised(finding: Finding, advice: str) -> Finding:
    """A finding with what to do about it, where something must be done."""
    if finding.status != "fail" or not advice:
        return finding
    return replace(finding, message=f"{finding.message} {advice}")


_SPECIAL: Final[Mapping[str, Callable[[Choice, Situation], Iterable[Outcome]]]] = {
    "ConnectorPresent": judge_presence,
    "OtherOutboundConnectors": judge_others,
    "BypassRoutes": judge_routes,
}
"""Controls that are no property → what judges them."""
