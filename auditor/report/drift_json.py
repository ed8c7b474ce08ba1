"""What has changed since the run before, for machines: ``drift`` of ``audit-report/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.moments import rfc3339

if TYPE_CHECKING:
    from auditor.model import AdminChange, Drift, Failing, Json, KeptFinding


def drift_document(drift: Drift) -> dict[str, Json]:
    """The changes as JSON values; findings by their fingerprints, with what names them."""
    return {
        "run": drift.run,
        "since": None if drift.since is None else rfc3339(drift.since),
        "new": [_finding(one) for one in drift.new],
        "fixed": [_finding(one) for one in drift.fixed],
        "still_failing": [failing_document(one) for one in drift.still],
        "newly_exempt": [_finding(one) for one in drift.newly_exempt],
        "exemption_ended": [_finding(one) for one in drift.exemption_ended],
        "policy_changed": drift.policy_changed,
        "undecided_runs": drift.undecided_runs,
        "who": None if drift.who is None else [_change(one) for one in drift.who],
        "last_changed": [{"connector": name, "when": when} for name, when in drift.last_changed],
    }


def _finding(finding: KeptFinding) -> dict[str, Json]:
    return {
        "fingerprint": finding.fingerprint,
        "control": finding.control,
        "connector": finding.connector,
        "connector_guid": finding.connector_guid,
        "severity": finding.severity,
        "message": finding.message,
    }


def failing_document(one: Failing) -> dict[str, Json]:
    """A finding that still fails, with since when and for how many runs."""
    return {**_finding(one.finding), "since": rfc3339(one.since), "runs": one.runs}


def _change(change: AdminChange) -> dict[str, Json]:
    return {
        "at": rfc3339(change.at),
        "caller": change.caller,
        "cmdlet": change.cmdlet,
        "connector": change.connector,
        "parameters": [{"name": name, "value": value} for name, value in change.parameters],
        "succeeded": change.succeeded,
    }
