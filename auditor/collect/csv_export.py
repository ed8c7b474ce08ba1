"""``Export-Csv`` → raw objects. Every cell is text; an empty one is null."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from auditor.collect.exported import Exported
from auditor.collect.identify import KNOWN_NAMES, shape_of
from auditor.errors import CutOffError, InputError, Place, shortened

if TYPE_CHECKING:
    from auditor.model import Raw

_DELIMITERS: Final = ",;\t|"
_AGAIN: Final = "Export it again, or use: Get-SendConnector | Export-Clixml connectors.xml"
# A cell of raw connector data stays far below; Python's own limit is 128 KiB.
csv.field_size_limit(16 * 1024 * 1024)


def looks_like(start: str) -> bool:
    """Whether a text begins with a header line of known properties."""
    header, *more = start.lstrip().splitlines()
    if header[:4].lower() == "sep=" and more:
        header = more[0]
    return sum(name.strip(' "').lower() in KNOWN_NAMES for name in _cells(header)) >= 2


def _cells(header: str) -> list[str]:
    return header.split(_delimiter(header))


def _delimiter(header: str) -> str:
    """The list separator of the computer that exported: it follows the region's settings."""
    return max(_DELIMITERS, key=header.count)


def read(text: str, file: str) -> list[Exported]:
    """The objects of a CSV export, one a row.

    Raises:
        InputError: a row does not fit the header or is empty, a column is there twice, or there
            are no rows and the header is not one of send connectors.
        CutOffError: it ends in the middle of a row.
    """
    type_name, first_line = None, 1
    if text.startswith("#TYPE"):
        line, _, text = text.partition("\n")
        type_name = line.removeprefix("#TYPE").strip() or None
        first_line = 2
    text = text.lstrip("\ufeff")
    if text[:4].lower() == "sep=":
        # Excel's own first line; the header tells the delimiter as well.
        text = text.partition("\n")[2]
        first_line += 1
    delimiter = _delimiter(text.partition("\n")[0])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[int, list[str]]] = []
    try:
        rows.extend((reader.line_num + first_line - 1, row) for row in reader if row)
    except csv.Error as error:
        place = Place(file, reader.line_num + first_line - 1)
        if "unexpected end of data" in str(error):
            raise CutOffError("the export is cut off inside a cell", place, _AGAIN) from error
        raise InputError(f"the CSV is damaged: {error}", place, _AGAIN) from error
    if not rows:
        raise CutOffError("the export has no header line", Place(file, first_line), _AGAIN)
    while len(rows) > 1 and not any(cell.strip() for cell in rows[-1][1]):
        rows.pop()  # Excel saves rows that were once filled; after the last object they hide none
    header = _checked_header(rows[0][1], Place(file, rows[0][0]))
    _check_end(text, Place(file, rows[-1][0]))
    if len(rows) == 1 and shape_of(type_name, tuple(header)).noun != "SendConnector":
        message = "the file has a header, but no rows, and not that of send connectors"
        raise InputError(message, Place(file, rows[0][0]), "Leave it out, or export it again.")
    return [
        Exported(_row(header, row, Place(file, line), last=number == len(rows)), type_name, line)
        for number, (line, row) in enumerate(rows[1:], start=2)
    ]


def _checked_header(names: list[str], place: Place) -> list[str]:
    header = [name.strip() for name in names]
    seen: set[str] = set()
    for name in header:
        if name.lower() in seen:
            raise InputError(f"the column {shortened(name)} is there twice", place, _AGAIN)
        seen.add(name.lower())
    return header


def _check_end(text: str, place: Place) -> None:
    """Export-Csv ends every row with a line end: without one, the last cell may be cut short."""
    last = text.rstrip(" ")[-1:]
    if last not in {"\n", "\r", '"'}:
        raise CutOffError(
            "the last row has no line end, so the export may be cut off",
            place,
            "If the file is whole, end its last line with a line break; else export it again.",
        )


def _row(header: list[str], row: list[str], place: Place, *, last: bool) -> dict[str, Raw]:
    if len(row) != len(header):
        message = f"the row has {len(row)} cells and the header {len(header)}"
        if last and len(row) < len(header):
            raise CutOffError(f"the export is cut off: {message}", place, _AGAIN)
        raise InputError(message, place, _AGAIN)
    if not any(cell.strip() for cell in row):
        raise InputError("the row is empty, so it is no object", place, "Take the row out.")
    # An empty cell is how Export-Csv writes both null and an empty text.
    return {name: cell or None for name, cell in zip(header, row, strict=True)}
