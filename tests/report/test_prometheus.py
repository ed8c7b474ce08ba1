"""Metrics: promtool and the library's own parser say whether they are right."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from datetime import UTC, datetime

import pytest
from prometheus_client.parser import text_string_to_metric_families

from auditor.errors import InputError, Place
from auditor.model import SEVERITIES
from auditor.report import FORMATS
from auditor.report.printable import printable
from auditor.report.prometheus import render_errors
from tests.conftest import ROOT
from tests.report.hostile import MIXED
from tests.report.scenes import NOTHING, SCENES, SECONDS, STATUSES

PREFIX = "connector_audit_"
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def checked(text: str) -> None:
    """promtool says nothing: no error, and nothing that could be better."""
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=text.encode(), capture_output=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def samples(text: str) -> dict[str, list[tuple[dict[str, str], float]]]:
    """Labels and values by the metric's name, without its prefix."""
    return {
        family.name.removeprefix(PREFIX): [(s.labels, s.value) for s in family.samples]
        for family in text_string_to_metric_families(text)
    }


@pytest.mark.parametrize("scene", SCENES)
def test_metrics_are_what_promtool_wants(written, findings, scene):
    text = written("prometheus", scene)
    checked(text)
    found = samples(text)
    counts = Counter((f["severity"], f["status"]) for f in findings())
    assert [(s["severity"], s["status"]) for s, _ in found["findings"]] == [
        (how, what) for how in SEVERITIES for what in STATUSES
    ]
    assert all(value == counts[s["severity"], s["status"]] for s, value in found["findings"])
    assert sum(value for _, value in found["verdict"]) == 1
    every = [labels for values in found.values() for labels, _ in values]
    assert len({(labels["organization"], labels["region"]) for labels in every}) == 1
    assert FORMATS["prometheus"].wrote(text.encode())


@pytest.mark.parametrize(
    ("scene", "verdict"),
    [("compliant", "compliant"), ("exempt", "compliant"), ("cis", "drift"), ("undecided", "incomplete")],
)  # fmt: skip
def test_an_evaluated_audit_is_a_success_whatever_its_verdict(written, scene, verdict):
    found = samples(written("prometheus", scene))
    assert [value for _, value in found["success"]] == [1]
    assert [value for _, value in found["last_success_timestamp_seconds"]] == [SECONDS]
    assert [value for _, value in found["evaluation_timestamp_seconds"]] == [SECONDS]
    assert {labels["verdict"]: value for labels, value in found["verdict"]} == {
        name: name == verdict for name in ("compliant", "drift", "incomplete", "none")
    }


@pytest.mark.parametrize("kind", MIXED)
def test_an_organisation_of_any_name_is_a_label_and_no_more(written, kind):
    found = samples(written("prometheus", f"hostile {kind}"))
    name = printable(MIXED[kind])
    assert found["success"] == [({"organization": name, "region": "na"}, 1)]


def test_info_says_what_was_audited_with(written):
    [(labels, value)] = samples(written("prometheus", "statuses"))["info"]
    assert value == 1
    assert {**labels, "policy_sha256": len(labels["policy_sha256"]), "version": ""} == {
        "organization": "",
        "region": "na",
        "policy": "contoso",
        "policy_version": "3",
        "policy_sha256": 64,
        "packs": "cis-exchange-2019",
        "version": "",
    }


def test_the_next_exemption_is_one_that_covers_something(written):
    found = samples(written("prometheus", "exempt"))
    # That of 'Nobody' ends sooner, and covers nothing.
    assert found["next_exemption_daysleft"][0][1] == 69
    end = datetime(2027, 2, 1, tzinfo=UTC).timestamp()
    assert found["next_exemption_end_timestamp_seconds"][0][1] == end


def test_without_an_exemption_there_is_no_end_of_one(written):
    found = samples(written("prometheus", "drifted"))
    assert not [name for name in found if "exemption" in name]


def test_an_exemption_to_the_end_of_time_has_an_end(written, monkeypatch):
    forever = SCENES["exempt"].policy.replace("2027-01-31", "9999-12-31")
    monkeypatch.setitem(SCENES, "forever", SCENES["exempt"]._replace(policy=forever))
    text = written("prometheus", "forever")
    checked(text)
    assert samples(text)["next_exemption_daysleft"][0][1] > 2_900_000


def test_an_audit_without_findings_is_not_compliant(written, monkeypatch):
    monkeypatch.setitem(SCENES, "nothing", NOTHING)
    found = samples(written("prometheus", "nothing"))
    assert [one["verdict"] for one, value in found["verdict"] if value] == ["incomplete"]


def test_the_same_audit_gives_the_same_bytes(written):
    assert written("prometheus", "statuses") == written("prometheus", "statuses")


def test_nothing_of_the_process_or_the_machine_gets_in(written):
    names = {family.name for family in text_string_to_metric_families(written("prometheus", "cis"))}
    assert all(name.startswith(PREFIX) for name in names)


def test_a_failed_run_leaves_no_success(failed):
    text = failed("prometheus")
    checked(text)
    found = samples(text)
    assert set(found) == {"success", "verdict", "evaluation_timestamp_seconds"}
    assert found["success"] == [({"organization": "", "region": ""}, 0)]
    assert [labels["verdict"] for labels, value in found["verdict"] if value] == ["none"]
    assert "# audit: the file is empty\n# audit:   in b[a]d|`x`.xml\n" in text


@pytest.mark.parametrize("name", MIXED.values(), ids=MIXED)
@pytest.mark.parametrize("moment", [NOW, None])
def test_what_went_wrong_is_a_comment_and_no_more(name, moment):
    errors = [InputError(name, Place(name, 3, 4), name), InputError("HELP connector_audit_success")]
    text = render_errors(errors, moment)
    checked(text)
    assert samples(text)["success"] == [({"organization": "", "region": ""}, 0)]
    assert ("evaluation_timestamp_seconds" in samples(text)) == (moment is not None)
    comments = [line for line in text.splitlines() if not line.startswith(("# HELP", "# TYPE"))]
    assert all(c.startswith(("# audit: ", PREFIX)) for c in comments)


def test_the_example_of_alerts_is_right_and_alerts():
    for command in ("check", "test"):
        words = [
            "promtool",
            command,
            "rules",
            f"prometheus-alerts{'.test' * (command == 'test')}.yaml",
        ]
        done = subprocess.run(words, cwd=ROOT / "examples", capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_alerts_name_metrics_that_there_are(written):
    rules = (ROOT / "examples/prometheus-alerts.yaml").read_text("utf-8")
    said = (
        written("prometheus", "drifted")
        + "connector_audit_changes connector_audit_next_exemption_daysleft"
    )
    for name in set(re.findall(r"connector_audit_\w+", rules)):
        assert name in said
