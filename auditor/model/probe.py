"""What was seen on the way to the gateway, from one machine at one moment, and what it comes to."""

from __future__ import annotations

# Imported also at run time: files of probes are read by these types.
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from auditor.model.findings import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

FailureKind: TypeAlias = Literal[
    "no-such-name",
    "no-records",
    "loop",
    "server-failure",
    "refused",
    "unreachable",
    "no-answer",
    "closed",
    "garbled",
    "too-long",
    "unasked",
    "tls",
    "invalid",
    "too-many-lookups",
    "stopped",
]
"""Why a step has no good end: what DNS says (to ``server-failure``), what the network does (to
``no-answer``), what a mail server does that none may do (to ``tls``), what is wrong with an SPF
record (``invalid``, ``too-many-lookups``). ``stopped``: it was not tried, or not to its end, for
the time was over or somebody stopped it."""

StepName: TypeAlias = Literal[
    "connect", "greeting", "ehlo", "starttls", "tls", "ehlo-tls", "mail", "rcpt", "rset", "quit"
]
"""The steps of one connection, in their order; ``ehlo-tls`` is EHLO once more after STARTTLS."""

EXPECTED: Final[Mapping[StepName, frozenset[int]]] = {
    "greeting": frozenset({220}),
    "ehlo": frozenset({250}),
    "starttls": frozenset({220}),
    "ehlo-tls": frozenset({250}),
    "mail": frozenset({250}),
    "rcpt": frozenset({250, 251}),
}
"""The replies after which the next step makes sense (RFC 5321, section 4.3.2; RFC 3207)."""

Record: TypeAlias = Literal["A", "AAAA", "any"]
"""What was asked of DNS; ``any`` where the system was asked for addresses of either kind."""


class Failure(NamedTuple):
    """Why something did not end well; ``text`` is somebody else's words, and may be empty."""

    kind: FailureKind
    text: str = ""


class Reply(NamedTuple):
    """What a mail server said: its code, and each line without the code."""

    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of it in one line."""
        return " ".join((str(self.code), *self.lines))


class Step(NamedTuple):
    """One step: how long it took in seconds, and the reply or the failure."""

    name: StepName
    seconds: float
    reply: Reply | None = None
    failure: Failure | None = None


class Certificate(NamedTuple):
    """One certificate: whose it is and whose it is by (RFC 4514), for which names, and when.

    ``sha256`` is over its DER bytes, in hexadecimal.
    """

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    sha256: str

    def days_left(self, when: datetime) -> int:
        """Whole days from then to its end; negative after it."""
        return (self.not_after - when).days


class Encryption(NamedTuple):
    """What STARTTLS came to.

    Attributes:
        version: ``TLSv1.3``.
        cipher: the name of the cipher suite.
        chain: the certificates that the server sent, its own first.
        untrusted: why the chain leads to no trusted authority; empty where it does.
        name_matches: whether the server's certificate is for the name of the host.
    """

    version: str
    cipher: str
    chain: tuple[Certificate, ...]
    untrusted: tuple[str, ...]
    name_matches: bool


class Attempt(NamedTuple):
    """One connection to one address; ``local`` is this machine's own address in it."""

    address: str
    local: str | None
    steps: tuple[Step, ...]
    encryption: Encryption | None = None

    def step(self, name: StepName) -> Step | None:
        """The step of that name, where it was taken."""
        return next((step for step in self.steps if step.name == name), None)

    @property
    def is_ipv6(self) -> bool:
        """Of which family it is."""
        return ":" in self.address


class Lookup(NamedTuple):
    """One question to DNS, and the addresses that it gave; ``canonical`` is the name at the end."""

    record: Record
    seconds: float
    addresses: tuple[str, ...] = ()
    canonical: str | None = None
    failure: Failure | None = None


class HostSeen(NamedTuple):
    """One smart host; without lookups where it is an address, without attempts if it has none."""

    host: str
    port: int
    lookups: tuple[Lookup, ...] = ()
    attempts: tuple[Attempt, ...] = ()


class SpfSeen(NamedTuple):
    """The sender policy of one domain.

    Attributes:
        domain: the one.
        records: its SPF records, as they stand in DNS.
        lookups: how many look-ups it takes to evaluate; None where that could not be counted.
        includes: the domains that it includes, also by way of others, so that they may send.
        failure: why there is no more to say.
    """

    domain: str
    records: tuple[str, ...] = ()
    lookups: int | None = None
    includes: tuple[str, ...] = ()
    failure: Failure | None = None


class Relay(NamedTuple):
    """The sender and the recipient that a host was asked to take mail of and for."""

    sender: str
    recipient: str


class Probe(NamedTuple):
    """All that was seen. It holds for the machine that saw it.

    Attributes:
        probed_at: when it began.
        machine: the name of the machine.
        tool: which program looked.
        ehlo: the name that was given with EHLO; None: the address, in brackets.
        resolver: the name servers that were asked; empty where the system chose.
        region: the id of the region for which it was made, where one was given.
        relay: what was asked beside; None: nothing.
        hosts: each smart host.
        domains: each domain whose SPF was looked at.
    """

    probed_at: datetime
    machine: str
    tool: str
    ehlo: str | None
    resolver: tuple[str, ...]
    region: str | None
    relay: Relay | None
    hosts: tuple[HostSeen, ...]
    domains: tuple[SpfSeen, ...] = ()


class Judgement(NamedTuple):
    """What something comes to: in a sentence or more, what to do, and what is worth knowing."""

    status: Status
    message: str
    hint: str | None = None
    cautions: tuple[str, ...] = ()


class JudgedAttempt(NamedTuple):
    """A connection; ``saw`` is where the gateway says that it comes from, if it says so."""

    seen: Attempt
    judgement: Judgement
    saw: str | None = None


class JudgedHost(NamedTuple):
    """A smart host with each of its connections."""

    seen: HostSeen
    judgement: Judgement
    attempts: tuple[JudgedAttempt, ...] = ()


class JudgedDomain(NamedTuple):
    """A domain's sender policy."""

    seen: SpfSeen
    judgement: Judgement


class ProbeSubject(NamedTuple):
    """What a probe is to be of.

    Attributes:
        hosts: the smart hosts; None: those of the region.
        port: the connector's; None: any.
        servers: the connector's source servers; None where they are not known.
    """

    hosts: tuple[str, ...] | None = None
    port: int | None = None
    servers: tuple[str, ...] | None = None


class ProbeResult(NamedTuple):
    """A probe and what it comes to.

    Attributes:
        probe: all that was seen.
        gateway: whose hosts these are.
        region: the title and the id of the region; None where none is known.
        status: the worst of all hosts and domains; ``unknown`` where there is no host.
        sends: whether the machine is one that mail leaves from; None where that is not known.
        hosts: each host.
        domains: each domain.
        notes: what else there is to know, a sentence each.
    """

    probe: Probe
    gateway: str
    region: str | None
    status: Status
    sends: bool | None
    hosts: tuple[JudgedHost, ...]
    domains: tuple[JudgedDomain, ...] = ()
    notes: tuple[str, ...] = ()
