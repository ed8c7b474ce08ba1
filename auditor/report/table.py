"""The report for a terminal: verdict first, failures before passes, 80 columns wide.

Its own words are ASCII, so that no console code page spoils them.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from auditor.model import SEVERITIES
from auditor.report import drift_text, error_text, routes_text
from auditor.report.columns import WIDTH, columns, pairs, wrapped
from auditor.report.notes import notes
from auditor.report.printable import printable
from auditor.report.wording import facts, in_short, meaning, value_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from auditor.errors import AuditError
    from auditor.model import Audit, Finding

_WORDS: Final = {"fail": "FAIL", "unknown": "UNKNOWN", "not-applicable": "n/a"}
_REST: Final = ("exempt", "pass", "not-applicable")


def render(audit: Audit) -> str:
    """The whole report, without colour."""
    said = [wrapped(printable(note), WIDTH) for note in notes(audit)]
    routes = routes_text.render(audit.routes) if audit.routes else ""
    changes = drift_text.render(audit)
    parts = [_head(audit), pairs(facts(audit)), changes, *_problems(audit), _rest(audit), routes]
    parts += [*said, _next(audit)]
    return "\n\n".join(part for part in parts if part) + "\n"


def render_errors(errors: Iterable[AuditError], _: datetime | None = None) -> str:
    """What stopped the run."""
    return error_text.render(errors)


def _next(audit: Audit) -> str:
    """What to do, where commands can put something right."""
    if audit.plan is None or not audit.plan.changes:
        return ""
    return "To put it right: audit plan shows the changes, audit remediate writes scripts."


def _head(audit: Audit) -> str:
    """What has changed, where that is known, and what it all means."""
    changed, verdict = drift_text.first_line(audit), _verdict(audit)
    return f"{changed}\n{verdict}" if changed else verdict


def _verdict(audit: Audit) -> str:
    """What it all means, in a line."""
    return wrapped(printable(f"{audit.verdict.upper()}: {meaning(audit)}"), WIDTH)


def _problems(audit: Audit) -> Iterator[str]:
    """What failed, then what is not known; the worst first, what has one cause together."""
    for status in ("fail", "unknown"):
        found = [finding for finding in audit.findings if finding.status == status]
        blocks: dict[tuple[str, str, str], list[Finding]] = {}
        for finding in sorted(found, key=lambda one: SEVERITIES.index(one.severity)):
            where = finding.connector.label if finding.connector else ""
            key = (finding.message, where, finding.severity if status == "fail" else "")
            blocks.setdefault(key, []).append(finding)
        yield from (_problem(together) for together in blocks.values())


def _problem(together: list[Finding]) -> str:
    first = together[0]
    where = f" - {printable(first.connector.label)}" if first.connector else ""
    controls = ", ".join(finding.control.id for finding in together)
    head = f"{_WORDS[first.status]} ({first.severity}) {controls}{where}"
    lines = textwrap.wrap(head, WIDTH, subsequent_indent="     ", break_on_hyphens=False)
    text = "\n".join(lines)
    if first.control.title:
        text += "\n" + textwrap.indent(wrapped(printable(first.control.title), WIDTH - 2), "  ")
    text += "\n" + textwrap.indent(wrapped(printable(first.message), WIDTH - 2), "  ")
    name = first.control.property
    if first.status != "fail" or name is None:
        return text
    both = {"expected": value_text(name, first.expected), "actual": value_text(name, first.actual)}
    return text + "\n" + textwrap.indent(pairs(both, WIDTH - 2), "  ")


def _rest(audit: Audit) -> str:
    """What needs nobody: one row each, alike ones together."""
    rows: dict[tuple[str, str], list[str]] = {}
    for status in _REST:
        for finding in audit.findings:
            if finding.status == status:
                row = (_WORDS.get(status, status), in_short(finding))
                rows.setdefault(row, []).append(finding.control.id)
    if not rows:
        return ""
    cells = [(status, ", ".join(controls), text) for (status, text), controls in rows.items()]
    # Exchange's longest names are not to be broken.
    longest = max(len(name) for controls in rows.values() for name in controls)
    room = min(max(longest + 1, 24), 30)
    return columns(cells, ("Status", "Control", "Found"), (WIDTH, room, 70 - room))
