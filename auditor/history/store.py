"""The store of a history: every kept run, with its findings and its snapshot."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from auditor.errors import Place, UsageError
from auditor.history import documents, postgresql, sqlite
from auditor.history.content import content_digest
from auditor.history.faults import damaged, told
from auditor.history.migrations import VERSION, migrate, version_of
from auditor.history.pruning import prune
from auditor.history.rows import audit_row, failure_row, key_of, run_of, stamp
from auditor.history.tables import AUDITS, DOCUMENTS, RUNS
from auditor.history.writing import put_audit, put_document, put_run
from auditor.snapshot import write_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from types import TracebackType

    from auditor.errors import AuditError
    from auditor.history.rows import Row
    from auditor.model import Audit, Json, KeptFinding, Run, Snapshot

_AT_ONCE: Final = 100
"""So many runs are read at once where nobody knows how many are wanted."""


def open_store(where: str, *, create: bool = True) -> Store:
    """The history at a place.

    Args:
        where: a path, or ``postgresql://…``.
        create: begin one where there is none; it is going to be written. Else there must be one,
            which is only read where it cannot be written.

    Raises:
        AuditError: there is none, it is no history, or it cannot be opened.
    """
    if where.startswith(postgresql.SCHEMES):
        engine, shown = postgresql.postgresql_engine(where)
    elif "://" in where:
        why = f"a history is in a file or in PostgreSQL, not at {where.partition('://')[0]}://"
        raise UsageError(why, hint="For example: --history audits.sqlite")
    else:
        shown = where
    with told(shown):
        if not where.startswith(postgresql.SCHEMES):
            engine = sqlite.sqlite_engine(Path(where), create=create)
        store = Store(engine, shown)
        try:
            store.bring_up_to_date(create=create)
        except BaseException:
            store.close()
            raise
    return store


class Store:
    """An open history. Leaving its context closes it."""

    def __init__(self, engine: sa.Engine, where: str) -> None:
        """Of an engine; ``where`` is its place as it may be shown."""
        self._engine = engine
        self._findings: dict[str, list[dict[str, Json]]] = {}
        self._digests: dict[int, str | None] = {}
        self.where = where

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        with told(self.where):
            self._engine.dispose()

    def bring_up_to_date(self, *, create: bool) -> None:
        """Make the tables of this version, or what is missing to them.

        Raises:
            AuditError: it is no history, or of a newer version; or there is none to be read.
        """
        with self._engine.connect() as connection, connection.begin():
            version = version_of(connection, self.where)
        if version == VERSION:
            return
        if not version and not create:
            why = "there is no history here yet"
            raise UsageError(why, Place(self.where), "audit check --history FILE begins one.")
        with self._transaction() as connection:
            self._lock(connection, alone=True)
            # Another may have been faster.
            migrate(connection, version_of(connection, self.where))

    def record(
        self,
        audit: Audit,
        key: str,
        *,
        as_of: bool,
        now: datetime,
        tool: str,
        machine: str | None,
    ) -> int:
        """Keep a run of an audit, whole or not at all.

        Args:
            audit: that was evaluated.
            key: the name that it is kept under; shown as it is written here from now on.
            as_of: whether it was evaluated as of another time.
            now: when it is kept.
            tool: this program and its version.
            machine: the host name of the one that runs it.

        Returns:
            The number of the run.

        Raises:
            AuditError: it could not be kept.
        """
        snapshot = content_digest(audit.snapshot)
        findings, data = documents.findings_document(audit)
        row = audit_row(audit, as_of=as_of, snapshot=snapshot, findings=findings)
        with self._writing() as connection:
            number = put_audit(connection, key)
            put_document(connection, snapshot, lambda: write_snapshot(audit.snapshot))
            put_document(connection, findings, lambda: data)
            return put_run(connection, number, row, now=now, tool=tool, machine=machine)

    def record_failure(
        self, error: AuditError, key: str, *, now: datetime, tool: str, machine: str | None
    ) -> int:
        """Keep a run in which nothing could be evaluated; arguments and errors as of ``record``."""
        row = failure_row(error, now)
        with self._writing() as connection:
            number = put_audit(connection, key)
            return put_run(connection, number, row, now=now, tool=tool, machine=machine)

    def audits(self) -> list[str]:
        """The names that runs are kept under, as they were written last, in alphabetical order.

        Raises:
            AuditError: the store cannot be read.
        """
        kept = sa.select(RUNS.c.audit).distinct()
        query = sa.select(AUDITS.c.title).where(AUDITS.c.id.in_(kept)).order_by(AUDITS.c.key)
        titles = [row["title"] for row in self._rows(query)]
        if not all(isinstance(title, str) for title in titles):
            raise damaged(self.where, "the name of an audit is none")
        return titles

    def runs(self, key: str | None = None, limit: int | None = None) -> list[Run]:
        """Runs, the newest first: all of them, or those of one audit, or the newest so many.

        Raises:
            AuditError: the store cannot be read.
        """
        return self._runs(_runs_of(key).limit(limit))

    def counted_runs(self, key: str) -> Iterator[Run]:
        """The runs of an audit that later ones are compared with, newest first, as they are asked.

        Raises:
            AuditError: the store cannot be read.
        """
        query = _runs_of(key).where(RUNS.c.verdict.in_(("compliant", "drift")), RUNS.c.as_of == 0)
        before: list[sa.ColumnElement[bool]] = []
        while True:
            found = self._runs(query.where(*before).limit(_AT_ONCE))
            yield from found
            if len(found) < _AT_ONCE:
                return
            before = [RUNS.c.id < found[-1].id]

    def run(self, number: int) -> Run:
        """A run by its number.

        Raises:
            UsageError: there is none.
            AuditError: the store cannot be read.
        """
        # Beyond it, no database has a number.
        found = self._runs(_runs_of(None).where(RUNS.c.id == number)) if number < 2**31 else []
        if not found:
            hint = "audit history list shows what there is."
            raise UsageError(f"there is no run {number} in the history", Place(self.where), hint)
        return found[0]

    def findings(self, run: Run) -> tuple[KeptFinding, ...]:
        """The findings of a run, in the order of its report; none where nothing was evaluated.

        Raises:
            AuditError: the store cannot be read.
        """
        found = self.finding_documents(run)
        return tuple(documents.kept_finding(one, self.where) for one in found)

    def finding_documents(self, run: Run) -> list[dict[str, Json]]:
        """The same as JSON values, with what was expected and found, and the exemption.

        Raises:
            AuditError: the store cannot be read.
        """
        if run.id not in self._digests:
            self.run(run.id)
        digest = self._digests[run.id]
        if digest is None:
            return []
        if digest not in self._findings:
            data = documents.unpack(self._document(digest), self.where)
            self._findings[digest] = documents.findings_of(data, digest, self.where)
        return self._findings[digest]

    def snapshot(self, run: Run) -> Snapshot:
        """The snapshot of a run, as it was when an organisation like this was first kept.

        Raises:
            UsageError: nothing was evaluated, so there is none.
            AuditError: the store cannot be read.
        """
        if run.snapshot is None:
            why = f"run {run.id} of the history has no snapshot: nothing was evaluated"
            raise UsageError(why, Place(self.where), "Name another run.")
        data = documents.unpack(self._document(run.snapshot), self.where)
        return documents.snapshot_of(data, run.snapshot, self.where)

    def prune(
        self,
        key: str | None,
        *,
        older_than: datetime | None,
        keep: int | None,
        dry_run: bool = False,
    ) -> int:
        """Remove old runs, and documents that no run needs any more.

        A run goes where it is older than ``older_than`` and not among the ``keep`` newest of its
        audit; what one of the two keeps stays, and one that is None keeps nothing. The newest run
        that was decided always stays: the next one is compared with it.

        Args:
            key: of the audit; None: each.
            older_than: runs that were kept before it may go.
            keep: so many newest runs of an audit stay.
            dry_run: remove nothing.

        Returns:
            How many runs went, or would.

        Raises:
            AuditError: the store cannot be written.
        """
        if older_than is None and keep is None:
            return 0
        limit = None if older_than is None else stamp(older_than)
        key = None if key is None else key_of(key)
        if dry_run:
            with self._reading() as connection:
                return prune(connection, key, older_than=limit, keep=keep, dry_run=True)
        with self._writing(alone=True) as connection:
            removed = prune(connection, key, older_than=limit, keep=keep, dry_run=False)
        if removed:
            self._give_back()
        return removed

    def _runs(self, query: sa.Select[Any]) -> list[Run]:
        rows = self._rows(query)
        found = [run_of(row, self.where) for row in rows]
        self._digests |= {
            run.id: row["findings"] if isinstance(row["findings"], str) else None
            for run, row in zip(found, rows, strict=True)
        }
        return found

    def _rows(self, query: sa.Select[Any]) -> list[Row]:
        with self._reading() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def _document(self, digest: str) -> object:
        query = sa.select(DOCUMENTS.c.data).where(DOCUMENTS.c.digest == digest)
        rows = self._rows(query)
        if not rows:
            raise damaged(self.where, "a document that a run needs is not there")
        return rows[0]["data"]

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with told(self.where), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def _writing(self, *, alone: bool = False) -> Iterator[sa.Connection]:
        """A transaction on a store that is still of this version."""
        with told(self.where), self._transaction() as connection:
            self._lock(connection, alone=alone)
            if version_of(connection, self.where) != VERSION:
                raise damaged(self.where, "somebody else has changed its version")
            yield connection

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        with self._engine.connect() as connection:
            writing = connection.execution_options(**{sqlite.WRITES: True})
            with writing.begin():
                yield writing

    def _lock(self, connection: sa.Connection, *, alone: bool) -> None:
        # SQLite has one writer at a time in any case.
        if self._engine.dialect.name == "postgresql":
            postgresql.lock(connection, alone=alone)

    def _give_back(self) -> None:
        """Give the room of what was removed back; where that fails, it is used again later."""
        kind = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        with suppress(sa.exc.SQLAlchemyError, sqlite3.Error):
            kind.give_back(self._engine)


def _runs_of(key: str | None) -> sa.Select[Any]:
    query = sa.select(RUNS, AUDITS.c.title).join(AUDITS, AUDITS.c.id == RUNS.c.audit)
    if key is not None:
        query = query.where(AUDITS.c.key == key_of(key))
    return query.order_by(RUNS.c.id.desc())
