"""Names of report files with fields in them: ``reports/{organization}/{date}-{verdict}.html``."""

from __future__ import annotations

import re
import unicodedata
from string import Formatter
from typing import TYPE_CHECKING, Final

from auditor.errors import UsageError, did_you_mean, shortened
from auditor.moments import rfc3339

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

FIELDS: Final = ("name", "organization", "region", "date", "time", "verdict")
_LONGEST: Final = 80
# https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file
_FORBIDDEN: Final = frozenset('<>:"/\\|?*{}')
_DEVICE: Final = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)


def fields_of(word: str, what: str) -> frozenset[str]:
    """The fields in a name.

    Args:
        word: the name.
        what: says it, for messages.

    Raises:
        UsageError: a field is not known, or a brace stands alone.
    """
    try:
        parts = list(Formatter().parse(word))
    except ValueError as error:
        hint = "Write {{ and }} for braces that are part of a name."
        raise UsageError(f"{what} {shortened(word)} has a brace alone", hint=hint) from error
    found = set()
    for _, field, detail, conversion in parts:
        if field is None:
            continue
        if field not in FIELDS or detail or conversion:
            asked = (
                field + (f"!{conversion}" if conversion else "") + (f":{detail}" if detail else "")
            )
            message = f"{what} {shortened(word)} has no field {{{asked}}}"
            raise UsageError(message, hint=did_you_mean(field, FIELDS))
        found.add(field)
    return frozenset(found)


def filled(word: str, values: Mapping[str, str]) -> str:
    """A name with its fields filled in; a value never leads into another folder."""
    return "".join(
        literal + (as_name(values[field]) if field is not None else "")
        for literal, field, _, _ in Formatter().parse(word)
    )


def as_name(text: str) -> str:
    """A text as the name of a file or a folder, on every system."""
    kept = "".join("_" if _is_odd(sign) else sign for sign in text)[:_LONGEST].strip(" .")
    if not kept or _DEVICE.fullmatch(kept):
        return f"_{kept}"
    return kept


def values_for(
    name: str | None, organization: str | None, region: str | None, at: datetime, verdict: str
) -> dict[str, str]:
    """What the fields stand for. Days and times are UTC, a time as ``080000Z``."""
    day, _, time = rfc3339(at).partition("T")
    return {
        "name": name or organization or "audit",
        "organization": organization or name or "organization",
        "region": region or "none",
        "date": day,
        "time": time.replace(":", ""),
        "verdict": verdict,
    }


def _is_odd(sign: str) -> bool:
    return sign in _FORBIDDEN or (sign != " " and unicodedata.category(sign)[0] in "CZ")
