"""``audit history trend``: how an audit went over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.cli.history.choosing import key_in, open_kept
from auditor.cli.output import put
from auditor.history.drift import failing
from auditor.history.periods import periods
from auditor.report import history_json, history_text

if TYPE_CHECKING:
    from auditor.cli.session import Session
    from auditor.cli.settings import Settings


def run(settings: Settings, session: Session) -> int:
    """Print what each period brought, and what fails; returns 0.

    Raises:
        AuditError: there is no history, or it cannot be read.
    """
    with open_kept(settings) as store:
        key = key_in(store, settings)
        runs = store.runs(key)
        lasting = failing(key, store)
    by, found = periods(runs, settings.text("by"))
    if settings.text("format") == "json":
        put(history_json.trend(key, by, found, lasting), session)
    else:
        put(history_text.trend(key, by, found, lasting, session.now()), session)
    return 0
