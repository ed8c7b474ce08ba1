"""The remediation plan as the page shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from auditor.properties import shown
from auditor.report.answers import shown_command

if TYPE_CHECKING:
    from auditor.model import Audit, ManualStep, PlannedChange


class Setting(NamedTuple):
    """What one property is and becomes; ``was`` is None for a connector that is created."""

    name: str
    was: str | None
    to: str


class Step(NamedTuple):
    """One change, its command as it is shown, and its settings."""

    change: PlannedChange
    command: str
    settings: tuple[Setting, ...]


def changes(audit: Audit) -> list[Step]:
    """The changes in the order of execution."""
    planned = audit.plan.changes if audit.plan else ()
    return [Step(change, shown_command(change.command), _settings(change)) for change in planned]


def manual_steps(audit: Audit) -> tuple[ManualStep, ...]:
    """What a person must do."""
    return audit.plan.manual if audit.plan else ()


def _settings(change: PlannedChange) -> tuple[Setting, ...]:
    created = change.connector is None
    return tuple(
        Setting(name, None if created else shown(name, change.before[name]), shown(name, value))
        for name, value in change.parameters.items()
        if created or change.before[name] != value
    )
