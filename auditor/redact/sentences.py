"""Messages → the same with stand-ins for their names, word by word."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from auditor.redact.texts import redacted_text, structured
from auditor.redact.words import is_command, is_harmless, is_plain_word

if TYPE_CHECKING:
    from auditor.redact.names import Names


def redacted_sentence(text: str, names: Names) -> str:
    """A message, word by word: plain words stay, and every other is replaced."""
    return " ".join(_word(word, names) for word in text.split())


def _word(word: str, names: Names) -> str:
    if is_plain_word(word):
        return word
    bare = word.strip(".,:;()'\"!?`")
    if not bare or is_command(bare) or is_harmless(bare):
        return word
    return word.replace(bare, redacted_text(bare, names), 1)


def redacted_caution(text: str, names: Names) -> str:
    """A sentence of this program's own: only what is shaped as a name is replaced in it."""
    return re.sub(r"[^\s'\"()<>,;]+", lambda match: _shaped(match[0], names), text)


def _shaped(word: str, names: Names) -> str:
    bare = word.rstrip(".:")
    if not bare or not (re.search(r"[.@\\:/]", bare) or names.known(bare)):
        return word
    return (structured(bare, names) or word[: len(bare)]) + word[len(bare) :]
