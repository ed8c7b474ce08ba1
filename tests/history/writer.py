"""A process that keeps runs: ``python -m tests.history.writer WHERE KEY COUNT``.

Prints the number of each run once it is kept; waits for a line on standard input before it begins.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from auditor.history.store import open_store
from tests.history.audits import audit_of, keep

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "compliant.json"


def main(where, key, count):
    """Keep so many runs, each of another organisation, opening the store for each."""
    connectors = json.loads(EXAMPLE.read_text("utf-8"))
    sys.stdin.readline()
    for number in range(count):
        connectors[0]["Port"] = 1000 + number
        audit = audit_of(*connectors)
        with open_store(where) as store:
            print(keep(store, audit, key), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
