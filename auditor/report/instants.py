"""Moments as every machine reads them."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


def rfc3339(moment: datetime) -> str:
    """UTC to the second: ``2026-11-23T08:00:00Z`` (https://www.rfc-editor.org/rfc/rfc3339)."""
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
