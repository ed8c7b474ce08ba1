"""The view of all events → ways out, refusals and the events of a test message, by queries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, Literal

from auditor.collect.mailflow.engine import SENT
from auditor.collect.mailflow.replies import plain, reply_of
from auditor.collect.mailflow.tallies import MOST_DOMAINS
from auditor.model import Hour, Recipients, Refusal, Trace, Way

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auditor.collect.mailflow.engine import Engine

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR: Final = 3_600_000_000
_SENT: Final = ", ".join(f"'{event}'" for event in SENT)
_KEYS: Final = "server, connector, host, address"

# A time without a zone is UTC, as Exchange means it: DuckDB alone would take it for local.
_AT: Final = """epoch_us(try_cast(CASE WHEN ends_with("date-time", 'Z') OR (
    contains("date-time", ':') AND regexp_matches("date-time", '[+-][0-9]{2}(:?[0-9]{2})?$'))
    THEN "date-time" ELSE "date-time" || 'Z' END AS TIMESTAMPTZ))"""
_DOMAIN: Final = """CASE WHEN contains(r, '@')
    THEN lower(trim(split_part(r, '@', -1), ' <>')) ELSE '' END"""


def _made(key: str) -> str:
    """The table of all deliveries, with the keys of their recipients."""
    return f"""
CREATE TEMP TABLE sent AS
SELECT tick, server, connector, host, address, bytes, recipients, people,
    list_distinct(list_transform(people, lambda r: {key})) AS keys
FROM (
    SELECT {_AT} AS tick, upper(split_part("client-hostname", '.', 1)) AS server,
        "connector-id" AS connector, lower(rtrim(trim("server-hostname"), '.')) AS host,
        lower(trim("server-ip")) AS address, try_cast("total-bytes" AS BIGINT) AS bytes,
        try_cast("recipient-count" AS BIGINT) AS recipients,
        list_filter(string_split(coalesce("recipient-address", ''), ';'), lambda r: r <> '')
            AS people
    FROM event WHERE "event-id" IN ({_SENT}) AND upper("source") = 'SMTP'
) WHERE tick IS NOT NULL AND tick >= $since AND tick < $until
"""


class Tables:
    """What an engine has loaded, looked at from a time to a time."""

    def __init__(
        self,
        engine: Engine,
        since: datetime | None,
        until: datetime | None,
        *,
        addresses: bool,
    ) -> None:
        """``addresses``: recipients are kept whole, not only their domains."""
        self._engine = engine
        self._addresses = addresses
        self._window = {
            "since": _microseconds(since, -(2**62)),
            "until": _microseconds(until, 2**62),
        }

    def undated(self) -> int:
        """Events whose time cannot be read."""
        return int(self._rows(f"SELECT count(*) FROM event WHERE {_AT} IS NULL")[0][0])

    def ways(self, is_own: Callable[[str], bool]) -> Iterator[Way]:
        """Each way out.

        Args:
            is_own: whether a domain, or an address, is of the organisation.
        """
        key = f"CASE WHEN {_DOMAIN} = '' THEN '' ELSE lower(trim(r, ' <>')) END"
        self._rows(_made(key if self._addresses else _DOMAIN), **self._window)
        keys = [row[0] for row in self._rows("SELECT DISTINCT unnest(keys) FROM sent")]
        own = [key for key in keys if is_own(key)]
        self._rows(
            "CREATE TEMP VIEW flow AS SELECT *, len(keys) > 0 AND list_has_all("
            f"{_literal(own)}, keys) AS inside FROM sent"
        )
        hours = self._by_way(
            f"SELECT {_KEYS}, tick // {_HOUR} AS hour, count(*) FROM flow WHERE NOT inside "
            "GROUP BY ALL ORDER BY ALL"
        )
        domains, more = self._domains(own)
        for row in self._rows(
            f"SELECT {_KEYS}, count(*), sum(greatest(coalesce(recipients, 0), len(people))), "
            "sum(coalesce(bytes, 0)), count_if(inside), min(tick), max(tick) FROM flow "
            "GROUP BY ALL ORDER BY ALL"
        ):
            way, (count, recipients, size, inside, first, last) = row[:4], row[4:]
            yield Way(
                kind="tracking",
                server=way[0] or None,
                connector=way[1] or "",
                host=way[2] or "",
                address=way[3] or "",
                deliveries=count,
                recipients=int(recipients),
                bytes=int(size),
                inside=inside,
                first=_moment(first),
                last=_moment(last),
                hours=tuple(Hour(_moment(hour * _HOUR), n) for hour, n in hours.get(way, ())),
                domains=tuple(domains.get(way, ())),
                more_domains=more.get(way, 0),
            )

    def _domains(self, own: list[str]) -> tuple[dict[Any, list[Recipients]], dict[Any, int]]:
        self._rows(
            f"CREATE TEMP TABLE domain AS SELECT {_KEYS}, key, count(*) AS n, "
            "sum(coalesce(bytes, 0)) AS size, min(tick) AS first, max(tick) AS last FROM "
            f"(SELECT *, unnest(keys) AS key FROM flow WHERE NOT inside) "
            f"WHERE NOT list_contains({_literal(own)}, key) GROUP BY ALL"
        )
        listed = self._by_way(
            f"SELECT {_KEYS}, key, n, size, first, last FROM domain QUALIFY row_number() OVER "
            f"(PARTITION BY {_KEYS} ORDER BY n DESC, key) <= {MOST_DOMAINS} "
            f"ORDER BY {_KEYS}, n DESC, key"
        )
        counts = self._by_way(f"SELECT {_KEYS}, count(*) FROM domain GROUP BY ALL ORDER BY ALL")
        found = {
            way: [
                Recipients(key, n, int(size), _moment(first), _moment(last))
                for key, n, size, first, last in rows
            ]
            for way, rows in listed.items()
        }
        return found, {way: max(0, rows[0][0] - MOST_DOMAINS) for way, rows in counts.items()}

    def _by_way(self, query: str) -> dict[Any, list[Any]]:
        """Rows by their first four columns, by which they are ordered."""
        grouped = groupby(self._rows(query), key=lambda row: row[:4])
        return {way: [row[4:] for row in rows] for way, rows in grouped}

    def refusals(self) -> Iterator[Refusal]:
        """What was put off or given up; one for each reply, whatever marks it had."""
        found: dict[tuple[str, ...], tuple[int, int, int]] = {}
        for event, connector, host, status, count, first, last in self._rows(
            'SELECT "event-id", connector, host, status, count(*), min(tick), max(tick) FROM ('
            f'SELECT "event-id", "connector-id" AS connector, "server-hostname" AS host, '
            f'"recipient-status" AS status, {_AT} AS tick FROM event '
            "WHERE \"event-id\" IN ('DEFER', 'FAIL')) "
            "WHERE tick IS NOT NULL AND tick >= $since AND tick < $until GROUP BY ALL ORDER BY ALL",
            **self._window,
        ):
            reply, named = reply_of(status or "")
            key = (event, connector or "", (named or host or "").lower(), reply)
            n, start, end = found.get(key, (0, first, last))
            found[key] = (n + count, min(start, first), max(end, last))
        for (event, connector, host, reply), (count, first, last) in found.items():
            kind: Literal["DEFER", "FAIL"] = "DEFER" if event == "DEFER" else "FAIL"
            times = _moment(first), _moment(last)
            yield Refusal("tracking", kind, connector, host, reply, count, *times)

    def traces(self, test: str) -> tuple[Trace, ...]:
        """The events of a message by its id or subject, in the order of their times."""
        found = self._rows(
            f'SELECT {_AT} AS tick, "event-id", "source", "client-hostname", "connector-id", '
            '"server-hostname", "server-ip", "recipient-status", "sender-address", '
            '"recipient-address" FROM event WHERE ("message-id" = $test OR '
            '"message-subject" = $test) AND tick IS NOT NULL AND tick >= $since AND tick < $until '
            "ORDER BY tick LIMIT 1000",
            test=test,
            **self._window,
        )
        return tuple(
            Trace(
                at=_moment(row[0]),
                event=row[1],
                source=row[2],
                server=row[3] or None,
                connector=row[4] or "",
                host=(row[5] or "").lower(),
                address=row[6] or "",
                reply=row[7] or "" if self._addresses else plain(row[7] or ""),
                sender=(row[8] or "") if self._addresses else "",
                recipients=tuple((row[9] or "").split(";")) if self._addresses else (),
            )
            for row in found
        )

    def _rows(self, query: str, **values: object) -> list[Any]:
        return self._engine.ask(query, values)


def _literal(words: list[str]) -> str:
    """A list of texts as SQL writes it."""
    quoted = ", ".join("'" + word.replace("'", "''") + "'" for word in words)
    return f"[{quoted}]::VARCHAR[]"


def _microseconds(moment: datetime | None, otherwise: int) -> int:
    return otherwise if moment is None else (moment - _EPOCH) // timedelta(microseconds=1)


def _moment(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)
