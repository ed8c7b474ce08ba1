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

from auditor.collect.mailflow.lines import LONGEST, Ended, rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from types import TracebackType

COLUMNS: Final = (
    "date-time",
    "client-hostname",
    "server-hostname",
    "server-ip",
    "connector-id",
    "source",
    "event-id",
    "recipient-address",
    "recipient-status",
    "total-bytes",
    "recipient-count",
)
"""What is read; each version of Exchange has more, and in another order."""

TRACED: Final = ("message-id", "message-subject", "sender-address")
"""What is read besides where a test message is looked for."""

SENT: Final = ("SEND", "SENDEXTERNAL")
REFUSED: Final = ("DEFER", "FAIL")
_MEMORY: Final = "512MB"
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
        self.base = duckdb.connect(
            config={
                "memory_limit": _MEMORY,
                "temp_directory": str(folder),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "preserve_insertion_order": False,
            }
        )
        self.base.execute("SET enable_profiling = 'no_output'")

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.base.close()

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
        self.base.execute(
            f"CREATE VIEW event AS {' UNION ALL '.join([f'{empty} WHERE false', *parts])}"
        )
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
                return {path: Counted(lines[path], 0) for path in paths}
            self._drop_part()
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
            self.base.execute(query, {"files": [str(log.path) for log in logs]}).fetchall()
        )
        if len(found) != len(logs):
            return None
        return {log.path: found[str(log.path)] - log.header for log in logs}

    def _load_part(
        self, paths: Sequence[Path], fields: Sequence[str], header: int, test: str | None
    ) -> tuple[int, int]:
        """One more part of the view; how many rows were seen, and how many were rejected."""
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
        self.base.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
        self.base.execute(
            f"CREATE TEMP TABLE part{self._parts} AS SELECT {', '.join(wanted)} "
            "FROM read_csv($files, columns = $columns, auto_detect = false, header = false, "
            f"""skip = {header}, delim = ',', quote = '"', escape = '"', store_rejects = true, """
            f"max_line_size = {LONGEST}, strict_mode = true) WHERE {where}",
            arguments,
        )
        scanned = _scanned(json.loads(self.base.get_profiling_information()))
        self._parts += 1
        rejected = self._one("SELECT count(*) FROM reject_errors")
        # A header inside of the file may have as many columns as its rows.
        part = self._parts - 1
        rejected += self._one(
            f"""SELECT count(*) FROM part{part} WHERE starts_with("date-time", '#')"""
        )
        return scanned, rejected

    def _drop_part(self) -> None:
        self._parts -= 1
        self.base.execute(f"DROP TABLE part{self._parts}")

    def _one(self, query: str) -> int:
        found = self.base.execute(query).fetchone()
        return int(found[0]) if found is not None else 0

    def _load_exactly(self, log: Log, test: str | None) -> Counted:
        """Line by line, by way of a file that has only what is wanted."""
        clean = self._folder / "clean.csv"
        with clean.open("w", encoding="utf-8", newline="") as file, log.path.open("rb") as stream:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
            counted = _copy(rows(stream), writer, test)
        self._load_part([clean], (*COLUMNS, *TRACED), 0, test)
        clean.unlink()
        return counted


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
