"""Who gets a message of which run: the table in the docstring of ``decide``, line by line."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from auditor.errors import UnreachableError
from auditor.model import Drift, KeptFinding
from auditor.notify import Occasion, Ping, Route, holds_secret
from auditor.notify.decide import decide
from tests.conftest import REMOVED, connector
from tests.history.audits import audit_of

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
SINCE = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)


def found(severity: str) -> KeptFinding:
    return KeptFinding("f", "Port", "", "fail", severity, "Outbound", None, "It is 587.")


def drifted(**groups: object) -> Drift:
    return Drift(run=1, since=SINCE, **groups)


def of(connectors, drift=None, **more) -> Occasion:
    from dataclasses import replace

    return Occasion("Contoso", NOW, audit=replace(audit_of(*connectors), drift=drift), **more)


GOOD, PORT, UNREAD = [connector()], [connector(Port=587)], [connector(Enabled=REMOVED)]
TABLE = [
    ("a new failure", PORT, drifted(new=(found("high"),)), "low", "change"),
    ("a new failure of that severity", PORT, drifted(new=(found("high"),)), "high", "change"),
    ("a new failure below it", PORT, drifted(new=(found("medium"),)), "high", None),
    ("fixed", GOOD, drifted(fixed=(found("critical"),)), "high", "change"),
    ("an exemption that ended", PORT, drifted(exemption_ended=(found("high"),)), "low", "change"),
    ("newly exempt", GOOD, drifted(newly_exempt=(found("high"),)), "low", "change"),
    ("nothing new", PORT, drifted(), "low", None),
    ("the first run, which fails", PORT, Drift(), "low", "first"),
    ("the first run, all is well", GOOD, Drift(), "low", None),
    ("without a history, it fails", PORT, None, "high", "first"),
    ("without a history, below", PORT, None, "critical", None),
]


@pytest.mark.parametrize(("connectors", "drift", "severity", "reason"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])  # fmt: skip
def test_a_decided_run(connectors, drift, severity, reason):
    occasion = of(connectors, drift)
    assert decide(Route("r", "json://x", severity=severity), occasion) == reason
    always = decide(Route("r", "json://x", when="always", severity=severity), occasion)
    assert always == (reason or "always")
    as_of = of(connectors, drift, as_of=True)
    assert decide(Route("r", "json://x", when="always"), as_of) is None


@pytest.mark.parametrize("runs", range(1, 27))
def test_undecided_runs_are_told_after_three_and_each_doubling(runs):
    route = Route("r", "json://x", unaudited_runs=3, severity="critical")
    due = runs in {3, 6, 12, 24}
    error = Occasion("Contoso", NOW, error=UnreachableError("down"), undecided_before=runs - 1)
    incomplete = of(UNREAD, undecided_before=runs - 1)
    for occasion in (error, incomplete):
        assert decide(route, occasion) == ("unaudited" if due else None)
    assert decide(Route("r", "json://x", when="always"), error) == "unaudited"


@pytest.mark.parametrize(("before", "reason"), [(2, None), (3, "again"), (7, "again")])
def test_whoever_was_told_hears_that_it_works_again(before, reason):
    occasion = of(GOOD, drifted(), undecided_before=before)
    assert decide(Route("r", "json://x", unaudited_runs=3), occasion) == reason


SECRET = {
    "mailto://mail.contoso.com?to=team@contoso.com": False,
    "mailto://audit@contoso.com": False,
    "mailto://audit:pass@contoso.com": True,
    "syslog://": False,
    "syslog://local5": False,
    "json://intranet.contoso.com/hooks/audit": False,
    "json://intranet.contoso.com/hooks/9f3aB77c01d2e4": True,
    "json://intranet.contoso.com/hooks?token=abc": True,
    "jsons://user@intranet.contoso.com/": True,
    "slack://T1/B2/c3": True,
    "msteams://a/b/c": True,
    "https://hc-ping.com/0b1f6f3e-b7a6-4c5c-9d8a": True,
    "json://[::1": True,
}


@pytest.mark.parametrize(("url", "secret"), SECRET.items())
def test_what_may_hold_a_secret(url, secret):
    assert holds_secret(url) is secret


def test_addresses_are_never_shown():
    assert "hush" not in repr(Route("r", "slack://hush"))
    ping = Ping.of("https://hc.example.com/hush/?x=1")
    assert "hush" not in repr(ping)
    assert ping.start == "https://hc.example.com/hush/start?x=1"
    assert ping.success == "https://hc.example.com/hush/?x=1"
    assert ping.failure == "https://hc.example.com/hush/fail?x=1"
