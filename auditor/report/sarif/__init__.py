"""SARIF 2.1.0, for code scanning and viewers: one result for each finding.

Sources: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html (sections are named
below) and, for ``security-severity``,
https://docs.github.com/code-security/reference/code-scanning/sarif-support-for-code-scanning.

A result is where the policy states its control, and names the connector as a logical location.
Where the policy's folder is stays unsaid (3.14.14): reports tell nothing of the machine, and are
the same on each. Left out: times of the run (no clock is asked), version control, what was read.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import auditor
from auditor.digests import fingerprints
from auditor.moments import rfc3339
from auditor.report.answers import NO_ANSWER, answers
from auditor.report.error_text import in_a_line
from auditor.report.notes import notes
from auditor.report.printable import printable
from auditor.report.sarif.results import BASE, file_location, result, shown
from auditor.report.sarif.rules import message, rule
from auditor.snapshot import digest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from auditor.errors import AuditError
    from auditor.model import Audit, Json

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_NAME: Final = "connector-auditor"
_BASES: Final = {
    BASE: {"description": {"text": "The folder of the policy; a built-in one is the program's."}}
}


def render(audit: Audit) -> str:
    """The report as one run."""
    used = {finding.control.id: finding.control for finding in audit.findings}
    controls = {control.id: control for control in audit.policy.all_controls} | used
    index = {name: number for number, name in enumerate(controls)}
    planned, marks = answers(audit.plan), fingerprints(audit.findings)
    pairs = list(zip(audit.findings, marks, strict=True))
    return _dumped(
        {
            "tool": _tool([rule(control) for control in controls.values()]),
            "automationDetails": {"id": _automation(audit)},
            "invocations": [_invocation(audit)],
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": _BASES,
            "artifacts": _artifacts(audit),
            "properties": _properties(audit),
            "results": [
                result(finding, index[finding.control.id], mark, planned.get(mark, NO_ANSWER))
                for finding, mark in pairs
            ],
        }
    )


def render_errors(errors: Iterable[AuditError], evaluated_at: datetime | None = None) -> str:
    """A run that did not succeed: no results, not even none, and what stopped it (3.14.23)."""
    said: dict[str, Json] = {
        "executionSuccessful": False,
        "toolExecutionNotifications": [_stopped(error) for error in errors],
    }
    when = {"evaluatedAt": rfc3339(evaluated_at)} if evaluated_at else {}
    return _dumped({"tool": _tool([]), "invocations": [said], "properties": when})


def _stopped(error: AuditError) -> dict[str, Json]:
    said = message(in_a_line(error))
    return {"level": "error", "message": said, "descriptor": {"id": error.code}}


def _tool(rules: list[Json]) -> dict[str, Json]:
    driver: dict[str, Json] = {
        "name": _NAME,
        "fullName": f"{_NAME} {auditor.__version__}",
        "version": auditor.__version__,
        "semanticVersion": auditor.__version__,
        "rules": rules,
    }
    return {"driver": driver}


def _automation(audit: Audit) -> str:
    """Which series of runs this is one of (3.17.3): the organisation's, for a region."""
    region = audit.region.id if audit.region else "-"
    parts = (_NAME, audit.organization or "-", region)
    return "/".join(quote(printable(part), safe=" ") for part in parts) + "/"


def _invocation(audit: Audit) -> dict[str, Json]:
    """That the audit came to its end, and what a person must know of it."""
    said = [{"level": "note", "message": message(note)} for note in notes(audit)]
    return {"executionSuccessful": True, "toolExecutionNotifications": said}


def _properties(audit: Audit) -> dict[str, Json]:
    policy, origin = audit.policy, audit.snapshot.provenance
    texts = {
        "verdict": audit.verdict,
        "organization": audit.organization,
        "region": audit.region.id if audit.region else None,
        "evaluatedAt": rfc3339(audit.evaluated_at),
        "policy": f"{policy.name} {policy.version}",
        "policySha256": policy.sha256,
        "snapshot": origin.location,
        "snapshotSha256": digest(audit.snapshot),
        "collectedAt": rfc3339(origin.collected_at) if origin.collected_at else None,
    }
    return shown(texts)


def _artifacts(audit: Audit) -> list[Json]:
    """The policy files that state a control."""
    files = dict.fromkeys(finding.control.position.file for finding in audit.findings)
    return [
        {"location": file_location(file), "mimeType": "application/yaml", "roles": ["policy"]}
        for file in files
        if file is not None
    ]


def _dumped(run: dict[str, Json]) -> str:
    content = {"version": "2.1.0", "$schema": SCHEMA, "runs": [run]}
    return json.dumps(content, indent=2, ensure_ascii=True) + "\n"
