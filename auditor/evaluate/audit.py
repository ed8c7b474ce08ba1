"""The driver: every control in the policy's order, each outcome made a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.evaluate.other_outbound import judge_others
from auditor.evaluate.presence import judge_presence
from auditor.evaluate.property_control import judge_property
from auditor.evaluate.subject import choose_subject
from auditor.model import Audit, Finding

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from auditor.evaluate.outcome import Outcome
    from auditor.evaluate.subject import Choice
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
    choice = choose_subject(connectors, policy, region)
    findings = [
        Finding(
            control=control,
            status=outcome.status,
            connector=outcome.connector,
            expected=outcome.expected,
            actual=outcome.actual,
            message=outcome.message,
            changes=outcome.changes,
        )
        for control in policy.controls.values()
        for outcome in _judge(control, choice, connectors, policy, region)
    ]
    return Audit(
        policy=policy,
        region=region,
        snapshot=snapshot,
        organization=organization,
        evaluated_at=now,
        findings=tuple(findings),
        connectors=len(connectors.send),
        subject=choice.subject,
    )


def _judge(
    control: Control,
    choice: Choice,
    connectors: Connectors,
    policy: Policy,
    region: Region | None,
) -> Iterable[Outcome]:
    if control.property is not None:
        return (judge_property(control, choice, connectors, policy, region),)
    if control.id == "ConnectorPresent":
        return (judge_presence(choice, connectors, policy, region),)
    return judge_others(choice, connectors, policy)
