"""What was seen on the way to the gateway, and what it comes to, for people."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from auditor.moments import instant
from auditor.report.columns import WIDTH, hanging, pairs
from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from auditor.model import (
        Encryption,
        JudgedAttempt,
        JudgedHost,
        Judgement,
        Lookup,
        ProbeResult,
        Step,
    )

_MARKS: Final = {"pass": "OK", "fail": "FAIL", "unknown": "UNKNOWN"}
_INDENT: Final = " " * 9
_COMMANDS: Final = frozenset({"mail", "rcpt", "rset", "quit"})
_STEPS: Final = {"ehlo": "EHLO", "starttls": "STARTTLS", "tls": "TLS", "ehlo-tls": "EHLO in TLS"}


def render(result: ProbeResult) -> str:
    """The verdict, where and when, each host with its connections, and SPF."""
    parts = [headline(result), pairs(_facts(result))]
    parts += [_host(host, result) for host in result.hosts]
    parts += [_entry(f"SPF of {one.seen.domain}", one.judgement) for one in result.domains]
    parts += ["\n".join(hanging(printable(note), "- ", "  ") for note in result.notes)]
    return "\n\n".join(part for part in parts if part) + "\n"


def headline(result: ProbeResult) -> str:
    """The verdict in one line."""
    word = {"pass": "READY:", "fail": "NOT READY:"}.get(result.status, "UNDECIDED:")
    hosts = [host.judgement.status for host in result.hosts]
    good = hosts.count("pass")
    text = f"{good} of {len(hosts)} smart hosts of {printable(result.gateway)} can be reached"
    if result.probe.relay is not None:
        text += " and take this mail"
    bad = [one.judgement.status for one in result.domains].count("fail")
    if bad:
        text += f"; SPF of {bad} domain{'' if bad == 1 else 's'} is not right"
    return hanging(f"{word} {text}", "", "  ")


def _facts(result: ProbeResult) -> dict[str, str]:
    probe = result.probe
    facts = {
        "probed": f"{instant(probe.probed_at)}, from {probe.machine}",
        "region": result.region or "(none)",
        "names": f"by {', '.join(probe.resolver)}" if probe.resolver else "by the system",
        "EHLO": probe.ehlo or "the address of this machine",
    }
    if probe.relay is not None:
        facts["asked"] = f"to take mail from {probe.relay.sender} for {probe.relay.recipient}"
    return facts


def _entry(title: str, judged: Judgement) -> str:
    """A status with its words, and what to do."""
    mark = _MARKS.get(judged.status, "-")
    lines = [hanging(printable(title), f"{mark:9}", _INDENT), _said(judged.message)]
    lines += [_said(f"caution: {text}") for text in judged.cautions]
    lines += (
        [hanging(printable(judged.hint), f"{_INDENT}> ", f"{_INDENT}  ")] if judged.hint else []
    )
    return "\n".join(lines)


def _said(text: str) -> str:
    return hanging(printable(text), _INDENT, _INDENT)


def _host(host: JudgedHost, result: ProbeResult) -> str:
    lines = [_entry(f"{host.seen.host} (port {host.seen.port})", host.judgement)]
    if host.seen.lookups:
        lines.append(_block({"names": [*map(_lookup, host.seen.lookups)]}))
    several = len(host.attempts) > 1
    lines += [_block(_connection(one, result, several=several)) for one in host.attempts]
    return "\n".join(lines)


def _block(facts: dict[str, str | Sequence[str]]) -> str:
    return textwrap.indent(pairs(facts, WIDTH - len(_INDENT)), _INDENT)


def _lookup(one: Lookup) -> str:
    kind = one.failure.kind if one.failure is not None else "no-records"
    found = ", ".join(one.addresses) or ("none" if kind == "no-records" else kind)
    way = f" by way of {one.canonical}" if one.canonical else ""
    record = "" if one.record == "any" else f"{one.record}: "
    return f"{record}{found}{way} ({_time(one.seconds)})"


def _connection(
    one: JudgedAttempt, result: ProbeResult, *, several: bool
) -> dict[str, str | Sequence[str]]:
    found: dict[str, str | Sequence[str]] = {
        "address": one.seen.address + (f", from {one.seen.local}" if one.seen.local else ""),
        "steps": ", ".join(map(_step, one.seen.steps)),
    }
    if several and one.judgement.status != "pass":
        found["result"] = f"{_MARKS.get(one.judgement.status, '-')}: {one.judgement.message}"
    if one.saw:
        found["seen as"] = f"{one.saw}, the gateway says"
    if one.seen.encryption is not None:
        found["TLS"] = f"{one.seen.encryption.version}, {one.seen.encryption.cipher}"
        found["certificate"] = [*_certificate(one.seen.encryption, result)]
    return found


def _certificate(seen: Encryption, result: ProbeResult) -> Iterator[str]:
    for number, one in enumerate(seen.chain[:4]):
        days = one.days_left(result.probe.probed_at)
        ends = f"ends {one.not_after:%Y-%m-%d} ({days} days)"
        yield f"{'issued by ' if number else ''}{one.subject or '(no name)'}, {ends}"
    last = seen.chain[:4][-1:]
    if last and last[0].issuer != last[0].subject:
        yield f"issued by {last[0].issuer or '(no name)'}"


def _step(step: Step) -> str:
    name = _STEPS.get(step.name, step.name.upper() if step.name in _COMMANDS else step.name)
    return f"{name} {_time(step.seconds)}" + (" FAILED" if step.failure else "")


def _time(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"
