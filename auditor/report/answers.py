"""Which planned change answers which finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.report.printable import printable

if TYPE_CHECKING:
    from auditor.model import Audit, PlannedChange


_UNSHOWN: Final = "# This command holds characters that cannot be shown: audit remediate writes it."


def answers(audit: Audit) -> dict[str, PlannedChange]:
    """The change that puts a finding right, by the finding's fingerprint."""
    changes = audit.plan.changes if audit.plan else ()
    return {mark: change for change in changes for mark in change.findings}


def command_of(change: PlannedChange) -> str:
    """Its command; a comment in its place where making it visible would make it another one."""
    return change.command if printable(change.command) == change.command else _UNSHOWN
