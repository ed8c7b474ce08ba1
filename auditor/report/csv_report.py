"""Findings as CSV: one row each, for spreadsheets and for whatever joins tables.

RFC 4180 (https://www.rfc-editor.org/rfc/rfc4180): commas, quotes where needed, CRLF. The first
character is a byte order mark: without it Excel takes UTF-8 for the code page of the machine and
spoils every name that is not English. It is always there, so that no reader has to expect both;
``utf-8-sig`` in Python, Import-Csv and Power Query take it away.

Nothing in a cell can become a formula
(https://owasp.org/www-community/attacks/CSV_Injection): an apostrophe stands before a character
that begins one, at the start of a cell and after a separator or a quote in it, because a
spreadsheet of another locale separates elsewhere. A command that would be changed by this is left
out, because a changed command could do something else.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Final

from auditor.digests import fingerprints
from auditor.moments import rfc3339
from auditor.report.answers import NO_ANSWER, answers
from auditor.report.error_text import in_a_line
from auditor.report.printable import printable
from auditor.report.wording import value_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
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
_LEFT_OUT: Final = "(left out: in a spreadsheet its text could act; the JSON report has it)"
_BYTE_ORDER_MARK: Final = "\ufeff"
# The signs that begin a formula, also in full width, after what may begin a cell.
_FORMULA: Final = re.compile("(^\\s*|[,;|'\"])(?=[=+\\-@\uff1d\uff0b\uff0d\uff20])")


def render(audit: Audit) -> str:
    """The header line, then one row for each finding."""
    planned, marks = answers(audit.plan), fingerprints(audit.findings)
    common = {
        "evaluated_at": rfc3339(audit.evaluated_at),
        "organization": audit.organization,
        "region": audit.region.id if audit.region else None,
        "policy": f"{audit.policy.name} {audit.policy.version}",
    }
    return _written(
        common | _row(finding, mark, planned.get(mark, NO_ANSWER).command)
        for finding, mark in zip(audit.findings, marks, strict=True)
    )


def render_errors(errors: Iterable[AuditError], evaluated_at: datetime | None = None) -> str:
    """The same columns where nothing was evaluated: a row with the status ``error`` for each."""
    when = rfc3339(evaluated_at) if evaluated_at else None
    return _written(
        {"evaluated_at": when, "status": "error", "message": in_a_line(error)} for error in errors
    )


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


def _written(rows: Iterable[Mapping[str, str | None]]) -> str:
    text = io.StringIO()
    text.write(_BYTE_ORDER_MARK)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_cell(name, row.get(name)) for name in COLUMNS])
    return text.getvalue()


def _cell(name: str, text: str | None) -> str:
    """What a spreadsheet shows as it is: visible characters that begin no formula."""
    safe = _FORMULA.sub(r"\1'", printable(text or ""))
    return safe if name != _COMMAND or safe == (text or "") else _LEFT_OUT
