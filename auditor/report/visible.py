"""What several formats for machines need: values made safe, instants, an audit in phrases."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, NamedTuple

from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from auditor.model import Audit, Control, Finding, Json, Pack, Plan


class Answer(NamedTuple):
    """What puts a finding right: a command with its caution, or advice for a person."""

    command: str | None
    advice: str | None


def visible(value: Json) -> Json:
    """JSON values in which every text can be shown anywhere, and encoded as UTF-8.

    Control characters, bidi marks and lone surrogates are shown escaped; many readers of JSON
    refuse the last ones.
    """
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {printable(str(name)): visible(part) for name, part in value.items()}
    return [visible(part) for part in value] if isinstance(value, list | tuple) else value


def timestamp(moment: datetime) -> str:
    """UTC to the second, as RFC 3339 writes it."""
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def packs_by_control(audit: Audit) -> Mapping[str, Pack]:
    """The pack of each control that is one's; the policy's own controls have none."""
    return {control: pack for pack in audit.policy.packs for control in pack.controls}


def answers(plan: Plan | None) -> Mapping[str, Answer]:
    """Fingerprint → what puts that finding right, where the plan knows something."""
    if plan is None:
        return {}
    by_hand = {mark: Answer(None, step.advice) for step in plan.manual for mark in step.findings}
    return by_hand | {
        mark: Answer(change.command, change.caution)
        for change in plan.changes
        for mark in change.findings
    }


def requirements(control: Control, audit: Audit) -> list[str]:
    """What a control asks of properties, a sentence each; empty where it asks something else."""
    return [
        f"{asked.property} must {asked.matcher.within(audit.scene).must(asked.property)}."
        for asked in control.requirements
    ]


def title(finding: Finding) -> str:
    """A finding in a phrase: its control, and where."""
    control, connector = finding.control, finding.connector
    name = f"{control.id}: {control.title}" if control.title else control.id
    return f"{name} ({connector.label})" if connector else name


def exempted(finding: Finding) -> str | None:
    """Who permitted a finding until when, and why; None where nobody did."""
    exemption = finding.exemption
    if exemption is None:
        return None
    ticket = f", {exemption.ticket}" if exemption.ticket else ""
    return (
        f"Exempt until the end of {exemption.expires} (UTC), approved by {exemption.approved_by}"
        f"{ticket}, owned by {exemption.owner}: {exemption.reason}"
    )
