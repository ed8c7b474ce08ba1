"""What has changed since the last run that was decided: each finding by its fingerprint.

A finding that was unknown in a run is looked up in the one before, and so on: what failed, could
not be told for a night and fails again is not new.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from auditor.digests import fingerprints
from auditor.model import Drift, Failing, KeptFinding
from auditor.normalise.admin_log import last_changed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from auditor.model import AdminChange, Audit, Run


class Kept(Protocol):
    """The runs of a history, as far as drift needs them."""

    def runs(self, key: str) -> Iterable[Run]:
        """All runs of an audit, newest first."""
        ...

    def counted_runs(self, key: str) -> Iterator[Run]:
        """Those that later runs are compared with, newest first."""
        ...

    def findings(self, run: Run) -> tuple[KeptFinding, ...]:
        """What a run found."""
        ...


def kept_findings(audit: Audit) -> tuple[KeptFinding, ...]:
    """An audit's findings as a history keeps them."""
    marks = fingerprints(audit.findings)
    return tuple(
        KeptFinding(
            fingerprint=mark,
            control=finding.control.id,
            title=finding.control.title or "",
            status=finding.status,
            severity=finding.severity,
            connector=finding.connector.label if finding.connector else None,
            connector_guid=finding.connector.guid if finding.connector else None,
            message=finding.message,
        )
        for finding, mark in zip(audit.findings, marks, strict=True)
    )


def drift_of(audit: Audit, key: str, kept: Kept, who: Iterable[AdminChange] | None = None) -> Drift:
    """An audit compared with the runs that are kept under a key; it is not among them yet.

    Args:
        audit: of now.
        key: the name that its runs are kept under.
        kept: the history.
        who: what the administrator audit log says; None where it was not read.

    Raises:
        AuditError: the history cannot be read.
    """
    last = next(kept.counted_runs(key), None)
    if last is None:
        return Drift(undecided_runs=undecided_runs(kept, key, None))
    now = {finding.fingerprint: finding for finding in kept_findings(audit)}
    past = _look_back(now, key, kept)
    changes = None if who is None else tuple(one for one in who if one.at > last.evaluated_at)
    before = past.before
    found = Drift(
        run=last.id,
        since=last.evaluated_at,
        new=tuple(
            finding
            for mark, finding in now.items()
            if finding.status == "fail" and _status(before, mark) not in {"fail", "exempt"}
        ),
        fixed=tuple(
            finding
            for mark, finding in before.items()
            if finding is not None
            and finding.status == "fail"
            and _status(now, mark) in {"pass", "not-applicable", None}
            # Where this run is undecided as a whole, the next one says so.
            and audit.verdict != "incomplete"
        ),
        still=tuple(
            past.failing[mark]
            for mark in now
            if _status(before, mark) == "fail" and mark in past.failing
        ),
        newly_exempt=tuple(
            finding
            for mark, finding in now.items()
            if finding.status == "exempt" and _status(before, mark) != "exempt"
        ),
        exemption_ended=tuple(
            finding
            for mark, finding in now.items()
            if finding.status == "fail" and _status(before, mark) == "exempt"
        ),
        policy_changed=last.policy_sha256 != audit.policy.sha256,
        undecided_runs=undecided_runs(kept, key, last),
        who=changes,
    )
    return found if who is not None else replace(found, last_changed=_bounds(found, audit))


def _bounds(drift: Drift, audit: Audit) -> tuple[tuple[str, str], ...]:
    """When the connectors that a change is about were changed last: nobody did it later."""
    groups = (drift.new, drift.fixed, drift.newly_exempt, drift.exemption_ended)
    about = {_whose(finding) for group in groups for finding in group}
    known = audit.inventory.send if audit.inventory else ()
    bounds = ((one.label, last_changed(one)) for one in known if (one.guid or one.label) in about)
    return tuple((name, when) for name, when in bounds if when is not None)


def _whose(finding: KeptFinding) -> str | None:
    return finding.connector_guid or finding.connector


def failing(key: str, kept: Kept) -> tuple[Failing, ...]:
    """What fails in the last run that was decided, since when, and for how many runs.

    Raises:
        AuditError: the history cannot be read.
    """
    last = next(kept.counted_runs(key), None)
    if last is None:
        return ()
    now = {finding.fingerprint: finding for finding in kept.findings(last)}
    found = _look_back(now, key, kept).failing
    # The last run itself was counted twice: as now, and as the newest of the past.
    return tuple(one._replace(runs=one.runs - 1) for one in found.values())


def _status(findings: Mapping[str, KeptFinding | None], mark: str) -> str | None:
    finding = findings.get(mark)
    return None if finding is None else finding.status


@dataclass(slots=True)
class _Past:
    """What is known of each finding before now.

    Attributes:
        before: as it was last decided; None where it was not there.
        failing: those that fail now and did before, with the run that this began with.
    """

    before: dict[str, KeptFinding | None] = field(default_factory=dict)
    failing: dict[str, Failing] = field(default_factory=dict)


def _look_back(now: Mapping[str, KeptFinding], key: str, kept: Kept) -> _Past:
    """Go back from run to run until nothing more can be learnt."""
    past = _Past()
    unsettled: list[str] | None = None
    unbroken = {mark for mark, finding in now.items() if finding.status == "fail"}
    for run in kept.counted_runs(key):
        found = {finding.fingerprint: finding for finding in kept.findings(run)}
        if unsettled is None:
            # What is neither there now nor was in the last run has nothing to say.
            unsettled = list(dict.fromkeys((*now, *found)))
        settled = [mark for mark in unsettled if _status(found, mark) != "unknown"]
        past.before |= {mark: found.get(mark) for mark in settled}
        unsettled = [mark for mark in unsettled if mark not in past.before]
        _follow(unbroken, found, now, run.evaluated_at, past)
        if not unsettled and not unbroken:
            break
    return past


def _follow(
    unbroken: set[str],
    found: Mapping[str, KeptFinding],
    now: Mapping[str, KeptFinding],
    at: datetime,
    past: _Past,
) -> None:
    """Take in one run more of those that have failed without a pass between."""
    for mark in list(unbroken):
        status = _status(found, mark)
        if status == "fail":
            runs = past.failing[mark].runs if mark in past.failing else 1
            past.failing[mark] = Failing(now[mark], at, runs + 1)
        elif status != "unknown":
            unbroken.discard(mark)


def undecided_runs(kept: Kept, key: str, last: Run | None) -> int:
    """How many runs after one (None: of all) were not decided; those as of other times not counted.

    Raises:
        AuditError: the history cannot be read.
    """
    count = 0
    for run in kept.runs(key):
        if last is not None and run.id == last.id:
            break
        count += not run.as_of
    return count
