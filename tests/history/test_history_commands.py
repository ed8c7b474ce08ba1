"""``audit history``: what was kept is shown, over time, with what was missed; and removed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import jsonschema
import pytest

from auditor.history.gaps import gaps, usual_distance
from auditor.history.periods import periods
from auditor.history.store import open_store
from tests.conftest import REMOVED, ROOT, connector
from tests.history.audits import NIGHT, NOW, compliant, drifted, keep
from tests.history.nights import FIRST, clock, night

__all__ = ["clock", "night"]

SCHEMA = json.loads((ROOT / "auditor/report/audit-history-1.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
GOOD, PORT, UNREAD = connector(), connector(Port=587), connector(Port=REMOVED)
EVIL = "Con\x1b[31mtoso\u202e | <b>"


@pytest.fixture
def history(audit, tmp_path):
    """``audit history`` on the store of the nights; its document as well, held against the schema."""

    def run(*words, status=0):
        shown = audit("history", *words, "--history", "h.sqlite")
        assert shown.status == status, shown.err
        document = json.loads(audit("history", *words, "--history", "h.sqlite", "-f", "json").out)
        VALIDATOR.validate(document)
        return shown.out, document

    return run


def test_runs_are_listed_the_newest_first(night, history):
    night(0, GOOD)
    night(1, PORT)
    night(2, UNREAD)
    night(3, b"")
    night(4, GOOD, options=("--as-of", "2027-01-01"))
    night(5, PORT, options=("--name", "emea"))
    text, document = history("list")
    lines = text.splitlines()[2:]
    assert [line.split()[0] for line in lines if line[0] != " "] == list("654321")
    for line, said in zip(
        (line for line in lines if line[0] != " "),
        (
            "drift, 1 fail",
            "compliant (as of",
            "not audited: ",
            "incomplete, 1",
            "drift, 1 fail",
            "compliant",
        ),
        strict=True,
    ):
        assert said in line
    assert [run["verdict"] for run in document["runs"]] == [
        "drift",
        "compliant",
        None,
        "incomplete",
        "drift",
        "compliant",
    ]
    assert [run["audit"] for run in document["runs"]] == ["emea", *["Contoso"] * 5]
    assert document["runs"][2]["error_code"]
    assert len(history("list", "--limit", "2")[1]["runs"]) == 2
    assert [run["id"] for run in history("list", "--name", "EMEA")[1]["runs"]] == [6]


def test_a_run_is_shown_with_its_findings_and_its_evidence(night, history, audit, tmp_path):
    night(0, PORT)
    text, document = history("show", "#1", "--save-snapshot", "again.json")
    assert "Result             drift, 1 fail" in text
    assert text.index("fail ") < text.index("pass ")
    assert document["run"]["id"] == 1
    (failed,) = [one for one in document["findings"] if one["status"] == "fail"]
    assert (failed["control"], failed["expected"], failed["actual"]) == ("Port", 25, 587)
    again = audit("check", "-r", "na", "-s", "again.json", "-f", "json")
    assert again.statuses["Port"] == "fail"
    assert again.report["snapshot"]["sha256"] == document["run"]["snapshot_sha256"]


def test_the_trend_fits_the_time_and_says_since_when(night, history):
    for day, now in ((0, GOOD), (1, PORT), (2, UNREAD), (3, PORT), (10, PORT)):
        night(day, now)
    text, document = history("trend")
    assert document["by"] == "day"
    assert [one["start"] for one in document["periods"]] == [
        f"2026-11-{day}" for day in (20, 21, 22, 23, 30)
    ]
    assert [one["last_failed"] for one in document["periods"]] == [0, 1, None, 1, 1]
    (port,) = document["failing"]
    assert (port["control"], port["since"], port["runs"]) == ("Port", "2026-11-21T02:30:00Z", 3)
    assert "high: Port - Outbound Mail to Mimecast (since 21 November, 3 runs)" in text
    assert history("trend", "--by", "month")[1]["periods"][0]["runs"] == 5
    weeks = history("trend", "--by", "week")[1]["periods"]
    assert [(one["start"], one["runs"], one["most_failed"]) for one in weeks] == [
        ("2026-11-16", 3, 1),
        ("2026-11-23", 1, 1),
        ("2026-11-30", 1, 1),
    ]


def test_the_last_decided_run_is_never_removed(night, history):
    for day in range(5):
        night(day, GOOD)
    night(6, UNREAD)
    assert history("prune", "--keep", "1d", "--dry-run")[0] == "4 runs would be removed\n"
    assert history("prune", "--keep-runs", "3", "--dry-run")[1] == {
        "schema": "audit-history/1",
        "removed": 3,
        "dry_run": True,
    }
    assert history("prune", "--keep", "1d")[0] == "4 runs removed\n"
    assert [run["id"] for run in history("list")[1]["runs"]] == [6, 5]
    assert night(7, GOOD).report["drift"]["run"] == 5


def test_missed_runs_are_named(night, history, clock):
    for day in (0, 1, 2, 5, 6):
        night(day, GOOD)
    text, document = history("gaps", status=1)
    assert document["every_seconds"] == 86400
    assert document["gaps"] == [
        {"after": "2026-11-22T02:30:00Z", "before": "2026-11-25T02:30:00Z", "missed": 2}
    ]
    assert text.startswith("MISSED: there should be a run of Contoso every 24 hours.")
    clock(FIRST + timedelta(days=9))
    assert history("gaps", "--every", "3d", status=0)[1]["gaps"] == []
    late = history("gaps", status=1)[1]["gaps"][-1]
    assert (late["after"], late["before"], late["missed"]) == ("2026-11-26T02:30:00Z", None, 2)


def test_too_few_runs_tell_nothing(night, history):
    night(0, GOOD)
    assert history("gaps", status=3)[1]["gaps"] is None
    assert history("gaps", "--every", "24h", status=0)[1]["gaps"] == []


def test_of_several_audits_one_is_chosen(night, audit, monkeypatch, tmp_path):
    night(0, GOOD, options=("--name", "emea"))
    night(0, PORT, options=("--name", "apac"))
    monkeypatch.setenv("AUDIT_HISTORY", "h.sqlite")
    which = audit("history", "trend")
    assert which.status == 2
    assert "Kept: apac, emea" in which.err
    assert audit("history", "trend", "--name", "apac").status == 0
    unknown = audit("history", "trend", "--name", "na")
    assert "no runs of 'na'" in unknown.err
    (tmp_path / "audit.yaml").write_text("audits: {emea: {}, apac: {}}\n", "utf-8")
    assert "--name emea" in audit("history", "trend").err
    assert "apac" in audit("history", "list").out


def test_names_from_outside_do_nothing(night, history, audit):
    night(0, connector(Name=EVIL, Port=587), options=("--organization", EVIL))
    for words in (("list",), ("show", "1"), ("trend",)):
        text, _ = history(*words)
        assert "\x1b" not in text
        assert "\u202e" not in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("list",), "no history is named"),
        (("list", "--history", "gone.sqlite"), "gone.sqlite"),
        (("show", "1st", "--history", "h.sqlite"), "not the number of a run"),
        (("show", "99", "--history", "h.sqlite"), "no run 99"),
        (("prune", "--history", "h.sqlite"), "--keep 400d"),
        (("prune", "--keep", "soon", "--history", "h.sqlite"), "--keep 400d"),
        (("prune", "--keep-runs", "0", "--history", "h.sqlite"), "--keep-runs 30"),
        (("gaps", "--every", "day", "--history", "h.sqlite"), "--every 24h"),
        (("list", "--limit", "-1", "--history", "h.sqlite"), "--limit"),
        (("trend", "--by", "year", "--history", "h.sqlite"), "month"),
        (("list", "--history", "postgresql://me:secret@localhost/x"), "a password must not stand"),
        (("list", "--history", "mysql://localhost/x"), "PostgreSQL"),
    ],
)
def test_what_is_wrong_is_said(night, audit, words, said):
    night(0, GOOD)
    result = audit("history", *words)
    assert result.status == 2
    assert said in result.err
    assert "secret" not in result.err


def test_postgresql_is_read_alike(postgres, audit, clock, tmp_path):
    url = postgres.url(postgres.create())
    (tmp_path / "export.json").write_text(json.dumps([PORT]), "utf-8")
    for day in range(3):
        clock(FIRST + timedelta(days=day))
        result = audit(
            "check",
            "-r",
            "na",
            "-s",
            "export.json",
            "--organization",
            "Contoso",
            "--history",
            url,
            "-f",
            "json",
        )
    (still,) = result.report["drift"]["still_failing"]
    assert (still["since"], still["runs"]) == ("2026-11-20T02:30:00Z", 3)
    assert "#### 1" in audit("history", "trend", "--history", url).out
    assert audit("history", "gaps", "--history", url).status == 0
    assert audit("history", "prune", "--keep-runs", "1", "--history", url).out == "2 runs removed\n"
    assert audit("diff", "3", "3", "--history", url).status == 0


DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
GAPS = {
    "none": ([0, 1, 2], 2.4, []),
    "late is not missed": ([0, 1, 2.4], 3, []),
    "one": ([0, 1, 3], 3, [(1, 3, 1)]),
    "several": ([0, 3, 4, 10], 10, [(0, 3, 2), (4, 10, 5)]),
    "until now": ([0, 1], 4, [(1, None, 2)]),
    "no run": ([], 9, []),
}


@pytest.mark.parametrize(("days", "now", "expected"), GAPS.values(), ids=GAPS)
def test_gaps(days, now, expected):
    found = gaps([START + day * DAY for day in days], DAY, START + now * DAY)
    days_of = [
        ((one.after - START) / DAY, one.before and (one.before - START) / DAY, one.missed)
        for one in found
    ]
    assert days_of == expected


def test_the_usual_distance_minds_no_gap():
    assert usual_distance([START, START + DAY]) is None
    assert usual_distance([START + day * DAY for day in (0, 1, 2, 9, 10)]) == DAY
    assert usual_distance([START] * 3) is None


def test_periods_fit_the_time_that_is_kept(file):
    with open_store(str(file)) as store:
        for day in (0, 20, 100, 400):
            keep(store, compliant(NOW + day * NIGHT) if day else drifted(NOW))
        runs = store.runs()
    by, found = periods(runs, "month")
    assert by == "month"
    assert sum(one.runs for one in found) == 4
    assert periods([], None) == ("day", ())
