"""Tracking logs into tables, by DuckDB: streaming, on all cores, beside the memory on disk.

DuckDB reads a file in one sweep, and is believed only where it saw as many rows as the file has
lines: in a damaged file it may take a quotation mark for the beginning of a value of a thousand
lines. What it is not believed for is read line by line (``lines``), and what that gives is loaded
instead; so the answer is the same, only later.

Sources: https://duckdb.org/docs/stable/data/csv/overview (the parameters of read_csv),
https://duckdb.org/docs/stable/data/csv/reading_faulty_csv_files (rejects tables),
https://duckdb.org/docs/stable/dev/profiling (rows_scanned).
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import duckdb

from auditor.collect.mailflow.find import COLUMNS
from auditor.collect.mailflow.lines import LONGEST, Ended, rows
from auditor.errors import UndecidedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from types import TracebackType

TRACED: Final = ("message-id", "message-subject", "sender-address")
"""What is read besides where a test message is looked for."""

SENT: Final = ("SEND", "SENDEXTERNAL")
REFUSED: Final = ("DEFER", "FAIL")
_MEMORY: Final = "512MB"
_REJECTS: Final = 100
"""So many are kept at most: one is enough to know that a file must be read line by line."""

_MANY: Final = 500
"""So many files at most in one query: a name may be long, and so would be the query."""


class Log(NamedTuple):
    """A tracking log: where it is, the header at its top, and how many lines that has.

    ``plain``: it ends with a whole line, and nothing is known that DuckDB reads otherwise.
    """

    path: Path
    fields: tuple[str, ...]
    header: int
    plain: bool = True


class Counted(NamedTuple):
    """What a log had: lines without headers, of these unreadable ones, and how it ended."""

    lines: int
    malformed: int
    unfinished: bool = False


class Engine:
    """A database in memory that uses a folder where memory is short. Leaving it closes it."""

    def __init__(self, folder: Path) -> None:
        """In a folder of its own, which exists."""
        self._folder = folder
        self._parts = 0
        self._base = duckdb.connect(
            config={
                "memory_limit": _MEMORY,
                "temp_directory": str(folder),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "preserve_insertion_order": False,
            }
        )
        self._base.execute("SET enable_profiling = 'no_output'")

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._base.close()

    def load(self, logs: Sequence[Log], test: str | None = None) -> dict[Path, Counted]:
        """Make the view ``event`` of all logs, with columns named as ``COLUMNS`` and ``TRACED``.

        Args:
            logs: with headers that name all of ``COLUMNS``.
            test: the id or the subject of a message whose events are wanted whatever they are.

        Returns:
            Of each log what it had.
        """
        counted: dict[Path, Counted] = {}
        groups: dict[tuple[tuple[str, ...], int], list[Log]] = defaultdict(list)
        for log in logs:
            if log.plain and not set(str(log.path)) & set("*?[]{}"):
                groups[log.fields, log.header].append(log)
            else:
                counted[log.path] = self._load_exactly(log, test)
        for members in groups.values():
            for start in range(0, len(members), _MANY):
                counted |= self._load_group(members[start : start + _MANY], test)
        parts = [f"SELECT * FROM part{number}" for number in range(self._parts)]
        names = [*COLUMNS, *TRACED]
        empty = "SELECT " + ", ".join(f"NULL::VARCHAR AS {_quoted(n)}" for n in names)
        self.ask(f"CREATE VIEW event AS {' UNION ALL '.join([f'{empty} WHERE false', *parts])}")
        return counted

    def _load_group(self, logs: list[Log], test: str | None) -> dict[Path, Counted]:
        """Logs of one header in one sweep; those that it does not fit one by one."""
        paths = [log.path for log in logs]
        try:
            lines = self._lines(logs)
            if lines is None:
                raise duckdb.InvalidInputException
            scanned, rejected = self._load_part(paths, logs[0].fields, logs[0].header, test)
            if not rejected and scanned == sum(lines.values()):
                self._parts += 1
                return {path: Counted(lines[path], 0) for path in paths}
        except duckdb.Error:
            pass
        if len(logs) == 1:
            return {logs[0].path: self._load_exactly(logs[0], test)}
        # By halves: one damaged file of a thousand costs ten sweeps, not a thousand.
        half = len(logs) // 2
        return self._load_group(logs[:half], test) | self._load_group(logs[half:], test)

    def _lines(self, logs: list[Log]) -> dict[Path, int] | None:
        """Lines of each file without the header; None where DuckDB finds no lines in it."""
        query = (
            "SELECT filename, count(*) FROM read_csv($files, columns = {'line': 'VARCHAR'}, "
            "auto_detect = false, header = false, delim = '\x01', quote = '', escape = '', "
            f"filename = true, max_line_size = {LONGEST}) GROUP BY filename"
        )
        found = dict(
            self._base.execute(query, {"files": [str(log.path) for log in logs]}).fetchall()
        )
        if len(found) != len(logs):
            return None
        return {log.path: found[str(log.path)] - log.header for log in logs}

    def _load_part(
        self, paths: Sequence[Path], fields: Sequence[str], header: int, test: str | None
    ) -> tuple[int, int]:
        """The next part of the view; how many rows were seen, and how many were rejected.

        It counts as a part only where the caller believes it; else the next one replaces it.
        """
        # A header's names are somebody else's words: columns go by their numbers.
        columns = {f"c{number}": "VARCHAR" for number in range(len(fields))}
        at = {name: f"c{number}" for number, name in enumerate(fields)}
        wanted = [_selected(name, at, test) for name in (*COLUMNS, *TRACED)]
        events = ", ".join(f"'{event}'" for event in (*SENT, *REFUSED))
        where = f"{at['event-id']} IN ({events}) OR starts_with({at['date-time']}, '#')"
        arguments: dict[str, Any] = {"files": [str(path) for path in paths], "columns": columns}
        if test is not None:
            for name in ("message-id", "message-subject"):
                where += f" OR {at[name]} = $test" if name in at else ""
            arguments["test"] = test
        self._base.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
        self._base.execute(
            f"CREATE OR REPLACE TEMP TABLE part{self._parts} AS SELECT {', '.join(wanted)} "
            "FROM read_csv($files, columns = $columns, auto_detect = false, header = false, "
            f"""skip = {header}, delim = ',', quote = '"', escape = '"', store_rejects = true, """
            f"rejects_limit = {_REJECTS}, max_line_size = {LONGEST}, strict_mode = true) "
            f"WHERE {where}",
            arguments,
        )
        scanned = _scanned(json.loads(self._base.get_profiling_information()))
        rejected = self._base.execute("SELECT count(*) FROM reject_errors").fetchall()[0][0]
        # A header inside of the file may have as many columns as its rows.
        headers = self._base.execute(
            f"""SELECT count(*) FROM part{self._parts} WHERE starts_with("date-time", '#')"""
        ).fetchall()[0][0]
        return scanned, rejected + headers

    def ask(self, query: str, values: dict[str, Any] | None = None) -> list[Any]:
        """The rows that a query gives.

        Raises:
            UndecidedError: it fails: neither memory nor the disk has room for what was read.
        """
        try:
            return self._base.execute(query, values or None).fetchall()
        except duckdb.Error as error:
            why = str(error).partition("\n")[0]
            raise UndecidedError(
                f"the logs could not be evaluated: {why}",
                hint="Is there room on the disk for temporary files? --from and --to take less.",
            ) from error

    def _load_exactly(self, log: Log, test: str | None) -> Counted:
        """Line by line, by way of a file that has only what is wanted."""
        clean = self._folder / "clean.csv"
        with clean.open("w", encoding="utf-8", newline="") as file, log.path.open("rb") as stream:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
            counted = _copy(rows(stream), writer, test)
        try:
            _, rejected = self._load_part([clean], (*COLUMNS, *TRACED), 0, test)
        except duckdb.Error as error:
            raise UndecidedError(f"{log.path.name} could not be evaluated: {error}") from error
        self._parts += 1
        clean.unlink()
        return counted._replace(malformed=counted.malformed + rejected)


def _selected(name: str, at: dict[str, str], test: str | None) -> str:
    """A column of the view; what nobody asks for is left behind, it would be the most of all."""
    if name not in at or (name in TRACED and test is None):
        return f"NULL::VARCHAR AS {_quoted(name)}"
    if name == "recipient-status" and test is None:
        sent = ", ".join(f"'{event}'" for event in SENT)
        return f"CASE WHEN {at['event-id']} NOT IN ({sent}) THEN {at[name]} END AS {_quoted(name)}"
    return f"{at[name]} AS {_quoted(name)}"


def _quoted(name: str) -> str:
    return f'"{name}"'


def _scanned(node: Any) -> int:  # noqa: ANN401 - whatever JSON gives
    """All rows that the tables of a query gave, before any condition."""
    if isinstance(node, list):
        return sum(map(_scanned, node))
    if not isinstance(node, dict):
        return 0
    below = [*node.get("children", ()), *node.get("operator", ())]
    return int(node.get("rows_scanned") or 0) + sum(map(_scanned, below))


def _copy(found: Iterable[Any], writer: Any, test: str | None) -> Counted:  # noqa: ANN401 - of csv
    """What is wanted of a log, and what the log had."""
    lines = malformed = 0
    unfinished = False
    places: dict[tuple[str, ...], list[int | None]] = {}
    for row in found:
        if isinstance(row, Ended):
            unfinished = row.unfinished
            continue
        lines += 1
        if row.fields not in places:
            places[row.fields] = _places(row.fields)
        values = _wanted(row.values, places[row.fields])
        if values is None:
            malformed += 1
        elif values[6] in (*SENT, *REFUSED) or (
            test is not None and test in values[len(COLUMNS) :][:2]
        ):
            writer.writerow(values)
    return Counted(lines, malformed, unfinished)


def _places(fields: tuple[str, ...]) -> list[int | None]:
    """Where each wanted column is; nothing at all where one of the needed is missing."""
    if not set(COLUMNS) <= set(fields) or len(set(fields)) != len(fields):
        return []
    return [fields.index(name) if name in fields else None for name in (*COLUMNS, *TRACED)]


def _wanted(values: tuple[str, ...] | None, places: list[int | None]) -> list[str] | None:
    if values is None or not places:
        return None
    found = ["" if place is None else values[place] for place in places]
    try:
        "".join(found).encode()
    except UnicodeEncodeError:
        return None
    return found
