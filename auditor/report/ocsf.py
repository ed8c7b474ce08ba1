"""OCSF 1.5.0 Compliance Findings (class 2003): one event for each finding.

One JSON array, each event on a line of its own. Prowler writes its findings as such an array, and
what reads those reads this; ``jq -c '.[]'`` makes JSON lines of it, for Splunk and for what turns
events into the Parquet that Amazon Security Lake takes. Lines alone would be dangerous here: a file
that was cut off at the end of one would read as a shorter, cleaner audit. An array is damaged then.

Where the schema leaves a choice:

- ``activity_id`` is always Create: one run does not know what an earlier one said. Events of one
  finding have the same ``finding_info.uid`` (its fingerprint), each its own ``metadata.uid``.
- ``compliance.status_id``: Pass, Fail, and Warning for what is unknown, as the schema says it ("did
  not yield a result due to missing information"). An exempt finding is a Fail whose ``status_id``
  is Suppressed; every other finding is New. Not applicable is Other. Our own word is the
  ``status_code``.
- ``severity_id`` is the control's, where somebody has to act or has decided not to; a finding that
  passed or does not apply is Informational ("No action required"). The control's own severity is
  always in ``compliance.checks``.
- ``unmapped`` holds what the schema has no place for: values, digests, the policy, the exemption.

No profile is used. A run that evaluated nothing, or an audit without any finding, is an event of
High severity for each reason, Warning, New: never an empty array, which would read as nothing
wrong. Without a time of evaluation its ``time`` is 0. What is invisible in texts is shown escaped.

Sources: https://schema.ocsf.io/1.5.0/classes/compliance_finding and
https://docs.aws.amazon.com/security-lake/latest/userguide/custom-sources.html .
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias, cast

import auditor
from auditor.digests import sha256
from auditor.moments import rfc3339
from auditor.report.answers import NO_ANSWER, answers
from auditor.report.json_report import document, error_document
from auditor.report.notes import notes
from auditor.report.printable import visible
from auditor.report.wording import permission, requirements, title

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from auditor.errors import AuditError
    from auditor.model import Audit, Finding, Json, Pack, Severity, Status
    from auditor.report.answers import Answer

Event: TypeAlias = "dict[str, Json]"

VERSION: Final = "1.5.0"
_SEVERITIES: Final[Mapping[Severity, int]] = {"low": 2, "medium": 3, "high": 4, "critical": 5}
_SEVERITY_NAMES: Final = {1: "Informational", 2: "Low", 3: "Medium", 4: "High", 5: "Critical"}
_CALM: Final = frozenset({"pass", "not-applicable"})
_RESULTS: Final[Mapping[Status, tuple[int, str]]] = {
    "pass": (1, "Pass"),
    "fail": (3, "Fail"),
    "exempt": (3, "Fail"),
    "unknown": (2, "Warning"),
    "not-applicable": (99, "not-applicable"),
}
_ALREADY_MAPPED: Final = frozenset(
    {"control", "title", "connector", "connector_guid", "message", "why"}
)


def render(audit: Audit) -> str:
    """An event for each finding."""
    if not audit.findings:
        said: Event = {"message": "The audit has no finding at all.", "notes": notes(audit)}
        return _written([_nothing("no-findings", 1, said, audit.evaluated_at)])
    report = document(audit)
    found = cast("list[dict[str, Json]]", report.pop("findings"))
    run = _Run(audit, report, audit.policy.packs_by_control, answers(audit.plan), _run_id(report))
    pairs = zip(audit.findings, found, strict=True)
    return _written([_event(finding, entry, run) for finding, entry in pairs])


def render_errors(errors: Iterable[AuditError], evaluated_at: datetime | None = None) -> str:
    """An event for each reason why nothing was evaluated."""
    events = [
        _nothing(error.code, number, error_document(error), evaluated_at)
        for number, error in enumerate(errors, 1)
    ]
    return _written(events)


class _Run(NamedTuple):
    """What all events of one audit share.

    Attributes:
        audit: the audit.
        report: the JSON report without its findings.
        packs: by the control.
        answers: what puts findings right, by their fingerprint.
        id: of this evaluation.
    """

    audit: Audit
    report: Mapping[str, Json]
    packs: Mapping[str, Pack]
    answers: Mapping[str, Answer]
    id: str


def _run_id(report: Mapping[str, Json]) -> str:
    names = ("organization", "region", "policy", "snapshot", "evaluated_at")
    return sha256([report[name] for name in names])[:32]


def _event(finding: Finding, entry: Mapping[str, Json], run: _Run) -> Event:
    """One finding. ``entry`` is the same in the JSON report."""
    mark = str(entry["fingerprint"])
    level = 1 if finding.status in _CALM else _SEVERITIES[finding.severity]
    event = _base(run.id, mark, level, run.audit.evaluated_at)
    event |= _state(suppressed=finding.status == "exempt", code=finding.status)
    if finding.exemption is not None:
        event["status_detail"] = permission(finding.exemption)
    event |= {
        "message": finding.message,
        "finding_info": _info(finding, mark, run),
        "compliance": _compliance(finding, run),
        "resources": [_resource(finding, run)],
    }
    answer = run.answers.get(mark, NO_ANSWER)
    remediation = _remediation(finding, answer)
    if remediation is not None:
        event["remediation"] = remediation
    more = {name: value for name, value in entry.items() if name not in _ALREADY_MAPPED}
    if answer.command is not None:
        # The JSON report's own would be made visible below, and be another command then.
        more["remediation"] = {"command": answer.shown, "caution": answer.caution}
    about = ("verdict", "organization", "region", "policy", "snapshot")
    return event | {"unmapped": more | {name: run.report[name] for name in about}}


def _base(run: str, mark: str, level: int, moment: datetime | None) -> Event:
    """What every event of this class has; the product first, which shows whose file it is."""
    product = {
        "name": "connector-auditor",
        "vendor_name": "The connector-auditor developers",
        "version": auditor.__version__,
    }
    metadata = {"product": product, "version": VERSION, "uid": sha256([run, mark])[:32]}
    return {
        "metadata": metadata | {"correlation_uid": run},
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2003,
        "class_name": "Compliance Finding",
        "activity_id": 1,
        "activity_name": "Create",
        "type_uid": 200301,
        "type_name": "Compliance Finding: Create",
        "severity_id": level,
        "severity": _SEVERITY_NAMES[level],
        "time": _milliseconds(moment),
    }


def _state(*, suppressed: bool, code: str) -> Event:
    """What a consumer is to do with a finding."""
    number, name = (3, "Suppressed") if suppressed else (1, "New")
    return {"status_id": number, "status": name, "status_code": code}


def _info(finding: Finding, mark: str, run: _Run) -> Event:
    origin, policy = run.audit.snapshot.provenance, run.audit.policy
    return {
        "uid": mark,
        "title": title(finding),
        "desc": finding.message,
        "created_time": _milliseconds(run.audit.evaluated_at),
        "data_sources": list(origin.files) or [origin.location],
        "analytic": {
            "uid": finding.control.id,
            "name": finding.control.title or finding.control.id,
            "type_id": 1,
            "type": "Rule",
            "version": f"{policy.name} {policy.version}",
        },
    }


def _compliance(finding: Finding, run: _Run) -> Event:
    control, pack = finding.control, run.packs.get(finding.control.id)
    policy = run.audit.policy
    # A policy is a standard as well: the organisation's own.
    standards = [(pack.title or pack.name) if pack else f"{policy.name} {policy.version}"]
    number, name = _RESULTS[finding.status]
    result = {"status_id": number, "status": name}
    level = _SEVERITIES[finding.severity]
    check = {
        "uid": control.id,
        "name": control.title or control.id,
        "standards": standards,
        "severity_id": level,
        "severity": _SEVERITY_NAMES[level],
    }
    permitted = [permission(finding.exemption)] if finding.exemption else []
    found = {
        "control": control.id,
        "standards": standards,
        **result,
        "status_code": finding.status,
        "status_details": [finding.message, *permitted],
        "checks": [check | result],
    }
    asked = [text for text in (control.title, *requirements(control, run.audit)) if text]
    about = {"requirements": asked} if asked else {}
    return found | about | ({"desc": control.why} if control.why else {})


def _resource(finding: Finding, run: _Run) -> Event:
    """The connector, or the organisation where the finding is about no connector."""
    connector, audit = finding.connector, run.audit
    if connector is None:
        name = audit.organization or audit.snapshot.provenance.location
        return {"name": name, "type": "Exchange organization"}
    found: Event = {"name": connector.label, "type": f"Exchange {connector.cmdlet}"}
    if connector.guid is not None:
        found["uid"] = connector.guid
    return found | ({"namespace": audit.organization} if audit.organization else {})


def _remediation(finding: Finding, answer: Answer) -> Event | None:
    run = f"Review, then run in the Exchange Management Shell: {answer.shown}"
    # Nothing may stand after the command: it would be copied with it.
    parts = [answer.caution, answer.advice, run if answer.command else None]
    if not any(parts):
        return None
    links = [text for text in finding.control.references if text.startswith("https://")]
    found: Event = {"desc": " ".join(part for part in parts if part)}
    return found | ({"references": links} if links else {})


def _nothing(code: str, number: int, said: Event, moment: datetime | None) -> Event:
    """That nothing was evaluated, for a reason; they are counted from 1."""
    what = str(said["message"])
    mark = sha256(["nothing evaluated", code, number])[:32]
    run = sha256(["nothing evaluated", None if moment is None else rfc3339(moment), said])[:32]
    shared = {"title": f"Nothing was evaluated ({code})", "desc": what}
    return {
        **_base(run, mark, _SEVERITIES["high"], moment),
        **_state(suppressed=False, code=code),
        "message": f"Nothing was evaluated: {what}",
        "finding_info": {"uid": mark, **shared, "created_time": _milliseconds(moment)},
        "compliance": {
            "status_id": 2,
            "status": "Warning",
            "status_code": code,
            "status_details": [what],
        },
        "unmapped": {"error": said},
    }


def _milliseconds(moment: datetime | None) -> int:
    return 0 if moment is None else int(moment.timestamp()) * 1000


def _written(events: list[Event]) -> str:
    lines = [json.dumps(visible(event), ensure_ascii=True) for event in events]
    return "[" + ",\n".join(lines) + "]\n"
