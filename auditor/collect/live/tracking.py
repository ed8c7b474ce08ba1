"""Message tracking events of a live organisation, written as the logs that they come from.

The cmdlet's properties are the columns of the log under other names:
https://learn.microsoft.com/powershell/module/exchange/get-messagetrackinglog and
https://learn.microsoft.com/exchange/mail-flow/transport-logs/search-message-tracking-logs
"""

from __future__ import annotations

import csv
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.collect.cmdlets import Cmdlet
from auditor.collect.live.collector import WORK
from auditor.collect.live.deadline import Deadline
from auditor.collect.live.faults import explain, without_secrets
from auditor.collect.live.session import RemoteSession
from auditor.errors import AuditError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from auditor.collect.exported import Exported
    from auditor.collect.live.endpoint import Target

_CMDLET: Final = Cmdlet("Get-MessageTrackingLog")
_EVENTS: Final = ("SEND", "DEFER", "FAIL")
_ALL: Final = {"ResultSize": "Unlimited"}
_SLICE: Final = timedelta(hours=2)
_PROPERTIES: Final = {
    "date-time": "Timestamp",
    "client-hostname": "ClientHostname",
    "server-hostname": "ServerHostname",
    "server-ip": "ServerIp",
    "connector-id": "ConnectorId",
    "source": "Source",
    "event-id": "EventId",
    "recipient-address": "Recipients",
    "recipient-status": "RecipientStatus",
    "total-bytes": "TotalBytes",
    "recipient-count": "RecipientCount",
    "message-id": "MessageId",
    "message-subject": "MessageSubject",
    "sender-address": "Sender",
}
"""A column of the log → the property of the object."""

FIELDS: Final = tuple(_PROPERTIES)


class LiveLog(NamedTuple):
    """The events of one server as a log without a header; ``problem``: some are missing."""

    server: str | None
    path: Path
    problem: str | None = None
    fields: tuple[str, ...] = FIELDS


def fetch_events(
    target: Target,
    servers: Sequence[str],
    since: datetime,
    until: datetime,
    folder: Path,
    tell: Callable[[str], object],
) -> list[LiveLog]:
    """What each server sent, put off or gave up.

    Args:
        target: whom to ask, and as whom; checked.
        servers: whose logs; none: those of the server that answers.
        since: from when.
        until: to when.
        folder: where the events are written to, as they come.
        tell: takes a line on what is being done.

    Raises:
        UnreachableError: no session could be opened.
    """
    logs = [
        LiveLog(server, folder / f"{number}.csv", "it was not asked")
        for number, server in enumerate(servers or (None,))
    ]
    for log in logs:
        log.path.touch()
    deadline = Deadline(target.timeout * WORK)
    fault: AuditError | None = None
    try:
        with RemoteSession(target, deadline, Deadline(target.timeout)) as session:
            for number, log in enumerate(logs):
                logs[number] = log._replace(problem="it was not read to its end")
                problem, count = _fetch(session, log, (since, until), target)
                logs[number] = log._replace(problem=problem)
                tell(f"{_CMDLET} of {log.server or 'this server'}: {count:,} events")
    except AuditError as error:
        fault = error
    except Exception as error:
        fault = explain(error, target)
        fault.__cause__ = error
    if fault is None:
        return logs
    if all(log.problem == "it was not asked" for log in logs):
        raise fault
    # What came is kept, and what did not is said.
    tell(fault.message)
    return [log._replace(problem=log.problem and f"{log.problem}: {fault.message}") for log in logs]


def _fetch(
    session: RemoteSession, log: LiveLog, period: tuple[datetime, datetime], target: Target
) -> tuple[str | None, int]:
    """The events of one server; why some are missing, or None, and how many came."""
    count = 0
    whose = {"Server": log.server} if log.server is not None else {}
    with log.path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")

        def take(events: Iterable[Exported]) -> None:
            nonlocal count
            for event in events:
                said = event.properties
                writer.writerow([_text(said.get(name)) for name in _PROPERTIES.values()])
                count += 1

        for event in _EVENTS:
            for start, end in _slices(*period):
                parameters = {"EventId": event, "Start": start, "End": end, **_ALL, **whose}
                answer = session.run(_CMDLET, parameters, take)
                take(answer.objects)
                if answer.trouble:
                    return without_secrets(answer.trouble[0].text, target), count
    return None, count


def _slices(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """A time in pieces: of one question nobody takes more than some hundred megabytes."""
    while since < until:
        end = min(since + _SLICE, until)
        yield since, end
        since = end


def _text(value: object) -> str:
    """A value as the log has it: in one line, and of several the one after the other."""
    if isinstance(value, list | tuple):
        return ";".join(map(_text, value))
    return "" if value is None else " ".join(str(value).splitlines())
