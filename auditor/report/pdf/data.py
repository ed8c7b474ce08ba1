"""An audit as what the sign-off document prints: plain values, all of whose texts are for people.

What comes out is what ``main.typ`` reads. Texts are as they came: ``pdf`` makes them safe.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

import auditor
from auditor.digests import sha256
from auditor.errors import shortened
from auditor.model import cmdlet_of
from auditor.moments import instant
from auditor.report import error_text
from auditor.report.checklist import checklist
from auditor.report.drift_words import headline
from auditor.report.notes import notes
from auditor.report.pdf import findings, measures
from auditor.report.wording import counts, facts, meaning
from auditor.snapshot import digest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from auditor.errors import AuditError
    from auditor.model import Attestation, Audit, Json
    from auditor.report.checklist import Line

KEYWORD: Final = "connector-auditor sign-off"
"""The PDF's keyword in its metadata, and what tells our PDFs from others."""

_STATES: Final = {
    "ready": "Ready to go live",
    "not ready": "Not ready to go live",
    "undecided": "Whether it is ready to go live is not decided",
}
_ANSWERS: Final = {
    "confirmed": "Confirmed",
    "not-confirmed": "Not confirmed",
    "not-applicable": "Not applicable",
}


def document(audit: Audit) -> dict[str, Json]:
    """The whole document."""
    name = audit.organization or "Organization not named in the data"
    snapshot = digest(audit.snapshot)
    return {
        **_identity(f"Send connector audit: {name}", audit.evaluated_at),
        "kind": "audit",
        # The verdict stays on the first page, whatever the name; the facts below it have it whole.
        "called": shortened(name, 200, quoted=False),
        "running": shortened(name, quoted=False),
        "snapshot": snapshot,
        "cover": _cover(audit),
        "checklist": [_line(line) for line in checklist(audit)],
        "findings": findings.findings(audit),
        "exemptions": measures.exemptions(audit),
        "routes": measures.routes(audit),
        "plan": measures.plan(audit),
        "evidence": _evidence(audit, snapshot),
    }


def failure(errors: Iterable[AuditError], evaluated_at: datetime | None) -> dict[str, Json]:
    """A page that says that nothing was evaluated, and why."""
    return {
        **_identity("Send connector audit: nothing was evaluated", evaluated_at),
        "kind": "failure",
        "errors": [_error(error) for error in errors],
    }


def _error(error: AuditError) -> list[str]:
    """What happened, where and what to do, each a sentence of its own."""
    first, *more = error_text.in_words(error).removeprefix("audit: ").split("\n")
    return [first[:1].upper() + first[1:], *more]


def _identity(title: str, evaluated_at: datetime | None) -> dict[str, Json]:
    # A document has a date, or a reader takes that of the file.
    moment = (evaluated_at or datetime(1970, 1, 1, tzinfo=UTC)).astimezone(UTC)
    return {
        "title": title,
        "keyword": KEYWORD,
        "date": list(moment.timetuple()[:6]),
        "evaluated": "" if evaluated_at is None else instant(evaluated_at),
        "tool": f"audit {auditor.__version__}",
    }


def _cover(audit: Audit) -> dict[str, Json]:
    said = meaning(audit)
    live = audit.go_live
    return {
        "verdict": audit.verdict,
        "meaning": said[:1].upper() + said[1:],
        "counts": counts(audit) or "no findings",
        "region": f"{audit.region.title} ({audit.region.id})" if audit.region else "No region",
        "gateway": audit.policy.gateway.name,
        "facts": [[name, text] for name, text in {**_changed(audit), **facts(audit)}.items()],
        "go_live": None
        if live is None
        else {"state": live.state, "text": _STATES[live.state], "reasons": list(live.reasons)},
    }


def _changed(audit: Audit) -> dict[str, str]:
    """What has changed since the run before, where that is known."""
    if audit.drift is None:
        return {}
    return {"Changes": headline(audit.drift, audit.evaluated_at)}


def _line(line: Line) -> dict[str, Json]:
    return {
        "step": line.step.number,
        "title": line.step.title,
        "mark": line.mark,
        "evidence": list(line.evidence),
        "asked": line.step.question is not None,
        "attestation": _attestation(line.attestation) if line.attestation else None,
    }


def _attestation(said: Attestation) -> dict[str, Json]:
    return {
        "answer": _ANSWERS[said.answer],
        "name": said.name,
        "role": said.role,
        "date": said.date.isoformat(),
        "remark": said.remark,
    }


def _evidence(audit: Audit, snapshot: str) -> dict[str, Json]:
    policy, origin = audit.policy, audit.snapshot.provenance
    objects = audit.snapshot.objects
    # A path says where something lay on one machine; what it is called is what others know it by.
    own = [*policy.files, *(pack.file for pack in policy.packs)]
    return {
        "digests": [
            {"what": "Snapshot: all that was collected", "sha256": snapshot},
            *(
                {"what": _part(noun, len(found)), "sha256": sha256(list(found))}
                for noun, found in objects.items()
            ),
            {"what": f"Effective policy: {policy.name} {policy.version}", "sha256": policy.sha256},
        ],
        "facts": [
            ["Files read", ", ".join(origin.files) or origin.location],
            ["Policy files", ", ".join(PurePath(file).name for file in own) or "(built in)"],
            ["Exported by", origin.tool or "(the data does not say)"],
            ["Asked server", origin.server or "(none: files were read)"],
            ["Evaluated by", f"connector-auditor, audit {auditor.__version__}"],
        ],
        "notes": notes(audit),
    }


def _part(noun: str, count: int) -> str:
    return f"{cmdlet_of(noun)}: {count} object{'' if count == 1 else 's'}"
