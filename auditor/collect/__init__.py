"""A source becomes a Snapshot. Knows no policy; never fills in a default."""

from auditor.collect.files import read_snapshots

__all__ = ["read_snapshots"]
