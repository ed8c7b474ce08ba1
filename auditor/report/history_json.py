"""``audit-history/1``: what a history holds, for machines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from auditor.model import STATUSES
from auditor.moments import rfc3339
from auditor.report.drift_json import failing_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import timedelta

    from auditor.model import Failing, Gap, Json, Period, Run

SCHEMA: Final = "audit-history/1"


def listing(runs: Iterable[Run]) -> str:
    """``runs``, the newest first."""
    return _dumped({"runs": [_run(one) for one in runs]})


def run(found: Run, findings: Sequence[Mapping[str, Json]]) -> str:
    """``run``, and its ``findings`` as they were kept."""
    return _dumped({"run": _run(found), "findings": [dict(one) for one in findings]})


def trend(audit: str, by: str, periods: Iterable[Period], lasting: Iterable[Failing]) -> str:
    """``periods`` of a kind, and what is ``failing`` in the last run that was decided."""
    return _dumped(
        {
            "audit": audit,
            "by": by,
            "periods": [{**one._asdict(), "start": one.start.isoformat()} for one in periods],
            "failing": [failing_document(one) for one in lasting],
        }
    )


def pruned(removed: int, *, dry_run: bool) -> str:
    """How many runs were ``removed``, or would be."""
    return _dumped({"removed": removed, "dry_run": dry_run})


def gaps(audit: str, every: timedelta | None, found: Iterable[Gap] | None) -> str:
    """``gaps``; null where it cannot be told how often there should be a run."""
    return _dumped(
        {
            "audit": audit,
            "every_seconds": None if every is None else int(every.total_seconds()),
            "gaps": None if found is None else [_gap(one) for one in found],
        }
    )


def _run(found: Run) -> dict[str, Json]:
    collected = found.collected_at
    return {
        "id": found.id,
        "audit": found.audit,
        "verdict": found.verdict,
        "evaluated_at": rfc3339(found.evaluated_at),
        "recorded_at": rfc3339(found.recorded_at),
        "as_of": found.as_of,
        "organization": found.organization,
        "region": found.region,
        "policy": found.policy,
        "policy_sha256": found.policy_sha256,
        "snapshot": found.snapshot,
        "snapshot_sha256": found.snapshot_sha256,
        "collected_at": None if collected is None else rfc3339(collected),
        "connectors": found.connectors,
        "summary": {name: found.summary.get(name, 0) for name in STATUSES},
        "error": found.error,
        "error_code": found.error_code,
        "tool": found.tool,
        "machine": found.machine,
    }


def _gap(gap: Gap) -> dict[str, Json]:
    before = None if gap.before is None else rfc3339(gap.before)
    return {"after": rfc3339(gap.after), "before": before, "missed": gap.missed}


def _dumped(content: dict[str, Json]) -> str:
    return json.dumps({"schema": SCHEMA, **content}, indent=2, ensure_ascii=True) + "\n"
