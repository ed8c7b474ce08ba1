"""What logs say of mail that left, and what it comes to."""

from __future__ import annotations

# Imported also at run time: files of evidence are read by these types.
from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias

from auditor.model.findings import Status

LogKind: TypeAlias = Literal["tracking", "protocol"]
"""Message tracking logs say what became of messages, protocol logs of SMTP what was said."""

LogState: TypeAlias = Literal["read", "damaged", "copy", "foreign"]
"""What became of a file: it was read; not, or not to its end; it is a copy of one that was read; it
is no log that says anything of mail that leaves."""

WayKind: TypeAlias = Literal[
    "gateway",
    "exempt",
    "internal",
    "other-connector",
    "unknown-connector",
    "other-region",
    "unclear",
    "bypass",
]
"""Where a way out leads: through the subject to the region's hosts; by an exempt connector; to own
servers; to the region's hosts by a connector that is not the subject, or by one that the snapshot
has not; to the gateway, but not to the region's hosts; nobody can tell; around the gateway."""


class LogFile(NamedTuple):
    """One file that was read, or was not.

    Attributes:
        name: as the user calls it; inside an archive after it.
        state: what became of it.
        kind: None where it was not read.
        server: the one that wrote it; None where the log does not name it.
        first, last: the time of the first and of the last line; None where there is none.
        lines: how many there are besides headers.
        malformed: of these, how many could not be read.
        unfinished: whether it ends inside a line, which was not read.
        problem: why it was not read, or not to its end; else None.
    """

    name: str
    state: LogState
    kind: LogKind | None = None
    server: str | None = None
    first: datetime | None = None
    last: datetime | None = None
    lines: int = 0
    malformed: int = 0
    unfinished: bool = False
    problem: str | None = None


class Recipients(NamedTuple):
    """What went to one domain: deliveries, their bytes, and when the first and the last.

    ``domain`` is a whole address where addresses are wanted.
    """

    domain: str
    deliveries: int
    bytes: int
    first: datetime
    last: datetime


class Hour(NamedTuple):
    """An hour, by its beginning, and how many deliveries to outside it had."""

    start: datetime
    deliveries: int


class Way(NamedTuple):
    """All deliveries of one server through one connector to one next hop.

    Attributes:
        kind: of the logs that say so.
        server: the one that sent; None where the log does not name it.
        connector: its name, as logged.
        host: the name of the next hop; empty where none is logged.
        address: its IP address; empty where none is logged.
        deliveries: messages that were handed over.
        recipients: of all of them.
        bytes: of all of them.
        inside: of the deliveries, those for nobody outside of the organisation's own domains.
        first, last: when.
        hours: of the deliveries to outside.
        domains: whom those went to, most first; the first thousand.
        more_domains: how many more there are.
    """

    kind: LogKind
    server: str | None
    connector: str
    host: str
    address: str
    deliveries: int
    recipients: int
    bytes: int
    inside: int
    first: datetime
    last: datetime
    hours: tuple[Hour, ...] = ()
    domains: tuple[Recipients, ...] = ()
    more_domains: int = 0


class Refusal(NamedTuple):
    """Messages that were put off or given up, for one reason.

    Attributes:
        kind: of the logs that say so.
        event: ``DEFER`` they wait, ``FAIL`` they came back.
        connector: its name; empty where none is logged.
        host: of the next hop; empty where none is logged.
        reply: what the next hop, or Exchange, said; without addresses and marks of one message.
        events: how many.
        first, last: when.
    """

    kind: LogKind
    event: Literal["DEFER", "FAIL"]
    connector: str
    host: str
    reply: str
    events: int
    first: datetime
    last: datetime


class Trace(NamedTuple):
    """One event of the test message; sender and recipients only where addresses are wanted."""

    at: datetime
    event: str
    source: str
    server: str | None
    connector: str
    host: str
    address: str
    reply: str
    sender: str = ""
    recipients: tuple[str, ...] = ()


class MailFlow(NamedTuple):
    """All that was read from logs; no subject, and no sender or whole address unless wanted.

    Attributes:
        read_at: when.
        tool: which program.
        since, until: what was asked for; None: all that there is.
        own_domains: whose mail counts as internal.
        files: each that was named, or found where a folder was.
        ways: each way out.
        refusals: what was put off or given up.
        undated: events whose time cannot be read: they are in none of the others.
        addresses: whether whole addresses stand in it.
        test: the events of the test message; None where none was asked for.
    """

    read_at: datetime
    tool: str
    since: datetime | None
    until: datetime | None
    own_domains: tuple[str, ...]
    files: tuple[LogFile, ...]
    ways: tuple[Way, ...]
    refusals: tuple[Refusal, ...] = ()
    undated: int = 0
    addresses: bool = False
    test: tuple[Trace, ...] | None = None


class JudgedWay(NamedTuple):
    """A way out, where it leads, and why that is so, in a sentence."""

    seen: Way
    kind: WayKind
    why: str

    @property
    def outbound(self) -> int:
        """Its deliveries to outside."""
        return 0 if self.kind == "internal" else self.seen.deliveries - self.seen.inside


class Explained(NamedTuple):
    """A refusal with what it means and what to do, where that is known."""

    seen: Refusal
    meaning: str | None
    advice: str | None


class Silence(NamedTuple):
    """A time of which there is no log of a server."""

    server: str
    start: datetime
    end: datetime


class HostShare(NamedTuple):
    """A smart host of the region, and how many deliveries it took."""

    host: str
    deliveries: int


class MailFlowResult(NamedTuple):
    """What logs come to.

    Attributes:
        seen: all that was read.
        gateway: its name.
        region: the title and the id; None where none is known.
        status: of the control.
        message: why, in sentences.
        hint: what to do.
        ways: each way out, bypasses first.
        refusals: each with its meaning, the most frequent first.
        hosts: of the region.
        silences: times without logs, of each server that has any.
        unlogged: servers that send, by the snapshot, and have no log here.
        notes: what else there is to know, a sentence each.
    """

    seen: MailFlow
    gateway: str
    region: str | None
    status: Status
    message: str
    hint: str | None
    ways: tuple[JudgedWay, ...]
    refusals: tuple[Explained, ...] = ()
    hosts: tuple[HostShare, ...] = ()
    silences: tuple[Silence, ...] = ()
    unlogged: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def count(self, *kinds: WayKind, of: LogKind = "tracking") -> int:
        """Deliveries to outside by ways of these kinds."""
        return sum(w.outbound for w in self.ways if w.kind in kinds and w.seen.kind == of)

    @property
    def through(self) -> int:
        """Deliveries to the region's hosts, by whichever connector."""
        return self.count("gateway", "other-connector", "unknown-connector")

    @property
    def outbound(self) -> int:
        """All deliveries to outside that tracking logs show."""
        return sum(w.outbound for w in self.ways if w.seen.kind == "tracking")
