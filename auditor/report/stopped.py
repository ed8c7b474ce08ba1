"""What stopped a run, on one line, for formats that have room for one text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.report.error_text import in_words

if TYPE_CHECKING:
    from auditor.errors import AuditError


def in_a_line(error: AuditError) -> str:
    """That nothing was evaluated, why, where, and what to do; every character visible."""
    said = in_words(error).removeprefix("audit: ").split("\n")
    return "Nothing was evaluated: " + " - ".join(line.strip() for line in said)
