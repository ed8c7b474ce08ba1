"""Values from outside as PowerShell reads them: literals that stay literals, and safe comments.

Sources: https://learn.microsoft.com/powershell/scripting/lang-spec/chapter-02 (2.2.3 comments,
2.3.5.2 string literals: five characters are single quotes, and in a verbatim string a doubled one
is the only special thing) and about_Quoting_Rules.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from auditor.errors import InputError, shortened

if TYPE_CHECKING:
    from auditor.model import Present

_SINGLE_QUOTE: Final = re.compile("['\u2018\u2019\u201a\u201b]")
# Controls, the two line separators, and halves of a pair, which no encoding carries.
_REFUSED: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# What str.isprintable lets pass and yet nobody sees (Unicode's Default_Ignorable_Code_Point, and
# the empty Braille pattern): https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
_UNSEEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)

# PowerShell runs no script that has code after a comment which looks like the begin of a signature:
# without blanks and in lower case, fewer than 10 edits from this text (tokenizer.cs,
# ScanToEndOfCommentLine, https://github.com/PowerShell/PowerShell). A name must not do that.
_SIGNATURE: Final = "sig#beginsignatureblock\n"
_SIGNATURE_EDITS: Final = 10
_NO_SIGNATURE: Final = " (a comment of connector-auditor and no signature)"


def literal(value: Present | None) -> str:
    """A value as a PowerShell literal in which nothing can be evaluated.

    Lists are written as ``'a','b'``; an empty one is ``$null``, which a list parameter takes so.

    Raises:
        InputError: a text holds a character that no command can carry.
    """
    if value is None or value == ():
        return "$null"
    if isinstance(value, bool):
        return "$true" if value else "$false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return ",".join(literal(item) for item in value)
    character = unspeakable(value)
    if character is not None:
        raise InputError(
            f"{shortened(value)} holds {character}, which no PowerShell command can carry",
            hint="Change it in Exchange by hand, and export again.",
        )
    return "'" + _SINGLE_QUOTE.sub(r"\g<0>\g<0>", value) + "'"


def unspeakable(text: str) -> str | None:
    """The first character of a text that no literal can hold, as ``U+000A``; None if all can."""
    found = _REFUSED.search(text)
    return f"U+{ord(found[0]):04X}" if found else None


def array(value: Present | None) -> str:
    """A value as a literal in an expression: a list stays one there, also empty or of one item.

    Raises:
        InputError: a text holds a character that no command can carry.
    """
    if isinstance(value, tuple):
        return f"@({literal(value) if value else ''})"
    return literal(value)


def visible(text: str) -> str:
    """A text in which every character can be seen: of the others, their code is written."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c.isprintable() and not _UNSEEN.match(c) else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    code = ord(character)
    if code == 0xA0:
        return " "
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def comment(text: str) -> str:
    """A text as one comment line, whatever is in it."""
    shown = visible(text).replace("#>", r"\u0023>").replace("<#", r"<\u0023")
    line = f"# {shown}".rstrip()
    return line + _NO_SIGNATURE if _may_be_signature(line) else line


def _may_be_signature(line: str) -> bool:
    """Whether PowerShell could take a comment for the begin of a signature."""
    letters = "".join(line[1:].lower().split()) + "\n"
    if abs(len(letters) - len(_SIGNATURE)) > _SIGNATURE_EDITS:
        return False
    return _edits(letters, _SIGNATURE) < _SIGNATURE_EDITS


def _edits(one: str, other: str) -> int:
    """The fewest characters to add, drop or change (Levenshtein's distance)."""
    row = list(range(len(other) + 1))
    for number, left in enumerate(one, start=1):
        above, row = row, [number]
        for position, right in enumerate(other):
            changed = above[position] + (left != right)
            row.append(min(changed, above[position + 1] + 1, row[-1] + 1))
    return row[-1]
