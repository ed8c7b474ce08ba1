"""``audit history list``: the runs that were kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.cli.histories import key_of
from auditor.cli.history.choosing import count_of, open_kept
from auditor.cli.output import put
from auditor.report import history_json, history_text

if TYPE_CHECKING:
    from auditor.cli.session import Session
    from auditor.cli.settings import Settings


def run(settings: Settings, session: Session) -> int:
    """Print the newest runs; returns 0.

    Raises:
        AuditError: there is no history, or it cannot be read.
    """
    limit = count_of(settings, "limit")
    with open_kept(settings) as store:
        runs = store.runs(key_of(settings), limit=limit)
    as_json = settings.text("format") == "json"
    put(history_json.listing(runs) if as_json else history_text.listing(runs), session)
    return 0
