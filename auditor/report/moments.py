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
    """The day of a moment, in UTC: ``22 November``; of another year than now's, with the year."""
    day, today = moment.astimezone(UTC), now.astimezone(UTC)
    # Not strftime: what a month is called would follow the locale.
    words = f"{day.day} {_MONTHS[day.month - 1]}"
    return words if day.year == today.year else f"{words} {day.year}"
