"""Moments in every form in which exports write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.kinds.base import text_of

if TYPE_CHECKING:
    from auditor.model import Raw

# ConvertTo-Json of Windows PowerShell: milliseconds since 1970, in UTC.
_MILLISECONDS: Final = re.compile(r"/Date\((-?[0-9]{1,15})(?:[+-][0-9]{4})?\)/", re.ASCII)
# .NET writes ticks, seven digits; Python reads six.
_TICKS: Final = re.compile(r"(\.[0-9]{6})[0-9]+")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CLOCKS: Final = ("%H:%M:%S", "%I:%M:%S %p", "%H:%M", "%I:%M %p")
"""How .NET prints the time of a day; the date before it follows the culture.

Source: https://learn.microsoft.com/dotnet/standard/base-types/standard-date-and-time-format-strings
(the general formats, "g" and "G")
"""


class Moment(NamedTuple):
    """A moment in UTC; without a zone in the source (``has_zone``) it was taken for UTC."""

    at: datetime
    has_zone: bool


def read_moment(raw: Raw) -> Moment | None:
    """A moment: ISO 8601, a DateTime of JSON or CLIXML, or as .NET prints it; else None.

    Which number is the day and which the month is never guessed: ``03/04/2026`` is not read.
    """
    text = text_of(raw)
    if text is None and isinstance(raw, dict):
        # {"value": "/Date(…)/", "DateTime": "…"}: a moment with the notes of Windows PowerShell.
        inner = raw.get("value")
        text = inner if isinstance(inner, str) else None
    if text is None:
        return None
    text = text.strip()
    try:
        found = _MILLISECONDS.fullmatch(text)
        if found:
            return Moment(_EPOCH + timedelta(milliseconds=int(found[1])), has_zone=True)
        return _of_text(text)
    except (ValueError, OverflowError):
        return None


def _of_text(text: str) -> Moment | None:
    try:
        moment = datetime.fromisoformat(_TICKS.sub(r"\1", text))
    except ValueError:
        moment = _printed(text)
    has_zone = moment.tzinfo is not None
    return Moment(moment.astimezone(UTC) if has_zone else moment.replace(tzinfo=UTC), has_zone)


def _printed(text: str) -> datetime:
    """A moment as .NET prints it, where that can be only one day.

    Raises:
        ValueError: it is none.
    """
    # Newer versions of .NET part the time and AM or PM by a narrow blank.
    date, _, clock = re.sub(r"\s+", " ", text).partition(" ")
    parts = re.fullmatch(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})", date, re.ASCII)
    if parts is None:
        raise ValueError("not a moment")
    first, second, year = map(int, parts.groups())
    if first <= 12 and second <= 12 and first != second:
        raise ValueError("which is the day, and which the month?")
    month, day = (first, second) if first <= 12 else (second, first)
    for form in _CLOCKS:
        try:
            return datetime.combine(
                datetime(year, month, day), datetime.strptime(clock, form).time()
            )
        except ValueError:
            continue
    raise ValueError("not a moment")
