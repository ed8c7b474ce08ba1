"""Logs as Exchange writes them, made here; and what they say, counted from what they were made of."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

FIELDS_2010 = [
    "date-time",
    "client-ip",
    "client-hostname",
    "server-ip",
    "server-hostname",
    "source-context",
    "connector-id",
    "source",
    "event-id",
    "internal-message-id",
    "message-id",
    "recipient-address",
    "recipient-status",
    "total-bytes",
    "recipient-count",
    "related-recipient-address",
    "reference",
    "message-subject",
    "sender-address",
    "return-path",
    "message-info",
    "directionality",
    "tenant-id",
    "original-client-ip",
    "original-server-ip",
    "custom-data",
]
FIELDS_2013 = [
    *FIELDS_2010[: FIELDS_2010.index("recipient-address")],
    "network-message-id",
    *FIELDS_2010[FIELDS_2010.index("recipient-address") :],
]
FIELDS_2019 = [*FIELDS_2013, "transport-traffic-type", "log-id", "schema-version"]
VERSIONS = {
    "14.03.0513.000": FIELDS_2010,
    "15.00.1497.048": FIELDS_2013,
    "15.02.1118.007": FIELDS_2019,
}
NEWEST = "15.02.1118.007"
START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
GATEWAY = "us-smtp-outbound-1.mimecast.com"
OTHER_GATEWAY = "us-smtp-outbound-2.mimecast.com"
FIELDS_PROTOCOL = [
    "date-time",
    "connector-id",
    "session-id",
    "sequence-number",
    "local-endpoint",
    "remote-endpoint",
    "event",
    "data",
    "context",
]


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def event(minutes: float = 0, **values: str) -> dict[str, str]:
    """A delivery through the gateway, unless the values say otherwise (``_`` for ``-``)."""
    found = {
        "date-time": stamp(START + timedelta(minutes=minutes)),
        "client-ip": "10.0.0.5",
        "client-hostname": "EX01",
        "server-ip": "207.211.31.1",
        "server-hostname": GATEWAY,
        "source-context": "08DDE1;250 2.0.0 OK",
        "connector-id": "To Mimecast",
        "source": "SMTP",
        "event-id": "SEND",
        "message-id": "<1@contoso.com>",
        "recipient-address": "ben@partner.example",
        "recipient-status": "250 2.1.5 Recipient OK",
        "total-bytes": "1000",
        "recipient-count": "1",
        "message-subject": "Quarterly figures",
        "sender-address": "anna@contoso.com",
        "return-path": "anna@contoso.com",
    }
    return found | {name.replace("_", "-"): value for name, value in values.items()}


def quoted(value: str, *, always: bool = False) -> str:
    if always or set(value) & set(',"'):
        return '"' + value.replace('"', '""') + '"'
    return value


def line(values: dict[str, str], fields: list[str] = FIELDS_2019, *, always: bool = False) -> str:
    return ",".join(quoted(values.get(name, ""), always=always) for name in fields)


def header(version: str = NEWEST, kind: str = "Message Tracking Log") -> list[str]:
    fields = VERSIONS.get(version, FIELDS_PROTOCOL)
    return [
        "#Software: Microsoft Exchange Server",
        f"#Version: {version}",
        f"#Log-type: {kind}",
        f"#Date: {stamp(START)}",
        f"#Fields: {','.join(fields)}",
    ]


def log(*events: dict[str, str], version: str = NEWEST, mark: bool = False) -> bytes:
    lines = [*header(version), *(line(one, VERSIONS[version]) for one in events)]
    return (b"\xef\xbb\xbf" if mark else b"") + ("\r\n".join(lines) + "\r\n").encode()


def protocol(*lines: tuple[str, ...], kind: str = "SMTP Send Protocol Log") -> bytes:
    """Lines of (session, remote endpoint, event, data)."""
    rows = [
        f"{stamp(START + timedelta(seconds=n))},To Mimecast,{session},{n},10.0.0.5:5555,{remote},"
        f"{sign},{quoted(data)},"
        for n, (session, remote, sign, data) in enumerate(lines)
    ]
    return ("\r\n".join([*header("protocol", kind), *rows]) + "\r\n").encode()


def counted(events: list[dict[str, str]], own: tuple[str, ...] = ()) -> dict[tuple, dict]:
    """What the events say, one after the other: the reference that is too simple to be wrong."""
    ways: dict[tuple, dict] = {}
    for one in events:
        if one["event-id"] not in {"SEND", "SENDEXTERNAL"} or one["source"] != "SMTP":
            continue
        when = datetime.fromisoformat(one["date-time"]).astimezone(UTC)
        key = (
            one["client-hostname"].split(".")[0].upper() or None,
            one["connector-id"],
            one["server-hostname"].strip().rstrip(".").lower(),
            one["server-ip"].strip().lower(),
        )
        people = [p for p in one["recipient-address"].split(";") if p]
        domains = {p.rsplit("@", 1)[1].strip(" <>").lower() if "@" in p else "" for p in people}
        inside = bool(domains) and all(domain in own for domain in domains)
        way = ways.setdefault(
            key,
            {"deliveries": 0, "recipients": 0, "bytes": 0, "inside": 0, "times": []}
            | {"hours": Counter(), "domains": Counter()},
        )
        way["deliveries"] += 1
        way["inside"] += inside
        way["recipients"] += max(len(people), int(one["recipient-count"] or 0))
        way["bytes"] += int(one["total-bytes"] or 0)
        way["times"].append(when)
        if not inside:
            way["hours"][when.replace(minute=0, second=0, microsecond=0)] += 1
            way["domains"].update(domain for domain in domains if domain not in own)
    return ways


def as_counted(ways) -> dict[tuple, dict]:
    """Ways out in the form of ``counted``."""
    return {
        (way.server, way.connector, way.host, way.address): {
            "deliveries": way.deliveries,
            "recipients": way.recipients,
            "bytes": way.bytes,
            "inside": way.inside,
            "times": (way.first, way.last),
            "hours": {hour.start: hour.deliveries for hour in way.hours},
            "domains": {one.domain: one.deliveries for one in way.domains},
        }
        for way in ways
    }


def expected(events: list[dict[str, str]], own: tuple[str, ...] = ()) -> dict[tuple, dict]:
    return {
        key: way
        | {
            "times": (min(way["times"]), max(way["times"])),
            "hours": dict(way["hours"]),
            "domains": dict(way["domains"]),
        }
        for key, way in counted(events, own).items()
    }
