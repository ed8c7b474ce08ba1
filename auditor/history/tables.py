"""The tables of a history as they are now; how they came to be is in ``migrations``.

A row of ``runs`` is small: what is large, and mostly the same every night, is in ``documents``.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

_META: Final = sa.MetaData()

HISTORY: Final = sa.Table("audit_history", _META, sa.Column("version", sa.Integer))
"""One row: the version of the schema. A database without this table holds no history."""

AUDITS: Final = sa.Table(
    "audit_history_audits",
    _META,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.Text),
    sa.Column("title", sa.Text),
)
"""What histories are kept under: compared by ``key``, shown as ``title``."""

# No type that makes something of what is read: a damaged store may hold anything anywhere.
DOCUMENTS: Final = sa.Table(
    "audit_history_documents",
    _META,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("data", sa.types.NULLTYPE),
)
"""Snapshots and findings, compressed, by the digest of what they say."""

RUNS: Final = sa.Table(
    "audit_history_runs",
    _META,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("audit", sa.Integer),
    sa.Column("recorded_at", sa.Text),
    sa.Column("evaluated_at", sa.Text),
    sa.Column("as_of", sa.Integer),
    sa.Column("verdict", sa.Text),
    sa.Column("organization", sa.Text),
    sa.Column("region", sa.Text),
    sa.Column("policy", sa.Text),
    sa.Column("policy_sha256", sa.Text),
    sa.Column("snapshot", sa.Text),
    sa.Column("snapshot_sha256", sa.Text),
    sa.Column("collected_at", sa.Text),
    sa.Column("connectors", sa.Integer),
    sa.Column("passed", sa.Integer),
    sa.Column("failed", sa.Integer),
    sa.Column("exempt", sa.Integer),
    sa.Column("unknown", sa.Integer),
    sa.Column("not_applicable", sa.Integer),
    sa.Column("findings", sa.Text),
    sa.Column("error", sa.Text),
    sa.Column("error_code", sa.Text),
    sa.Column("tool", sa.Text),
    sa.Column("machine", sa.Text),
)
"""Each kept run. Instants are text, in UTC and of one length: ``2026-11-23T08:00:00.000000Z``."""

TABLES: Final = (HISTORY, AUDITS, DOCUMENTS, RUNS)
