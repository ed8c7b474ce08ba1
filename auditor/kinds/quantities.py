"""Sizes and time spans."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from auditor.errors import shortened
from auditor.kinds.base import Kind, agreed, text_of, unexpected, whole
from auditor.model import Unreadable

if TYPE_CHECKING:
    from auditor.model import Present, Raw, Value

UNLIMITED: Final = "Unlimited"
TICKS_PER_SECOND: Final = 10_000_000
_TICKS_LIMIT: Final = 1 << 63
_BYTES_LIMIT: Final = 1 << 64
"""What no size reaches: ByteQuantifiedSize counts bytes in 64 bits without a sign."""

_UNITS: Final = {"": 1, "b": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40}
# Group separators follow the locale: comma, full stop, blanks of several kinds, apostrophes.
_BYTES = re.compile(
    r"[0-9][0-9.,]{0,30}[ \u00a0\u202f]?\w{1,5} ?"
    r"\(([0-9](?:[.,' \u00a0\u2009\u202f’]?[0-9]){0,40})[ \u00a0\u202f]\w{1,12}\)"
)
_PLAIN = re.compile(r"([0-9]{1,20})[ \u00a0\u202f]*([kmgt]?b)?", re.IGNORECASE)
_SPAN = re.compile(
    r"(-?)(?:([0-9]{1,8})\.)?([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,7}))?", re.ASCII
)
_ISO_SPAN = re.compile(
    r"(-?)P(?:([0-9]{1,8})D)?(?:T(?:([0-9]{1,8})H)?(?:([0-9]{1,8})M)?"
    r"(?:([0-9]{1,8})(?:\.([0-9]{1,7}))?S)?)?",
    re.ASCII,
)


def read_size(raw: Raw) -> Value:
    """A size in bytes, or ``Unlimited``. The bytes in brackets decide.

    The type is Unlimited(Of ByteQuantifiedSize):
    https://learn.microsoft.com/previous-versions/office/developer/exchange-server-2010/ff344668(v=exchg.140)
    """
    if raw is None:
        return None
    number = whole(raw)
    if number is not None:
        return _in_bytes(number, raw)
    text = text_of(raw)
    if text is not None:
        return _size_of_text(text.strip())
    if isinstance(raw, dict):
        if raw.get("IsUnlimited") is True:
            return UNLIMITED
        inner = raw.get("Value")
        if whole(inner) is not None or text_of(inner) is not None:
            return read_size(text_of(inner) or inner)
    return unexpected("size", raw)


def _size_of_text(text: str) -> Value:
    if text.lower() == UNLIMITED.lower():
        return UNLIMITED
    exact = _BYTES.fullmatch(text)
    if exact:
        return _in_bytes(int(re.sub(r"[^0-9]", "", exact[1])), text)
    plain = _PLAIN.fullmatch(text)
    if plain:
        return _in_bytes(int(plain[1]) * _UNITS[(plain[2] or "").lower()], text)
    return unexpected("size", text)


def _in_bytes(number: int, raw: Raw) -> Value:
    """So many bytes, where a size can be as large."""
    return number if 0 <= number < _BYTES_LIMIT else unexpected("size", raw)


def read_time_span(raw: Raw) -> Value:
    """A time span as .NET writes it: ``00:10:00``, ``1.00:00:00``.

    Source of the form: https://learn.microsoft.com/dotnet/standard/base-types/
    standard-timespan-format-strings (the constant format, "c").
    """
    if raw is None:
        return None
    text = text_of(raw)
    readings = [] if text is None else [_span_of_text(text.strip())]
    ticks = whole(raw.get("Ticks")) if isinstance(raw, dict) else None
    if ticks is not None:
        readings.append(_in_range(ticks))
    return agreed("time span", readings) if readings else unexpected("time span", raw)


def _span_of_text(text: str) -> Value:
    match = _SPAN.fullmatch(text)
    if match is None:
        match = _ISO_SPAN.fullmatch(text) if any(c.isdigit() for c in text) else None
        if match is None:
            return unexpected("time span", text)
    elif int(match[3]) > 23 or int(match[4]) > 59 or int(match[5]) > 59:
        return Unreadable(f"{shortened(text)} is not a time span: hours to 23, minutes to 59")
    return _in_range(_ticks(match))


def _in_range(ticks: int) -> Value:
    """A span as text, where .NET's 64-bit count of ticks can hold it."""
    fits = -_TICKS_LIMIT <= ticks < _TICKS_LIMIT
    return span_text(ticks) if fits else Unreadable(f"{ticks} ticks are beyond any time span")


def _ticks(match: re.Match[str]) -> int:
    days, hours, minutes, seconds = (int(part or 0) for part in match.group(2, 3, 4, 5))
    total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    ticks = total * TICKS_PER_SECOND + int((match[6] or "").ljust(7, "0"))
    return -ticks if match[1] else ticks


def span_text(ticks: int) -> str:
    """A time span in units of 100 ns, as .NET writes it."""
    sign, rest = ("-", -ticks) if ticks < 0 else ("", ticks)
    seconds, fraction = divmod(rest, TICKS_PER_SECOND)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    text = f"{sign}{f'{day}.' if day else ''}{hour:02}:{minute:02}:{second:02}"
    return f"{text}.{fraction:07}" if fraction else text


def bytes_of(value: Present) -> int:
    """A size in bytes; Unlimited is larger than all."""
    return value if isinstance(value, int) else _BYTES_LIMIT


def ticks_of(value: Present) -> int:
    """A normalised time span in units of 100 ns."""
    match = _SPAN.fullmatch(str(value))
    return _ticks(match) if match else 0


SIZE: Final = Kind("size", read_size, measure=bytes_of, example="35 MB")
TIME_SPAN: Final = Kind("time span", read_time_span, measure=ticks_of, example='"00:10:00"')
