"""The map of routes, drawn: mail on the left, its connector, and where that hands it to."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from auditor.report.html.drawing import CHARACTER, LINE, box, image, line, text
from auditor.report.html.routes import Row, rows
from auditor.report.routes_text import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from auditor.model import RouteMap

_MOST: Final = 30
"""So many routes are drawn; the table has them all."""

_LINES: Final = 4
_WIDTH: Final = 280.0
_GAP: Final = 70.0
_PAD: Final = 12.0
_ROOM: Final = int((_WIDTH - 2 * _PAD) / CHARACTER)
_COLUMNS: Final = tuple(column * (_WIDTH + _GAP) for column in range(3))
_TOTAL: Final = _COLUMNS[2] + _WIDTH


def drawn(routes: RouteMap | None) -> Markup | None:
    """The map as SVG; None where there is nothing to draw."""
    found = rows(routes)
    if not found:
        return None
    parts: list[Markup] = []
    top = 0.0
    for row in found[:_MOST]:
        height = _height(row)
        parts += _drawn_row(row, top, height)
        top += height + LINE
    if len(found) > _MOST:
        parts.append(text(0, top + LINE, f"and {len(found) - _MOST} more, in the table below"))
        top += 2 * LINE
    count = f"{len(found)} route{'' if len(found) == 1 else 's'}"
    return image(_TOTAL, top - LINE + 2, f"Map of {count}; the table below says the same", parts)


def _height(row: Row) -> float:
    lines = max(len(_mail(row)), len(_hops(row)) + 1, 2)
    return lines * LINE + 2 * _PAD - 4


def _mail(row: Row) -> list[str]:
    return shortened(row.mail, _LINES)


def _hops(row: Row) -> list[str]:
    return shortened(row.destination.split(", "), _LINES)


def _drawn_row(row: Row, top: float, height: float) -> Iterator[Markup]:
    middle = top + height / 2
    stops = _COLUMNS if row.connector else _COLUMNS[::2]
    for start, end in pairwise(stops):
        yield line(start + _WIDTH, middle, end - 8, middle, f"way {row.colour}")
        yield _head(end, middle, row.colour)
    yield box(_COLUMNS[0] + 1, top + 1, _WIDTH - 2, height - 2, "box")
    yield from _lines(_mail(row), _COLUMNS[0], top, height)
    if row.connector:
        yield box(_COLUMNS[1] + 1, top + 1, _WIDTH - 2, height - 2, "box")
        yield from _lines([row.connector], _COLUMNS[1], top, height, "strong")
    yield box(_COLUMNS[2] + 1, top + 1, _WIDTH - 2, height - 2, f"box {row.colour}")
    yield from _lines([*_hops(row), row.verdict], _COLUMNS[2], top, height, last=row.colour)


def _lines(
    texts: Sequence[str], left: float, top: float, height: float, kind: str = "", last: str = ""
) -> Iterator[Markup]:
    """Texts below each other in the middle of a box; the last one may say how that is."""
    first = top + (height - len(texts) * LINE) / 2 + LINE * 0.75
    for number, content in enumerate(texts):
        is_last = bool(last) and number == len(texts) - 1
        yield text(
            left + _PAD, first + number * LINE, content, f"said {last}" if is_last else kind, _ROOM
        )


def _head(x: float, y: float, colour: str) -> Markup:
    """The point of an arrow."""
    points = f"{x - 10:.1f},{y - 5:.1f} {x:.1f},{y:.1f} {x - 10:.1f},{y + 5:.1f}"
    return Markup('<polygon points="{}" class="head {}"/>').format(points, colour)
