"""``audit history gaps``: runs that were missed."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from auditor.cli.history.choosing import key_in, open_kept
from auditor.cli.output import put
from auditor.errors import UsageError
from auditor.history.gaps import gaps, usual_distance
from auditor.report import history_json, history_text

if TYPE_CHECKING:
    from auditor.cli.session import Session
    from auditor.cli.settings import Settings

_TIME: Final = re.compile(r"(\d{1,5})([mhdw])", re.ASCII)
_MINUTES: Final = {"m": 1, "h": 60, "d": 24 * 60, "w": 7 * 24 * 60}


def run(settings: Settings, session: Session) -> int:
    """Print what was missed; returns 1 where something was, 3 where it cannot be told.

    Raises:
        AuditError: there is no history, or it cannot be read.
    """
    every = _every(settings)
    with open_kept(settings) as store:
        key = key_in(store, settings)
        moments = [one.recorded_at for one in reversed(store.runs(key))]
    every = every or usual_distance(moments)
    found = None if every is None else gaps(moments, every, session.now())
    as_json = settings.text("format") == "json"
    put((history_json if as_json else history_text).gaps(key, every, found), session)
    return 3 if found is None else int(bool(found))


def _every(settings: Settings) -> timedelta | None:
    text = settings.text("every")
    if text is None:
        return None
    match = _TIME.fullmatch(text.strip())
    if match is None or not int(match[1]):
        hint = "Give minutes, hours, days or weeks: --every 24h"
        raise UsageError(f"--every cannot be {text!r}", hint=hint)
    return timedelta(minutes=int(match[1]) * _MINUTES[match[2]])
