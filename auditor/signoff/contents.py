"""Evidence → all that a bundle holds besides: the same evidence gives the same bytes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.collect import read_snapshots, require_connectors
from auditor.errors import InputError, Place
from auditor.evaluate import evaluate
from auditor.evaluate.mail_flow import with_mail_flow
from auditor.evaluate.readiness import judged, subject_of
from auditor.flowfile import read_mail_flow
from auditor.model import ProbeSubject
from auditor.normalise import normalise
from auditor.policy import find_region, load_policy
from auditor.policy.effective import POLICY
from auditor.probefile import read_probe
from auditor.remediate import make_plan
from auditor.remediate.script import Head, remediate_script, rollback_script
from auditor.report import plan_json, plan_text, render
from auditor.signoff.attestations import read_attestations, require_organization
from auditor.signoff.go_live import go_live

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from auditor.model import Audit, Policy, ProbeResult
    from auditor.report.sheet import Sheet

SNAPSHOT: Final = "snapshot.json"
ATTESTATIONS: Final = "attestations.yaml"
PROBE: Final = "probe.json"
MAILFLOW: Final = "mailflow.json"
REPORTS: Final = {"json": "report.json", "html": "report.html", "pdf": "report.pdf"}


class Inputs(NamedTuple):
    """What a sign-off is made with besides its evidence.

    Attributes:
        region: its id; None where the policy needs none.
        organization: its name in reports.
        evaluated_at: the instant of the evaluation.
        domain_controller: the one that the scripts name.
        ticket: of the change, for the scripts.
    """

    region: str | None
    organization: str | None
    evaluated_at: datetime
    domain_controller: str | None = None
    ticket: str | None = None


class Contents(NamedTuple):
    """An audit with its answers and its plan, and the files that follow from it, by their names."""

    audit: Audit
    files: dict[str, bytes]


def contents(
    evidence: Mapping[str, bytes], inputs: Inputs, sheet: Sheet, *, pages: bool = True
) -> Contents:
    """All that follows from the evidence of a bundle.

    Args:
        evidence: the snapshot, the policy with its packs, the attestations, and a probe and
            what logs say of mail flow where there are such, by their names.
        inputs: what else it is made with.
        sheet: what the PDF is printed on.
        pages: whether the PDF is made.

    Raises:
        AuditError: the evidence is not what it should be, or a format cannot be made here.
    """
    audit = _audit(evidence, inputs)
    wanted = {name: path for name, path in REPORTS.items() if pages or name != "pdf"}
    files = {path: render(name, audit, sheet) for name, path in wanted.items()}
    return Contents(audit, files | _change(audit, inputs))


def _audit(evidence: Mapping[str, bytes], inputs: Inputs) -> Audit:
    snapshot = read_snapshots([(SNAPSHOT, evidence[SNAPSHOT])])
    require_connectors(snapshot)
    answers = read_attestations(evidence[ATTESTATIONS], ATTESTATIONS, inputs.evaluated_at)
    require_organization(answers, inputs.organization, ATTESTATIONS)
    policy = _policy(evidence)
    audit = evaluate(
        normalise(snapshot),
        policy,
        find_region(policy, inputs.region),
        inputs.evaluated_at,
        snapshot,
        inputs.organization,
    )
    audit = _with_logs(evidence, replace(audit, probe=_probe(evidence, audit)))
    return replace(
        audit,
        plan=make_plan(audit, inputs.domain_controller),
        attestations=answers.attestations,
        go_live=go_live(audit, answers.attestations),
    )


def _probe(evidence: Mapping[str, bytes], audit: Audit) -> ProbeResult | None:
    """What the probe comes to, held against the connector that is signed off.

    Raises:
        InputError: it is none, or of a time after the evaluation.
    """
    if PROBE not in evidence:
        return None
    probe = read_probe(evidence[PROBE], PROBE)
    if probe.probed_at > audit.evaluated_at:
        raise InputError("the probe is later than the evaluation", Place(PROBE))
    subject = subject_of(audit.subject) if audit.subject is not None else ProbeSubject()
    return judged(probe, audit.policy, audit.region, subject)


def _with_logs(evidence: Mapping[str, bytes], audit: Audit) -> Audit:
    """What logs say of mail flow as one more control, where the evidence has that.

    Raises:
        InputError: it is none, or of a time after the evaluation.
    """
    if MAILFLOW not in evidence:
        return audit
    seen = read_mail_flow(evidence[MAILFLOW], MAILFLOW)
    if seen.read_at > audit.evaluated_at:
        raise InputError("the logs were read after the evaluation", Place(MAILFLOW))
    return with_mail_flow(audit, seen)


def _policy(evidence: Mapping[str, bytes]) -> Policy:
    """The policy as the bundle holds it: what reports say of its places is true in the bundle."""
    with TemporaryDirectory(prefix="audit-") as name:
        folder = Path(name)
        for path, data in evidence.items():
            if path not in {SNAPSHOT, ATTESTATIONS, PROBE, MAILFLOW}:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(data)
        return load_policy(POLICY, folder)


def _change(audit: Audit, inputs: Inputs) -> dict[str, bytes]:
    """The plan, and the scripts where there is something to change."""
    plan = audit.plan
    if plan is None:
        return {}
    files = {
        "plan.txt": plan_text.render(plan, audit).encode("utf-8", "backslashreplace"),
        "plan.json": plan_json.render(plan).encode(),
    }
    if plan.changes:
        head = Head.of(audit, plan, inputs.ticket, inputs.domain_controller)
        files["remediate.ps1"] = remediate_script(plan, head)
        files["rollback.ps1"] = rollback_script(plan, head)
    return files
