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
# What files begin with that people take for text, or have beside it.
_NO_TEXTS: Final = (
    (b"PK\x03\x04", "a zip file, or a document of an office program"),
    (b"\xd0\xcf\x11\xe0", "a document of an office program"),
    (b"%PDF-", "a PDF document"),
    (b"\x1f\x8b", "a gzip file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z file"),
    (b"\x89PNG\r\n", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"MZ\x90\x00", "a program"),
    (b"\x7fELF", "a program"),
)
# No text holds them; an escape character may stand in one that was a terminal's.
_CONTROLS: Final = bytes(set(range(32)) - set(b"\t\n\r\f\x1a\x1b"))


def decode(data: bytes, file: str, error: type[AuditError] | None = None) -> str:
    """The text of UTF-8 or UTF-16 bytes, with or without a byte order mark.

    Args:
        data: the whole file.
        file: its name, for messages.
        error: the class to raise for a file that a person writes; None for an export.

    Raises:
        InputError: the bytes of an export are neither, with the place of the first misfit.
        CutOffError: the last character of an export is incomplete.
        AuditError: of the class given, for either, and for what is no text at all.
    """
    if error is not None and (kind := _no_text(data)):
        raise error("this is no text file", Place(file, 1, 1), f"It is {kind}: name a text file.")
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strict(data[len(mark) :], encoding, file, error)
    return _strict(data, _unmarked_encoding(data), file, error)


def _no_text(data: bytes) -> str | None:
    """What a file is that is certainly no text."""
    known = (words for beginning, words in _NO_TEXTS if data.startswith(beginning))
    return next(known, None)


def _has_controls(data: bytes) -> bool:
    head = data[:4096]
    return len(head.translate(None, _CONTROLS)) < len(head)


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
        if written is not None and encoding == "utf-8" and _has_controls(data):
            hint = "It holds other data than text: name a text file."
            raise written("this is no text file", place, hint) from error
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
