"""The report for a terminal: verdict first, failures before passes, 80 columns wide.

ASCII only but for the data itself, so that no console code page spoils it.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

from tabulate import tabulate

from auditor.model import ABSENT, STATUSES, Unreadable
from auditor.properties import shown
from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.model import Audit, Finding, Json, Status

WIDTH: Final = 80
_ORDER: Final[tuple[Status, ...]] = ("fail", "unknown", "exempt", "pass", "not-applicable")
_WORDS: Final = {
    "fail": "FAIL",
    "unknown": "UNKNOWN",
    "exempt": "exempt",
    "pass": "pass",
    "not-applicable": "n/a",
}
_MEANING: Final = {
    "compliant": "COMPLIANT: all outbound mail leaves through {gateway}.",
    "drift": "DRIFT: outbound mail does not safely leave through {gateway}.",
    "incomplete": "INCOMPLETE: nothing failed, but something could not be read.",
}
_COLUMNS: Final = (10, 24, 42)


def render(audit: Audit) -> str:
    """The whole report, without colour."""
    parts = [_head(audit), _problems(audit), _rest(audit), _foot(audit)]
    return "\n".join(part for part in parts if part) + "\n"


def _head(audit: Audit) -> str:
    verdict = _MEANING[audit.verdict].format(gateway=audit.policy.gateway.name)
    region = f"{audit.region.title} ({audit.region.id})" if audit.region else "none"
    facts = [
        ("Organization", audit.organization or "(not named in the data)"),
        ("Region", region),
        ("Policy", f"{audit.policy.name} {audit.policy.version}"),
        ("Source", _source(audit)),
        ("Evaluated at", f"{audit.evaluated_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"),
        ("Findings", ", ".join(f"{n} {s}" for s, n in audit.summary.items() if n) or "none"),
    ]
    rows = [(name, printable(text)) for name, text in facts]
    table = tabulate(
        rows, tablefmt="plain", maxcolwidths=[None, WIDTH - 16], disable_numparse=True
    )
    return f"{verdict}\n\n{table}\n"


def _source(audit: Audit) -> str:
    origin = audit.snapshot.provenance
    names = ", ".join(origin.files) or origin.location
    plural = "" if audit.connectors == 1 else "s"
    return f"{names} ({origin.kind}, {audit.connectors} send connector{plural})"


def _problems(audit: Audit) -> str:
    """What failed or is not known, worst first, each with expected and actual."""
    blocks = ["\n".join(_block(f)) for f in _sorted(audit) if f.status in {"fail", "unknown"}]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _sorted(audit: Audit) -> list[Finding]:
    severities = {"critical": 0, "high": 1, "medium": 2, "low": 3}
    return sorted(
        audit.findings,
        key=lambda finding: (_ORDER.index(finding.status), severities[finding.severity]),
    )


def _block(finding: Finding) -> Iterator[str]:
    where = f" - {printable(finding.connector.label)}" if finding.connector else ""
    yield f"{_WORDS[finding.status]} [{finding.severity}] {finding.control.id}{where}"
    rows = [("", printable(finding.message))]
    if finding.status == "fail":
        name = finding.control.property or ""
        rows.append(("expected", _text(name, finding.expected)))
        rows.append(("actual", _actual(finding)))
    yield tabulate(
        [("", name, text) for name, text in rows],
        tablefmt="plain",
        maxcolwidths=[None, None, WIDTH - 14],
        disable_numparse=True,
    ) if finding.status == "fail" else _indented(rows[0][1])


def _indented(text: str) -> str:
    import textwrap

    return textwrap.fill(text, WIDTH, initial_indent="  ", subsequent_indent="  ")


def _actual(finding: Finding) -> str:
    value = finding.actual
    if value is ABSENT:
        return "(not in the export)"
    if isinstance(value, Unreadable):
        return f"(not readable: {printable(value.reason)})"
    return _text(finding.control.property or "", value)


def _text(name: str, value: Json) -> str:
    if isinstance(value, dict):
        parts = [f"{key}: {_text(key, part)}" for key, part in value.items()]
        return "; ".join(parts)
    if isinstance(value, list):
        value = tuple(str(item) for item in value)
    if value is None or isinstance(value, bool | int | str | tuple):
        return printable(shown(name, value))
    return printable(str(value))


def _rest(audit: Audit) -> str:
    """Everything else in one line each."""
    rows = [
        (
            _WORDS[finding.status],
            finding.control.id,
            printable(finding.message if finding.status != "pass" else _in_short(finding)),
        )
        for finding in _sorted(audit)
        if finding.status not in {"fail", "unknown"}
    ]
    if not rows:
        return ""
    return tabulate(
        rows,
        headers=("Status", "Control", "Found"),
        tablefmt="simple",
        maxcolwidths=list(_COLUMNS),
        disable_numparse=True,
    ) + "\n"


def _in_short(finding: Finding) -> str:
    """The value alone, where the message only repeats it."""
    name = finding.control.property
    plain = name is not None and "." not in finding.message.rstrip(".").replace(
        shown(name, finding.actual) if _showable(finding.actual) else "", ""
    )
    return _actual(finding) if plain else finding.message


def _showable(value: object) -> bool:
    return value is None or isinstance(value, bool | int | str | tuple)


def _foot(audit: Audit) -> str:
    counts = audit.summary
    total = sum(counts.values())
    done = ", ".join(f"{counts[status]} {status}" for status in STATUSES if counts[status])
    return f"{total} findings: {done}."
