"""What a history keeps of each run, and what has changed since the run before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from auditor.model.findings import Status, Verdict
    from auditor.model.policy import Severity


class KeptFinding(NamedTuple):
    """A finding as a history keeps it, and as drift speaks of it.

    Attributes:
        fingerprint: the same for the same control on the same connector, whatever the values.
        control: the control's id.
        title: that of a pack's control; else empty.
        status: ``pass``, ``fail``, ``exempt``, ``unknown``, ``not-applicable``.
        severity: ``critical``, ``high``, ``medium``, ``low``.
        connector: its name; None where the finding is on no connector, or that has no name.
        connector_guid: its Guid in lower case; None where there is none.
        message: one sentence for people.
    """

    fingerprint: str
    control: str
    title: str
    status: Status
    severity: Severity
    connector: str | None
    connector_guid: str | None
    message: str


@dataclass(frozen=True, slots=True)
class Run:
    """One kept run of an audit.

    Attributes:
        id: its number in the history, counted from 1.
        audit: the name that it is kept under: the audit's, or the organization's.
        verdict: None where nothing could be evaluated.
        evaluated_at: the instant of the evaluation, in UTC; with ``--as-of`` the one asked for.
        recorded_at: when it was kept, in UTC; runs are in this order.
        as_of: whether it was evaluated as of another time: then it is compared with nothing.
        organization: as in the report.
        region: its id; None where the policy asks for none, or nothing was evaluated.
        policy: the policy's name and version; empty where nothing was evaluated.
        policy_sha256: of the effective policy.
        snapshot: the digest of its content, by which it is kept; None where there is none.
        snapshot_sha256: the digest of the snapshot as the report has it, times included.
        collected_at: when the snapshot was collected, where that is known.
        connectors: how many send connectors there were.
        summary: how many findings have each status.
        error: why nothing was evaluated, in a sentence; else None.
        error_code: the error's code: ``unreachable``, ``policy``, ...; else None.
        tool: this program and its version.
        machine: the host name of the one that ran it; None where that was not kept.
    """

    id: int
    audit: str
    verdict: Verdict | None
    evaluated_at: datetime
    recorded_at: datetime
    as_of: bool
    organization: str | None
    region: str | None
    policy: str
    policy_sha256: str | None
    snapshot: str | None
    snapshot_sha256: str | None
    collected_at: datetime | None
    connectors: int | None
    summary: Mapping[Status, int]
    error: str | None
    error_code: str | None
    tool: str
    machine: str | None = None

    @property
    def counts(self) -> bool:
        """Whether later runs are compared with it: it was decided, and as of its own time."""
        return self.verdict in {"compliant", "drift"} and not self.as_of


class Failing(NamedTuple):
    """A finding that fails now and failed before, without a pass between.

    Attributes:
        finding: as it is now.
        since: when the first of these runs was evaluated.
        runs: how many runs in a row it fails, this one counted.
    """

    finding: KeptFinding
    since: datetime
    runs: int


class AdminChange(NamedTuple):
    """Who changed a connector, from the administrator audit log of Exchange.

    Attributes:
        at: when, in UTC.
        caller: who, as Exchange says.
        cmdlet: ``Set-SendConnector``, ``New-SendConnector`` or ``Remove-SendConnector``.
        connector: what was changed, as Exchange says (``ObjectModified``).
        parameters: name and value of each, as they were given; a secret's value is dropped.
        succeeded: whether it worked; None where Exchange does not say.
    """

    at: datetime
    caller: str
    cmdlet: str
    connector: str
    parameters: tuple[tuple[str, str], ...]
    succeeded: bool | None


@dataclass(frozen=True, slots=True)
class Drift:
    """What has changed since the last run that was decided. Each finding is in one group at most.

    Attributes:
        run: the id of that run; None where this is the first.
        since: when it was evaluated; None likewise.
        new: fail now, and did not then (nor were they exempt).
        fixed: failed then, and pass now, do not apply any more, or are gone; as they were then.
        still: failed then and now.
        newly_exempt: are exempt now, and were not then.
        exemption_ended: fail now, and were exempt then.
        policy_changed: whether the effective policy is another one than then.
        undecided_runs: how many runs between that one and this could not be decided.
        who: changes of send connectors since that run, oldest first; None where the administrator
            audit log was not read.
        last_changed: of the connectors that a change is about, the name and when Exchange says
            that it was changed last; where nobody knows who did it.
    """

    run: int | None = None
    since: datetime | None = None
    new: tuple[KeptFinding, ...] = ()
    fixed: tuple[KeptFinding, ...] = ()
    still: tuple[Failing, ...] = ()
    newly_exempt: tuple[KeptFinding, ...] = ()
    exemption_ended: tuple[KeptFinding, ...] = ()
    policy_changed: bool = False
    undecided_runs: int = 0
    who: tuple[AdminChange, ...] | None = None
    last_changed: tuple[tuple[str, str], ...] = ()

    @property
    def is_change(self) -> bool:
        """Whether anything is worth a word to somebody who knows the run before."""
        return bool(self.new or self.fixed or self.newly_exempt or self.exemption_ended)


class Gap(NamedTuple):
    """Where runs were missed.

    Attributes:
        after: when the last run before it was.
        before: when the next one was; None where it has not come.
        missed: about how many runs.
    """

    after: datetime
    before: datetime | None
    missed: int


class Period(NamedTuple):
    """What a day, a week or a month brought.

    Attributes:
        start: its first day, in UTC.
        runs: how many there were.
        compliant: how many of them were compliant.
        drift: how many showed drift.
        undecided: how many could not be decided.
        most_failed: the most findings that failed in one run; None where none was decided.
        last_failed: how many failed in the last run that was decided; None likewise.
    """

    start: date
    runs: int
    compliant: int
    drift: int
    undecided: int
    most_failed: int | None
    last_failed: int | None
