"""A finding as a result of SARIF, where the policy states its control."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from auditor.report.printable import printable
from auditor.report.sarif.rules import LEVELS, message
from auditor.report.wording import value_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.errors import Place
    from auditor.model import Exemption, Finding, Json
    from auditor.report.answers import Answer

BASE: Final = "POLICIES"
# 3.27.9: open means that there was too little to decide by.
_KINDS: Final = {
    "pass": "pass",
    "fail": "fail",
    "exempt": "fail",
    "unknown": "open",
    "not-applicable": "notApplicable",
}


def file_location(name: str) -> dict[str, Json]:
    """A policy file by its name, wherever its folder is (3.4)."""
    return {"uri": quote(printable(name), safe=""), "uriBaseId": BASE}


def result(finding: Finding, number: int, mark: str, answer: Answer) -> dict[str, Json]:
    """A finding as a result (3.27).

    Args:
        finding: the one.
        number: of its rule.
        mark: its fingerprint.
        answer: what puts it right.
    """
    kind = _KINDS[finding.status]
    found: dict[str, Json] = {
        "ruleId": finding.control.id,
        "ruleIndex": number,
        "kind": kind,
        # 3.27.10: only what failed has a level.
        "level": LEVELS[finding.severity] if kind == "fail" else "none",
        "message": message(finding.message),
        "locations": _locations(finding),
        "partialFingerprints": {"auditFinding/v1": mark},
        "properties": _values(finding, answer),
    }
    if finding.exemption is not None:
        found["suppressions"] = [_suppression(finding.exemption)]
    return found


def _locations(finding: Finding) -> list[Json]:
    """Where the control is stated, and on which connector; none where there is neither."""
    place, found = finding.control.position, dict[str, "Json"]()
    if place.file is not None:
        found |= _stated(place)
    if finding.connector is not None:
        name = printable(finding.connector.label)
        whole = f"{finding.connector.cmdlet}/{name}"
        found["logicalLocations"] = [
            {"name": name, "fullyQualifiedName": whole, "kind": "resource"}
        ]
    return [found] if found else []


def _stated(place: Place) -> dict[str, Json]:
    location = {"artifactLocation": file_location(place.file or ""), **_region(place)}
    return {"physicalLocation": location}


def _region(place: Place) -> dict[str, Json]:
    if place.line is None:
        return {}
    column = {} if place.column is None else {"startColumn": place.column}
    return {"region": {"startLine": place.line, **column}}


def _values(finding: Finding, answer: Answer) -> dict[str, Json]:
    name = finding.control.property or ""
    connector = finding.connector
    texts = {
        "status": finding.status,
        "severity": finding.severity,
        "expected": value_text(name, finding.expected),
        "actual": value_text(name, finding.actual),
        "actualState": finding.actual_state,
        "connectorGuid": connector.guid if connector else None,
        "remediation": answer.shown,
    }
    return shown(texts)


def shown(texts: Mapping[str, str | None]) -> dict[str, Json]:
    """A property bag (3.8) of the texts that are there, every character visible."""
    return {name: printable(text) for name, text in texts.items() if text is not None}


def _suppression(exemption: Exemption) -> dict[str, Json]:
    """3.35: kept outside of what was audited, and approved."""
    place = exemption.position
    where = {} if place.file is None else {"location": _stated(place)}
    texts = {
        "owner": exemption.owner,
        "approvedBy": exemption.approved_by,
        "ticket": exemption.ticket,
        "expires": exemption.expires.isoformat(),
    }
    return {
        "kind": "external",
        "status": "accepted",
        "justification": printable(exemption.reason),
        **where,
        "properties": shown(texts),
    }
