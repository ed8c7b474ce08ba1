"""Characters that no eye tells from those that YAML means, and those that it refuses."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from auditor.yamlwords.trouble import LINE_END, Said

# What both readers refuse, and a byte order mark where a line begins, which only one does.
_REFUSED: Final = re.compile(
    "[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
    "|(?<=[\n\r\x85\u2028\u2029])\ufeff"
)
# Blanks, invisible characters, quotes and dashes: none of them is a sign to YAML.
_LOOKALIKES: Final = frozenset({"Zs", "Cf", "Pi", "Pf", "Pd"})
_MORE_LOOKALIKES: Final = "\u201a\u201e\u2212\uff1a"
_WHERE_SIGNS_ARE: Final = re.compile(r"(?:^|[-:,\[{])[ \t]*(?=[^\x00-\x7f])|(?=\uff1a)")
_NO_NAMES: Final = {"Cc": "a control character", "Cs": "half a character"}


def named(character: str) -> str:
    """A character for a message, by its name where it has one: ``EN DASH (U+2013)``."""
    plain = _NO_NAMES.get(unicodedata.category(character), "a code that is no character")
    return f"{unicodedata.name(character, plain)} (U+{ord(character):04X})"


def lookalike(text: str) -> str | None:
    """The first or last character of a text, named, if a blank, a quote or a hyphen was meant."""
    found = (character for character in (text[:1], text[-1:]) if _is_lookalike(character))
    return next(map(named, found), None)


def lookalike_sign(line: str) -> str | None:
    """The first such character of a line that stands where signs do, named."""
    found = (line[match.end()] for match in _WHERE_SIGNS_ARE.finditer(line))
    return next((named(character) for character in found if _is_lookalike(character)), None)


def refused(text: str) -> Said | None:
    """The first character that YAML does not allow, whichever reader comes after."""
    found = _REFUSED.search(text)
    if found is None:
        return None
    lines = LINE_END.split(text[: found.start()])
    line, column = len(lines), len(lines[-1]) + 1
    character = found[0]
    if character == "\ufeff":
        message = "a byte order mark (U+FEFF) stands in the middle"
        return Said(message, line, column, "Take it out: it came between two files put together.")
    hint = "Take it out."
    if unicodedata.category(character) == "Cc":
        hint = f'Take it out, or write it in double quotes as "\\x{ord(character):02x}".'
    return Said(f"{named(character)} is not allowed", line, column, hint)


def _is_lookalike(character: str) -> bool:
    if not character or character.isascii():
        return False
    return unicodedata.category(character) in _LOOKALIKES or character in _MORE_LOOKALIKES
