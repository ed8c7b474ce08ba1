"""Every audit of a configuration file, one after another: none stops or hides another."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from auditor.cli.failing import failure_of
from auditor.cli.output import put, put_document, refuse_overwriting
from auditor.cli.outputs import fixed_paths, outputs_of
from auditor.cli.source import path_of
from auditor.errors import UsageError
from auditor.report.json_report import render_errors
from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from auditor.cli.session import Session
    from auditor.cli.settings import Settings

SCHEMA: Final = "audit-reports/1"
_WORST_FIRST: Final = (4, 2, 1, 3, 0)
_SHOWN: Final = frozenset({"table", "json", "markdown"})


def run_all(settings: Settings, session: Session, run: Callable[[Settings, Session], int]) -> int:
    """Run a command for each audit; returns the worst exit status.

    Args:
        settings: with those of each audit in ``several``.
        session: the world.
        run: the command for one audit.

    Raises:
        UsageError: what is asked for cannot be done for several at once.
    """
    _require_possible(settings)
    as_json = settings.text("format") == "json"
    statuses, reports = [], []
    for one in settings.several:
        status, text = _run_one(one, session, run, as_json=as_json)
        statuses.append(status)
        if as_json:
            reports.append(json.loads(text))
        else:
            put(_headed(one.text("name") or "", text, settings), session)
    if as_json:
        put_document(SCHEMA, {"reports": reports}, session)
    return next(status for status in _WORST_FIRST if status in statuses)


def _run_one(
    settings: Settings,
    session: Session,
    run: Callable[[Settings, Session], int],
    *,
    as_json: bool,
) -> tuple[int, str]:
    """The exit status of one audit, and what it writes to standard output."""
    written: list[str] = []
    own = replace(session, write=written.append)
    with session.log.about(settings.text("name") or ""):
        try:
            status = run(settings, own)
        except Exception as error:
            failure = failure_of(error)
            session.report(failure)
            status = failure.exit_status
            written = [render_errors([failure], session.now())] if as_json else []
    return status, "".join(written)


def _headed(name: str, text: str, settings: Settings) -> str:
    """What an audit wrote, below its name."""
    mark = "#" if settings.text("format") == "markdown" else "==="
    return f"{mark} {printable(name)}\n\n" + (text or "(not evaluated)\n") + "\n"


def _require_possible(settings: Settings) -> None:
    hint = "Choose one audit with --name, or write files: --output html=reports/{name}.html"
    name = settings.text("format") or "table"
    if name not in _SHOWN:
        raise UsageError(f"--format {name} is of one audit, and there are several", hint=hint)
    if settings.text("exit-style") == "nagios":
        raise UsageError("--exit-style nagios is of one audit, and there are several", hint=hint)
    paths = []
    for one in settings.several:
        outputs = outputs_of(one)
        kept = path_of(one, "save-snapshot")
        paths += [*fixed_paths(outputs), *([kept] if kept else [])]
    refuse_overwriting(paths, ())
