"""Exemptions on a line of time: from when, until when, and where today is."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

from auditor.report.html.drawing import LINE, box, image, line, text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from markupsafe import Markup

    from auditor.model import Exemption, ExemptionUse

_MOST: Final = 40
_NAMES: Final = 250.0
_WIDTH: Final = 560.0
_DATES: Final = 110.0
_ROW: Final = LINE * 1.7
_BAR: Final = 12.0
_AHEAD: Final = 30
_CLASSES: Final = {
    "in use": "good",
    "stale": "inside",
    "not started": "inside",
    "expired": "bad",
    "undecided": "unknown",
}


def drawn(uses: Sequence[ExemptionUse], evaluated_at: datetime) -> Markup | None:
    """The line as SVG, what ends first on top; None where there are no exemptions."""
    if not uses:
        return None
    day = evaluated_at.astimezone(UTC).date()
    # Days as numbers: there is none before the first of the calendar, but there is room to draw.
    today = day.toordinal()
    shown = sorted(uses, key=lambda use: use.exemption.expires)[:_MOST]
    first = min([today - _AHEAD, *(_start(use.exemption, today) for use in shown)])
    last = max([today + _AHEAD, *(use.exemption.expires.toordinal() for use in shown)])
    scale = _Scale(first, last)
    height = len(shown) * _ROW + LINE * 1.4
    parts = [
        *_bars(shown, scale, today),
        line(scale.at(today), 0, scale.at(today), height, "today"),
    ]
    parts.append(text(scale.at(today) + 6, LINE * 0.8, f"{day.isoformat()}: evaluated", "said"))
    return image(
        _NAMES + _WIDTH + _DATES, height, "When each exemption ends; the table has the dates", parts
    )


class _Scale:
    """Days → places on the line."""

    def __init__(self, first: int, last: int) -> None:
        self._first = first
        self._days = max(last - first, 1)

    def at(self, day: int) -> float:
        return _NAMES + (day - self._first) / self._days * _WIDTH


def _start(exemption: Exemption, today: int) -> int:
    """Where its bar begins; one that always held begins a little before today, or its end."""
    if exemption.starts is not None:
        return exemption.starts.toordinal()
    return min(today, exemption.expires.toordinal()) - _AHEAD


def _bars(shown: Sequence[ExemptionUse], scale: _Scale, today: int) -> list[Markup]:
    parts: list[Markup] = []
    for number, use in enumerate(shown):
        top = LINE * 1.4 + number * _ROW
        start, end = (
            scale.at(_start(use.exemption, today)),
            scale.at(use.exemption.expires.toordinal()),
        )
        name = use.exemption.connector or use.exemption.control
        parts.append(text(0, top + _BAR - 1, name, "strong", 33))
        parts.append(box(start, top, max(end - start, 4), _BAR, f"bar {_CLASSES[use.state]}"))
        parts.append(text(end + 8, top + _BAR - 1, use.exemption.expires.isoformat()))
    return parts
