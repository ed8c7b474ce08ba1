"""Text in columns, at most 80 wide: the one door to tabulate."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from tabulate import MIN_PADDING, tabulate

from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

WIDTH: Final = 80
_GAP: Final = 2


def pairs(facts: Mapping[str, str | Sequence[str]], width: int = WIDTH) -> str:
    """Names and values in two columns; each of several texts begins a line."""
    room = width - _GAP - max(map(len, facts))
    rows = [
        (name, "\n".join(wrapped(printable(text), room) for text in texts))
        for name, texts in (
            (name, [said] if isinstance(said, str) else said) for name, said in facts.items()
        )
    ]
    return tabulate(rows, tablefmt="plain", disable_numparse=True)


def columns(rows: Iterable[Sequence[str]], headers: Sequence[str], widths: Sequence[int]) -> str:
    """Rows under headers; each column is broken at its width, the last where the line ends."""
    lines = list(rows)
    filled: list[list[str]] = []
    left = WIDTH
    for number, (header, width) in enumerate(zip(headers, widths, strict=True)):
        filled.append([wrapped(printable(row[number]), min(width, left)) for row in lines])
        longest = max((len(line) for text in filled[-1] for line in text.split("\n")), default=0)
        # A header is padded; what is left for the next column begins after a gap.
        left -= max(longest, len(header) + MIN_PADDING) + _GAP
    cells = list(zip(*filled, strict=True))
    return tabulate(cells, headers=headers, tablefmt="simple", disable_numparse=True)


def hanging(text: str, first: str, further: str) -> str:
    """Text broken between words; the first line begins otherwise than the others."""
    lines = wrapped(text, WIDTH - len(max(first, further, key=len))).split("\n")
    return "\n".join((further if number else first) + line for number, line in enumerate(lines))


def wrapped(text: str, width: int) -> str:
    """Text broken between words; a host name only where it is longer than the line."""
    return "\n".join(textwrap.wrap(text, width, break_on_hyphens=False)) or text
