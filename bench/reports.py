"""One report format, in a process of its own: ``reports.py FORMAT CONNECTORS``. Prints JSON.

Times are of the first report in a process, the import of its module included, and of the best of
the following ones.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Final

from data import REGION, organisation

from auditor.evaluate import evaluate
from auditor.model import Provenance, Snapshot
from auditor.normalise import normalise
from auditor.policy import find_region, load_policy
from auditor.remediate import make_plan
from auditor.report import render

if TYPE_CHECKING:
    from auditor.model import Audit

_ROUNDS: Final = 3
_NOW: Final = datetime(2026, 11, 23, tzinfo=UTC)


def audit_of(count: int) -> Audit:
    """An audit of which most fails: every connector but one goes around the gateway."""
    subject, plain = organisation(0)[:2]
    others = [
        plain
        | {
            "Name": f"Outbound connector {number} of the branch office",
            "Guid": f"0292c782-9804-4d8b-0000-{number:012d}",
            "Enabled": True,
            "DNSRoutingEnabled": True,
            "AddressSpaces": [f"SMTP:partner-{number}.example;1"],
        }
        for number in range(count)
    ]
    snapshot = Snapshot(None, Provenance("json", "made"), {"SendConnector": (subject, *others)})
    policy = load_policy("mimecast", Path())
    region = find_region(policy, REGION)
    audit = evaluate(normalise(snapshot), policy, region, _NOW, snapshot, "Contoso")
    return replace(audit, plan=make_plan(audit))


def main() -> int:
    """Time one format on an organisation with so many connectors."""
    audit = audit_of(int(sys.argv[2]))
    times = []
    for _ in range(_ROUNDS + 1):
        start = perf_counter()
        data = render(sys.argv[1], audit)
        times.append(perf_counter() - start)
    found = {"findings": len(audit.findings), "bytes": len(data)}
    print(json.dumps(found | {"first": times[0], "best": min(times[1:])}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
