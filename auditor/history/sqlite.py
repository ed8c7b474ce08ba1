"""A history in one SQLite file: where it is, how it is opened, what makes it safe.

Write-ahead logging with every commit forced to the disk: a process may be killed, and the power
may fail, at any moment (https://www.sqlite.org/wal.html, https://www.sqlite.org/atomiccommit.html).
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy.pool import QueuePool

from auditor.errors import InputError, Place, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

_MAGIC: Final = b"SQLite format 3\0"
_WAIT_SECONDS: Final = 60
"""So long a writer waits for another: each writes for a fraction of a second."""

_TRIES: Final = 600
_PAUSE: Final = 0.05
WRITES: Final = "history_writes"
"""The execution option of a connection whose transactions write."""


def sqlite_engine(path: Path, *, create: bool) -> sa.Engine:
    """An engine for a history in a file.

    Args:
        path: of the file.
        create: it is made, with its folders, where it is not there, and will be written. Else it
            is opened for reading where it cannot be written.

    Raises:
        AuditError: it is no file, or cannot be opened.
    """
    try:
        if create:
            _make(path)
        writable = _look_at(path)
    except OSError as error:
        why = f"the history cannot be opened: {error.strerror or error}"
        raise UsageError(why, Place(str(path)), "Name another file: --history FILE") from error
    if create and not writable:
        why = "the history cannot be written: the file or its folder is read-only"
        raise UsageError(why, Place(str(path)), "Name another file: --history FILE")
    return _engine(_connector(path, writable=writable))


def _make(path: Path) -> None:
    """An empty file, which SQLite takes for a new database; only for its owner to read."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _look_at(path: Path) -> bool:
    """Whether a file can be written.

    Raises:
        AuditError: there is none, or it is no database.
        OSError: it cannot be read.
    """
    place = Place(str(path))
    if not path.exists():
        why = "there is no history here yet"
        raise UsageError(why, place, "audit check --history FILE begins one.")
    if not path.is_file():
        raise UsageError("this is no history: it is no file", place, "Name a file.")
    with path.open("rb") as file:
        start = file.read(len(_MAGIC))
    if start not in {b"", _MAGIC}:
        raise InputError("this is no history: it is no SQLite file", place, "Name another file.")
    # Beside the file, others are made while it is written.
    return os.access(path, os.W_OK) and os.access(path.resolve().parent, os.W_OK)


def _connector(path: Path, *, writable: bool) -> Callable[[], sqlite3.Connection]:
    """What opens the file."""
    address = path.resolve().as_uri() + ("?mode=rw" if writable else "?mode=ro")
    if not writable and not Path(f"{path.resolve()}-wal").exists():
        # Nobody writes it now, and the files that readers share cannot be made:
        # https://www.sqlite.org/wal.html#read_only_databases
        address += "&immutable=1"

    def connect() -> sqlite3.Connection:
        # Threads: SQLAlchemy's pool may close what another has opened.
        connection = sqlite3.connect(
            address,
            timeout=_WAIT_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            uri=True,
        )
        try:
            _set_up(connection, writable=writable)
        except BaseException:
            # Else the file stays open, and on Windows undeletable, until memory is tidied.
            connection.close()
            raise
        return connection

    return connect


def _set_up(connection: sqlite3.Connection, *, writable: bool) -> None:
    """What holds for every connection."""
    # What a hostile file defines must not run: https://www.sqlite.org/security.html
    for pragma in ("foreign_keys=ON", "trusted_schema=OFF", "cell_size_check=ON"):
        connection.execute(f"PRAGMA {pragma}")
    if writable:
        _log_ahead(connection)
        connection.execute("PRAGMA synchronous=FULL")


def _log_ahead(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead logging; for that SQLite does not wait until others are ready."""
    for left in reversed(range(_TRIES)):
        try:
            if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or not left:
                raise
            time.sleep(_PAUSE)


def _engine(connect: Callable[[], sqlite3.Connection]) -> sa.Engine:
    """One connection, whose transactions are really what they are called.

    Source: https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#sqlite-transactions
    """
    engine = sa.create_engine(
        "sqlite://", creator=connect, poolclass=QueuePool, pool_size=1, max_overflow=0
    )

    @sa.event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:  # noqa: ANN401 - as SQLAlchemy calls it
        # A writer takes its turn at once: two that have read cannot both go on to write.
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def give_back(engine: sa.Engine) -> None:
    """Make the file as small as what it holds.

    Raises:
        sqlite3.Error: there is no room to do it, or others use the file.
    """
    with closing(engine.raw_connection()) as pooled:
        connection = pooled.driver_connection
        assert isinstance(connection, sqlite3.Connection)  # noqa: S101 - of this engine
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
