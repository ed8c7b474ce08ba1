"""Text from outside, made safe to show."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditor.model import Json


def printable(text: str) -> str:
    """The text with control, format and other invisible characters shown escaped.

    Terminal escapes cannot act, and right-to-left marks cannot reorder what is read.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if _harmless(c) else _escaped(c) for c in text)


def visible(value: Json) -> Json:
    """JSON values in which every text is ``printable``, keys as well.

    So it can be encoded as UTF-8: many readers of JSON refuse lone surrogates, even escaped.
    """
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {printable(str(name)): visible(part) for name, part in value.items()}
    return [visible(part) for part in value] if isinstance(value, list | tuple) else value


def _harmless(character: str) -> bool:
    return character == " " or unicodedata.category(character)[0] not in "CZ"


def _escaped(character: str) -> str:
    code = ord(character)
    if code == 0xA0:
        return " "
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
