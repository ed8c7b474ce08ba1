"""Times in words: a date or a time is an instant, ``24h`` is a length."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from auditor.errors import UsageError

if TYPE_CHECKING:
    from auditor.cli.settings import Settings

_LENGTH: Final = re.compile(r"(\d{1,5})([a-z])", re.ASCII)
_UNITS: Final = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "y": timedelta(days=365),
}
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


def length_of(settings: Settings, option: str, units: str, hint: str) -> timedelta | None:
    """A length of time in words, ``24h``; None where the option is not given.

    Args:
        settings: the options.
        option: the one.
        units: the letters that may stand in it: of ``mhdwy`` those that make sense, a ``y`` is 365
            days.
        hint: what to write instead of what is none.

    Raises:
        UsageError: it is none.
    """
    with settings.said_by(option):
        word = settings.text(option)
        if word is None:
            return None
        match = _LENGTH.fullmatch(word.strip())
        if match is None or match[2] not in units or not int(match[1]):
            raise UsageError(f"--{option} cannot be {word!r}", hint=hint)
        return int(match[1]) * _UNITS[match[2]]
