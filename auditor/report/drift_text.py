"""What has changed since the run before, for a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from auditor.moments import instant
from auditor.report.columns import WIDTH, wrapped
from auditor.report.drift_words import headline, label, lines
from auditor.report.printable import printable

if TYPE_CHECKING:
    from auditor.model import Audit
    from auditor.report.drift_words import Line


def first_line(audit: Audit) -> str:
    """The line that a report begins with where there is a history; else empty."""
    drift = audit.drift
    if drift is None:
        return ""
    return wrapped(printable(f"{label(drift)}: {headline(drift, audit.evaluated_at)}."), WIDTH)


def render(audit: Audit) -> str:
    """What has changed, a line each; empty where there is nothing to say."""
    found, drift = lines(audit), audit.drift
    if not found or drift is None or drift.since is None:
        return ""
    head = f"Since run {drift.run} ({instant(drift.since)})"
    return "\n".join([head, *map(_line, found)])


def _line(line: Line) -> str:
    return textwrap.fill(
        printable(f"{line.mark}: {line.text}" if line.mark else line.text),
        WIDTH,
        initial_indent="  ",
        subsequent_indent="    ",
        break_on_hyphens=False,
    )
