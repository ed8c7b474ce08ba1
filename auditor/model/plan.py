"""What brings an organisation back into compliance."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.model.inventory import Connector
    from auditor.model.values import Present

Settings: TypeAlias = "Mapping[str, Present | None]"
"""Properties of a connector as a command sets them."""


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """One cmdlet of a plan, on one connector.

    Attributes:
        order: counted from 1; the order of execution.
        cmdlet: ``Set-SendConnector``, ``New-SendConnector``, …
        connector: the one that is changed; None for one that is created.
        name: its name, also of one that is created.
        parameters: property → the value that it gets.
        before: property → the value that was audited, of those that are changed.
        findings: the fingerprints of the findings that it answers.
        credential: whether a credential must be asked for when it is run.
        caution: what to think of before; None where there is nothing.
        rollback: property → the value that undoes it.
        command: all of it as a line of PowerShell.
    """

    order: int
    cmdlet: str
    connector: Connector | None
    name: str
    parameters: Settings
    before: Settings
    findings: tuple[str, ...]
    credential: bool = False
    caution: str | None = None
    rollback: Settings = field(default_factory=dict)
    command: str = ""

    @property
    def guid(self) -> str | None:
        """Of the connector that is changed, where it is known."""
        return None if self.connector is None else self.connector.guid


class ManualStep(NamedTuple):
    """What a person must do, because no command can be told or trusted to do it."""

    connector: str | None
    findings: tuple[str, ...]
    advice: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What brings an organisation back into compliance, in the order of execution."""

    changes: tuple[PlannedChange, ...]
    manual: tuple[ManualStep, ...]
