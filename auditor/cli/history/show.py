"""``audit history show``: one run that was kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from auditor.cli.history.choosing import open_kept
from auditor.cli.output import put, write_or_refuse
from auditor.cli.source import path_of
from auditor.errors import UsageError
from auditor.report import history_json, history_text
from auditor.snapshot import write_snapshot

if TYPE_CHECKING:
    from auditor.cli.session import Session
    from auditor.cli.settings import Settings


def run(settings: Settings, session: Session) -> int:
    """Print one run, and write its snapshot where that is asked for; returns 0.

    Raises:
        AuditError: there is no such run, or it cannot be read.
    """
    number = _number(settings.operands[0])
    path = path_of(settings, "save-snapshot")
    with open_kept(settings) as store:
        found = store.run(number)
        findings = store.finding_documents(found)
        if path is not None:
            write_or_refuse(path, write_snapshot(store.snapshot(found)))
    as_json = settings.text("format") == "json"
    put((history_json if as_json else history_text).run(found, findings), session)
    return 0


def _number(word: str) -> int:
    match = re.fullmatch(r"#?(\d{1,18})", word, re.ASCII)
    if match is None:
        hint = "Give its number: audit history list shows them."
        raise UsageError(f"{word!r} is not the number of a run", hint=hint)
    return int(match[1])
