"""``audit-report/1``: the report for machines. Only ASCII, so that every pipe carries it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import auditor
from auditor.digests import actual_digest, fingerprints
from auditor.model import QUESTIONS, STATUSES, is_known
from auditor.moments import rfc3339
from auditor.report.answers import NO_ANSWER, answers
from auditor.report.drift_json import drift_document
from auditor.report.notes import claim, not_collected, notes
from auditor.snapshot import digest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from auditor.errors import AuditError
    from auditor.model import (
        Audit,
        Exemption,
        ExemptionUse,
        Finding,
        Json,
        Judgement,
        Route,
        Snapshot,
    )
    from auditor.report.answers import Answer

SCHEMA: Final = "audit-report/1"


def render(audit: Audit) -> str:
    """The report as one JSON document."""
    return _dumped(document(audit))


def render_errors(errors: Iterable[AuditError], evaluated_at: datetime | None = None) -> str:
    """The same schema where nothing was evaluated: no verdict, no findings, but errors."""
    content = dict.fromkeys(("verdict", "organization", "region", "policy", "snapshot"))
    return _dumped(
        {
            "schema": SCHEMA,
            **content,
            "evaluated_at": _instant(evaluated_at),
            "tool": _tool(),
            "summary": dict.fromkeys(STATUSES, 0),
            "findings": [],
            "errors": [error_document(error) for error in errors],
        }
    )


def render_plain_errors(errors: Iterable[AuditError]) -> str:
    """``audit-error/1``: errors where the document of the command is no report."""
    return _dumped(
        {"schema": "audit-error/1", "errors": [error_document(error) for error in errors]}
    )


def with_error(report: str, error: AuditError) -> str:
    """A rendered report, with something that went wrong after the evaluation."""
    content = json.loads(report)
    content["errors"].append(error_document(error))
    return _dumped(content)


def error_document(error: AuditError) -> dict[str, Json]:
    """One error for machines."""
    return {
        "code": error.code,
        "message": error.message,
        "file": error.place.file,
        "line": error.place.line,
        "column": error.place.column,
        "hint": error.hint,
    }


def document(audit: Audit) -> dict[str, Json]:
    """The report as JSON values."""
    policy, planned = audit.policy, answers(audit.plan)
    return {
        "schema": SCHEMA,
        "verdict": audit.verdict,
        "claim": claim(audit) if audit.verdict == "compliant" else None,
        **_signed_off(audit),
        **_drift(audit),
        **_probe(audit),
        "organization": audit.organization,
        "region": audit.region.id if audit.region else None,
        "policy": {
            "name": policy.name,
            "version": policy.version,
            "sha256": policy.sha256,
            "packs": [pack.name for pack in policy.packs],
        },
        "snapshot": _snapshot(audit.snapshot, audit.connectors),
        "evaluated_at": _instant(audit.evaluated_at),
        "tool": _tool(),
        "summary": audit.summary,
        "findings": [
            _finding(finding, mark, planned.get(mark, NO_ANSWER))
            for finding, mark in zip(audit.findings, fingerprints(audit.findings), strict=True)
        ],
        "routes": [_route(route) for route in (audit.routes.routes if audit.routes else ())],
        "exemptions": [_exemption_use(use) for use in audit.exemptions],
        "notes": notes(audit),
        "errors": [
            {
                "code": "not-collected",
                "message": message,
                "file": None,
                "line": None,
                "column": None,
                "hint": None,
            }
            for message in not_collected(audit)
        ],
    }


def _signed_off(audit: Audit) -> dict[str, Json]:
    """Whether it may go live, and who says what; only where somebody signs off."""
    if audit.go_live is None:
        return {}
    return {
        "go_live": audit.go_live.state,
        "go_live_reasons": list(audit.go_live.reasons),
        "attestations": [
            {**said._asdict(), "title": QUESTIONS[said.question], "date": said.date.isoformat()}
            for said in audit.attestations or ()
        ],
    }


def _drift(audit: Audit) -> dict[str, Json]:
    """What has changed; only where there is a history."""
    return {} if audit.drift is None else {"drift": drift_document(audit.drift)}


def _probe(audit: Audit) -> dict[str, Json]:
    """What a probe came to; only where one was given."""
    result = audit.probe
    if result is None:
        return {}
    hosts = [{"host": one.seen.host, **_judged(one.judgement)} for one in result.hosts]
    domains = [{"domain": one.seen.domain, **_judged(one.judgement)} for one in result.domains]
    return {
        "probe": {
            "status": result.status,
            "probed_at": rfc3339(result.probe.probed_at),
            "machine": result.probe.machine,
            "source_server": result.sends,
            "hosts": hosts,
            "domains": domains,
        }
    }


def _judged(judgement: Judgement) -> dict[str, Json]:
    return {"status": judgement.status, "message": judgement.message}


def _route(route: Route) -> dict[str, Json]:
    """One way out: who, by which connector, to which hosts."""
    one = route.connectors[0] if len(route.connectors) == 1 else None
    return {
        "mail": list(route.mail),
        "fate": route.fate,
        "connector": one.name if one else None,
        "connector_guid": one.guid if one else None,
        "possible": [connector.label for connector in route.connectors],
        "next_hops": None if route.next_hops is None else list(route.next_hops),
        "through_gateway": route.through_gateway,
        "exempt": route.exempt,
    }


def _remediation(answer: Answer) -> dict[str, Json] | None:
    """The command that answers a finding; what is done by hand is in the plan alone."""
    if answer.command is None:
        return None
    return {"command": answer.command, "caution": answer.caution}


def _finding(finding: Finding, fingerprint: str, answer: Answer) -> dict[str, Json]:
    control, connector = finding.control, finding.connector
    return {
        "control": control.id,
        "title": control.title,
        "property": control.property,
        "status": finding.status,
        "severity": finding.severity,
        "connector": connector.name if connector else None,
        "connector_guid": connector.guid if connector else None,
        "expected": finding.expected,
        "actual": _actual(finding),
        "actual_state": finding.actual_state,
        "actual_sha256": actual_digest(finding),
        "changes": [change._asdict() for change in finding.changes],
        "message": finding.message,
        "why": control.why,
        "remediation": _remediation(answer),
        "references": list(control.references),
        "exemption": _exemption(finding.exemption) if finding.exemption else None,
        "fingerprint": fingerprint,
    }


def _exemption(exemption: Exemption) -> dict[str, Json]:
    return {
        "reason": exemption.reason,
        "owner": exemption.owner,
        "approved_by": exemption.approved_by,
        "ticket": exemption.ticket,
        "starts": None if exemption.starts is None else exemption.starts.isoformat(),
        "expires": exemption.expires.isoformat(),
    }


def _exemption_use(use: ExemptionUse) -> dict[str, Json]:
    """What became of one of the policy's exemptions."""
    return {
        "connector": use.exemption.connector,
        "control": use.exemption.control,
        "state": use.state,
        "days_left": use.days_left,
        "because": use.because or None,
        **_exemption(use.exemption),
        "file": use.exemption.position.file,
        "line": use.exemption.position.line,
    }


def _actual(finding: Finding) -> Json:
    if isinstance(finding.actual, dict):
        return {name: _value(part) for name, part in finding.actual.items()}
    return _value(finding.actual)


def _value(value: object) -> Json:
    if not is_known(value):
        return None
    return list(value) if isinstance(value, tuple) else value


def _snapshot(snapshot: Snapshot, connectors: int) -> dict[str, Json]:
    origin = snapshot.provenance
    return {
        "source": origin.location,
        "kind": origin.kind,
        "collected_at": _instant(origin.collected_at),
        "sha256": digest(snapshot),
        "connectors": connectors,
        "account": origin.account,
        "cautions": list(origin.cautions),
        "files": list(origin.files),
    }


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)


def _tool() -> dict[str, str]:
    return {"name": "audit", "version": auditor.__version__}


def _dumped(content: dict[str, Json]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=True) + "\n"
