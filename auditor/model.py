"""The core types, and nothing else. All frozen; tuples, not lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from auditor.errors import Place

Raw: TypeAlias = object
"""A value as a source gave it: JSON's types, nested."""

Json: TypeAlias = object
"""A value that the json module can write."""

CONTRADICTION: Final = "$contradiction"
"""The one key of what a reader puts in the place of a raw value that contradicts itself."""

Status: TypeAlias = Literal["pass", "fail", "exempt", "unknown", "not-applicable"]
Severity: TypeAlias = Literal["critical", "high", "medium", "low"]
Verdict: TypeAlias = Literal["compliant", "drift", "incomplete"]
State: TypeAlias = Literal["present", "null", "absent", "unreadable"]

STATUSES: Final[tuple[Status, ...]] = ("pass", "fail", "exempt", "unknown", "not-applicable")
SEVERITIES: Final[tuple[Severity, ...]] = ("critical", "high", "medium", "low")


class Absent(Enum):
    """The property is not in the data at all; not the same as null."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The property is there, but its value cannot be known; the reason is for people."""

    reason: str


Present: TypeAlias = bool | int | str | tuple[str, ...]
Value: TypeAlias = Present | Absent | Unreadable | None
"""A normalised value: present, null, absent or unreadable. Four different things."""


def state_of(value: Value) -> State:
    """Which of the four a value is."""
    if value is None:
        return "null"
    if value is ABSENT:
        return "absent"
    return "unreadable" if isinstance(value, Unreadable) else "present"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a snapshot came from.

    Attributes:
        kind: ``clixml``, ``json``, ``format-list``, ``csv``, ``live``.
        location: base names of files, or the endpoint.
        collected_at: when, where the source says so; else None (an export does not).
        tool: the program that made the snapshot, with its version.
        files: base names of the files read, in the order given.
        server: the host that was asked, where it was one.
        account: who asked, as the server or the user says.
        cautions: what weakens the evidence: ``insecure`` (the server's certificate was not
            verified), ``cleartext`` (the answers came unencrypted).
    """

    kind: str
    location: str
    collected_at: datetime | None = None
    tool: str | None = None
    files: tuple[str, ...] = ()
    server: str | None = None
    account: str | None = None
    cautions: tuple[str, ...] = ()


class CollectionError(NamedTuple):
    """What could not be collected, or not all of it, and why.

    Attributes:
        cmdlet: its whole name.
        reason: for people.
        refused: the account may not run it, or the server has no such cmdlet: there is nothing
            that was begun and lost.
    """

    cmdlet: str
    reason: str
    refused: bool = False

    @property
    def noun(self) -> str:
        """What the cmdlet returns: ``SendConnector``."""
        return self.cmdlet.removeprefix("Get-")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was collected from one organisation at one moment.

    ``objects`` maps a cmdlet's noun (``SendConnector``) to its raw objects.
    """

    organization: str | None
    provenance: Provenance
    objects: Mapping[str, tuple[Mapping[str, Raw], ...]]
    errors: tuple[CollectionError, ...] = ()


class Properties(Protocol):
    """The properties of one connector, or settings of its organisation, read when asked for."""

    def __getitem__(self, name: str) -> Value:
        """The normalised value of a property, by Exchange's own name."""
        ...


@dataclass(frozen=True, slots=True)
class Connector:
    """One connector.

    ``cmdlet`` is the noun of the cmdlet that returned it: ``SendConnector``,
    ``ForeignConnector`` or ``DeliveryAgentConnector``. ``position`` counts from 1 in the export.
    """

    properties: Properties
    cmdlet: str = "SendConnector"
    position: int = 1

    @property
    def name(self) -> str | None:
        """Its name as it was given; else that of its identity."""
        for key in ("Name", "Identity", "Id"):
            value = self.properties[key]
            if isinstance(value, str) and value:
                return value
        return None

    @property
    def guid(self) -> str | None:
        """Its Guid in lower case, without braces."""
        value = self.properties["Guid"]
        return value.strip("{}").lower() if isinstance(value, str) and value else None

    @property
    def label(self) -> str:
        """What to call it in a message."""
        return self.name if self.name else f"(connector {self.position}, which has no name)"


@dataclass(frozen=True, slots=True)
class Connectors:
    """All connectors of one organisation, and what is known of its servers.

    Attributes:
        send: every send connector, in the order of the export.
        other: foreign and delivery-agent connectors, where they were collected.
        server_versions: the Exchange versions of the servers (``2010``, ``2013``, ``2016``,
            ``2019``); empty where they were not collected, or one could not be read.
        servers: name in lower case of each known server, with whether it carries transport;
            None where servers were not collected.
        incomplete: the cmdlets that returned other connectors only in part, or failed.
        settings: what else the organisation says, by ``TransportConfig.MaxSendSize``.
    """

    send: tuple[Connector, ...]
    other: tuple[Connector, ...] = ()
    server_versions: frozenset[str] = frozenset()
    servers: Mapping[str, bool] | None = None
    incomplete: tuple[str, ...] = ()
    settings: Properties | None = None


@dataclass(frozen=True, slots=True)
class Region:
    """A service region of the gateway. ``state`` is ``confirmed`` or ``unconfirmed``."""

    id: str
    title: str
    aliases: tuple[str, ...]
    smart_hosts: tuple[str, ...]
    state: str = "confirmed"


@dataclass(frozen=True, slots=True)
class Gateway:
    """Whose hosts these are: a name for people, and the domains its hosts are under."""

    name: str
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Undecided:
    """Whether something holds cannot be known; the reason is for people.

    It is neither true nor false, and using it as either is a fault: it would be a false pass.
    """

    reason: str

    def __bool__(self) -> bool:
        raise AssertionError(f"undecided is neither true nor false: {self.reason}")


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a policy is applied: what some matchers need beside the value.

    ``settings`` are the organisation's, by ``TransportConfig.MaxSendSize``; None: not known.
    """

    region: Region | None = None
    settings: Properties | None = None


class Matcher(Protocol):
    """What must hold of one property's value."""

    def holds(self, actual: Present | None) -> bool | Undecided:
        """Whether a value that could be read is as it must be."""
        ...

    def expected(self) -> Json:
        """The value that must hold, or the matcher as an object."""
        ...

    def must(self, name: str) -> str:
        """In words, what a property must: ``be at most 50 MB``."""
        ...

    def compared(self, actual: Present | None) -> tuple[Present | None, Present | None] | None:
        """Expected and actual, spelled comparably; None where equality is not asked."""
        ...

    def within(self, scene: Scene) -> Matcher:
        """The same matcher in an organisation and a region."""
        ...

    def without(self, items: tuple[str, ...]) -> Matcher:
        """The same matcher where these items of a list do not count."""
        ...

    def mended(self, actual: Present | None) -> Present | Undecided | None:
        """The value nearest to the actual one that is as it must be, where that can be told."""
        ...

    @property
    def needs_region(self) -> bool:
        """Whether it says nothing without a region."""
        ...


class Requirement(NamedTuple):
    """A property, and what must hold of it."""

    property: str
    matcher: Matcher


@dataclass(frozen=True, slots=True)
class Control:
    """One thing that is checked.

    Attributes:
        id: the property's name, or the published identifier.
        requirements: what must hold; none for the special controls, several for some of packs.
        severity: how much it matters.
        why: the reason, for people.
        references: where the reason comes from.
        position: where the policy says it.
        title: what a pack calls it.
        when: it applies only where all of this holds of the connector.
        not_applicable_because: it never applies, for this reason.
        everywhere: it is about every send connector, not only about the subject.
        unconfirmed: the published identifier is known from one source only.
    """

    id: str
    requirements: tuple[Requirement, ...]
    severity: Severity
    why: str | None
    references: tuple[str, ...]
    position: Place
    title: str | None = None
    when: tuple[Requirement, ...] = ()
    not_applicable_because: str | None = None
    everywhere: bool = False
    unconfirmed: bool = False

    @property
    def needs_region(self) -> bool:
        """Whether it says nothing without a region."""
        return any(r.matcher.needs_region for r in (*self.requirements, *self.when))

    @property
    def property(self) -> str | None:
        """The one property that it is about, if it is about one."""
        return self.requirements[0].property if len(self.requirements) == 1 else None


@dataclass(frozen=True, slots=True)
class Exemption:
    """An approved, dated, narrow permission for one finding.

    Attributes:
        connector: a name, in which ``*`` and ``?`` are wildcards; None means a finding that is
            about no connector.
        control: the id of the control.
        reason: why it is permitted.
        owner: who answers for it.
        approved_by: who approved it.
        ticket: of the change, if there is one.
        starts: the first day on which it holds (UTC); None: it always did.
        expires: the last day on which it holds, to its end (UTC).
        only_if: it covers a connector only while all of this holds of it.
        evidence: it covers only a finding whose actual value has this digest.
        position: where the policy says it.
    """

    connector: str | None
    control: str
    reason: str
    owner: str
    approved_by: str
    ticket: str | None
    starts: date | None
    expires: date
    only_if: tuple[Requirement, ...]
    evidence: str | None
    position: Place


@dataclass(frozen=True, slots=True)
class Pack:
    """Further controls, published by somebody; ``file`` is where they were read from."""

    name: str
    version: str | None
    title: str | None
    controls: Mapping[str, Control]
    file: str


@dataclass(frozen=True, slots=True)
class Policy:
    """What must hold, after ``extends``; ``sha256`` is over that effective policy.

    ``controls`` are its own, those of its packs stand under them. ``warn_days``: an exemption that
    ends within so many days is warned about. ``files`` are the paths of all its own files.
    """

    name: str
    version: str
    sha256: str
    gateway: Gateway
    regions: Mapping[str, Region]
    connector_name: str | None
    default_region: str | None
    controls: Mapping[str, Control]
    files: tuple[str, ...] = ()
    packs: tuple[Pack, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    warn_days: int = 0

    @property
    def all_controls(self) -> tuple[Control, ...]:
        """Its own controls, then those of each pack, in the order of the report."""
        packed = (control for pack in self.packs for control in pack.controls.values())
        return (*self.controls.values(), *packed)

    @property
    def needs_region(self) -> bool:
        """Whether something in it says nothing without a region."""
        guards = (r for exemption in self.exemptions for r in exemption.only_if)
        return any(control.needs_region for control in self.all_controls) or any(
            guard.matcher.needs_region for guard in guards
        )


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


ExemptionState: TypeAlias = Literal["in use", "stale", "not started", "expired", "undecided"]


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


@dataclass(frozen=True, slots=True)
class Audit:
    """One evaluated audit: all that a report, a remediation or a history needs."""

    policy: Policy
    region: Region | None
    snapshot: Snapshot
    organization: str | None
    evaluated_at: datetime
    findings: tuple[Finding, ...]
    connectors: int
    subject: Connector | None = None
    inventory: Connectors | None = None
    plan: Plan | None = None
    exemptions: tuple[ExemptionUse, ...] = ()

    @property
    def summary(self) -> dict[Status, int]:
        """How many findings have each status."""
        counts: dict[Status, int] = dict.fromkeys(STATUSES, 0)
        for finding in self.findings:
            counts[finding.status] += 1
        return counts

    @property
    def verdict(self) -> Verdict:
        """``drift`` if any finding failed, else ``incomplete`` if any is unknown."""
        statuses = {finding.status for finding in self.findings}
        if "fail" in statuses:
            return "drift"
        # No finding at all proves nothing.
        return "incomplete" if "unknown" in statuses or not statuses else "compliant"
