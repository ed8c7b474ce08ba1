"""Audits with attestations, made as a sign-off makes them, for the tests of the PDF."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

from auditor.collect import read_snapshots
from auditor.model import QUESTIONS, Attestation, Audit
from auditor.policy.effective import self_contained
from auditor.report.sheet import Sheet
from auditor.signoff.attestations import written_attestations
from auditor.signoff.contents import ATTESTATIONS, SNAPSHOT, Inputs, contents
from auditor.snapshot import write_snapshot

NOW = datetime.datetime(2026, 11, 23, 8, tzinfo=datetime.UTC)

POLICY = """schema: audit-policy/1
name: contoso
version: "3"
extends: mimecast
region: na
warn_days: 90
exemptions:
  - {connector: "*vault*", reason: Archive feed, owner: messaging@contoso.com, approved_by: ANN,
     ticket: CHG0012345, starts: 2026-01-01, expires: 2027-01-31}
  - {connector: Old relay, reason: Scanner, owner: facilities@contoso.com, approved_by: ben@contoso.com,
     expires: 2026-06-30}
"""


def attestations(name: str = "Ann Example", remark: str = "") -> tuple[Attestation, ...]:
    day = datetime.date(2026, 11, 20)
    return tuple(
        Attestation(question, "confirmed", name, "Messaging engineer", day, remark)
        for question in QUESTIONS
    )


def signed_audit(
    data: bytes,
    folder: Path,
    said: tuple[Attestation, ...] = (),
    *,
    organization: str | None = "Contoso",
    approver: str = "ciso@contoso.com",
    file: str = "connectors.json",
) -> Audit:
    """The audit of an export, with answers."""
    policy = folder / "policy.yaml"
    policy.write_text(POLICY.replace("ANN", json.dumps(approver)), "utf-8")
    files = {name: text.encode() for name, text in self_contained(str(policy), folder).items()}
    evidence = {
        SNAPSHOT: write_snapshot(read_snapshots([(file, data)])),
        ATTESTATIONS: written_attestations(said).encode(),
        **files,
    }
    made = contents(evidence, Inputs("na", organization, NOW), Sheet(), pages=False)
    return made.audit
