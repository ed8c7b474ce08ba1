"""Tables as plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A title, a head and rows in columns: the first to the left, the others to the right."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    texts = [
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    rule = "  ".join("-" * width for width in widths)
    return "\n".join([title, "", texts[0], rule, *texts[1:], ""])


def at_most(value: float, limit: float) -> str:
    """A target that must not be passed, and whether it is met."""
    return f"<= {limit:g}: {'met' if value <= limit else 'MISSED'}"


def at_least(value: float, limit: float) -> str:
    """A target that must be reached, and whether it is met."""
    return f">= {limit:g}: {'met' if value >= limit else 'MISSED'}"
