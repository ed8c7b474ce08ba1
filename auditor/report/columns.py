"""Text in columns, at most 80 wide: the one door to tabulate."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from tabulate import tabulate

from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

WIDTH: Final = 80


def pairs(facts: Mapping[str, str]) -> str:
    """Names and values in two columns."""
    room = WIDTH - 2 - max(map(len, facts))
    rows = [(name, wrapped(printable(text), room)) for name, text in facts.items()]
    return tabulate(rows, tablefmt="plain", disable_numparse=True)


def columns(rows: Iterable[Sequence[str]], headers: Sequence[str], widths: Sequence[int]) -> str:
    """Rows under headers; each column is broken at its width."""
    cells = [
        [wrapped(printable(text), width) for text, width in zip(row, widths, strict=True)]
        for row in rows
    ]
    return tabulate(cells, headers=headers, tablefmt="simple", disable_numparse=True)


def wrapped(text: str, width: int) -> str:
    """Text broken between words; a host name only where it is longer than the line."""
    return "\n".join(textwrap.wrap(text, width, break_on_hyphens=False)) or text
