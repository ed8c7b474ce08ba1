"""A history of nightly runs, in a process of its own: ``kept.py YEARS``. Prints JSON.

Twenty connectors, of which somebody changes one a month. Whole processes of ``audit history trend``
are timed as well, and beside them a process that only imports SQLAlchemy.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Final

from data import REGION, organisation

from auditor.evaluate import evaluate
from auditor.history.drift import failing
from auditor.history.periods import periods
from auditor.history.store import open_store
from auditor.model import Provenance, Snapshot
from auditor.normalise import normalise
from auditor.policy import find_region, load_policy

_FIRST: Final = datetime(2016, 11, 23, 2, 30, tzinfo=UTC)
_ROUNDS: Final = 7
_KEY: Final = "Contoso"


def fill(path: Path, nights: int) -> float:
    """Keep so many nights; returns the seconds that keeping one takes."""
    connectors = list(organisation(19))
    policy = load_policy("mimecast", Path())
    region = find_region(policy, REGION)
    spent = 0.0
    with open_store(str(path)) as store:
        for night in range(nights):
            at = _FIRST + timedelta(days=night)
            if night % 30 == 0:
                number = night // 30 % len(connectors)
                connectors[number] = {**connectors[number], "Comment": f"changed on {at}"}
                objects = {"SendConnector": tuple(connectors)}
                snapshot = Snapshot(None, Provenance("json", "made"), objects)
                found = normalise(snapshot)
            audit = evaluate(found, policy, region, at, snapshot, _KEY)
            begun = perf_counter()
            store.record(audit, _KEY, as_of=False, now=at, tool="bench", machine=None)
            spent += perf_counter() - begun
    return spent / nights


def query(path: Path) -> float:
    """The seconds that the trend takes in a process that has all modules."""
    begun = perf_counter()
    with open_store(str(path), create=False) as store:
        periods(store.runs(_KEY), None)
        failing(_KEY, store)
    return perf_counter() - begun


def process(*words: str) -> float:
    """The seconds of a whole process, the best of several."""
    times = []
    for _ in range(_ROUNDS):
        begun = perf_counter()
        subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)
        times.append(perf_counter() - begun)
    return min(times)


def main() -> None:
    """Measure so many years."""
    years = int(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.sqlite"
        one = fill(path, 365 * years)
        trend = ("-m", "auditor", "history", "trend", "--history", str(path))
        print(
            json.dumps(
                {
                    "runs": 365 * years,
                    "bytes": path.stat().st_size,
                    "record": one,
                    "query": min(query(path) for _ in range(_ROUNDS)),
                    "trend": process(*trend),
                    "import": process("-c", "import sqlalchemy"),
                }
            )
        )


if __name__ == "__main__":
    main()
