"""Lists of plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.kinds.base import Kind, list_reader, unexpected
from auditor.kinds.scalars import read_text
from auditor.model import Unreadable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.model import Raw


def _item(raw: Raw) -> str | Unreadable:
    value = read_text(raw)
    return value if isinstance(value, str | Unreadable) else unexpected("text", raw)


def _split(text: str) -> Sequence[str] | Unreadable:
    if "|" in text:
        return [part.strip() for part in text.split("|") if part.strip()]
    if any(c.isspace() or c in ",;" for c in text):
        return Unreadable("the export joined the list, and an item can hold the separator")
    return (text,)


TEXTS: Final = Kind("texts", list_reader("text", _item, _split), is_list=True, textual=True)
