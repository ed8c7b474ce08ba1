"""Logs → what they say of mail that left."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from auditor.collect.mailflow.engine import Engine, Log
from auditor.collect.mailflow.find import Found, find_logs
from auditor.collect.mailflow.protocol import Protocol
from auditor.collect.mailflow.tables import Tables
from auditor.collect.mailflow.tallies import domain_of
from auditor.model import LogFile, MailFlow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from auditor.collect.live.tracking import LiveLog
    from auditor.collect.mailflow.engine import Counted


class Wanted(NamedTuple):
    """What is asked of logs.

    Attributes:
        since, until: from when, and to before when; None: all.
        own_domains: of the organisation, also as ``*.contoso.com`` for all below.
        test: the id or the subject of a message.
        addresses: whether whole addresses are wanted.
    """

    since: datetime | None = None
    until: datetime | None = None
    own_domains: tuple[str, ...] = ()
    test: str | None = None
    addresses: bool = False

    def is_own(self, key: str) -> bool:
        """Whether a domain or an address is of the organisation."""
        domain = domain_of(key) if "@" in key else key
        if domain in self.own_domains:
            return True
        parents = domain.split(".")[1:]
        above = (".".join(parents[n:]) for n in range(len(parents)))
        return any(f"*.{parent}" in self.own_domains for parent in above)


def read_logs(
    words: Sequence[str],
    base: Path,
    wanted: Wanted,
    now: datetime,
    tool: str,
    tell: Callable[[str], None] = lambda _: None,
    live: Sequence[Found] = (),
) -> MailFlow:
    """Read logs, whatever they are.

    Args:
        words: files, folders, patterns.
        base: the folder that relative ones are in.
        wanted: what is asked.
        now: the time.
        tool: this program and its version.
        tell: gets a line of progress.
        live: what a live server said, as logs.

    Raises:
        InputError: a word leads to nothing.
    """
    with ExitStack() as stack:
        name = TemporaryDirectory(prefix="audit-", ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(name))
        found = [*find_logs(words, base, folder / "unpacked"), *live]
        tracking = [one for one in found if one.file.kind == "tracking"]
        size = sum(one.path.stat().st_size for one in found if one.file.kind)
        tell(f"reading {len(found)} file{'' if len(found) == 1 else 's'}, {size / 1e6:,.0f} MB")
        (folder / "engine").mkdir()
        engine = stack.enter_context(Engine(folder / "engine"))
        counted = engine.load(
            [Log(one.path, one.fields, one.header, one.plain) for one in tracking], wanted.test
        )
        tables = Tables(engine, wanted.since, wanted.until, addresses=wanted.addresses)
        protocol = Protocol(wanted.since, wanted.until, addresses=wanted.addresses)
        files = tuple(_file(one, counted, protocol) for one in found)
        return MailFlow(
            read_at=now.replace(microsecond=0),
            tool=tool,
            since=wanted.since,
            until=wanted.until,
            own_domains=wanted.own_domains,
            files=files,
            ways=(*tables.ways(wanted.is_own), *protocol.ways(wanted.is_own)),
            refusals=(*tables.refusals(), *protocol.refusals()),
            undated=tables.undated(),
            addresses=wanted.addresses,
            test=None if wanted.test is None else tables.traces(wanted.test),
        )


def as_found(log: LiveLog, since: datetime, until: datetime) -> Found:
    """What a live server said of a time, as a log of all of it."""
    file = LogFile(
        name=f"Get-MessageTrackingLog of {log.server or 'the server'}",
        state="read" if log.problem is None else "damaged",
        kind="tracking",
        server=log.server,
        first=since,
        last=until,
        problem=log.problem,
    )
    return Found(file, log.path, log.fields, plain=True)


def _file(found: Found, counted: dict[Path, Counted], protocol: Protocol) -> LogFile:
    if found.file.kind == "protocol":
        return protocol.read(found)
    had = counted.get(found.path)
    if had is None:
        return found.file
    return found.file._replace(lines=had.lines, malformed=had.malformed, unfinished=had.unfinished)
