"""Bytes of unknown origin → text, as Windows and everybody else write it."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Final

from auditor.errors import CutOffError, InputError, Place

if TYPE_CHECKING:
    from auditor.errors import AuditError

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode(data: bytes, file: str, error: type[AuditError] | None = None) -> str:
    """The text of UTF-8 or UTF-16 bytes, with or without a byte order mark.

    Args:
        data: the whole file.
        file: its name, for messages.
        error: the class to raise for a file that a person writes; None for an export.

    Raises:
        InputError: the bytes of an export are neither, with the place of the first misfit.
        CutOffError: the last character of an export is incomplete.
        AuditError: of the class given, for either.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strict(data[len(mark) :], encoding, file, error)
    return _strict(data, _unmarked_encoding(data), file, error)


def _unmarked_encoding(data: bytes) -> str:
    """UTF-16 without a mark shows by its zero bytes: Exchange's own words are ASCII."""
    head = data[:512]
    if len(head) >= 4:
        half = len(head) // 2
        if head[1::2].count(0) > half * 0.7:
            return "utf-16-le"
        if head[0::2].count(0) > half * 0.7:
            return "utf-16-be"
    return "utf-8"


def _strict(data: bytes, encoding: str, file: str, written: type[AuditError] | None) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, "replace")
        place = Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        message = f"byte {error.start + 1} cannot be read as {encoding.upper()}"
        if written is not None:
            raise written(message, place, "Save the file as UTF-8.") from error
        if error.end == len(data) and len(data) - error.start < 4 and "invalid" not in error.reason:
            raise CutOffError(
                "the file ends in the middle of a character", place, "Export it again."
            ) from error
        raise InputError(
            message,
            place,
            "Export it again in UTF-8 or UTF-16 (in PowerShell: -Encoding UTF8 or Unicode).",
        ) from error
