"""The project in a process of its own: ``ours.py loop``, or ``ours.py many COUNT``. Prints JSON."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Final

from data import REGION, export
from timing import measure

from auditor.collect import read_snapshots
from auditor.evaluate import evaluate
from auditor.normalise import normalise
from auditor.policy import find_region, load_policy

if TYPE_CHECKING:
    from collections.abc import Callable

_DRIFTED_EVERY: Final = 10


def auditing() -> Callable[[bytes], bool]:
    """The audit of one export: whether the organisation is compliant."""
    policy = load_policy("mimecast", Path())
    region, now = find_region(policy, REGION), datetime.now(UTC)

    def job(data: bytes) -> bool:
        snapshot = read_snapshots([("export.json", data)])
        audit = evaluate(normalise(snapshot), policy, region, now, snapshot)
        return audit.verdict == "compliant"

    return job


def many(count: int) -> dict[str, float]:
    """Audit so many organisations, each made when it is its turn, every tenth drifted.

    Raises:
        ValueError: an audit gives a wrong answer.
    """
    job, seconds = auditing(), 0.0
    for number in range(count):
        drifted = number % _DRIFTED_EVERY == 0
        data = export(number, drifted=drifted)
        start = perf_counter()
        compliant = job(data)
        seconds += perf_counter() - start
        if compliant is drifted:
            raise ValueError(f"organisation {number} gets a wrong answer")
    return {"seconds": seconds, "peak_mib": peak_mib()}


def peak_mib() -> float:
    """The most memory that this process has had, in MiB; 0 where that cannot be asked."""
    if sys.platform == "win32":
        return 0.0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # macOS counts bytes, Linux KiB.
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


if __name__ == "__main__":
    print(
        json.dumps(many(int(sys.argv[2])) if sys.argv[1] == "many" else measure("ours", auditing()))
    )
