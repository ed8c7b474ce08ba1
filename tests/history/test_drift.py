"""What has changed since the run before: new, fixed, still failing, exempt, not exempt any more."""

from __future__ import annotations

import json

import pytest

from tests.conftest import REMOVED, connector
from tests.history.nights import PARTNER, clock, night  # noqa: F401

GOOD = connector()
PORT = connector(Port=587)
UNREAD = connector(Port=REMOVED)
MOVED = connector(Port=588)
RENAMED = connector(Name="Outbound through the gateway", Port=587)
EMPTY: dict[str, list[str]] = {}

TABLE = {
    "nothing changes": ([GOOD], [GOOD], EMPTY),
    "a new failure": ([GOOD], [PORT], {"new": ["Port"]}),
    "it is put right": ([PORT], [GOOD], {"fixed": ["Port"]}),
    "it stays": ([PORT], [PORT], {"still_failing": ["Port"]}),
    "another wrong value is the same failure": ([PORT], [MOVED], {"still_failing": ["Port"]}),
    "a rename is no change": ([PORT], [RENAMED], {"still_failing": ["Port"]}),
    "a connector comes": ([GOOD], [GOOD, PARTNER], {"new": ["OtherOutboundConnectors", "BypassRoutes"]}),
    "a connector goes": ([GOOD, PARTNER], [GOOD], {"fixed": ["OtherOutboundConnectors", "BypassRoutes"]}),
    "what fails cannot be told": ([PORT, PARTNER], [UNREAD, PARTNER], {"still_failing": ["OtherOutboundConnectors", "BypassRoutes"]}),
}  # fmt: skip


def groups(report) -> dict[str, list[str]]:
    drift = report["drift"]
    names = ("new", "fixed", "still_failing", "newly_exempt", "exemption_ended")
    return {name: [one["control"] for one in drift[name]] for name in names if drift[name]}


@pytest.mark.parametrize(("then", "now", "expected"), TABLE.values(), ids=TABLE)
def test_a_run_is_compared_with_the_one_before(night, then, now, expected):  # noqa: F811
    first = night(0, *then).report
    assert first["drift"]["run"] is None
    assert groups(first) == {}
    second = night(1, *now).report
    assert groups(second) == expected
    assert second["drift"]["run"] == 1
    assert second["drift"]["since"] == "2026-11-20T02:30:00Z"


def test_a_night_without_an_answer_makes_nothing_new(night):  # noqa: F811
    night(0, PORT, PARTNER)
    night(1, UNREAD, PARTNER)
    last = night(2, PORT, PARTNER).report
    assert groups(last) == {"still_failing": ["Port", "OtherOutboundConnectors", "BypassRoutes"]}
    (port,) = [one for one in last["drift"]["still_failing"] if one["control"] == "Port"]
    assert (port["since"], port["runs"]) == ("2026-11-20T02:30:00Z", 2)


def test_what_is_fixed_while_nobody_could_tell_is_fixed(night):  # noqa: F811
    night(0, PORT, PARTNER)
    night(1, UNREAD, PARTNER)
    assert groups(night(2, GOOD, PARTNER).report)["fixed"] == ["Port"]


def test_undecided_and_as_of_runs_do_not_count(night):  # noqa: F811
    night(0, PORT)
    assert night(1, UNREAD).status == 3
    night(2, GOOD, options=("--as-of", "2026-11-22"))
    assert night(3, b"").status == 3
    report = night(4, PORT).report
    assert report["drift"]["run"] == 1
    assert report["drift"]["undecided_runs"] == 2
    assert groups(report) == {"still_failing": ["Port"]}


def test_an_undecided_run_announces_nothing_as_fixed(night):  # noqa: F811
    night(0, PORT, PARTNER)
    report = night(1, connector(Enabled=REMOVED)).report
    assert report["verdict"] == "incomplete"
    assert groups(report) == {}


def test_since_when_and_for_how_many_runs(night):  # noqa: F811
    night(0, PORT)
    night(1, GOOD)
    for day in (2, 3, 4):
        report = night(day, PORT).report
    (still,) = report["drift"]["still_failing"]
    assert (still["since"], still["runs"]) == ("2026-11-22T02:30:00Z", 3)


POLICY = """\
schema: audit-policy/1
name: ours
version: "{version}"
extends: mimecast
exemptions:
  - {{control: Port, connector: "*", reason: a, owner: b, approved_by: c, expires: 2026-11-21}}
"""


def test_exemptions_that_come_and_end(night, tmp_path):  # noqa: F811
    (tmp_path / "ours.yaml").write_text(POLICY.format(version=1), "utf-8")
    night(0, PORT)
    came = night(1, PORT, options=("-p", "ours.yaml")).report
    assert groups(came) == {"newly_exempt": ["Port"]}
    assert came["drift"]["policy_changed"]
    ended = night(2, PORT, options=("-p", "ours.yaml")).report
    assert groups(ended) == {"exemption_ended": ["Port"]}
    assert not ended["drift"]["policy_changed"]


def test_the_first_line_says_what_is_new(night, audit, tmp_path):  # noqa: F811
    assert night(0, GOOD, options=("-f", "table")).out.startswith("FIRST RUN: ")
    text = night(2, PORT, PARTNER, options=("-f", "table")).out
    assert text.startswith("CHANGED: 3 new since 20 November.\nDRIFT: ")
    assert "  new: Port - Outbound Mail to Mimecast (high)\n" in text
    assert night(3, GOOD, options=("-f", "table")).out.startswith(
        "CHANGED: 3 fixed since 22 November.\n"
    )
    assert night(4, GOOD, options=("-f", "table")).out.startswith(
        "UNCHANGED: nothing new since 23 November.\n"
    )
    monitored = night(5, PORT, options=("-f", "table", "--exit-style", "nagios")).out
    assert "(1 new since 24 November) |" in monitored.splitlines()[0]
    markdown = night(6, PORT, options=("-f", "markdown")).out
    assert "**Nothing new since 25 November, 1 still failing.**" in markdown
    assert "## What has changed" in markdown
    page = night(7, PORT, options=("-f", "html")).out
    assert (
        "<strong>still failing</strong> Port - Outbound Mail to Mimecast (since 25 November, 3 runs)"
        in page
    )
    metrics = night(8, PORT, options=("-f", "prometheus")).out
    assert (
        'connector_audit_changes{change="still",organization="Contoso",region="na"} 1.0' in metrics
    )


def test_a_history_needs_a_name(night, audit, tmp_path):  # noqa: F811
    night(0, GOOD)
    result = audit("check", "-r", "na", "-s", "export.json", "--history", "h.sqlite")
    assert result.status == 2
    assert "--organization" in result.err


def test_names_part_histories_and_letter_case_does_not(night):  # noqa: F811
    night(0, GOOD)
    assert night(1, PORT, options=("--name", "emea")).report["drift"]["run"] is None
    assert groups(night(2, PORT, options=("--organization", "CONTOSO")).report) == {"new": ["Port"]}


def test_a_history_that_cannot_be_kept_loses_no_report(night, tmp_path):  # noqa: F811
    (tmp_path / "h.sqlite").write_text("no database at all, but a text file\n" * 9, "utf-8")
    result = night(0, GOOD, options=("-o", "json=r.json"))
    assert result.status == 2
    assert json.loads((tmp_path / "r.json").read_text("utf-8"))["verdict"] == "compliant"
    assert "history" in result.err
    assert night(1, PORT).status == 1


def test_a_report_that_cannot_be_written_loses_no_history(night, audit, tmp_path):  # noqa: F811
    (tmp_path / "file").write_text("", "utf-8")
    assert night(0, GOOD, options=("-o", "json=file/r.json")).status == 2
    assert night(1, GOOD).report["drift"]["run"] == 1


def test_runs_that_fail_are_kept(night, tmp_path):  # noqa: F811
    night(0, GOOD)
    assert night(1, b"<Objs", options=()).status in {2, 3}
    assert night(2, GOOD).report["drift"]["undecided_runs"] == 1


def test_old_runs_are_removed(night, audit):  # noqa: F811
    for day in range(5):
        night(day, PORT if day % 2 else GOOD, options=("--retention", "2d"))
    result = night(5, GOOD, options=("--retention", "soon"))
    assert result.status == 2
    assert "400d" in result.err
