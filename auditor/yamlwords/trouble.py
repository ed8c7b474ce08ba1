"""A mistake in a YAML text as a reader of YAML noticed it, and what can be seen around it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

# YAML's own line ends (1.1, as both readers count them).
LINE_END: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


class Said(NamedTuple):
    """What is wrong with a text, where (counted from 1), and what to do about it."""

    message: str
    line: int
    column: int
    hint: str | None = None


class Spot(NamedTuple):
    """A place in a text, counted from 1."""

    line: int
    column: int


class Trouble:
    """A mistake as a reader of YAML saw it.

    Args:
        text: the document.
        words: what the reader was doing, a colon, and what it found.
        spot: where it noticed.
        start: where that began which it was reading.
        opened: the innermost bracket or brace that is open.
    """

    def __init__(
        self,
        text: str,
        words: str,
        spot: Spot,
        start: Spot | None = None,
        opened: Spot | None = None,
    ) -> None:
        self._lines = LINE_END.split(text)
        self.words = words
        # libyaml ends a last line that has no end, and is one line further then.
        last = Spot(len(self._lines), len(self._lines[-1]) + 1)
        self.spot = min(spot, last)
        self.start = start or self.spot
        self.opened = opened

    def line(self, number: int) -> str:
        """A line's text."""
        return self._lines[number - 1]

    def at(self, spot: Spot) -> str:
        """The character at a place; nothing at the end of a line."""
        return self.line(spot.line)[spot.column - 1 : spot.column]

    @property
    def before(self) -> str:
        """What is in the line before the mistake."""
        return self.line(self.spot.line)[: self.spot.column - 1]

    @property
    def is_end(self) -> bool:
        """Whether there is nothing from here on."""
        rest = (self.line(self.spot.line)[self.spot.column - 1 :], *self._lines[self.spot.line :])
        return not "".join(rest).strip()

    def has_below(self, sign: str) -> bool:
        """Whether a line from the mistake on begins with a sign."""
        return any(line.lstrip(" ").startswith(sign) for line in self._lines[self.spot.line - 1 :])

    def above(self) -> Spot | None:
        """Where the last line above that says something begins."""
        for number in range(self.spot.line - 1, 0, -1):
            if (line := self.line(number).strip(" ")) and line[0] != "#":
                return Spot(number, indent(self.line(number)) + 1)
        return None


Look: TypeAlias = Callable[[Trouble], Said]


def here(message: str, hint: str) -> Look:
    """Says the same of each such mistake, where it was noticed."""
    return lambda trouble: Said(message, *trouble.spot, hint)


def at_start(message: str, hint: str) -> Look:
    """Says the same of each such mistake, where that began which was read."""
    return lambda trouble: Said(message, *trouble.start, hint)


def open_quote(spot: Spot) -> Said:
    """A quote that nothing ends."""
    return Said("this quote is never closed", *spot, "Write the same quote where the text ends.")


def stray(trouble: Trouble) -> Said:
    """Something of which no more is known than that it is wrong here."""
    return Said("this does not belong here", *trouble.spot, "Put text that holds signs in quotes.")


def indent(line: str) -> int:
    """How many blanks a line begins with."""
    return len(line) - len(line.lstrip(" "))
