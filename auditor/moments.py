"""Moments, to the second and in UTC: as machines read them, and as people do."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def rfc3339(moment: datetime) -> str:
    """For machines: ``2026-11-23T08:00:00Z`` (https://www.rfc-editor.org/rfc/rfc3339)."""
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def instant(moment: datetime) -> str:
    """For people: ``2026-11-23 08:00:00 UTC``."""
    # Not strftime: of years before 1000 some systems leave the noughts out.
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat(" ") + " UTC"


def day_in_words(moment: datetime, now: datetime) -> str:
    """For people: ``22 November``, with its year where that is another; a time of the same day."""
    day, today = moment.astimezone(UTC), now.astimezone(UTC)
    if day.date() == today.date():
        return f"{day.hour:02}:{day.minute:02} UTC today"
    # Not strftime: its words are those of the machine's language.
    words = f"{day.day} {_MONTHS[day.month - 1]}"
    return words if day.year == today.year else f"{words} {day.year}"
