"""OSCAL Assessment Results, version 1.2.0, as JSON.

UUIDs are version 5, in a namespace of this project (``oscal.text.NAMESPACE``), of the canonical
JSON of what makes a thing what it is. The same audit gives the same document, byte for byte:

- the document and its result: organisation, region, digests of policy and snapshot, and the time of
  the evaluation; another evaluation is another document. So it is with observations;
- findings and risks: organisation and fingerprint, whatever the values: they can be followed from
  one evaluation to the next;
- connectors: organisation, and Guid, or name in lower case, or place in the export;
- policy and snapshot: their digests.

An organisation that the data does not name is told from no other; ``--organization`` names it.

What is honest where the model is narrow:

- ``import-ap``: there is no assessment plan. It refers to the policy, a resource in this document.
  Digests are over canonical content and not over files, so resources are named by them (``ni:`` of
  RFC 6920) and not by a file that would have another digest.
- The state of an objective is ``satisfied`` or ``not-satisfied`` and nothing else. What is unknown
  is not satisfied, for the reason ``other``; what is exempt is not satisfied, with a risk whose
  status is ``deviation-approved`` and whose deadline is the exemption's end. What does not apply is
  an observation without a finding. Our own word is the property ``status`` in each.
- Most exports do not say when they were collected; then the times are those of the evaluation, and
  the result says so.
- Published ids that are no token (``2.2.4``) begin with ``_``; the property ``control`` has the id.

A run that evaluated nothing, or an audit without findings, is a result with one finding for each
reason, not satisfied; without a time of evaluation the times are the first second of 1970.

Sources: http://csrc.nist.gov/ns/oscal/1.2.0/oscal-ar-schema.json and
https://pages.nist.gov/OSCAL/resources/concepts/layer/assessment/assessment-results/ .
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, cast

from auditor.moments import rfc3339
from auditor.report.answers import answers
from auditor.report.error_text import in_words
from auditor.report.json_report import document
from auditor.report.oscal.parts import (
    ORIGINS,
    UNKNOWN,
    assets,
    connector_component,
    connectors,
    metadata,
    objectives,
    organization_of,
    policy_resource,
    selections,
    snapshot_resource,
    system_component,
)
from auditor.report.oscal.results import Scene, results
from auditor.report.oscal.text import Part, identity, markup, properties, string
from auditor.report.wording import counts, meaning

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from auditor.errors import AuditError
    from auditor.model import Audit, Json

_NOT_KNOWN: Final = "When it was collected is not known: the times are those of the evaluation."


def render(audit: Audit) -> str:
    """The assessment results of one audit."""
    if not audit.findings:
        return _nothing([("no-findings", "The audit has no finding at all.")], audit.evaluated_at)
    report = document(audit)
    names = ("organization", "region", "policy", "snapshot", "evaluated_at")
    run = [report[name] for name in names]
    entries = cast("list[dict[str, Json]]", report["findings"])
    plan, evidence = policy_resource(audit), snapshot_resource(audit)
    title = f"Send connector audit of {organization_of(audit)}"
    return _written(
        {
            "uuid": identity("document", run),
            "metadata": metadata(title, audit.evaluated_at),
            "import-ap": {
                "href": f"#{plan['uuid']}",
                "remarks": "There is no assessment plan. What was asked is the policy.",
            },
            "local-definitions": {"objectives-and-methods": objectives(audit)},
            "results": [_result(audit, identity("result", run), entries, str(evidence["uuid"]))],
            "back-matter": {"resources": [plan, evidence]},
        }
    )


def render_errors(errors: Iterable[AuditError], evaluated_at: datetime | None = None) -> str:
    """Assessment results in which nothing is satisfied, because nothing was evaluated."""
    said = [(error.code, " ".join(in_words(error).split())) for error in errors]
    return _nothing(said, evaluated_at)


def _result(audit: Audit, uuid: str, entries: list[dict[str, Json]], evidence: str) -> Part:
    """All that was found. ``entries`` are the findings of the JSON report."""
    collected = audit.snapshot.provenance.collected_at
    moment = rfc3339(collected or audit.evaluated_at)
    scene = _scene(audit, uuid, moment, evidence)
    made = results(scene, entries)
    said = "" if collected else f" {_NOT_KNOWN}"
    return {
        "uuid": uuid,
        "title": markup(f"Audit of {organization_of(audit)}: {audit.verdict}"),
        "description": markup(f"{audit.verdict.upper()}: {meaning(audit)}"),
        "start": moment,
        "end": moment,
        "props": _facts(audit),
        "local-definitions": {
            "components": [
                system_component(audit, scene.system),
                *(connector_component(*pair) for pair in connectors(audit).values()),
            ],
            "assessment-assets": assets(),
        },
        "reviewed-controls": {"control-selections": selections(audit)},
        **made.lists(),
        "remarks": markup(f"{counts(audit)}.{said}"),
    }


def _scene(audit: Audit, uuid: str, moment: str, evidence: str) -> Scene:
    return Scene(
        audit=audit,
        run=uuid,
        moment=moment,
        origins=ORIGINS,
        system=identity("system", audit.organization),
        components={key: mark for key, (mark, _) in connectors(audit).items()},
        evidence=evidence,
        packs=audit.policy.packs_by_control,
        answers=answers(audit.plan),
    )


def _facts(audit: Audit) -> list[Json]:
    origin = audit.snapshot.provenance
    collected = rfc3339(origin.collected_at) if origin.collected_at else "unknown"
    return properties(
        {
            "verdict": audit.verdict,
            "organization": audit.organization,
            "region": audit.region.id if audit.region else None,
            "collected-at": collected,
            "evaluated-at": rfc3339(audit.evaluated_at),
        }
    )


def _nothing(said: list[tuple[str, str]], moment: datetime | None) -> str:
    """That nothing was evaluated: a finding for each code and reason."""
    at = rfc3339(moment or UNKNOWN)
    run, plan = identity("nothing", at, said), identity("no plan")
    resource = {
        "uuid": plan,
        "title": "No assessment plan",
        "description": "Nothing was evaluated, so no policy stands here.",
    }
    return _written(
        {
            "uuid": identity("document", run),
            "metadata": metadata("Send connector audit: nothing was evaluated", moment),
            "import-ap": {
                "href": f"#{plan}",
                "remarks": "There is no assessment plan, and no policy was applied.",
            },
            "results": [_no_result(identity("result", run), said or [("undecided", "")], at)],
            "back-matter": {"resources": [resource]},
        }
    )


def _no_result(uuid: str, said: list[tuple[str, str]], at: str) -> Part:
    selection = {"description": "None of all controls was reviewed.", "include-all": {}}
    return {
        "uuid": uuid,
        "title": "Nothing was evaluated",
        "description": markup(" ".join(text for _, text in said)),
        "start": at,
        "end": at,
        "props": properties({"verdict": "none", "evaluated-at": at}),
        "local-definitions": {"assessment-assets": assets()},
        "reviewed-controls": {"control-selections": [selection]},
        "findings": [
            _unevaluated(code, text, number) for number, (code, text) in enumerate(said, 1)
        ],
    }


def _unevaluated(code: str, text: str, number: int) -> Part:
    return {
        "uuid": identity("nothing evaluated", code, number),
        "title": f"Nothing was evaluated ({code})",
        "description": markup(text),
        "props": properties({"status": "unknown", "code": string(code)}),
        "origins": ORIGINS,
        "target": {
            "type": "objective-id",
            "target-id": "nothing-evaluated",
            "status": {"state": "not-satisfied", "reason": "other", "remarks": markup(text)},
        },
    }


def _written(content: Part) -> str:
    return json.dumps({"assessment-results": content}, indent=2, ensure_ascii=True) + "\n"
