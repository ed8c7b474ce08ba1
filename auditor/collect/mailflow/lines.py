"""A log line by line, exactly: for files that are damaged, or change their header on the way.

A line is a row of its own: Exchange writes no line break inside of a field. So a quotation mark
that nobody closes spoils its line, and not those after it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

LONGEST: Final = 1 << 20
"""Bytes of a line; Exchange's are some hundreds, with many recipients some thousands."""

MARK: Final = b"\xef\xbb\xbf"
_FIELDS: Final = re.compile(rb"#Fields:[ \t]*", re.IGNORECASE)
_VALUE: Final = re.compile(r' *"((?:[^"]|"")*)" *(?:,|$)|([^,]*)(?:,|$)')


class Row(NamedTuple):
    """One line: the header that holds for it, and its values; None where it cannot be read."""

    fields: tuple[str, ...]
    values: tuple[str, ...] | None


class Ended(NamedTuple):
    """The end of a log; ``unfinished`` where it is inside of a line."""

    unfinished: bool


def fields_of(line: bytes) -> tuple[str, ...] | None:
    """The columns that a line of the header names, in small letters; None for any other line."""
    match = _FIELDS.match(line)
    if match is None:
        return None
    text = line[match.end() :].decode("ascii", "replace")
    return tuple(name.strip().lower() for name in text.strip().rstrip(",").split(","))


def rows(stream: BinaryIO) -> Iterator[Row | Ended]:
    """The lines of a log, headers and empty lines left out; at the end how it ended."""
    fields: tuple[str, ...] = ()
    first = True
    while line := stream.readline(LONGEST + 1):
        if first:
            line, first = line.removeprefix(MARK), False
        whole = line.endswith(b"\n")
        if not whole and len(line) > LONGEST:
            whole = _skip(stream)
            line = b""
            if whole:
                yield Row(fields, None)
        if not whole:
            yield Ended(unfinished=True)
            return
        line = line.rstrip(b"\r\n") if line.endswith((b"\r\n", b"\n")) else line
        if line.startswith(b"#"):
            fields = fields_of(line) or fields
        elif line:
            yield Row(fields, values_of(line, len(fields)))
    yield Ended(unfinished=False)


def _skip(stream: BinaryIO) -> bool:
    """Pass over the rest of a line; whether it has an end."""
    while piece := stream.readline(LONGEST):
        if piece.endswith(b"\n"):
            return True
    return False


def values_of(line: bytes, count: int) -> tuple[str, ...] | None:
    """The values of a line without its end; None where these are not so many.

    A byte that is no UTF-8 stays in its value as a lone surrogate.
    """
    if len(line) > LONGEST or b"\r" in line or not count:
        return None
    text = line.decode("utf-8", "surrogateescape")
    if '"' not in text:
        values = text.split(",")
    else:
        found = _quoted(text)
        if found is None:
            return None
        values = found
    if len(values) == count + 1 and not values[-1]:
        values.pop()  # a comma at the end of the line
    return tuple(values) if len(values) == count else None


def _quoted(text: str) -> list[str] | None:
    """The values of a line in which some are in quotation marks."""
    values: list[str] = []
    at = 0
    while True:
        match = _VALUE.match(text, at)
        if match is None or (match[1] is None and match[2].lstrip(" ").startswith('"')):
            return None  # a quotation mark that nobody closes, or with something behind it
        values.append(match[2] if match[1] is None else match[1].replace('""', '"'))
        at = match.end()
        if at == len(text):
            if match[0].endswith(","):
                values.append("")
            return values
