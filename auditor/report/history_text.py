"""What a history holds, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.model import SEVERITIES, STATUSES
from auditor.moments import instant
from auditor.report.columns import WIDTH, columns, hanging, pairs, wrapped
from auditor.report.drift_words import lasting as lasting_words
from auditor.report.drift_words import subject
from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

    from auditor.model import Failing, Gap, Json, Period, Run

_BAR: Final = 20
_FIRST: Final = ("fail", "unknown", "exempt")


def listing(runs: Sequence[Run]) -> str:
    """Runs, one a line."""
    if not runs:
        return "No run is kept.\n"
    rows = [(str(run.id), instant(run.evaluated_at), run.audit, _result(run)) for run in runs]
    return columns(rows, ("Run", "Evaluated at", "Audit", "Result"), (6, 23, 20, 31)) + "\n"


def run(found: Run, findings: Sequence[Mapping[str, Json]]) -> str:
    """One run: what is known of it, then its findings, what needs somebody first."""
    rows = [
        (str(one["status"]), str(one["severity"]), _about(one), str(one["message"]))
        for one in sorted(findings, key=_rank)
    ]
    table = columns(rows, ("Status", "Severity", "Control", "Found"), (14, 8, 22, 36))
    return "\n\n".join([pairs(_facts(found)), *([table] if rows else [])]) + "\n"


def trend(
    audit: str, by: str, periods: Sequence[Period], lasting: Iterable[Failing], now: datetime
) -> str:
    """What each period brought, with a bar of the most findings that failed; then what fails."""
    most = max((one.most_failed or 0 for one in periods), default=0)
    rows = [
        (
            one.start.isoformat(),
            str(one.runs),
            str(one.undecided or ""),
            "?" if one.last_failed is None else str(one.last_failed),
            "?" if one.most_failed is None else _bar(one.most_failed, most),
        )
        for one in periods
    ]
    heads = (by.capitalize(), "Runs", "Undecided", "Failed at its end", "Failed at most")
    parts = [
        wrapped(printable(f"{audit}, each {by} (UTC)"), WIDTH),
        columns(rows, heads, (10, 5, 9, 17, _BAR + 8)),
        _failing(lasting, now),
    ]
    return "\n\n".join(parts) + "\n"


def gaps(audit: str, every: timedelta | None, found: Sequence[Gap] | None) -> str:
    """What was missed."""
    if every is None or found is None:
        said = f"UNDECIDED: there are too few runs of {audit} to tell how often it is to run. "
        return wrapped(printable(said + "Say so: --every 24h"), WIDTH) + "\n"
    if not found:
        return f"No run was missed: there is one every {_distance(every)}.\n"
    rows = [
        (instant(one.after), instant(one.before) if one.before else "now", str(one.missed))
        for one in found
    ]
    head = f"MISSED: there should be a run of {audit} every {_distance(every)}."
    table = columns(rows, ("After", "Before", "Missed"), (23, 23, 6))
    return f"{wrapped(printable(head), WIDTH)}\n\n{table}\n"


def _result(run: Run) -> str:
    if run.verdict is None:
        return f"not audited: {run.error}"
    failed = {name: run.summary.get(name, 0) for name in ("fail", "unknown")}
    counts = "".join(f", {count} {name}" for name, count in failed.items() if count)
    return f"{run.verdict}{counts}{' (as of that time)' if run.as_of else ''}"


def _facts(run: Run) -> dict[str, str]:
    counts = [f"{run.summary[name]} {name}" for name in STATUSES if run.summary.get(name)]
    found = {
        "Run": str(run.id),
        "Audit": run.audit,
        "Result": _result(run),
        "Findings": ", ".join(counts),
        "Organization": run.organization,
        "Region": run.region,
        "Policy": run.policy,
        "Policy, SHA-256": run.policy_sha256,
        "Snapshot, SHA-256": run.snapshot_sha256,
        "Its content": run.snapshot,
        "Send connectors": None if run.connectors is None else str(run.connectors),
        "Collected at": instant(run.collected_at) if run.collected_at else None,
        "Evaluated at": instant(run.evaluated_at),
        "Kept at": instant(run.recorded_at),
        "By": f"{run.tool}{f' on {run.machine}' if run.machine else ''}",
    }
    return {name: text for name, text in found.items() if text}


def _about(finding: Mapping[str, Json]) -> str:
    connector = finding.get("connector")
    return f"{finding['control']} - {connector}" if connector else str(finding["control"])


def _rank(finding: Mapping[str, Json]) -> tuple[int, int]:
    status, severity = str(finding["status"]), str(finding["severity"])
    first = _FIRST.index(status) if status in _FIRST else len(_FIRST)
    return first, next((i for i, one in enumerate(SEVERITIES) if one == severity), len(SEVERITIES))


def _bar(count: int, most: int) -> str:
    length = -(-count * _BAR // most) if most else 0
    return f"{'#' * length} {count}".strip()


def _failing(lasting: Iterable[Failing], now: datetime) -> str:
    found = sorted(lasting, key=lambda one: SEVERITIES.index(one.finding.severity))
    if not found:
        return "Nothing failed in the last run that was decided."
    lines = [
        f"{one.finding.severity}: {subject(one.finding)} ({lasting_words(one, now)})"
        for one in found
    ]
    return "\n".join(["Fails", *(hanging(printable(line), "  ", "    ") for line in lines)])


def _distance(every: timedelta) -> str:
    seconds = round(every.total_seconds())
    if seconds < 60:
        return f"{seconds} seconds"
    minutes = round(seconds / 60)
    hours, rest = divmod(minutes, 60)
    if rest or not hours:
        return f"{minutes} minutes"
    return f"{hours // 24} days" if hours > 24 and hours % 24 == 0 else f"{hours} hours"
