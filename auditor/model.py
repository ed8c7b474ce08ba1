"""The core types, and nothing else. All frozen; tuples, not lists."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

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
    """The properties of one connector, read when first asked for."""

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
    """

    send: tuple[Connector, ...]
    other: tuple[Connector, ...] = ()
    server_versions: frozenset[str] = frozenset()
    servers: Mapping[str, bool] | None = None
    incomplete: tuple[str, ...] = ()


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


class Matcher(Protocol):
    """What must hold of one property's value."""

    def holds(self, actual: Present | None) -> bool:
        """Whether a value that could be read is as it must be."""
        ...

    def expected(self) -> Json:
        """The value that must hold, or the matcher as an object."""
        ...

    def compared(self, actual: Present | None) -> tuple[Present | None, Present | None] | None:
        """Expected and actual, spelled comparably; None where equality is not asked."""
        ...

    def for_region(self, region: Region | None) -> Matcher:
        """The same matcher in a region."""
        ...

    @property
    def needs_region(self) -> bool:
        """Whether it says nothing without a region."""
        ...


@dataclass(frozen=True, slots=True)
class Control:
    """One thing that is checked. ``property`` and ``matcher`` are None for the special controls."""

    id: str
    property: str | None
    matcher: Matcher | None
    severity: Severity
    why: str | None
    references: tuple[str, ...]
    position: Place


@dataclass(frozen=True, slots=True)
class Policy:
    """What must hold, after ``extends``; ``sha256`` is over that effective policy.

    ``files`` are the paths of all files that it was read from.
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
    actual: Value | Mapping[str, Json]
    message: str
    changes: tuple[Change, ...] = ()

    @property
    def severity(self) -> Severity:
        """The severity that the policy gives the control."""
        return self.control.severity

    @property
    def actual_state(self) -> State:
        """Whether the value was present, null, absent or unreadable."""
        return "present" if isinstance(self.actual, dict) else state_of(self.actual)  # type: ignore[arg-type]


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
