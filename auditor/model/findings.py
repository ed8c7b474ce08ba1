"""What an audit found, and what became of each exemption."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from auditor.model.values import state_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.model.inventory import Connector
    from auditor.model.policy import Control, Exemption, Severity
    from auditor.model.values import Json, State, Value

Status: TypeAlias = Literal["pass", "fail", "exempt", "unknown", "not-applicable"]
Verdict: TypeAlias = Literal["compliant", "drift", "incomplete"]
ExemptionState: TypeAlias = Literal["in use", "stale", "not started", "expired", "undecided"]

STATUSES: Final[tuple[Status, ...]] = ("pass", "fail", "exempt", "unknown", "not-applicable")


class Change(NamedTuple):
    """One difference. ``path`` is a JSON pointer into the value ("" is the whole)."""

    change: Literal["added", "removed", "changed"]
    path: str
    expected: Json
    actual: Json


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one control on one connector (None: on the organisation)."""

    control: Control
    status: Status
    connector: Connector | None
    expected: Json
    actual: Value | Mapping[str, Value | Json]
    message: str
    changes: tuple[Change, ...] = ()
    exemption: Exemption | None = None

    @property
    def severity(self) -> Severity:
        """The severity that the policy gives the control."""
        return self.control.severity

    @property
    def actual_state(self) -> State:
        """Whether the value was present, null, absent or unreadable."""
        if not isinstance(self.actual, dict):
            return state_of(self.actual)  # type: ignore[arg-type]
        states = {state_of(value) for value in self.actual.values()}
        # Of several values the worst counts; a null among them is one of them.
        return next((s for s in ("unreadable", "absent") if s in states), "present")


class ExemptionUse(NamedTuple):
    """What became of an exemption in an audit.

    Attributes:
        exemption: the one.
        state: ``in use`` (it covers a finding), ``stale`` (it covers nothing), ``undecided`` (what
            it would cover is unknown), or its days are over or to come.
        days_left: from the day of the evaluation to the last on which it holds; negative after it.
        because: why it covers nothing, in words; else empty.
    """

    exemption: Exemption
    state: ExemptionState
    days_left: int
    because: str = ""
