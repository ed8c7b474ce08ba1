"""Findings as CSV: one row each, for whatever joins tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.digests import fingerprints
from auditor.moments import rfc3339
from auditor.report.answers import NO_ANSWER, answers
from auditor.report.error_text import in_a_line
from auditor.report.spreadsheet import written
from auditor.report.wording import value_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from auditor.errors import AuditError
    from auditor.model import Audit, Exemption, Finding

COLUMNS: Final = (
    "evaluated_at",
    "organization",
    "region",
    "policy",
    "status",
    "severity",
    "control",
    "title",
    "property",
    "connector",
    "connector_guid",
    "expected",
    "actual",
    "actual_state",
    "message",
    "exemption_reason",
    "exemption_owner",
    "exemption_approved_by",
    "exemption_ticket",
    "exemption_expires",
    "remediation_command",
    "fingerprint",
)

_COMMAND: Final = "remediation_command"


def render(audit: Audit) -> str:
    """The header line, then one row for each finding."""
    planned, marks = answers(audit.plan), fingerprints(audit.findings)
    common = {
        "evaluated_at": rfc3339(audit.evaluated_at),
        "organization": audit.organization,
        "region": audit.region.id if audit.region else None,
        "policy": f"{audit.policy.name} {audit.policy.version}",
    }
    return written(
        COLUMNS,
        (
            common | _row(finding, mark, planned.get(mark, NO_ANSWER).command)
            for finding, mark in zip(audit.findings, marks, strict=True)
        ),
        [_COMMAND],
    )


def render_errors(errors: Iterable[AuditError], evaluated_at: datetime | None = None) -> str:
    """The same columns where nothing was evaluated: a row with the status ``error`` for each."""
    when = rfc3339(evaluated_at) if evaluated_at else None
    rows = (
        {"evaluated_at": when, "status": "error", "message": in_a_line(error)} for error in errors
    )
    return written(COLUMNS, rows)


def _row(finding: Finding, mark: str, command: str | None) -> dict[str, str | None]:
    control, connector = finding.control, finding.connector
    name, there = control.property or "", finding.actual_state == "present"
    return {
        "status": finding.status,
        "severity": finding.severity,
        "control": control.id,
        "title": control.title,
        "property": control.property,
        "connector": connector.name if connector else None,
        "connector_guid": connector.guid if connector else None,
        "expected": None if finding.expected is None else value_text(name, finding.expected),
        "actual": value_text(name, finding.actual) if there else None,
        "actual_state": finding.actual_state,
        "message": finding.message,
        **(_exemption(finding.exemption) if finding.exemption else {}),
        "remediation_command": command,
        "fingerprint": mark,
    }


def _exemption(exemption: Exemption) -> dict[str, str | None]:
    return {
        "exemption_reason": exemption.reason,
        "exemption_owner": exemption.owner,
        "exemption_approved_by": exemption.approved_by,
        "exemption_ticket": exemption.ticket,
        "exemption_expires": exemption.expires.isoformat(),
    }
