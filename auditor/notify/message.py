"""What a message says: what is new first, then all that somebody needs who knows the run before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.errors import shortened
from auditor.moments import instant
from auditor.notify import changes
from auditor.notify.changes import listed, runs
from auditor.notify.decide import reaches
from auditor.notify.layout import Message, Section
from auditor.report.wording import counts, meaning

if TYPE_CHECKING:
    from datetime import datetime

    from auditor.model import Audit, Finding
    from auditor.notify.decide import Reason
    from auditor.notify.layout import Level
    from auditor.notify.occasion import Occasion

_NAME: Final = 60


def compose(occasion: Occasion, reason: Reason) -> Message:
    """The message of a run.

    Args:
        occasion: the run.
        reason: why it is told.
    """
    audit = occasion.decided
    if audit is not None:
        return message(audit, occasion.key, reason, occasion.now, occasion.undecided_before)
    why, unknown = _why_undecided(occasion)
    return failure_message(
        occasion.key, why, occasion.undecided_runs, occasion.last_evaluated, occasion.now, unknown
    )


def message(
    audit: Audit, key: str, reason: Reason, now: datetime, undecided_before: int = 0
) -> Message:
    """The message of a decided run.

    Args:
        audit: with its drift, where there is a history.
        key: the audit's name.
        reason: why it is told.
        now: when the run was.
        undecided_before: how many runs in a row before it were not decided.
    """
    drift = audit.drift
    if drift is None or drift.run is None:
        lead, found = _first(audit), listed("Failed", _failed(audit))
    else:
        lead, found = changes.news(drift, now), changes.sections(drift, now)
    if reason == "again":
        lead = f"audited again after {runs(undecided_before)}: {lead}"
    return Message(_titled(key, lead), _sentence(lead), (*found, *_state(audit)), _level(audit))


def failure_message(
    key: str,
    why: str,
    failed_runs: int,
    last_evaluated: datetime | None,
    now: datetime,
    unknown: tuple[Section, ...] = (),
) -> Message:
    """The message that an audit could not be decided.

    Args:
        key: the audit's name.
        why: in words.
        failed_runs: how many runs in a row, this one counted.
        last_evaluated: when the last decided run was; None where there is none.
        now: when the run was.
        unknown: what was evaluated, and is not known.
    """
    times = f" for {runs(failed_runs)}" if failed_runs > 1 else ""
    lead = f"could not be audited{times}: {why}"
    last = "No run before could be decided either."
    if last_evaluated is not None:
        last = f"The last run that could be decided was at {instant(last_evaluated)}."
    rest = Section(f"{last} This one was at {instant(now)}.")
    return Message(_titled(key, lead), _sentence(lead), (*unknown, rest), "failure")


def _first(audit: Audit) -> str:
    failed = audit.summary["fail"]
    return f"{failed} failed" if failed else "nothing fails"


def _failed(audit: Audit) -> list[Finding]:
    return [finding for finding in audit.findings if finding.status == "fail"]


def _state(audit: Audit) -> list[Section]:
    """What all of it means, and of what."""
    name = f"Organization: {audit.organization}. " if audit.organization else ""
    return [
        Section(f"{audit.verdict.upper()}: {meaning(audit)}"),
        Section(f"{name}Findings: {counts(audit)}. Evaluated at {instant(audit.evaluated_at)}."),
    ]


def _level(audit: Audit) -> Level:
    drift = audit.drift
    failed = [finding.severity for finding in _failed(audit)]
    if drift is not None and drift.run is not None:
        fresh = [finding.severity for finding in (*drift.new, *drift.exemption_ended)]
        if not fresh:
            return "success" if drift.fixed or not failed else "info"
        failed = fresh
    if not failed:
        return "success"
    return "failure" if reaches(failed, "high") else "warning"


def _why_undecided(occasion: Occasion) -> tuple[str, tuple[Section, ...]]:
    """In words, and the findings that are not known."""
    if occasion.audit is None:
        return (occasion.error.message if occasion.error else "it failed"), ()
    findings = occasion.audit.findings
    unknown = [finding for finding in findings if finding.status == "unknown"]
    why = f"{len(unknown)} of {len(findings)} findings could not be decided"
    return why, tuple(listed("Not known", unknown))


def _titled(key: str, lead: str) -> str:
    return f"{shortened(key, _NAME, quoted=False)}: {lead}"


def _sentence(lead: str) -> str:
    end = "" if lead.endswith((".", "!", "?", "…")) else "."
    return f"{lead[:1].upper()}{lead[1:]}{end}"
