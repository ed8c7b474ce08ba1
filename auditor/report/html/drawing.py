"""Text and boxes in SVG, escaped; colours come from the page's style by class."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

LINE: Final = 18
"""Pixels from one line of text to the next."""

CHARACTER: Final = 7.2
"""Pixels that a character takes, with room to spare."""


def text(x: float, y: float, content: str, kind: str = "", room: int = 1000) -> Markup:
    """One line of text, cut where it has more columns than there is room for."""
    return Markup('<text x="{}" y="{}" class="{}">{}</text>').format(
        _number(x), _number(y), kind, cut(printable(content), room)
    )


def box(x: float, y: float, width: float, height: float, kind: str) -> Markup:
    """A box with round corners."""
    return Markup('<rect x="{}" y="{}" width="{}" height="{}" rx="6" class="{}"/>').format(
        _number(x), _number(y), _number(width), _number(height), kind
    )


def bar(x: float, y: float, width: float, height: float, kind: str) -> Markup:
    """A box with square corners."""
    return Markup('<rect x="{}" y="{}" width="{}" height="{}" class="{}"/>').format(
        _number(x), _number(y), _number(width), _number(height), kind
    )


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    """A straight line."""
    return Markup('<line x1="{}" y1="{}" x2="{}" y2="{}" class="{}"/>').format(
        _number(x1), _number(y1), _number(x2), _number(y2), kind
    )


def image(width: float, height: float, title: str, parts: Iterable[Markup]) -> Markup:
    """A drawing that is as wide as it says, or as its place allows."""
    head = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}" '
        'role="img" aria-label="{2}">'
    ).format(_number(width), _number(height), printable(title))
    return head + Markup("").join(parts) + Markup("</svg>")


def cut(content: str, room: int) -> str:
    """A text that takes no more columns than there is room for; an ellipsis where it is cut."""
    columns = [2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in content]
    if sum(columns) <= room:
        return content
    taken = 0
    for position, width in enumerate(columns):
        taken += width
        if taken > room - 1:
            return content[:position] + "…"
    return content


def _number(value: float) -> str:
    """Without digits that nobody sees, so that every machine writes the same."""
    return f"{value:.1f}".removesuffix(".0")
