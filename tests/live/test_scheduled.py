"""A nightly audit of a live server: what has changed, who did it, and when nobody can say."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.history.nights import clock  # noqa: F401
from tests.live.entries import CALLER, entry, log, run_date
from tests.live.objects import organization
from tests.live.reaching import live, reach

__all__ = ["live"]

FIRST = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)
CHECK = ("check", "-r", "na", "--history", "h.sqlite", "--organization", "Contoso")


@pytest.fixture
def nights(audit, clock, live):  # noqa: F811
    """A night on which all is well, and one after which something has changed."""

    def run(answers=None, *options: str):
        clock(FIRST)
        server = live(organization(connectors=3))
        assert audit(*CHECK, *reach(server)).status == 0
        clock(FIRST + timedelta(days=2))
        server = live(organization(connectors=3, drifted=True) | (answers or {}))
        return audit(*CHECK, *reach(server), *options), server

    return run


def test_the_report_names_who_changed_it_when_and_how(nights):
    result, server = nights(log(entry(parameters={"SmartHosts": "mx.example.com"})), "-f", "json")
    assert result.status == 1
    (asked,) = server.parameters["Search-AdminAuditLog"]
    assert asked["StartDate"] == FIRST
    (change,) = result.report["drift"]["who"]
    assert change["caller"] == CALLER
    assert change["cmdlet"] == "Set-SendConnector"
    assert change["connector"] == "Outbound Mail to Mimecast"
    assert {one["name"] for one in change["parameters"]} == {"Identity", "SmartHosts"}
    assert change["at"].startswith("2026-11-22T")


def test_the_table_says_it_first(nights):
    result, _ = nights(log(entry()))
    assert re.match(r"CHANGED: \d new since 21 November\.\nDRIFT: ", result.out)
    assert "Anna Quzzle: Set-SendConnector" in " ".join(result.out.split())


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_reports_for_people_have_it(nights, form):
    result, _ = nights(log(entry()), "-f", form)
    assert "Quzzle" in result.out, result.out[:1500]


def test_where_the_log_may_not_be_read_the_last_change_is_the_bound(nights):
    result, _ = nights({}, "-f", "json")
    drift = result.report["drift"]
    assert drift["who"] is None
    assert "Outbound Mail to Mimecast" in {one["connector"] for one in drift["last_changed"]}
    text = json.dumps(result.report["notes"]) + json.dumps(result.report["errors"])
    assert text.count("Search-AdminAuditLog") <= 1


def test_what_was_changed_before_the_last_run_is_not_told_again(nights):
    result, _ = nights(log(entry(run=run_date(20))), "-f", "json")
    assert result.report["drift"]["who"] == []
