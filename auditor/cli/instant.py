"""``--as-of``: a date or a time in words → an instant."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from auditor.errors import UsageError

if TYPE_CHECKING:
    from auditor.cli.settings import Settings

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def as_of(settings: Settings) -> datetime | None:
    """The instant that ``--as-of`` says; None where it says none.

    Raises:
        UsageError: it is neither a date nor a time.
    """
    with settings.said_by("as-of"):
        given = settings.text("as-of")
        return None if given is None else parse_instant(given)


def parse_instant(text: str) -> datetime:
    """A date means 00:00 UTC of that day; a time without a zone is UTC.

    Raises:
        UsageError: it is neither, or there is no such day.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
        if _DATE.fullmatch(text.strip()) is None and not re.search(r"\d[T ]\d", text):
            raise ValueError(text)
        if moment.tzinfo is None:
            return moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"{text!r} is neither a date nor a time",
            hint="Write 2026-12-01, or 2026-12-01T08:00:00Z.",
        ) from error
