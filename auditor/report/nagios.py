"""One line of plugin output for Nagios and its kin, with the exit status that goes with it.

Source: https://nagios-plugins.org/doc/guidelines.html (2.1 to 2.6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.report.drift_words import headline
from auditor.report.notes import claim
from auditor.report.printable import printable

if TYPE_CHECKING:
    from auditor.errors import AuditError
    from auditor.model import Audit, Finding

OK: Final = 0
WARNING: Final = 1
CRITICAL: Final = 2
UNKNOWN: Final = 3
_NAMES: Final = ("OK", "WARNING", "CRITICAL", "UNKNOWN")


def exit_status(audit: Audit, counted: list[Finding]) -> int:
    """The plugin's status. ``counted`` are the failed findings that --fail-on leaves."""
    if any(finding.severity in {"critical", "high"} for finding in counted):
        return CRITICAL
    if counted:
        return WARNING
    return UNKNOWN if audit.summary["unknown"] or not audit.findings else OK


def output(
    audit: Audit, status: int, counted: list[Finding], unwritten: str | None, report: str
) -> str:
    """The plugin's output: its line, then the report without the bar that begins figures.

    ``unwritten`` says what could not be written, where that decides the status.
    """
    return _line(audit, status, counted, unwritten) + report.replace("|", "/")


def _line(audit: Audit, status: int, counted: list[Finding], unwritten: str | None) -> str:
    """Status, what is wrong, and the counts as performance data."""
    failed = [finding for finding in audit.findings if finding.status == "fail"]
    unknown = [finding for finding in audit.findings if finding.status == "unknown"]
    if unwritten is not None:
        what = unwritten
    elif counted or unknown:
        what = _names([*counted, *unknown])
    elif failed:
        what = f"left out by the options: {_names(failed)}"
    else:
        what = claim(audit)
    if audit.drift is not None and audit.drift.since is not None:
        what += f" ({headline(audit.drift, audit.evaluated_at)})"
    organization = audit.organization or audit.snapshot.provenance.location
    data = " ".join(f"{name}={count}" for name, count in audit.summary.items())
    return f"{_plain(f'CONNECTORS {_NAMES[status]} - {organization}: {what}')} | {data}\n"


def error_line(error: AuditError) -> str:
    """The line where nothing was evaluated."""
    where = f" ({error.place.file})" if error.place.file else ""
    return _plain(f"CONNECTORS UNKNOWN - {error.message}{where}") + "\n"


def _names(findings: list[Finding]) -> str:
    return ", ".join(dict.fromkeys(finding.control.id for finding in findings))


def _plain(text: str) -> str:
    """The bar begins performance data, so it cannot be in the text."""
    return printable(text).replace("|", "/")
