"""The report as one page that needs nothing else: no server, no network, no other file.

The page holds its style and its script, and its policy allows nothing but these two, by their
digests (https://www.w3.org/TR/CSP3/#strict-csp). Whatever comes from outside goes through
``printable`` and is escaped by the template engine, everywhere, without being asked to.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

import auditor
from auditor.model import QUESTIONS
from auditor.moments import instant
from auditor.report.checklist import checklist
from auditor.report.drift_words import headline, lines
from auditor.report.error_text import in_words
from auditor.report.html import flow
from auditor.report.html.findings import connectors_of, entries
from auditor.report.html.plan import changes, manual_steps
from auditor.report.html.route_map import drawn as route_map
from auditor.report.html.routes import rows as route_rows
from auditor.report.html.timeline import drawn as timeline
from auditor.report.notes import exemption_notes, notes
from auditor.report.printable import printable
from auditor.report.wording import facts, meaning
from auditor.snapshot import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from jinja2 import Template

    from auditor.errors import AuditError
    from auditor.model import Audit, MailFlowResult

GENERATOR: Final = "connector-auditor"


def render(audit: Audit) -> str:
    """The page of an audit."""
    found = entries(audit)
    return _page(
        "report.html",
        audit=audit,
        title=f"{audit.verdict.capitalize()}: {audit.organization or 'send connectors'}",
        meaning=meaning(audit),
        facts=facts(audit),
        drift=audit.drift and headline(audit.drift, audit.evaluated_at),
        drift_lines=lines(audit),
        findings=found,
        connectors=connectors_of(found),
        routes=route_rows(audit.routes),
        route_map=route_map(audit.routes),
        timeline=timeline(audit.exemptions, audit.evaluated_at),
        changes=changes(audit),
        manual=manual_steps(audit),
        lines=checklist(audit) if audit.go_live else [],
        questions=QUESTIONS,
        notes=[note for note in notes(audit) if note not in exemption_notes(audit)],
        exemption_notes=exemption_notes(audit),
        digest=digest(audit.snapshot),
        evaluated_at=instant(audit.evaluated_at),
        **_flow(audit.mail_flow),
    )


def mail_flow_page(result: MailFlowResult, title: str, facts: Mapping[str, str]) -> str:
    """A page of what logs say of mail that left, alone."""
    return _page("mailflow.html", title=title, facts=facts, **_flow(result))


def _flow(result: MailFlowResult | None) -> dict[str, object]:
    """What the section on mail that left is made of."""
    return {
        "flow": result,
        "flow_rows": flow.rows(result) if result is not None else [],
        "flow_drawn": flow.drawn(result) if result is not None else None,
    }


def render_errors(errors: Iterable[AuditError], evaluated_at: datetime | None = None) -> str:
    """A page that says that nothing was evaluated, and why."""
    return _page(
        "errors.html",
        title="Nothing was evaluated",
        errors=[in_words(error) for error in errors],
        evaluated_at=None if evaluated_at is None else instant(evaluated_at),
    )


def _page(template: str, **content: object) -> str:
    return _template(template).render(
        content, version=auditor.__version__, generator=GENERATOR, **_parts()
    )


@cache
def _template(name: str) -> Template:
    environment = Environment(
        loader=FunctionLoader(_read),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_shown,
    )
    environment.filters["instant"] = instant
    return environment.get_template(name)


def _shown(value: object) -> object:
    """Every text of a page without signs that nobody sees; markup is ours and stays as it is."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _parts() -> dict[str, object]:
    """The style, the script, and the policy that allows these two only."""
    style, script = _read("style.css"), _read("script.js")
    policy = (
        f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    # Both are ours: they hold no end of an element.
    return {"style": Markup(style), "script": Markup(script), "policy": policy}  # noqa: S704


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _read(name: str) -> str:
    text = files("auditor.report.html").joinpath(name).read_text("utf-8")
    # As browsers read it, whatever line ends a checkout has.
    return text.replace("\r\n", "\n")
