"""SMTP send protocol logs: which host really answered, and what it said.

Source: https://learn.microsoft.com/exchange/mail-flow/connectors/protocol-logging (the columns, and
``+ - > < *``). Replies come in the order of their commands (RFC 2920), a line each.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from auditor.collect.mailflow.find import PROTOCOL, moment
from auditor.collect.mailflow.lines import Ended, rows
from auditor.collect.mailflow.replies import plain
from auditor.collect.mailflow.tallies import Tally
from auditor.model import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from auditor.collect.mailflow.find import Found
    from auditor.model import LogFile, Way

_REPLY: Final = re.compile(r"([2-5]\d\d)([ -]|$)")
_RECIPIENT: Final = re.compile(r"RCPT TO:\s*<([^>]*)>", re.IGNORECASE)
_MOST_SESSIONS: Final = 10_000
"""So many are open at once at the most: of one that never ends nothing is kept for ever."""


@dataclass(slots=True)
class _Session:
    connector: str
    address: str
    host: str = ""
    asked: deque[str] = field(default_factory=deque)
    recipients: list[str] = field(default_factory=list)


class Protocol:
    """What several logs say, put together."""

    def __init__(self, since: datetime | None, until: datetime | None, *, addresses: bool) -> None:
        """Of a time; ``addresses``: whole ones are kept."""
        self._since, self._until, self._addresses = since, until, addresses
        self._tallies: dict[tuple[str, str, str], Tally] = defaultdict(Tally)
        self._refused: dict[tuple[str, str, str, str], list[datetime]] = {}
        self._counts: Counter[tuple[str, str, str, str]] = Counter()

    def read(self, found: Found) -> LogFile:
        """One more log; what it had."""
        lines = malformed = 0
        unfinished = False
        sessions: dict[str, _Session] = {}
        with found.path.open("rb") as stream:
            for row in rows(stream):
                if isinstance(row, Ended):
                    unfinished = row.unfinished
                    continue
                lines += 1
                values = dict(zip(row.fields, row.values or (), strict=False))
                when = moment(values.get("date-time", ""))
                if not values.keys() >= PROTOCOL or when is None:
                    malformed += 1
                    continue
                self._line(values, when, sessions)
        return found.file._replace(lines=lines, malformed=malformed, unfinished=unfinished)

    def _line(
        self, values: Mapping[str, str], when: datetime, sessions: dict[str, _Session]
    ) -> None:
        key, event, data = values["session-id"], values["event"], values["data"]
        session = sessions.get(key)
        if session is None or event == "+":
            if len(sessions) >= _MOST_SESSIONS:
                sessions.pop(next(iter(sessions)))
            address = values["remote-endpoint"].rpartition(":")[0].strip("[]")
            session = sessions[key] = _Session(values["connector-id"], address)
        if event == "-":
            sessions.pop(key, None)
        elif event == ">":
            _asked(session, data)
        elif event == "<":
            self._answered(session, data, when)

    def _answered(self, session: _Session, data: str, when: datetime) -> None:
        match = _REPLY.match(data)
        if match is None or match[2] == "-":
            return
        if match[1] == "220" and not session.asked and not session.host:
            words = data.split()
            session.host = words[1].lower() if len(words) > 1 else ""
            return
        command = session.asked[0] if session.asked else ""
        if match[1] != "354" and session.asked:
            session.asked.popleft()
        if not self._is_wanted(when):
            return
        if match[1] >= "400":
            self._refuse(session, data, when)
        elif command == "end" and match[1] != "354":
            self._tally(session).add(when, session.recipients, self._addresses)
            session.recipients = []

    def _tally(self, session: _Session) -> Tally:
        return self._tallies[session.connector, session.host, session.address]

    def _refuse(self, session: _Session, data: str, when: datetime) -> None:
        event = "DEFER" if data.startswith("4") else "FAIL"
        key = (event, session.connector, session.host or session.address, plain(data))
        self._counts[key] += 1
        times = self._refused.setdefault(key, [when, when])
        times[:] = [min(times[0], when), max(times[1], when)]

    def _is_wanted(self, when: datetime) -> bool:
        after = self._since is None or when >= self._since
        return after and (self._until is None or when < self._until)

    def ways(self, is_own: Callable[[str], bool]) -> Iterator[Way]:
        """Each way out; sizes are not in these logs."""
        for (connector, host, address), tally in self._tallies.items():
            yield tally.way("protocol", None, connector, host, address, is_own)

    def refusals(self) -> Iterator[Refusal]:
        """What next hops refused."""
        for key, times in self._refused.items():
            event: Literal["DEFER", "FAIL"] = "DEFER" if key[0] == "DEFER" else "FAIL"
            count = self._counts[key]
            yield Refusal("protocol", event, *key[1:], count, *times)


def _asked(session: _Session, data: str) -> None:
    """A command; of a message's recipients those of the last MAIL count."""
    verb = data[:5].upper().rstrip()
    if verb == "MAIL":
        session.recipients = []
    match = _RECIPIENT.match(data)
    if match is not None:
        session.recipients.append(match[1])
    whole = verb == "DATA" or (verb == "BDAT" and data.upper().rstrip().endswith("LAST"))
    session.asked.append("end" if whole else verb)
