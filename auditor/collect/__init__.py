"""A source becomes a Snapshot. Knows no policy; never fills in a default."""

from auditor.collect.complete import require_connectors
from auditor.collect.files import MAX_BYTES, read_snapshots

__all__ = ["MAX_BYTES", "read_snapshots", "require_connectors"]
