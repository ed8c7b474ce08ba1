"""Which planned change answers which finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditor.model import Audit, PlannedChange


def answers(audit: Audit) -> dict[str, PlannedChange]:
    """The change that puts a finding right, by the finding's fingerprint."""
    changes = audit.plan.changes if audit.plan else ()
    return {mark: change for change in changes for mark in change.findings}
