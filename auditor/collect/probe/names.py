"""Addresses of hosts from DNS, asked as absolute names. The one door to dnspython.

A name server that does not answer is asked again, or another one, as every resolver does
(RFC 1035, section 7.2); nothing is cached between questions.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final, Literal

import dns.exception
import dns.message
import dns.resolver

from auditor.errors import UsageError
from auditor.model import Failure, Lookup

if TYPE_CHECKING:
    from auditor.collect.live.deadline import Deadline

_LONGEST: Final = 10.0
"""Seconds for one question: so long a stub resolver waits at the most (resolv.conf(5): 2 x 5)."""
_MOST_ADDRESSES: Final = 16


class Resolver(dns.resolver.Resolver):
    """A resolver that ends with the deadline, and remembers what could not be found out.

    Attributes:
        deadline: of everything.
        failures: the questions that nobody answered.
    """

    def __init__(self, deadline: Deadline, servers: tuple[tuple[str, int], ...]) -> None:
        """A resolver.

        Args:
            deadline: of everything.
            servers: addresses and ports of name servers; none: those of the system.

        Raises:
            UsageError: the system names no server.
        """
        try:
            super().__init__(configure=not servers)
        except dns.resolver.NoResolverConfiguration as error:
            raise UsageError(
                "this system names no name server", hint="Name one: --resolver 192.0.2.53"
            ) from error
        if servers:
            self.nameservers = [address for address, _ in servers]
            self.nameserver_ports = dict(servers)
        self.deadline = deadline
        self.failures: list[Failure] = []

    def resolve(self, *words: Any, **options: Any) -> dns.resolver.Answer:  # noqa: ANN401 - as the library's
        """As the library does, but not beyond the deadline."""
        options["lifetime"] = min(_LONGEST, self.deadline.left)
        options["search"] = False
        try:
            return super().resolve(*words, **options)
        except (dns.resolver.LifetimeTimeout, dns.resolver.NoNameservers, OSError) as error:
            self.failures.append(failure_of(error))
            raise

    @property
    def servers(self) -> tuple[str, ...]:
        """The addresses of those that are asked."""
        return tuple(str(server) for server in self.nameservers)


def addresses_of(host: str, resolver: Resolver) -> tuple[Lookup, ...]:
    """The addresses of a host: of IPv4, then of IPv6."""
    return tuple(_lookup(host, record, resolver) for record in ("A", "AAAA"))


def _lookup(host: str, record: Literal["A", "AAAA"], resolver: Resolver) -> Lookup:
    began = time.monotonic()
    try:
        answer = resolver.resolve(f"{host.rstrip('.')}.", record)
    except (dns.exception.DNSException, OSError, ValueError) as error:
        return Lookup(record, time.monotonic() - began, failure=failure_of(error))
    addresses = [str(one) for one in answer][:_MOST_ADDRESSES]
    canonical = answer.canonical_name.to_text(omit_final_dot=True).lower()
    return Lookup(
        record,
        time.monotonic() - began,
        tuple(dict.fromkeys(addresses)),
        canonical if canonical != host.rstrip(".").lower() else None,
    )


def failure_of(error: Exception) -> Failure:
    """A failure of DNS in our words."""
    match error:
        case dns.resolver.NXDOMAIN():
            return Failure("no-such-name")
        case dns.resolver.NoAnswer():
            return Failure("no-records")
        case dns.resolver.LifetimeTimeout():
            return Failure("no-answer")
        case dns.resolver.NoNameservers():
            said = _said(error)
            if any(isinstance(one, dns.message.ChainTooLong) for one in said):
                return Failure("loop")
            return Failure("server-failure", ", ".join(dict.fromkeys(map(str, said))))
        case _:
            return Failure("server-failure", str(error))


def _said(error: dns.resolver.NoNameservers) -> list[object]:
    """What came of each server: ``SERVFAIL``, or what is wrong with its answer."""
    return [entry[3] for entry in error.kwargs.get("errors") or () if len(entry) > 3]
