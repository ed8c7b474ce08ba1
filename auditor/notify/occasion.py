"""What a run was, as far as telling about it goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from auditor.errors import AuditError
    from auditor.model import Audit, Drift


@dataclass(frozen=True, slots=True)
class Occasion:
    """A run that is over.

    Attributes:
        key: the audit's name, as its history is kept under.
        now: when the run was, in UTC.
        audit: what was evaluated; None where nothing could be.
        error: why nothing could be evaluated; None where it was.
        undecided_before: how many runs in a row directly before this one were not decided.
        last_evaluated: when the last decided run was evaluated; None where there is none.
        as_of: whether it was evaluated as of another time; then nobody is told.
    """

    key: str
    now: datetime
    audit: Audit | None = None
    error: AuditError | None = None
    undecided_before: int = 0
    last_evaluated: datetime | None = None
    as_of: bool = False

    def __post_init__(self) -> None:
        if (self.audit is None) == (self.error is None):
            raise AssertionError("an occasion has an audit or an error")

    @property
    def decided(self) -> Audit | None:
        """The audit, where it was decided: compliant or drift."""
        audit = self.audit
        return None if audit is None or audit.verdict == "incomplete" else audit

    @property
    def drift(self) -> Drift | None:
        """What has changed since the last decided run; None without a history, or undecided."""
        audit = self.decided
        return audit.drift if audit else None

    @property
    def undecided_runs(self) -> int:
        """How many runs in a row were not decided, up to and with this one; 0 where it was."""
        return 0 if self.decided else self.undecided_before + 1
