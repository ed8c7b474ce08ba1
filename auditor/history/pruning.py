"""Which runs go when a history is pruned, and what goes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from auditor.history.tables import AUDITS, DOCUMENTS, RUNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def prune(
    connection: sa.Connection,
    key: str | None,
    *,
    older_than: str | None,
    keep: int | None,
    dry_run: bool,
) -> int:
    """Remove runs, in the transaction that is open, and what nothing refers to any more.

    Args:
        connection: in a transaction that nobody else writes beside.
        key: of the audit; None: each.
        older_than: a stored instant; runs that were kept before it may go.
        keep: so many newest runs of an audit stay.
        dry_run: only count.

    Returns:
        How many runs go.
    """
    query = sa.select(AUDITS.c.id)
    if key is not None:
        query = query.where(AUDITS.c.key == key)
    found = connection.execute(query).scalars().all()
    gone = [n for audit in found for n in _gone(connection, audit, older_than, keep)]
    if not dry_run:
        _remove(connection, gone)
    return len(gone)


def _gone(
    connection: sa.Connection, audit: int, older_than: str | None, keep: int | None
) -> Iterator[int]:
    """The numbers of an audit's runs that go."""
    counts = RUNS.c.verdict.in_(("compliant", "drift")) & (RUNS.c.as_of == 0)
    is_old = sa.true() if older_than is None else RUNS.c.recorded_at < older_than
    columns = (RUNS.c.id, sa.case((counts, 1), else_=0), sa.case((is_old, 1), else_=0))
    query = sa.select(*columns).where(RUNS.c.audit == audit).order_by(RUNS.c.id.desc())
    needed = True
    for position, (number, counted, old) in enumerate(connection.execute(query)):
        if counted and needed:
            needed = False
            continue
        among_newest = keep is not None and position < keep
        if old and not among_newest:
            yield number


def _remove(connection: sa.Connection, gone: Sequence[int]) -> None:
    if gone:
        one = sa.delete(RUNS).where(RUNS.c.id == sa.bindparam("number"))
        connection.execute(one, [{"number": number} for number in gone])
    needed = sa.union(
        sa.select(RUNS.c.snapshot).where(RUNS.c.snapshot.is_not(None)),
        sa.select(RUNS.c.findings).where(RUNS.c.findings.is_not(None)),
    )
    connection.execute(sa.delete(DOCUMENTS).where(DOCUMENTS.c.digest.not_in(needed)))
    kept = sa.select(RUNS.c.audit)
    connection.execute(sa.delete(AUDITS).where(AUDITS.c.id.not_in(kept)))
