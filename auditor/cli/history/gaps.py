"""``audit history gaps``: runs that were missed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.cli.history.choosing import key_in, open_kept
from auditor.cli.instant import length_of
from auditor.cli.output import put
from auditor.history.gaps import gaps, usual_distance
from auditor.report import history_json, history_text

if TYPE_CHECKING:
    from auditor.cli.session import Session
    from auditor.cli.settings import Settings

_HINT: Final = "Give minutes, hours, days or weeks: --every 24h"


def run(settings: Settings, session: Session) -> int:
    """Print what was missed; returns 1 where something was, 3 where it cannot be told.

    Raises:
        AuditError: there is no history, or it cannot be read.
    """
    every = length_of(settings, "every", "mhdw", _HINT)
    with open_kept(settings) as store:
        key = key_in(store, settings)
        moments = [one.recorded_at for one in reversed(store.runs(key))]
    every = every or usual_distance(moments)
    found = None if every is None else gaps(moments, every, session.now())
    as_json = settings.text("format") == "json"
    put((history_json if as_json else history_text).gaps(key, every, found), session)
    return 3 if found is None else int(bool(found))
