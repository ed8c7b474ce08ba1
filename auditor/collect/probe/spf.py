"""Sender policies (SPF, RFC 7208), found out and evaluated by a library. The one door to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import dns.exception
from checkdmarc.spf import (
    SPFError,
    SPFTooManyDNSLookups,
    SPFTooManyVoidDNSLookups,
    parse_spf_record,
)

from auditor.collect.probe.names import failure_of
from auditor.model import Failure, SpfSeen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.collect.probe.names import Resolver

_VERSION: Final = "v=spf1"
_MOST: Final = 10.0


def spf_of(domain: str, resolver: Resolver) -> SpfSeen:
    """The sender policy of a domain.

    Args:
        domain: the domain, as ASCII.
        resolver: used for nothing else: what it could not find out is counted.
    """
    try:
        records = _records(domain, resolver)
    except (dns.exception.DNSException, OSError, ValueError) as error:
        return SpfSeen(domain, failure=failure_of(error))
    if len(records) != 1:
        return SpfSeen(domain, records)
    try:
        # Exceeding ten look-ups is told as a count, after all of them.
        found: Any = parse_spf_record(
            _without_explanation(records[0]),
            domain,
            ignore_too_many_lookups=True,
            resolver=resolver,
            timeout=_MOST,
            retries=0,
        )
    except SPFError as error:
        return SpfSeen(domain, records, failure=_failure(error, resolver))
    except (dns.exception.DNSException, OSError, ValueError) as error:
        return SpfSeen(domain, records, failure=failure_of(error))
    return SpfSeen(
        domain,
        records,
        found["dns_lookups"],
        tuple(dict.fromkeys(_included(found["parsed"] or {}))),
        _unfinished(found, resolver),
    )


def _records(domain: str, resolver: Resolver) -> tuple[str, ...]:
    """The TXT records that are SPF records: ``v=spf1`` and a blank or nothing (section 4.5)."""
    try:
        answer = resolver.resolve(f"{domain}.", "TXT")
    except dns.resolver.NoAnswer:
        return ()
    texts = [b"".join(one.strings).decode("utf-8", "backslashreplace") for one in answer]
    return tuple(text for text in texts if text.lower().split(" ")[0] == _VERSION)


def _without_explanation(record: str) -> str:
    """The record without ``exp``: it changes nothing, and the library asks others for its text."""
    return " ".join(term for term in record.split(" ") if not term.lower().startswith("exp="))


def _unfinished(found: Any, resolver: Resolver) -> Failure | None:  # noqa: ANN401 - as it is there
    """Why the evaluation did not come to its end; None where it did."""
    said = str(found.get("error") or "")
    if resolver.failures:
        return resolver.failures[0]
    return Failure("too-many-lookups", said) if said else None


def _failure(error: SPFError, resolver: Resolver) -> Failure:
    if resolver.failures:
        # What is wrong with the record cannot be known before all of it could be read.
        return resolver.failures[0]
    if isinstance(error, SPFTooManyDNSLookups | SPFTooManyVoidDNSLookups):
        return Failure("too-many-lookups", str(error))
    return Failure("invalid", str(error))


def _included(parsed: Any) -> Iterator[str]:  # noqa: ANN401 - as it is there
    """The domains whose servers may send: those that are included or led to, with all of theirs."""
    for mechanism in parsed.get("mechanisms") or ():
        if mechanism["mechanism"] == "include" and mechanism["action"] == "pass":
            yield str(mechanism["value"]).rstrip(".").lower()
            yield from _included(mechanism.get("parsed") or {})
    led_to = parsed.get("redirect") or {}
    if led_to.get("domain"):
        yield str(led_to["domain"]).rstrip(".").lower()
        yield from _included(led_to.get("parsed") or {})
