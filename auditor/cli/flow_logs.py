"""What the options ask of logs of mail flow, and the logs read."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from auditor import __version__
from auditor.cli.instant import as_of, parse_instant
from auditor.cli.interruption import stopped_as_interrupted
from auditor.cli.source import make_target
from auditor.collect.mailflow import require_engine
from auditor.errors import UsageError, shortened
from auditor.evaluate.ways_out import own_domains
from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from auditor.cli.session import Session
    from auditor.cli.settings import Settings
    from auditor.collect.mailflow.find import Found
    from auditor.model import Connectors, MailFlow, Snapshot

_AGE: Final = re.compile(r"([0-9]{1,6})([hdw])")
_DAY: Final = timedelta(days=1)
_HOURS: Final = {"h": 1, "d": 24, "w": 7 * 24}


def require_flow(settings: Settings, session: Session) -> None:
    """That logs can be read, and the options are right, before anything is collected.

    Raises:
        UsageError: the engine is missing, or an option is wrong.
    """
    require_engine()
    _window(settings, session.now())


def read_flow(
    words: Sequence[str],
    inventory: Connectors | None,
    settings: Settings,
    session: Session,
    now: datetime | None = None,
    live: Sequence[Found] = (),
    period: tuple[datetime, datetime] | None = None,
) -> MailFlow:
    """Read logs.

    Args:
        words: files, folders and patterns.
        inventory: of the snapshot that they belong to; None where there is none.
        settings: the options.
        session: the world.
        now: of what time this is evidence; else of now, or of ``--as-of``.
        live: what a live server said, as logs.
        period: of which time, where not the options say it.

    Raises:
        AuditError: a word leads to nothing.
    """
    from auditor.collect.mailflow.read import Wanted, read_logs

    moment = now or as_of(settings) or session.now()
    since, until = period or _window(settings, moment)
    wanted = Wanted(
        since=since,
        until=until,
        own_domains=own_domains(inventory) if inventory is not None else (),
        test=settings.text("test-message"),
        addresses=settings.flag("show-addresses"),
    )

    def tell(text: str) -> None:
        if not settings.flag("quiet"):
            session.tell(printable(text))

    folder = session.folder
    with stopped_as_interrupted():
        return read_logs(words, Path(folder), wanted, moment, f"audit {__version__}", tell, live)


def ask_flow(
    snapshot: Snapshot, inventory: Connectors | None, settings: Settings, session: Session
) -> MailFlow:
    """Ask each transport server of a live organisation; of the last day where nothing is said.

    Raises:
        AuditError: nobody could be asked.
    """
    from auditor.collect.live.tracking import FIELDS, fetch_events
    from auditor.collect.mailflow.find import Found
    from auditor.model import LogFile

    target = make_target(settings, session)
    now = as_of(settings) or session.now()
    since, until = _window(settings, now)
    until = until or now
    since = since or until - _DAY

    def tell(text: str) -> None:
        if not settings.flag("quiet"):
            session.tell(printable(text))

    with TemporaryDirectory(prefix="audit-", ignore_cleanup_errors=True) as name:
        with stopped_as_interrupted():
            logs = fetch_events(target, _transport(snapshot), since, until, Path(name), tell)
        live = [
            Found(
                LogFile(
                    name=f"Get-MessageTrackingLog of {log.server or 'the server'}",
                    state="read" if log.problem is None else "damaged",
                    kind="tracking",
                    server=log.server,
                    first=since,
                    last=until,
                    problem=log.problem,
                ),
                log.path,
                FIELDS,
                plain=True,
            )
            for log in logs
        ]
        return read_flow((), inventory, settings, session, now, live, (since, until))


def _transport(snapshot: Snapshot) -> list[str]:
    """The servers that have such logs, but for Edge servers, which answer for themselves only."""
    raw = snapshot.objects.get("TransportService") or snapshot.objects.get("TransportServer") or ()
    edge = {
        str(one.get("Name")).lower()
        for one in snapshot.objects.get("ExchangeServer", ())
        if str(one.get("IsEdgeServer")).lower() == "true"
    }
    names = [str(one["Name"]) for one in raw if isinstance(one.get("Name"), str)]
    return [name for name in dict.fromkeys(names) if name.lower() not in edge]


def _window(settings: Settings, now: datetime) -> tuple[datetime | None, datetime | None]:
    """From when, and to before when.

    Raises:
        UsageError: these are no times, or the one is after the other.
    """
    since = _moment(settings, "from")
    until = _moment(settings, "to")
    age = settings.text("since")
    if age is not None:
        if since is not None:
            raise UsageError("--from and --since say the same", hint="Leave one away.")
        with settings.said_by("since"):
            since = (until or now) - _age(age)
    if since is not None and until is not None and since >= until:
        raise UsageError("--from is not before --to", hint="All times are in UTC.")
    return since, until


def _moment(settings: Settings, name: str) -> datetime | None:
    with settings.said_by(name):
        text = settings.text(name)
        return None if text is None else parse_instant(text)


def _age(text: str) -> timedelta:
    match = _AGE.fullmatch(text.strip())
    if match is None or not int(match[1]):
        raise UsageError(f"--since cannot be {shortened(text)}", hint="For example: --since 24h")
    return timedelta(hours=int(match[1]) * _HOURS[match[2]])
