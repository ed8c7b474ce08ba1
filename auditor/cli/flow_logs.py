"""What the options ask of logs of mail flow, and the logs read."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from auditor import __version__
from auditor.cli.instant import as_of, length_of, parse_instant
from auditor.cli.interruption import stopped_as_interrupted
from auditor.cli.source import make_target
from auditor.collect.mailflow import require_engine
from auditor.errors import UsageError
from auditor.evaluate.ways_out import own_domains
from auditor.normalise.servers import transport_names
from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from auditor.cli.session import Session
    from auditor.cli.settings import Settings
    from auditor.collect.mailflow.find import Found
    from auditor.model import Connectors, MailFlow

_DAY: Final = timedelta(days=1)
_SINCE_HINT: Final = "For example: --since 24h, 7d or 4w"


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


def ask_flow(inventory: Connectors, settings: Settings, session: Session) -> MailFlow:
    """Ask each transport server of a live organisation; of the last day where nothing is said.

    Raises:
        AuditError: nobody could be asked.
    """
    from auditor.collect.live.tracking import fetch_events
    from auditor.collect.mailflow.read import as_found

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
            servers = transport_names(inventory)
            logs = fetch_events(target, servers, since, until, Path(name), tell)
        live = [as_found(log, since, until) for log in logs]
        return read_flow((), inventory, settings, session, now, live, (since, until))


def _window(settings: Settings, now: datetime) -> tuple[datetime | None, datetime | None]:
    """From when, and to before when.

    Raises:
        UsageError: these are no times, or the one is after the other.
    """
    since = _moment(settings, "from")
    until = _moment(settings, "to")
    age = length_of(settings, "since", "hdw", _SINCE_HINT)
    if age is not None:
        if since is not None:
            raise UsageError("--from and --since say the same", hint="Leave one away.")
        # The last hours end now: where the logs end before that, some are missing.
        until = until or now
        since = until - age
    if since is not None and until is not None and since >= until:
        raise UsageError("--from is not before --to", hint="All times are in UTC.")
    return since, until


def _moment(settings: Settings, name: str) -> datetime | None:
    with settings.said_by(name):
        text = settings.text(name)
        return None if text is None else parse_instant(text)
