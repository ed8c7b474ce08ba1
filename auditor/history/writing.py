"""What is written of a run, in one transaction: its audit, its documents, its row."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from auditor.history.documents import pack
from auditor.history.rows import key_of, stamp, storable
from auditor.history.tables import AUDITS, DOCUMENTS, RUNS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from auditor.history.rows import Row


def put_audit(connection: sa.Connection, title: str) -> int:
    """The number of an audit, which is new or gets its title as it is written now.

    Until the transaction ends, no other writes runs of this audit: they are kept in the order of
    their numbers.

    Raises:
        UsageError: the title is empty.
    """
    values = {"key": key_of(title), "title": storable(title).strip()}
    query = _insert(connection, AUDITS).values(values)
    query = query.on_conflict_do_update(
        index_elements=[AUDITS.c.key], set_={"title": values["title"]}
    )
    connection.execute(query)
    numbers = sa.select(AUDITS.c.id).where(AUDITS.c.key == values["key"])
    return int(connection.execute(numbers).scalar_one())


def put_document(connection: sa.Connection, digest: str, data: Callable[[], bytes]) -> None:
    """Keep a document, where it is not there yet; ``data`` is asked for only then."""
    known = sa.select(DOCUMENTS.c.digest).where(DOCUMENTS.c.digest == digest)
    if connection.execute(known).first() is None:
        query = _insert(connection, DOCUMENTS).values(digest=digest, data=pack(data()))
        # Another may keep the same at this moment.
        connection.execute(query.on_conflict_do_nothing())


def put_run(
    connection: sa.Connection,
    audit: int,
    row: Row,
    *,
    now: datetime,
    tool: str,
    machine: str | None,
) -> int:
    """Keep a run; returns its number."""
    more = {
        "audit": audit,
        "recorded_at": stamp(now),
        "tool": storable(tool),
        "machine": None if machine is None else storable(machine),
    }
    done = connection.execute(sa.insert(RUNS).values(row | more))
    (number,) = done.inserted_primary_key or (0,)
    return int(number)


def _insert(connection: sa.Connection, table: sa.Table) -> Any:  # noqa: ANN401 - two alike
    """An insertion that knows what to do where the row is there already; both say it alike."""
    # Each is some fifty modules: only the one that is at work is loaded.
    return import_module(f"sqlalchemy.dialects.{connection.dialect.name}").insert(table)
