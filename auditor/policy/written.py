"""YAML nodes → YAML text, each value with the place that it came from."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Final, TypeAlias

from auditor.yamlfile import flow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from auditor.errors import Place
    from auditor.yamlfile import Node, Scalar

Notes: TypeAlias = "Mapping[tuple[str, Scalar], str]"
"""What to say beside a value, by its key and the value."""

WIDTH: Final = 96
_COMMENT_COLUMN: Final = 56
_LONG: Final = 60
# What a folded block gives back as it was: words, each parted from the next by one blank.
_WORD: Final = r"[!-~\u00a1-\u1fff\u2070-\u2fff\u3001-\ud7ff]+"
_FOLDABLE: Final = re.compile(f"{_WORD}(?: {_WORD})*")


def written(node: Node, notes: Notes) -> str:
    """A mapping as YAML text that reads back as the same.

    Args:
        node: the mapping.
        notes: what to say beside some values.
    """
    return "".join(f"{line}\n" for line in _Writer(notes).mapping(node, 0))


class _Writer:
    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def mapping(self, node: Node, indent: int) -> Iterator[str]:
        entries = node.value if isinstance(node.value, dict) else {}
        for key, value in entries.items():
            yield from self._entry(f"{' ' * indent}{flow(key)}:", key, value, indent)

    def _entry(self, head: str, key: str, node: Node, indent: int) -> Iterator[str]:
        value = node.value
        if isinstance(value, dict) and value:
            yield head
            yield from self.mapping(node, indent + 2)
        elif isinstance(value, dict):
            yield _beside(f"{head} {{}}", node.place)
        elif isinstance(value, tuple):
            yield from self._sequence(head, node, value, indent)
        elif isinstance(value, str) and key and len(value) > _LONG and _FOLDABLE.fullmatch(value):
            yield _beside(f"{head} >-", node.place)
            yield from textwrap.wrap(
                value,
                WIDTH,
                initial_indent=" " * (indent + 2),
                subsequent_indent=" " * (indent + 2),
                break_long_words=False,
                break_on_hyphens=False,
            )
        else:
            yield _beside(f"{head} {flow(value)}", node.place, self._notes.get((key, value), ""))

    def _sequence(
        self, head: str, node: Node, items: tuple[Node, ...], indent: int
    ) -> Iterator[str]:
        scalars = [item.value for item in items if not isinstance(item.value, dict | tuple)]
        line = f"{head} [{', '.join(map(flow, scalars))}]"
        places = {item.place[:2] for item in items}
        if len(scalars) == len(items) and len(places) < 2 and (len(line) < WIDTH or not items):
            yield _beside(line, node.place)
            return
        yield head
        for item in items:
            yield from self._item(item, indent + 2)

    def _item(self, item: Node, indent: int) -> Iterator[str]:
        start = " " * indent + "-"
        if not isinstance(item.value, dict) or not item.value:
            yield from self._entry(start, "", item, indent)
            return
        lines = self.mapping(item, indent + 2)
        yield start + next(lines)[indent + 1 :]
        yield from lines


def _beside(line: str, place: Place, note: str = "") -> str:
    """A line with where its value comes from."""
    where = place.file if place.line is None else f"{place.file}:{place.line}"
    # A file's name is text from outside; a comment ends with its line.
    said = " ".join(f"{where} {note}".split())
    return f"{line.ljust(_COMMENT_COLUMN)}  # {said}"
