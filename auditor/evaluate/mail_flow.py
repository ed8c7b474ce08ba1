"""What logs say of mail that left → whether all of it left through the gateway."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from auditor.errors import Place
from auditor.evaluate.gateway_hosts import region_name
from auditor.evaluate.gateway_replies import meaning_of
from auditor.evaluate.ways_out import Scene, judged_way, scene_of
from auditor.kinds.servers import same_server
from auditor.model import (
    Audit,
    Change,
    Control,
    Explained,
    Finding,
    HostShare,
    MailFlowResult,
    Silence,
)
from auditor.moments import instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from auditor.model import JudgedWay, MailFlow, Policy, Refusal, Region, Status, WayKind

CONTROL: Final = "MailFlow"
_SILENCE: Final = timedelta(hours=1)
"""So long a server may have nothing to log, and nobody thinks of it."""

_TOO_LONG: Final = timedelta(days=1)
"""Where a server's logs say nothing for so long, what it sent then is not known."""

_ORDER: Final = {
    "bypass": 0,
    "other-region": 1,
    "other-connector": 2,
    "unknown-connector": 3,
    "unclear": 4,
    "gateway": 5,
    "exempt": 6,
    "internal": 7,
}
_WRONG: Final[tuple[WayKind, ...]] = ("bypass", "other-region", "other-connector")
_UNKNOWN: Final[tuple[WayKind, ...]] = ("unclear", "unknown-connector")
_WHY: Final = (
    "Configuration says what should happen, the logs say what did. Mail that left by another way "
    "was not scanned, not archived and not signed by the gateway."
)
_HINT: Final = (
    "Find why each of these ways is there: audit check shows the connectors as they are now. Mail "
    "of before a change is left out with --from or --since."
)


def judged(
    seen: MailFlow, policy: Policy, region: Region | None, audit: Audit | None = None
) -> MailFlowResult:
    """What the logs come to.

    Args:
        seen: all that was read.
        policy: whose hosts there should be.
        region: the one that is used.
        audit: of the snapshot that the logs belong to; None: nothing is known of connectors.
    """
    scene = scene_of(seen, policy, region, audit)
    ways = tuple(sorted((judged_way(way, scene) for way in seen.ways), key=_rank))
    result = MailFlowResult(
        seen=seen,
        gateway=policy.gateway.name,
        region=region_name(region) if region is not None else None,
        status="unknown",
        message="",
        hint=None,
        ways=ways,
        refusals=tuple(map(_explained, sorted(seen.refusals, key=lambda one: -one.events))),
        hosts=tuple(_shares(ways, region)),
        silences=tuple(_silences(seen)),
        unlogged=_unlogged(seen, scene),
    )
    status, message = _verdict(result, scene)
    hint = _HINT if status == "fail" else None
    return result._replace(
        status=status, message=message, hint=hint, notes=tuple(_notes(result, scene))
    )


def with_mail_flow(audit: Audit, seen: MailFlow) -> Audit:
    """An audit with the control ``MailFlow``, which is only where there are logs."""
    result = judged(seen, audit.policy, audit.region, audit)
    position = Place(audit.policy.all_controls[0].position.file, 1, 1)
    control = Control(CONTROL, (), "critical", _WHY, ("Setting Up an SMTP Connector",), position)
    around = max(result.count(*_WRONG), result.count(*_WRONG, of="protocol"))
    counts = {
        "Outbound": result.outbound,
        "ThroughGateway": result.count("gateway"),
        "Exempt": result.count("exempt"),
        "OtherWays": around,
    }
    changes = (Change("changed", "/OtherWays", expected=0, actual=around),) if around else ()
    finding = Finding(
        control=control,
        status=result.status,
        connector=None,
        expected={"OtherWays": 0},
        actual=counts,
        message=f"{result.message} {result.hint}" if result.hint else result.message,
        changes=changes if result.status == "fail" else (),
    )
    return replace(audit, findings=(*audit.findings, finding), mail_flow=result)


def _rank(way: JudgedWay) -> tuple[int, int, str, str, str]:
    seen = way.seen
    return _ORDER[way.kind], -way.outbound, seen.connector.lower(), seen.host, seen.address


def _explained(one: Refusal) -> Explained:
    known = meaning_of(one.reply)
    return Explained(one, known.text if known else None, known.advice if known else None)


def _shares(ways: Sequence[JudgedWay], region: Region | None) -> Iterator[HostShare]:
    for host in region.smart_hosts if region is not None else ():
        taken = sum(w.outbound for w in ways if w.seen.host == host and w.seen.kind == "tracking")
        yield HostShare(host, taken)


def _silences(seen: MailFlow) -> Iterator[Silence]:
    """Times between the files of a server, and to the ends of what was asked for."""
    spans: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for file in seen.files:
        if file.kind == "tracking" and file.first is not None and file.last is not None:
            spans[file.server or ""].append((file.first, file.last))
    for server, found in sorted(spans.items()):
        reached = seen.since
        for first, last in sorted(found):
            start = reached
            if start is not None and first - start > _SILENCE and _is_within(start, first, seen):
                yield Silence(server, start, first)
            reached = last if reached is None else max(reached, last)
        # Who asks for a time wants to know all of it, to its end or until now.
        is_asked = seen.since is not None or seen.until is not None
        end = min(seen.until or seen.read_at, seen.read_at)
        if is_asked and reached is not None and end - reached > _SILENCE:
            yield Silence(server, reached, end)


def _is_within(start: datetime, end: datetime, seen: MailFlow) -> bool:
    after = seen.since is None or end > seen.since
    return after and (seen.until is None or start < seen.until)


def _unlogged(seen: MailFlow, scene: Scene) -> tuple[str, ...]:
    logged = {file.server for file in seen.files if file.kind == "tracking"}
    logged |= {way.server for way in seen.ways if way.kind == "tracking"}
    return tuple(
        name for name in scene.sources if not any(one and same_server(name, one) for one in logged)
    )


def _verdict(result: MailFlowResult, scene: Scene) -> tuple[Status, str]:
    """The status and why; what is certain outranks what is not known."""
    wrong = [way for way in result.ways if way.kind in _WRONG and way.outbound]
    if wrong:
        # What the protocol shows, message tracking shows too, where it is there.
        counted = [way for way in wrong if way.seen.kind == "tracking"] or wrong
        count = sum(way.outbound for way in counted)
        ways = "; ".join(dict.fromkeys(way.why for way in wrong[:3]))
        more = f"; and {len(wrong) - 3} more ways" if len(wrong) > 3 else ""
        return "fail", f"{_deliveries(count)} went another way: {ways}{more}."
    missing = list(_missing(result, scene))
    passed = result.count("gateway") + result.count("exempt")
    if missing:
        seen = f"All {_deliveries(passed)} that are known went right, but " if passed else ""
        return "unknown", f"{seen}{'; '.join(missing)}."
    first = min(w.seen.first for w in result.ways if w.outbound)
    last = max(w.seen.last for w in result.ways if w.outbound)
    exempt = result.count("exempt")
    beside = f", {exempt:,} of them by exempt connectors" if exempt else ""
    return "pass", (
        f"All {_deliveries(passed)} that the logs show from {instant(first)} to {instant(last)} "
        f"went through {result.gateway}{beside}."
    )


def _missing(result: MailFlowResult, scene: Scene) -> Iterator[str]:
    """What keeps anybody from knowing."""
    seen = result.seen
    if scene.region is None:
        yield "it is not known which region's hosts are right"
    if not result.outbound:
        yield "no outbound mail was seen in tracking logs"
    for way in result.ways:
        if way.outbound and way.kind in _UNKNOWN:
            yield f"{_deliveries(way.outbound)}: {way.why}"
    yield from _unread(seen, scene)
    if result.unlogged:
        yield f"there is no log of {', '.join(result.unlogged)}, which may send"
    long = [one for one in result.silences if one.end - one.start >= _TOO_LONG]
    if long:
        server = long[0].server or "a server"
        yield f"the logs of {server} say nothing from {instant(long[0].start)} to " + (
            instant(long[0].end)
        )


def _unread(seen: MailFlow, scene: Scene) -> Iterator[str]:
    """What is there and was not read as it should be."""
    if scene.domains is not None and set(seen.own_domains) != scene.domains:
        yield "the logs were read with other accepted domains than the snapshot has"
    damaged = [file for file in seen.files if file.state == "damaged"]
    if damaged:
        more = f" and {len(damaged) - 1} more" if len(damaged) > 1 else ""
        yield f"{damaged[0].name}{more} could not be read whole: {damaged[0].problem}"
    malformed = sum(file.malformed for file in seen.files)
    if malformed:
        yield f"{malformed:,} line{'' if malformed == 1 else 's'} could not be read"
    if seen.undated:
        yield f"{seen.undated:,} events have no time that can be read"


def _deliveries(count: int) -> str:
    return f"{count:,} outbound deliver{'y' if count == 1 else 'ies'}"


def _notes(result: MailFlowResult, scene: Scene) -> Iterator[str]:
    seen = result.seen
    if scene.audit is None:
        yield (
            "Nothing is known of the connectors and domains: --snapshot tells exempt connectors "
            "and internal mail apart."
        )
    elif not seen.own_domains:
        yield "No accepted domain is known, so mail between own servers may count as outbound."
    unknown = sorted({way.seen.connector for way in result.ways if scene.is_foreign(way)})
    if unknown:
        yield f"The snapshot has no connector named {', '.join(map(repr, unknown))}."
    unfinished = sum(file.unfinished for file in seen.files)
    if unfinished:
        yield (
            f"{unfinished} file{' ends' if unfinished == 1 else 's end'} inside a line, which is "
            "still being written and was left out."
        )
    if any(way.seen.kind == "protocol" for way in result.ways):
        yield "Protocol logs show only connectors that log: their absence proves nothing."
    for file in seen.files:
        if file.state == "copy" and file.problem:
            yield f"{file.name} was not counted: {file.problem}."
    foreign = [file.name for file in seen.files if file.state == "foreign"]
    if foreign:
        more = f" and {len(foreign) - 3} more" if len(foreign) > 3 else ""
        names = ", ".join(foreign[:3])
        yield f"No log of mail that leaves: {names}{more}."
