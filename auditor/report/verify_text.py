"""A verification in words, in 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.moments import rfc3339
from auditor.report.columns import columns, hanging, pairs
from auditor.report.printable import printable

if TYPE_CHECKING:
    from datetime import datetime

    from auditor.model.verification import Verification

_MEANING: Final = {
    "as signed": "every file is as it was signed, and the evidence gives the same findings.",
    "not as signed": "do not rely on this bundle.",
    "undecided": "every file is as it was signed, but that does not show that it is true.",
}
_RESULT: Final = {True: "accepted", False: "NOT ACCEPTED"}


def render(found: Verification) -> str:
    """The verification as text."""
    head = f"{found.outcome.upper()}: {printable(found.bundle)}: {_MEANING[found.outcome]}"
    parts = [hanging(head + _not_ready(found) + _left_out(found), "", "  ")]
    listed = [("Not as signed", found.problems), ("Not known", found.undecided)]
    for title, sentences in listed:
        if sentences:
            lines = [hanging(printable(text), "  - ", "    ") for text in sentences]
            parts.append("\n".join([f"{title}:", *lines]))
    if found.version is not None:
        parts += [pairs(_facts(found)), _signatures(found), _files(found)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _not_ready(found: Verification) -> str:
    """That what was signed is no permission: somebody may read no further than this."""
    if found.outcome != "as signed" or found.go_live in {"ready", None}:
        return ""
    return f" What was signed says: {str(found.go_live).upper()} to go live."


def _left_out(found: Verification) -> str:
    """What follows from the evidence, and was not made again to compare it."""
    names = [file.path for file in found.remade if file.state == "not made again"]
    if found.outcome != "as signed" or not names:
        return ""
    return f" Signed, but not made again and compared here: {', '.join(map(printable, names))}."


def _facts(found: Verification) -> dict[str, str]:
    said = {
        "Organization": found.organization or "-",
        "Verdict": found.verdict or "-",
        "Go-live": found.go_live or "-",
        "Evaluated at": _instant(found.evaluated_at),
        "Made with": f"audit {found.version}",
        "Verified at": f"{_instant(found.verified_at)}, with audit {found.version_here}",
    }
    if found.findings is not None:
        said["Findings"] = f"{found.findings} evaluated again"
    return said


def _signatures(found: Verification) -> str:
    rows = [
        (
            one.name or (f"key {one.keyid[:16]}" if one.keyid else "-"),
            one.role or "-",
            _instant(one.signed_at),
            one.valid_until.isoformat() if one.valid_until else "-",
            _RESULT[not one.against],
        )
        for one in found.signatures
    ]
    headers = ("Signed by", "As", "At", "Key until", "Signature")
    return columns(rows, headers, (20, 14, 20, 10, 12)) if rows else ""


def _files(found: Verification) -> str:
    again = {file.path: file for file in found.remade}
    rows = []
    for file in found.files:
        made = again.get(file.path)
        state = f"{made.state}: {made.why}" if made and made.why else made.state if made else "-"
        rows.append((file.path, file.state, state))
    more = [(f.path, "-", f"{f.state}: {f.why}") for f in found.remade if f.path not in
            {file.path for file in found.files}]  # fmt: skip
    return columns([*rows, *more], ("File", "Digest", "Made again"), (36, 10, 40))


def _instant(moment: datetime | None) -> str:
    return "-" if moment is None else rfc3339(moment)
