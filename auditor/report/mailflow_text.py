"""What logs say of mail that left, for people."""

from __future__ import annotations

import textwrap
from itertools import groupby
from typing import TYPE_CHECKING, Final

from auditor.moments import instant
from auditor.report.columns import WIDTH, columns, hanging, pairs
from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from auditor.model import Explained, JudgedWay, MailFlowResult, Trace, WayKind

_INDENT: Final = " " * 9
_SELDOM: Final = 0.01
"""A host that takes less of the mail than this is named."""

_WORDS: Final[dict[WayKind, str]] = {
    "bypass": "AROUND",
    "other-region": "AROUND",
    "other-connector": "OTHER",
    "unknown-connector": "UNKNOWN",
    "unclear": "UNKNOWN",
    "gateway": "gateway",
    "exempt": "exempt",
    "internal": "internal",
}
_MARKS: Final = {"AROUND": "FAIL", "OTHER": "FAIL", "UNKNOWN": "UNKNOWN"}
_SHOWN: Final = 8


def render(result: MailFlowResult) -> str:
    """The verdict, what was read, the ways, what went around, refusals, gaps, notes."""
    parts = [
        headline(result),
        hanging(printable(result.message), "", ""),
        pairs(facts_of(result)),
        _ways(result),
        *_around(result),
        *_refused(result),
        _listed("No log", _silences(result)),
        *_traced(result),
        "\n".join(hanging(printable(note), "- ", "  ") for note in result.notes),
    ]
    if result.hint:
        parts.insert(2, hanging(printable(result.hint), "> ", "  "))
    return "\n\n".join(part for part in parts if part) + "\n"


def headline(result: MailFlowResult) -> str:
    """The verdict in one line."""
    word = {"pass": "COMPLIANT:", "fail": "DRIFT:"}.get(result.status, "INCOMPLETE:")
    outbound, through = result.outbound, result.through
    if not outbound:
        return f"{word} the logs show no outbound mail"
    share = _share(through, outbound)
    text = f"{share} of {outbound:,} outbound deliveries went through {result.gateway}"
    return hanging(f"{word} {printable(text)}", "", "  ")


def _share(part: int, whole: int) -> str:
    """In percent; never 100 where anything is missing to it, nor 0 where there is something."""
    percent = part * 100 / whole
    if part in {0, whole}:
        return f"{percent:.0f} %"
    return f"{min(max(percent, 0.01), 99.99):.2f} %"


def facts_of(result: MailFlowResult) -> dict[str, str | Sequence[str]]:
    """What was read, of which time, and how much each host took."""
    seen = result.seen
    read = [file for file in seen.files if file.state in {"read", "damaged"}]
    lines = sum(file.lines for file in read)
    malformed = sum(file.malformed for file in read)
    left_out = len(seen.files) - len(read)
    logs = f"{len(read)} log{'' if len(read) == 1 else 's'}, {lines:,} lines"
    logs += f", {malformed:,} of them unreadable" if malformed else ""
    logs += f"; {left_out} files left out" if left_out else ""
    times = [t for file in read for t in (file.first, file.last) if t is not None]
    found: dict[str, str | Sequence[str]] = {"region": result.region or "(none)", "logs": logs}
    if times:
        found["they hold"] = f"{instant(min(times))} to {instant(max(times))}"
    if seen.since is not None or seen.until is not None:
        start = instant(seen.since) if seen.since is not None else "the beginning"
        end = instant(seen.until) if seen.until is not None else "the end"
        found["looked at"] = f"{start} to {end}"
    servers = sorted({file.server for file in read if file.server is not None})
    if servers:
        found["servers"] = ", ".join(servers)
    hosts = [_host(one.host, one.deliveries, result) for one in result.hosts]
    return found | ({"hosts": hosts} if hosts and result.outbound else {})


def _host(host: str, deliveries: int, result: MailFlowResult) -> str:
    if not deliveries:
        return f"{host}: never used"
    seldom = deliveries < result.through * _SELDOM
    return f"{host}: {deliveries:,} deliveries{', seldom used' if seldom else ''}"


def _ways(result: MailFlowResult) -> str:
    """One row for a way, whatever server it is of."""
    rows = []
    ordered = sorted(result.ways, key=_way)
    for (_, _, word, connector, host), members in groupby(ordered, key=_way):
        ways = list(members)
        count = sum(way.outbound or way.seen.deliveries for way in ways)
        rows.append((word, f"{count:,}", connector or "(none)", host or "(not logged)"))
    if not rows:
        return ""
    return columns(rows, ("way", "deliveries", "connector", "next hop"), (8, 12, 28, 34))


def _way(way: JudgedWay) -> tuple[bool, int, str, str, str]:
    word = _WORDS[way.kind]
    host = way.seen.host or way.seen.address
    if way.seen.kind == "protocol":
        host += " (protocol log)"
    return (
        way.seen.kind == "protocol",
        list(dict.fromkeys(_WORDS.values())).index(word),
        word,
        way.seen.connector,
        host,
    )


def _around(result: MailFlowResult) -> Iterator[str]:
    """Each way that is not right, with whom it was for."""
    for way in result.ways:
        mark = _MARKS.get(_WORDS[way.kind])
        if mark is None or not way.outbound:
            continue
        seen = way.seen
        facts: dict[str, str | Sequence[str]] = {
            "deliveries": f"{way.outbound:,}, {_size(seen.bytes)}",
            "first": instant(seen.first),
            "last": instant(seen.last),
            "to": _domains(way),
        }
        if seen.server is not None:
            facts["from"] = seen.server
        if seen.address:
            facts["address"] = seen.address
        block = textwrap.indent(pairs(facts, WIDTH - len(_INDENT)), _INDENT)
        yield f"{hanging(printable(way.why), f'{mark:9}', _INDENT)}\n{block}"


def _domains(way: JudgedWay) -> str:
    listed = [f"{one.domain or '(no domain)'} ({one.deliveries:,})" for one in way.seen.domains]
    more = len(listed) - _SHOWN + way.seen.more_domains
    return ", ".join(listed[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def _size(count: int) -> str:
    for unit in ("bytes", "KB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count //= 1000
    return f"{count:,} GB"


def _refused(result: MailFlowResult) -> Iterator[str]:
    """What was put off or given up, by the reply."""
    for one in result.refusals[:20]:
        yield _refusal(one)
    if len(result.refusals) > 20:
        yield f"{_INDENT}and {len(result.refusals) - 20} more replies: --format json has all"


def _refusal(one: Explained) -> str:
    seen = one.seen
    word = "put off" if seen.event == "DEFER" else "given up"
    where = f" by {seen.host}" if seen.host else ""
    title = f"{seen.events:,} {word}{where}: {seen.reply or '(no reply is logged)'}"
    lines = [hanging(printable(title), f"{seen.event:9}", _INDENT)]
    if one.meaning is not None:
        lines.append(hanging(printable(one.meaning), _INDENT, _INDENT))
        lines.append(hanging(printable(one.advice or ""), f"{_INDENT}> ", f"{_INDENT}  "))
    lines.append(f"{_INDENT}{instant(seen.first)} to {instant(seen.last)}")
    return "\n".join(lines)


def _silences(result: MailFlowResult) -> Iterator[str]:
    for name in result.unlogged:
        yield f"{name}: no log at all"
    for one in result.silences[:20]:
        server = one.server or "a server that the logs do not name"
        yield f"{server}: {instant(one.start)} to {instant(one.end)}"
    if len(result.silences) > 20:
        yield f"and {len(result.silences) - 20} more times: --format json has all"


def _listed(title: str, lines: Iterator[str]) -> str:
    return "\n".join([hanging(printable(line), f"{title:9}", _INDENT) for line in lines])


def _traced(result: MailFlowResult) -> Iterator[str]:
    """What became of the test message."""
    if result.seen.test is None:
        return
    sent = [one for one in result.seen.test if one.event in {"SEND", "SENDEXTERNAL"}]
    if not result.seen.test:
        yield "The test message is not in these logs."
    elif not sent:
        yield "The test message is in these logs, and was not sent out."
    else:
        yield "The test message was sent out."
    if result.seen.test:
        yield "\n".join(map(_trace, result.seen.test[:50]))


def _trace(one: Trace) -> str:
    way = f" by '{one.connector}'" if one.connector else ""
    host = one.host or one.address
    where = f" to {host}" if host else ""
    said = f": {one.reply}" if one.reply else ""
    who = f" from {one.sender} for {', '.join(one.recipients)}" if one.sender else ""
    text = f"{instant(one.at)} {one.event}{way}{where}{who}{said}"
    return hanging(printable(text), "- ", "  ")
