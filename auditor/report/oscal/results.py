"""One audit's findings as OSCAL's observations, risks and findings.

Source: https://pages.nist.gov/OSCAL/resources/concepts/layer/assessment/assessment-results/ .
The values of ``methods``, ``types``, ``state``, ``reason`` and of a risk's ``status`` are those
that the model itself gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.report.oscal.text import (
    OURS,
    Part,
    identity,
    json_text,
    markup,
    properties,
    token,
)
from auditor.report.wording import permission, title

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.model import Audit, Connector, Finding, Json, Pack, Status
    from auditor.report.answers import Answer

# Neither state would be true of what does not apply: it is observed, and there is no finding.
_STATES: Final[Mapping[Status, tuple[str, str, str]]] = {
    "pass": ("satisfied", "pass", "It is as it must be."),
    "fail": ("not-satisfied", "fail", "It is not as it must be."),
    "exempt": ("not-satisfied", "fail", "It is not as it must be, and that is permitted."),
    "unknown": ("not-satisfied", "other", "It could not be decided: this is not known to be so."),
}


class Scene(NamedTuple):
    """What all findings of one audit share.

    Attributes:
        audit: the audit.
        run: the UUID of this evaluation's result.
        moment: when the evidence was collected, as far as known.
        origins: who says so: this program.
        system: the UUID of the organisation.
        components: the UUIDs of connectors, by ``key_of``.
        evidence: the UUID of the snapshot.
        packs: by the control.
        answers: what puts findings right, by their fingerprint.
    """

    audit: Audit
    run: str
    moment: str
    origins: list[Json]
    system: str
    components: Mapping[tuple[str, int], str]
    evidence: str
    packs: Mapping[str, Pack]
    answers: Mapping[str, Answer]


class Results(NamedTuple):
    """What findings become."""

    observations: list[Json]
    risks: list[Json]
    findings: list[Json]

    def lists(self) -> Part:
        """Those that hold something: no list of OSCAL's may be empty."""
        return {name: found for name, found in self._asdict().items() if found}


def key_of(connector: Connector) -> tuple[str, int]:
    """What tells the connectors of one audit apart."""
    return connector.cmdlet, connector.position


def objective_of(control: str) -> str:
    """The id of what a control asks."""
    return f"{token(control)}_obj"


def results(scene: Scene, entries: list[dict[str, Json]]) -> Results:
    """All of them. ``entries`` are the findings of the JSON report."""
    made = Results([], [], [])
    for finding, entry in zip(scene.audit.findings, entries, strict=True):
        mark = str(entry["fingerprint"])
        made.observations.append(_observation(finding, entry, mark, scene))
        if finding.status in {"fail", "exempt"}:
            made.risks.append(_risk(finding, mark, scene))
        if finding.status in _STATES:
            made.findings.append(_finding(finding, mark, scene))
    return made


def _observation(finding: Finding, entry: Mapping[str, Json], mark: str, scene: Scene) -> Part:
    connector = finding.connector
    subject: Part = {"subject-uuid": scene.system, "type": "component"}
    if connector is not None:
        subject["subject-uuid"] = scene.components[key_of(connector)]
        subject["title"] = markup(connector.label)
    values = {
        "expected": json_text(entry["expected"]),
        "actual": json_text(entry["actual"]) if entry["actual_sha256"] is not None else None,
        "actual-state": finding.actual_state,
        "actual-sha256": None if entry["actual_sha256"] is None else str(entry["actual_sha256"]),
    }
    return {
        "uuid": _observation_id(mark, scene),
        "title": markup(title(finding)),
        "description": markup(finding.message),
        "props": _props(finding, mark, scene),
        # Settings are read and compared, nothing is made to do something: that is no TEST.
        "methods": ["EXAMINE"],
        "types": ["control-objective"],
        "origins": scene.origins,
        "subjects": [subject],
        "relevant-evidence": [
            {
                "href": f"#{scene.evidence}",
                "description": "The value in the snapshot, beside what it must be.",
                "props": properties(values),
            }
        ],
        "collected": scene.moment,
    }


def _props(finding: Finding, mark: str, scene: Scene) -> list[Json]:
    pack = scene.packs.get(finding.control.id)
    return properties(
        {
            "control": finding.control.id,
            "status": finding.status,
            "severity": finding.severity,
            "fingerprint": mark,
            "pack": pack.name if pack else None,
        }
    )


def _finding(finding: Finding, mark: str, scene: Scene) -> Part:
    state, reason, remarks = _STATES[finding.status]
    said = f"{remarks} {permission(finding.exemption)}" if finding.exemption else remarks
    made: Part = {
        "uuid": identity("finding", scene.audit.organization, mark),
        "title": markup(title(finding)),
        "description": markup(finding.message),
        "props": _props(finding, mark, scene),
        "origins": scene.origins,
        "target": {
            "type": "objective-id",
            "target-id": objective_of(finding.control.id),
            "status": {"state": state, "reason": reason, "remarks": markup(said)},
        },
        "related-observations": [{"observation-uuid": _observation_id(mark, scene)}],
    }
    if finding.status in {"fail", "exempt"}:
        made["related-risks"] = [{"risk-uuid": _risk_id(mark, scene)}]
    return made


def _risk(finding: Finding, mark: str, scene: Scene) -> Part:
    exemption, said = finding.exemption, finding.message
    if exemption is not None:
        said += f" {permission(exemption)}"
    made: Part = {
        "uuid": _risk_id(mark, scene),
        "title": markup(title(finding)),
        "description": markup(said),
        "statement": markup(finding.control.why or finding.message),
        "props": _props(finding, mark, scene),
        "status": "open" if exemption is None else "deviation-approved",
        "origins": scene.origins,
        "characterizations": [
            {
                "origin": scene.origins[0],
                "facets": [{"name": "severity", "system": OURS, "value": finding.severity}],
            }
        ],
    }
    if exemption is not None:
        # The last second of the last day on which it is permitted.
        made["deadline"] = f"{exemption.expires.isoformat()}T23:59:59Z"
    answer = scene.answers.get(mark)
    if answer is not None:
        made["remediations"] = [_remediation(answer, mark, scene)]
    return made | {"related-observations": [{"observation-uuid": _observation_id(mark, scene)}]}


def _remediation(answer: Answer, mark: str, scene: Scene) -> Part:
    run = "The property command holds what to review and run." if answer.command else None
    said = [answer.caution, answer.advice, run]
    return {
        "uuid": identity("remediation", scene.run, mark),
        "lifecycle": "recommendation",
        "title": "Change the connector" if answer.command else "By hand",
        "description": markup(" ".join(filter(None, said))),
        **({"props": properties({"command": answer.shown})} if answer.command else {}),
        "origins": scene.origins,
    }


def _observation_id(mark: str, scene: Scene) -> str:
    return identity("observation", scene.run, mark)


def _risk_id(mark: str, scene: Scene) -> str:
    return identity("risk", scene.audit.organization, mark)
