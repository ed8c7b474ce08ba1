"""Text as Markdown that stays text, in CommonMark and in the sites that add to it.

Signs that mean something are escaped. Words out of which sites make links by themselves (hosts,
addresses, ``@somebody``, ``#1``, digests) stand as code, which none of them touches: escaping does
not help there, because sites look for them after the escapes are gone.

Sources: https://spec.commonmark.org/0.31.2/#backslash-escapes and #code-spans;
https://github.github.com/gfm/#autolinks-extension- and #tables-extension- (a bar ends a cell, in
code too); https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/
autolinked-references-and-urls.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

_SIGNS: Final = re.compile(r"[!-/:-@\[-`{-~]")
# No backslash before these: programs differ on what it means in a table, or in HTML.
_ENTITIES: Final = {"|": "&#124;", "\\": "&#92;", "`": "&#96;", "<": "&lt;", "&": "&amp;"}
_PLAIN: Final = frozenset(",;'\"()?/%")
_PLAIN_INSIDE: Final = _PLAIN | set(".:-+=")
"""What means something only at the beginning of a line."""
_BEFORE: Final = "'\"([{"
_AFTER: Final = "])}'\".,;:?"
"""What stands before and after a word and is no part of it."""
_LINKED: Final = re.compile(r"[@#:$!~%&^]|\w[.]+\w|\b(?i:gh-\d|ghsa-|www)|\b[0-9a-f]{7,40}\b")
_NOT_IN_CODE: Final = re.compile(r"([|`\\]+)")


def text(said: str) -> str:
    """Any text on one line, in a paragraph, a heading, a list or a cell of a table."""
    return " ".join(_word(word) for word in printable(said).split(" "))


def code(said: str) -> str:
    """A short text as code, whatever it holds."""
    parts = _NOT_IN_CODE.split(printable(said).strip())
    return "".join(
        _escaped(part) if number % 2 else _span(part) for number, part in enumerate(parts)
    )


def block(lines: str, language: str = "") -> str:
    """Text as it is, in a fence that is longer than any in it."""
    shown = "\n".join(map(printable, lines.split("\n")))
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{shown}\n{fence}"


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already; empty where it has no row."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if not lines:
        return ""
    return "\n".join([f"| {' | '.join(headers)} |", "|" + " --- |" * len(headers), *lines])


def bullets(items: Iterable[str]) -> str:
    """A list of texts that are Markdown already."""
    return "\n".join(f"- {item}" for item in items)


def _word(word: str) -> str:
    begun = word.lstrip(_BEFORE)
    core = begun.rstrip(_AFTER)
    if _LINKED.search(core):
        lead, tail = word[: len(word) - len(begun)], begun[len(core) :]
        return _escaped(lead) + code(core) + _escaped(tail, _PLAIN_INSIDE)
    ordinary = word[:1].isalpha() or word[:1] in {"'", "("} or word.isalnum()
    return _escaped(word, _PLAIN_INSIDE if ordinary else _PLAIN)


def _span(part: str) -> str:
    # A blank at each end of a span is taken away, and a span of blanks alone is none.
    bare = part.strip()
    return part.replace(bare, f"`{bare}`") if bare else part


def _escaped(part: str, plain: AbstractSet[str] = _PLAIN) -> str:
    return _SIGNS.sub(lambda found: _sign(found[0], plain), part)


def _sign(sign: str, plain: AbstractSet[str]) -> str:
    if sign in plain:
        return sign
    return _ENTITIES.get(sign) or f"\\{sign}"
