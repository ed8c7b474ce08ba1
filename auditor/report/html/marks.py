"""Expected and actual, with what differs marked inside the values."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from auditor.properties import shown
from auditor.report.wording import value_text

if TYPE_CHECKING:
    from auditor.model import Finding


class Piece(NamedTuple):
    """A piece of a value; ``differs`` where the other value lacks it."""

    text: str
    differs: bool = False


Marked: TypeAlias = "tuple[tuple[Piece, ...], ...]"
"""A value as lines of pieces: of a list one line an item."""


def marked(name: str, finding: Finding) -> tuple[Marked, Marked]:
    """What must hold and what is there.

    Args:
        name: the property.
        finding: what was found of it.
    """
    expected, actual = finding.expected, finding.actual
    if isinstance(expected, list) and isinstance(actual, tuple):
        missing = {_key(change.expected) for change in finding.changes}
        extra = {_key(change.actual) for change in finding.changes}
        return _items(expected, missing), _items(actual, extra)
    texts = value_text(name, expected), value_text(name, actual)
    if finding.changes and actual is not None and not isinstance(expected, dict):
        return _halves(*texts)
    return ((Piece(texts[0]),),), ((Piece(texts[1], finding.status == "fail"),),)


def _key(value: object) -> str:
    return str(value).lower()


def _items(values: object, differing: set[str]) -> Marked:
    items = [str(value) for value in values] if isinstance(values, list | tuple) else []
    if not items:
        return ((Piece(shown("", ())),),)
    return tuple((Piece(item, _key(item) in differing),) for item in items)


def _halves(expected: str, actual: str) -> tuple[Marked, Marked]:
    """Two texts that begin and end alike, perhaps, and differ between."""
    if expected == actual:
        return ((Piece(expected),),), ((Piece(actual),),)
    start = _common(expected, actual)
    end = _common(expected[start:][::-1], actual[start:][::-1])
    # Half of what is alike by chance tells nobody anything.
    if start + end < max(len(expected), len(actual)) // 2:
        return ((Piece(expected, differs=True),),), ((Piece(actual, differs=True),),)
    return _cut(expected, start, end), _cut(actual, start, end)


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    pairs = zip(one, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _cut(text: str, start: int, end: int) -> Marked:
    middle = text[start : len(text) - end]
    pieces = (
        Piece(text[:start]),
        Piece(middle, differs=True),
        Piece(text[len(text) - end :] if end else ""),
    )
    return (tuple(piece for piece in pieces if piece.text),)
