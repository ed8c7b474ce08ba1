"""All that a store holds, as JSON."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from auditor.history.rows import stamp
from auditor.snapshot import digest

FOLDER = Path(__file__).parent


def contents(store):
    """Its audits, and each run with its findings and the digest of its snapshot."""
    return {"audits": store.audits(), "runs": [_run(store, run) for run in store.runs()]}


def _run(store, run):
    said = asdict(run)
    for name in ("evaluated_at", "recorded_at", "collected_at"):
        said[name] = said[name] and stamp(said[name])
    found = [finding._asdict() for finding in store.findings(run)]
    kept = digest(store.snapshot(run)) if run.snapshot else None
    return {"run": said, "findings": found, "kept_snapshot": kept}
