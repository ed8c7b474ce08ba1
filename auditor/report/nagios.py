"""One line of plugin output for Nagios and its kin, with the exit status that goes with it.

Source: https://nagios-plugins.org/doc/guidelines.html (2.1 to 2.6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.report.printable import printable

if TYPE_CHECKING:
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


def line(audit: Audit, status: int) -> str:
    """Status, what is wrong, and the counts as performance data; the bar is theirs alone."""
    problems = [f.control.id for f in audit.findings if f.status in {"fail", "unknown"}]
    what = ", ".join(dict.fromkeys(problems)) or "all outbound mail leaves through the gateway"
    organization = printable(audit.organization or audit.snapshot.provenance.location)
    data = " ".join(f"{status}={count}" for status, count in audit.summary.items())
    text = f"CONNECTORS {_NAMES[status]} - {organization}: {what}".replace("|", "/")
    return f"{text} | {data}\n"


def error_line(message: str) -> str:
    """The line where nothing was evaluated."""
    return f"CONNECTORS UNKNOWN - {printable(message)}\n".replace("|", "/")
