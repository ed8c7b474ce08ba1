"""Characters that no font has: seen in what typst says, and spelled as code points."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from auditor.model import Json

OPEN: Final = "\u27e6"
CLOSE: Final = "\u27e7"
_MOST: Final = 5
"""So many of them are named in a sentence."""
_MISSING: Final = re.compile(r'the text `"((?:[^"\\]|\\.)*)"` could not be displayed')
# https://doc.rust-lang.org/std/primitive.char.html#method.escape_debug
_ESCAPE: Final = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|(.))", re.DOTALL)
_NAMED: Final = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}


def missing(diagnostic: str) -> set[str]:
    """The texts that could not be displayed, each a character with its marks; in any order.

    Args:
        diagnostic: what typst says where a PDF/UA-1 document cannot be made.
    """
    return {_ESCAPE.sub(_unescaped, text) for text in _MISSING.findall(diagnostic)}


def _unescaped(found: re.Match[str]) -> str:
    code, character = found.groups()
    return chr(int(code, 16)) if code else _NAMED.get(character, character)


def code_points(text: str) -> str:
    """``U+4E2D U+6587``, for each character."""
    return " ".join(f"U+{ord(character):04X}" for character in text)


class Spelling:
    """How texts are spelled: what cannot be printed becomes code points, in brackets.

    The brackets themselves are spelled like that too, so that no name can look like one of them.

    Attributes:
        unprinted: what cannot be printed, sorted.
    """

    def __init__(self) -> None:
        self.unprinted: list[str] = []
        self._found = self._pattern()

    def add(self, texts: Iterable[str]) -> None:
        """Spell further texts as code points."""
        self.unprinted = sorted({*self.unprinted, *texts})
        self._found = self._pattern()

    def spelled(self, data: dict[str, Json]) -> dict[str, Json]:
        """Data with all its texts spelled, and a note on those that are not as they came."""
        made = {key: self._spelled(value) for key, value in data.items()}
        made["unprinted"] = [code_points(text) for text in self.unprinted]
        return made

    def warning(self) -> str:
        """One sentence on what is not printed as it is."""
        count = len(self.unprinted)
        named = ", ".join(f"{text} ({code_points(text)})" for text in self.unprinted[:_MOST])
        more = f" and {count - _MOST} more" if count > _MOST else ""
        return (
            f"the PDF's fonts lack {count} character{'' if count == 1 else 's'}, printed as code "
            f"point{'' if count == 1 else 's'} there: {named}{more}; "
            "a font that has them can be given with --font FILE."
        )

    def _pattern(self) -> re.Pattern[str]:
        # The longest first: a letter with its mark, where there is also the letter alone.
        texts = sorted({*self.unprinted, OPEN, CLOSE}, key=len, reverse=True)
        return re.compile(f"(?:{'|'.join(map(re.escape, texts))})+")

    def _spelled(self, value: Json) -> Json:
        if isinstance(value, str):
            return self._found.sub(_in_brackets, printable(value))
        if isinstance(value, list):
            return [self._spelled(part) for part in value]
        if isinstance(value, dict):
            return {key: self._spelled(part) for key, part in value.items()}
        return value


def _in_brackets(found: re.Match[str]) -> str:
    return f"{OPEN}{code_points(found.group())}{CLOSE}"
