"""Findings as the sign-off document prints them: at length what needs somebody, else in rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.digests import fingerprints
from auditor.model import SEVERITIES
from auditor.report.wording import value_text

if TYPE_CHECKING:
    from auditor.model import Audit, Exemption, Finding, Json, Status

_GROUPS: Final[tuple[tuple[str, Status], ...]] = (
    ("Failed", "fail"),
    ("Not decided", "unknown"),
    ("Exempt", "exempt"),
    ("Passed", "pass"),
    ("Not applicable", "not-applicable"),
)
_AT_LENGTH: Final = frozenset({"fail", "unknown", "exempt"})


def findings(audit: Audit) -> list[dict[str, Json]]:
    """The findings of each status, the gravest first; none for a status that nothing has."""
    orders = _orders(audit)
    marks = fingerprints(audit.findings)
    made = []
    told: set[Json] = set()
    for title, status in _GROUPS:
        found = [
            (finding, orders.get(mark))
            for finding, mark in zip(audit.findings, marks, strict=True)
            if finding.status == status
        ]
        if found:
            found.sort(key=lambda one: SEVERITIES.index(one[0].severity))
            entries = [_entry(finding, order) for finding, order in found]
            at_length = status in _AT_LENGTH
            made.append(
                {
                    "title": f"{title} ({len(found)})",
                    "status": status,
                    "at_length": at_length,
                    "entries": _told_once(_together(entries), told),
                }
            )
    return made


def _orders(audit: Audit) -> dict[str, int]:
    """Fingerprint → which change of the plan answers it."""
    changes = audit.plan.changes if audit.plan else ()
    return {mark: change.order for change in changes for mark in change.findings}


def _entry(finding: Finding, order: int | None) -> dict[str, Json]:
    control = finding.control
    return {
        "control": control.id,
        "title": control.title or "",
        "severity": finding.severity,
        "connector": finding.connector.label if finding.connector else "",
        "message": finding.message,
        "values": _values(finding),
        "why": (control.why or "") if finding.status in {"fail", "unknown"} else "",
        "references": list(control.references),
        "exemption": exemption_text(finding.exemption) if finding.exemption else "",
        "order": order,
    }


def exemption_text(exemption: Exemption) -> str:
    """Until when it holds, who approved it, and why."""
    ticket = f", {exemption.ticket}" if exemption.ticket else ""
    return (
        f"Until {exemption.expires.isoformat()}, approved by {exemption.approved_by}{ticket}. "
        f"{exemption.reason}"
    )


def _values(finding: Finding) -> list[list[str]]:
    """Expected and actual, where the control is about properties."""
    expected, actual = finding.expected, finding.actual
    name = finding.control.property
    if name is not None:
        return [["Expected", value_text(name, expected)], ["Actual", value_text(name, actual)]]
    if not finding.control.requirements or not isinstance(expected, dict):
        return []
    parts = actual if isinstance(actual, dict) else {}
    return [
        pair
        for key, value in expected.items()
        for pair in (
            [f"{key}, expected", value_text(key, value)],
            [f"{key}, actual", value_text(key, parts.get(key))],
        )
    ]


def _told_once(entries: list[dict[str, Json]], told: set[Json]) -> list[dict[str, Json]]:
    """The same entries; why a control matters, and who says so, stands where it comes first."""
    for entry in entries:
        if entry["control"] in told:
            entry["why"], entry["references"] = "", []
        told.add(entry["control"])
    return entries


def _together(entries: list[dict[str, Json]]) -> list[dict[str, Json]]:
    """Entries that say the same but for their control become one."""
    made: dict[tuple[object, ...], dict[str, Json]] = {}
    for entry in entries:
        key = tuple(repr(value) for name, value in entry.items() if name != "control")
        same = made.setdefault(key, entry)
        if same is not entry:
            same["control"] = f"{same['control']}, {entry['control']}"
    return list(made.values())
