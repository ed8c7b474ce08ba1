"""``audit doctor``: the way to a live server, tried step by step."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from auditor.cli.interruption import stopped_as_interrupted
from auditor.cli.output import coloured
from auditor.cli.source import make_target
from auditor.errors import UsageError
from auditor.report.printable import printable

if TYPE_CHECKING:
    from auditor.cli.session import Session
    from auditor.cli.settings import Settings
    from auditor.collect.live.doctor import Step

_MARKS: Final = {"ok": "OK", "warn": "WARN", "fail": "FAIL", "skip": "-"}
_INDENT: Final = 22
_WIDTH: Final = 79


def run(settings: Settings, session: Session) -> int:
    """Try every step; returns 0 where all is right, 3 where one failed.

    Raises:
        UsageError: an option is wrong.
    """
    if settings.text("server") is None:
        raise UsageError("there is no server to try", hint="For example: --server ex01.contoso.com")
    target = make_target(settings, session, strict=False)
    from auditor.collect.live.doctor import examine

    plain = settings.flag("no-color") or session.environ.get("NO_COLOR") or not session.terminal
    session.write(f"{target.endpoint.url}\n\n")
    failed = False
    with stopped_as_interrupted():
        for step in examine(target):
            failed = failed or step.outcome == "fail"
            text = _lines(step)
            session.write(text if plain else coloured(text))
    return 3 if failed else 0


def _lines(step: Step) -> str:
    """One step: its mark, its name, what came of it, and below that what to do."""
    indent = " " * _INDENT
    head = f"{_MARKS[step.outcome]:5} {step.name:15} "
    words = [(head, step.text)] + ([(indent, step.hint)] if step.hint else [])
    return "".join(
        textwrap.fill(
            printable(text),
            _WIDTH,
            initial_indent=start,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        + "\n"
        for start, text in words
    )
