"""What stopped a run, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from auditor.errors import AuditError


def in_words(error: AuditError) -> str:
    """What happened, where, and what to do, each on a line of its own."""
    lines = [f"audit: {printable(error.message)}"]
    place = error.place
    if place.file is not None:
        where = printable(place.file)
        if place.line is not None:
            where += f", line {place.line}"
            where += f", column {place.column}" if place.column is not None else ""
        lines.append(f"  in {where}")
    if error.hint:
        lines.append(f"  {printable(error.hint)}")
    return "\n".join(lines)


def in_a_line(error: AuditError) -> str:
    """That nothing was evaluated, why, where, and what to do, for where one text has room."""
    said = in_words(error).removeprefix("audit: ").split("\n")
    return "Nothing was evaluated: " + " - ".join(line.strip() for line in said)


def render(errors: Iterable[AuditError]) -> str:
    """Several of them, below each other."""
    return "".join(f"{in_words(error)}\n" for error in errors)
