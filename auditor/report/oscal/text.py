"""What OSCAL lets texts be: tokens, strings, lines and paragraphs of Markdown, identities.

Sources: the JSON Schema of OSCAL's assessment results (``TokenDatatype``, ``StringDatatype``,
``MarkupLineDatatype``, ``UUIDDatatype``), and
https://www.rfc-editor.org/rfc/rfc4122 (4.3) for version 5.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Final, TypeAlias
from uuid import UUID, uuid5

from auditor.digests import canonical
from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.model import Json

Part: TypeAlias = "dict[str, Json]"

NAMESPACE: Final = UUID("81b9a6e7-18c5-5361-8f7b-dfa88f7a4b16")
"""Where all our identities are; it is version 5 of the URL ``urn:connector-auditor:oscal``."""

OURS: Final = f"urn:uuid:{NAMESPACE}"
"""The namespace (``ns``) of the properties that are ours."""

# Some of what an NCName may be; the rest of Unicode is spelled differently by every reader.
_TOKEN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}")
_NOT_IN_TOKENS: Final = re.compile(r"[^A-Za-z0-9_.-]")
# What means something inside a line of CommonMark, of OSCAL's additions (^, ~, {{ insert }}), or
# at its beginning.
_MARKUP: Final = re.compile(r"[\\`*_{}\[\]<>&~^]|^[#+=-]")
_NUMBERED: Final = re.compile(r"^(\d+)([.)])")


def identity(kind: str, *parts: Json) -> str:
    """The UUID, version 5, of what is the same wherever its kind and parts are the same."""
    return str(uuid5(NAMESPACE, canonical([kind, *parts]).decode("ascii")))


def token(text: str) -> str:
    """A control's id as a token: itself where it is one, else begun with ``_``.

    What no token may hold is ``_`` too; then a digest keeps two ids apart.
    """
    if _TOKEN.fullmatch(text):
        return text
    spelled = f"_{_NOT_IN_TOKENS.sub('_', text)}"
    if spelled == f"_{text}" and len(spelled) <= 100:
        return spelled
    digest = hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:8]
    return f"{spelled[:80]}-{digest}"


def string(text: str) -> str:
    """A text without line ends, and without blanks around it; never empty."""
    return printable(text).strip() or "(empty)"


def markup(text: str) -> str:
    """A text as a line of Markdown in which nothing acts; never empty."""
    marked = _MARKUP.sub(lambda found: f"\\{found[0]}", string(text))
    return _NUMBERED.sub(r"\1\\\2", marked)


def properties(values: Mapping[str, str | None]) -> list[Json]:
    """Properties of our own, of those that have a value."""
    return [
        {"name": name, "ns": OURS, "value": string(value)}
        for name, value in values.items()
        if value is not None
    ]


def json_text(value: Json) -> str:
    """A value as JSON, for a property."""
    return json.dumps(value, ensure_ascii=True)
