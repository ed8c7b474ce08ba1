"""``audit-verify/1``: a verification for machines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from auditor.moments import rfc3339

if TYPE_CHECKING:
    from datetime import datetime

    from auditor.model import Json
    from auditor.model.verification import CheckedSignature, Verification

SCHEMA: Final = "audit-verify/1"


def render(found: Verification) -> str:
    """The verification as one JSON document."""
    return json.dumps(document(found), indent=2, ensure_ascii=True) + "\n"


def document(found: Verification) -> dict[str, Json]:
    """The verification as JSON values."""
    return {
        "schema": SCHEMA,
        "bundle": found.bundle,
        "outcome": found.outcome,
        "problems": list(found.problems),
        "undecided": list(found.undecided),
        "organization": found.organization,
        "verdict": found.verdict,
        "go_live": found.go_live,
        "evaluated_at": _instant(found.evaluated_at),
        "verified_at": _instant(found.verified_at),
        "made_with": found.version,
        "tool": {"name": "audit", "version": found.version_here},
        "files": [file._asdict() for file in found.files],
        "signatures": [_signature(one) for one in found.signatures],
        "made_again": [file._asdict() for file in found.remade],
        "findings_compared": found.findings,
        "errors": [],
    }


def _signature(one: CheckedSignature) -> dict[str, Json]:
    return {
        "path": one.path,
        "keyid": one.keyid,
        "name": one.name,
        "role": one.role,
        "valid_until": one.valid_until.isoformat() if one.valid_until else None,
        "signed_at": _instant(one.signed_at),
        "accepted": not one.against,
        "against": list(one.against),
    }


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
