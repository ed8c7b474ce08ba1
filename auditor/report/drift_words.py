"""What has changed since the run before, in words; the same in every format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.model import SEVERITIES
from auditor.moments import day_in_words, instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from auditor.model import AdminChange, Audit, Drift, Failing, KeptFinding

GROUPS: Final[Mapping[str, str]] = {
    "new": "new",
    "exemption_ended": "no longer exempt",
    "fixed": "fixed",
    "newly_exempt": "newly exempt",
    "still": "still failing",
}
"""The groups of a Drift in the order in which they matter, and what each is called."""


def headline(drift: Drift, now: datetime) -> str:
    """The change in a line: ``2 new since 22 November, 1 fixed``."""
    if drift.since is None:
        return "there is no earlier run to compare with"
    day = day_in_words(drift.since, now)
    counts = {name: len(getattr(drift, name)) for name in GROUPS}
    said = [f"{count} {GROUPS[name]}" for name, count in counts.items() if count]
    if not said or not drift.is_change:
        said.insert(0, "nothing new")
    said[0] += f" since {day}"
    return ", ".join(said)


def label(drift: Drift) -> str:
    """One word for it."""
    if drift.since is None:
        return "FIRST RUN"
    return "CHANGED" if drift.is_change else "UNCHANGED"


class Line(NamedTuple):
    """One thing that has changed, or that a reader must know of it; ``mark`` is empty for these."""

    mark: str
    text: str


def lines(audit: Audit) -> list[Line]:
    """What has changed, the worst first; empty where there is nothing to compare with."""
    drift, now = audit.drift, audit.evaluated_at
    if drift is None or drift.since is None:
        return []
    found = [
        Line(GROUPS[name], f"{subject(finding)} ({finding.severity})")
        for name in GROUPS
        if name != "still"
        for finding in sorted(getattr(drift, name), key=lambda f: SEVERITIES.index(f.severity))
    ]
    found += [
        Line(GROUPS["still"], f"{subject(one.finding)} ({lasting(one, now)})")
        for one in sorted(drift.still, key=lambda one: SEVERITIES.index(one.finding.severity))
    ]
    found += [Line("changed", who(change)) for change in drift.who or ()]
    return [*found, *(Line("", remark) for remark in _remarks(drift))]


def subject(finding: KeptFinding) -> str:
    """What a finding is about: its control, and where."""
    name = f"{finding.control}: {finding.title}" if finding.title else finding.control
    return f"{name} - {finding.connector}" if finding.connector else name


def lasting(failing: Failing, now: datetime) -> str:
    """Since when something fails: ``since 3 November, 18 runs``."""
    runs = f"{failing.runs} run{'' if failing.runs == 1 else 's'}"
    return f"since {day_in_words(failing.since, now)}, {runs}"


def who(change: AdminChange) -> str:
    """One change of a connector: when, who, what."""
    parameters = "".join(f" -{name} {value}" for name, value in change.parameters)
    failed = " (it failed)" if change.succeeded is False else ""
    return (
        f"{instant(change.at)}: {change.caller}: {change.cmdlet} '{change.connector}'"
        f"{parameters}{failed}"
    )


def _remarks(drift: Drift) -> Iterator[str]:
    """What else a reader must know of the comparison."""
    if drift.undecided_runs:
        runs = f"{drift.undecided_runs} run{'' if drift.undecided_runs == 1 else 's'}"
        yield f"Before this one, {runs} could not be decided."
    if drift.policy_changed:
        yield "The policy is another one than then: changes may be its doing."
    if drift.who is None and drift.is_change:
        bounds = ", ".join(f"'{name}' at {when}" for name, when in drift.last_changed)
        yield "Who did it is not known: the administrator audit log was not read."
        if bounds:
            yield f"Last changed: {bounds}."
