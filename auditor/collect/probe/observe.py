"""Everything at once: each host in a thread of its own, one connection a host at a time."""

from __future__ import annotations

import threading
from functools import partial
from queue import Empty, Queue
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from auditor.collect.live.deadline import Deadline
from auditor.collect.probe.dialogue import Dialogue
from auditor.collect.probe.names import Resolver, addresses_of
from auditor.collect.probe.spf import spf_of
from auditor.kinds.hosts import ip_address
from auditor.model import Attempt, Failure, HostSeen, Lookup, SpfSeen, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from auditor.model import Relay

_GLANCE: Final = 0.2
_PARTING: Final = 4.0
"""Seconds for sessions to be ended properly after somebody has interrupted."""
_TOO_SHORT: Final = 1.0
"""Seconds. In less nobody can be expected to answer."""
_STOPPED: Final = Failure("stopped")

Done: TypeAlias = "Queue[HostSeen | SpfSeen | Exception]"
"""What is done, as it comes; or why it is not."""


class Plan(NamedTuple):
    """What to look at, and how.

    Attributes:
        hosts: those that are contacted, each once.
        domains: those whose SPF is looked at.
        port: of TCP.
        ehlo: the name to give; None: this machine's address.
        servers: name servers and their ports; none: those of the system.
        relay: whose mail for whom the hosts are asked to take; None: nobody's.
        authorities: files of authorities that are trusted beside Mozilla's.
        seconds: for everything.
    """

    hosts: tuple[str, ...]
    domains: tuple[str, ...]
    port: int
    ehlo: str | None
    servers: tuple[tuple[str, int], ...]
    relay: Relay | None
    authorities: tuple[Path, ...]
    seconds: float


def observe(
    plan: Plan, told: Callable[[HostSeen | SpfSeen], None]
) -> tuple[tuple[HostSeen, ...], tuple[SpfSeen, ...]]:
    """What there is to see; what an interruption leaves open is ``stopped``.

    Args:
        plan: what to look at.
        told: gets each host and each domain when it is done, in this thread.

    Raises:
        UsageError: the system names no name server to ask.
    """
    deadline = Deadline(plan.seconds)
    done: Done = Queue()
    for host in plan.hosts:
        _start(partial(_host, host, plan, deadline), done)
    _start(partial(_domains, plan, deadline), done)
    seen = _gathered(len(plan.hosts) + len(plan.domains), done, deadline, told)
    hosts = {one.host: one for one in seen if isinstance(one, HostSeen)}
    domains = {one.domain: one for one in seen if isinstance(one, SpfSeen)}
    left = Lookup("any", 0.0, failure=_STOPPED)
    return (
        tuple(hosts.get(host) or HostSeen(host, plan.port, (left,)) for host in plan.hosts),
        tuple(domains.get(name) or SpfSeen(name, failure=_STOPPED) for name in plan.domains),
    )


def _start(job: Callable[[], Iterator[HostSeen | SpfSeen]], done: Done) -> None:
    def work() -> None:
        try:
            for one in job():
                done.put(one)
        except Exception as error:  # carried over to the caller
            done.put(error)

    threading.Thread(target=work, daemon=True).start()


def _domains(plan: Plan, deadline: Deadline) -> Iterator[SpfSeen]:
    """Domains one after another: name servers are asked politely too."""
    for domain in plan.domains:
        if deadline.left < _TOO_SHORT:
            yield SpfSeen(domain, failure=_STOPPED)
        else:
            yield spf_of(domain, Resolver(deadline, plan.servers))


def _gathered(
    count: int,
    done: Done,
    deadline: Deadline,
    told: Callable[[HostSeen | SpfSeen], None],
) -> list[HostSeen | SpfSeen]:
    """All results, or those that there are a little after the end."""
    seen: list[HostSeen | SpfSeen] = []
    latest: Deadline | None = None
    while len(seen) < count and (latest is None or latest.left):
        try:
            if not deadline.left and latest is None:
                latest = Deadline(_PARTING)
            one = done.get(timeout=_GLANCE)
            if isinstance(one, Exception):
                raise one
            seen.append(one)
            told(one)
        except Empty:
            continue
        except KeyboardInterrupt:
            if deadline.was_ended:
                raise
            deadline.end()
    return seen


def _host(host: str, plan: Plan, deadline: Deadline) -> Iterator[HostSeen]:
    """One host: its addresses, and a connection to each, one after another."""
    own = ip_address(host)
    lookups = () if own else addresses_of(host, Resolver(deadline, plan.servers))
    addresses = [own] if own else [one for lookup in lookups for one in lookup.addresses]
    attempts = []
    for number, address in enumerate(addresses):
        share = Deadline(deadline.left / (len(addresses) - number), deadline)
        attempts.append(_attempt(own or host, address, plan, share))
    yield HostSeen(host, plan.port, lookups, tuple(attempts))


def _attempt(host: str, address: str, plan: Plan, deadline: Deadline) -> Attempt:
    if deadline.left < _TOO_SHORT:
        return Attempt(address, None, (Step("connect", 0.0, None, _STOPPED),))
    dialogue = Dialogue(host, address, plan.port, plan.ehlo, plan.authorities, deadline)
    return dialogue.run(plan.relay)
