"""Markdown for tickets, pull requests and wikis: verdict first, then what is to be done.

CommonMark with the tables of GitHub (https://github.github.com/gfm/). The second line is a link
definition, which shows nothing; by it a report is known as one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.model import SEVERITIES
from auditor.moments import instant
from auditor.report.answers import shown_command
from auditor.report.drift_words import headline, lines
from auditor.report.error_text import in_a_line
from auditor.report.markdown.escaping import block, bullets, code, table, text
from auditor.report.notes import notes
from auditor.report.routes_text import MOST, destination, mail_of, shortened, verdict
from auditor.report.wording import facts, in_short, meaning, value_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from auditor.errors import AuditError
    from auditor.model import Audit, ExemptionUse, Finding, PlannedChange, Route
    from auditor.report.drift_words import Line

_MARK: Final = "[//]: # (audit-report/1, Markdown)"
_REST: Final = ("exempt", "pass", "not-applicable")
_HEADERS: Final = ("Control", "Connector", "State", "Ends", "Ticket", "Approved by", "Reason")


def render(audit: Audit) -> str:
    """The whole report."""
    parts = [
        f"# Connector audit result: {audit.verdict.upper()}",
        _MARK,
        _changed(audit),
        f"**{text(_sentence(meaning(audit)))}**",
        table(("Fact", "Value"), ((text(name), text(said)) for name, said in facts(audit).items())),
        *_section("What has changed", bullets(map(_drift_line, lines(audit)))),
        *_problems(audit, "fail", "Failed"),
        *_problems(audit, "unknown", "Could not be decided"),
        *_section("The rest", table(("Status", "Control", "Found"), _rest(audit))),
        *_section("Where mail goes", bullets(_routes(audit))),
        *_section("Exemptions", table(_HEADERS, map(_exemption, audit.exemptions))),
        *_section("Notes", bullets(map(text, notes(audit)))),
        *_remediation(audit),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def render_errors(errors: Iterable[AuditError], evaluated_at: datetime | None = None) -> str:
    """The report of a run in which nothing was evaluated."""
    when = f"At {text(instant(evaluated_at))}." if evaluated_at else ""
    said = bullets(text(in_a_line(error)) for error in errors)
    parts = ["# Connector audit result: NOT EVALUATED", _MARK, when, said]
    return "\n\n".join(part for part in parts if part) + "\n"


def _changed(audit: Audit) -> str:
    """What has changed since the run before, where that is known."""
    if audit.drift is None:
        return ""
    return f"**{text(_sentence(headline(audit.drift, audit.evaluated_at)))}.**"


def _drift_line(line: Line) -> str:
    return f"{line.mark}: {text(line.text)}" if line.mark else text(line.text)


def _sentence(said: str) -> str:
    return said[:1].upper() + said[1:]


def _section(title: str, content: str) -> Iterator[str]:
    """A heading and what stands under it; nothing where there is nothing."""
    if content:
        yield from (f"## {title}", content)


def _problems(audit: Audit, status: str, title: str) -> Iterator[str]:
    """The findings of a status, the worst first."""
    found = [finding for finding in audit.findings if finding.status == status]
    if found:
        yield f"## {title}"
    for finding in sorted(found, key=lambda one: SEVERITIES.index(one.severity)):
        yield from _problem(finding)


def _problem(finding: Finding) -> Iterator[str]:
    where = f": {text(finding.connector.label)}" if finding.connector else ""
    yield f"### {finding.severity}: {text(finding.control.id)}{where}"
    if finding.control.title:
        yield f"*{text(finding.control.title.strip())}*"
    yield text(finding.message)
    name = finding.control.property
    if finding.status == "fail" and name is not None:
        values = {"expected": finding.expected, "actual": finding.actual}
        yield bullets(f"{key}: {code(value_text(name, value))}" for key, value in values.items())


def _rest(audit: Audit) -> Iterator[tuple[str, str, str]]:
    for status in _REST:
        for finding in audit.findings:
            if finding.status == status:
                yield status, text(finding.control.id), text(in_short(finding))


def _routes(audit: Audit) -> Iterator[str]:
    for route in audit.routes.routes if audit.routes else ():
        if route.fate in {"sent", "inside"}:
            yield f"{_mail(route)} → {_way(route)}"


def _mail(route: Route) -> str:
    return text("; ".join(shortened(mail_of(route), MOST)))


def _way(route: Route) -> str:
    if route.fate == "inside":
        return "delivered in the organisation"
    names = " or ".join(text(connector.label) for connector in route.connectors)
    return f"{names} → {text(destination(route.next_hops))} ({text(verdict(route))})"


def _exemption(use: ExemptionUse) -> tuple[str, ...]:
    one = use.exemption
    said = (one.control, one.connector, use.state, one.expires.isoformat(), one.ticket)
    return tuple(text(part or "") for part in (*said, one.approved_by, one.reason))


def _remediation(audit: Audit) -> Iterator[str]:
    """The commands that a person reviews and runs, and what is done by hand."""
    plan = audit.plan
    if plan is None or not (plan.changes or plan.manual):
        return
    yield "## To put it right"
    for change in plan.changes:
        yield from _change(change)
    yield bullets(f"By hand: {text(step.advice)}" for step in plan.manual)


def _change(change: PlannedChange) -> Iterator[str]:
    yield f"{change.order}\\. {text(change.cmdlet)} for {text(change.name)}:"
    yield block(shown_command(change.command), "powershell")
    if change.caution:
        yield f"Caution: {text(change.caution)}"
