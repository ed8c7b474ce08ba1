"""CSV that spreadsheets open as it is, and that no cell of can become a formula.

RFC 4180 (https://www.rfc-editor.org/rfc/rfc4180): commas, quotes where needed, CRLF. The first
character is a byte order mark: without it Excel takes UTF-8 for the code page of the machine and
spoils every name that is not English. It is always there, so that no reader has to expect both;
``utf-8-sig`` in Python, Import-Csv and Power Query take it away.

Nothing in a cell can become a formula
(https://owasp.org/www-community/attacks/CSV_Injection): an apostrophe stands before a character
that begins one, at the start of a cell and after a separator or a quote in it, because a
spreadsheet of another locale separates elsewhere. A command that would be changed by this is left
out, because a changed command could do something else.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Final

from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_LEFT_OUT: Final = "(left out: in a spreadsheet its text could act; the JSON report has it)"
_BYTE_ORDER_MARK: Final = "\ufeff"
# The signs that begin a formula, also in full width, after what may begin a cell.
_FORMULA: Final = re.compile("(^\\s*|[,;|'\"])(?=[=+\\-@\uff1d\uff0b\uff0d\uff20])")


def written(
    columns: Sequence[str],
    rows: Iterable[Mapping[str, str | None]],
    commands: Iterable[str] = (),
) -> str:
    """A header line, then the rows.

    Args:
        columns: their names, in order.
        rows: the values by columns.
        commands: columns whose values stand as they are, or not at all.
    """
    text = io.StringIO()
    text.write(_BYTE_ORDER_MARK)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    whole = frozenset(commands)
    for row in rows:
        writer.writerow([_cell(row.get(name), whole=name in whole) for name in columns])
    return text.getvalue()


def _cell(text: str | None, *, whole: bool) -> str:
    """What a spreadsheet shows as it is: visible characters that begin no formula."""
    safe = _FORMULA.sub(r"\1'", printable(text or ""))
    return safe if not whole or safe == (text or "") else _LEFT_OUT
