"""Message tracking asked of a live organisation: a PSRP endpoint on loopback."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from logs import GATEWAY
from test_mailflow_verdict import run

from tests.live.answers import Answer, Problem
from tests.live.conftest import certificates, endpoint, kdc, kerberos
from tests.live.directory import strings, write
from tests.live.objects import organization
from tests.live.reaching import live, reach
from tests.live.values import OBJECT, Scalar

__all__ = ["certificates", "endpoint", "kdc", "kerberos", "live"]

TRACKING = "Get-MessageTrackingLog"
PARAMETERS = (
    *("DomainController", "End", "EventId", "MessageId", "MessageSubject", "Recipients"),
    *("Reference", "ResultSize", "Sender", "Server", "Start"),
)
TYPES = ("Microsoft.Exchange.Management.TransportLogSearchTasks.MessageTrackingEvent", OBJECT)
WINDOW = (
    "--from",
    "2026-11-22T08:00Z",
    "--to",
    "2026-11-22T09:00Z",
    "--as-of",
    "2026-11-23T01:00:00Z",
)


def event(number: int = 0, event_id: str = "SEND", server: str = "EX01", **changes) -> str:
    """One event, in the zone of the server."""
    minute, second = divmod(number % 3600, 60)
    text = f"2026-11-22T{3 + number // 3600 % 12:02}:{minute:02}:{second:02}.1234567-05:00"
    properties = {
        "Timestamp": Scalar("DT", text, text),
        "ClientIp": "10.0.0.5",
        "ClientHostname": server,
        "ServerIp": "207.211.31.1",
        "ServerHostname": GATEWAY,
        "SourceContext": "08D",
        "ConnectorId": "Outbound Mail to Mimecast",
        "Source": "SMTP",
        "EventId": event_id,
        "InternalMessageId": "1",
        "MessageId": f"<{number}@contoso.com>",
        "Recipients": strings("ben@partner.example", "dan@partner.example"),
        "RecipientStatus": strings("250 2.1.5 Recipient OK", "250 2.1.5 Recipient OK"),
        "TotalBytes": 1000,
        "RecipientCount": 2,
        "RelatedRecipientAddress": None,
        "Reference": None,
        "MessageSubject": "Quarterly, figures",
        "Sender": "anna@contoso.com",
        "ReturnPath": "anna@contoso.com",
    }
    return write(TYPES, properties, changes, "rich")


def asked(live, *events, words=WINDOW, **options):
    answers = organization(connectors=1)
    server = live(answers | {TRACKING: Answer(events, parameters=PARAMETERS, **options)})
    status, out, err = run(
        *("mailflow", "--region", "na", "--format", "json", *reach(server), *words)
    )
    return status, json.loads(out) if out else None, err, server


def test_each_server_is_asked_for_each_event_of_the_time(live):
    _, found, _, server = asked(live, event())
    calls = server.parameters[TRACKING]
    assert [(one["Server"], one["EventId"]) for one in calls] == [
        (name, kind) for name in ("EX01", "EX02") for kind in ("SEND", "DEFER", "FAIL")
    ]
    assert [(one["Start"], one["End"]) for one in calls[:2]] == [
        (datetime(2026, 11, 22, 8, tzinfo=UTC), datetime(2026, 11, 22, 9, tzinfo=UTC))
    ] * 2
    assert {one["ResultSize"] for one in calls} == {"Unlimited"}
    assert found["since"] == "2026-11-22T08:00:00Z"
    (way,) = found["ways"]
    assert (way["host"], way["leads"]) == (GATEWAY, "gateway")
    assert way["first"] == "2026-11-22T08:00:00Z"
    assert way["domains"][0]["domain"] == "partner.example"


def test_fifty_thousand_events_are_read_whole(live):
    # Two servers are asked twice for two hours each, and give the same events each time.
    events = [event(n) for n in range(4_200)]
    words = ("--from", "2026-11-22T08:00Z", "--to", "2026-11-22T12:00Z", *WINDOW[4:])
    status, found, err, _ = asked(live, *events, words=(*words, "--timeout", "300"))
    assert "errors" not in found, err
    assert found["outbound"] == 4_200 * 4 * 3
    assert status == 0, found["message"]


def test_what_is_refused_is_undecided_and_says_why(live):
    refused = Problem("The operation couldn't be performed: access is denied.", "AccessDenied")
    status, found, _, _ = asked(live, event(), errors=(refused,))
    assert (status, found["status"]) == (3, "unknown")
    assert "access is denied" in found["message"]


def test_an_event_without_a_zone_proves_nothing(live):
    status, found, _, _ = asked(live, event(Timestamp=Scalar("DT", "yesterday", "yesterday")))
    assert (status, found["undated"]) == (3, 6)


def test_without_logs_and_server_it_asks_for_either():
    status, _, err = run("mailflow", "--region", "na")
    assert status == 2
    assert "there are no logs to read" in err


@pytest.mark.parametrize("words", [("--since", "2h")])
def test_the_last_hours_end_now(live, words):
    _, found, _, server = asked(live, words=words)
    assert found["until"] is not None
    assert len(server.parameters[TRACKING]) == 6
