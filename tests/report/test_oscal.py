"""OSCAL: the models of compliance-trestle say whether documents are right, strictly."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import cmarkgfm
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError
from trestle.oscal import OSCAL_VERSION_REGEX
from trestle.oscal.assessment_results import Model

from auditor.errors import InputError, Place, UndecidedError
from auditor.model import Provenance, Snapshot
from auditor.report import FORMATS
from auditor.report.oscal import render_errors
from auditor.report.oscal.text import OURS, json_text, markup, string, token
from auditor.report.printable import printable
from auditor.snapshot import write_snapshot
from tests.report.hostile import MIXED
from tests.report.scenes import NOTHING, SCENES, STATUSES

NOW = datetime(2026, 11, 23, 8, 30, 15, 999999, tzinfo=UTC)
UUIDS = re.compile(r'"(?:uuid|[a-z]+-uuid)": "([^"]+)"')


def checked(text: str) -> dict[str, Any]:
    """The document, after trestle has read it and written all of it back."""
    assert text.isascii()
    content = json.loads(text)
    again = json.loads(Model.model_validate(content).assessment_results.oscal_serialize_json())
    assert timeless(again) == timeless(content)
    document = content["assessment-results"]
    assert re.match(OSCAL_VERSION_REGEX, document["metadata"]["oscal-version"])
    assert FORMATS["oscal"].wrote(text.encode())
    refers(document, text)
    return document


def timeless(value: Any) -> Any:
    """Values with their instants spelled one way."""
    if isinstance(value, dict):
        return {name: timeless(part) for name, part in value.items()}
    if isinstance(value, list):
        return [timeless(part) for part in value]
    return value.replace("+00:00", "Z") if isinstance(value, str) else value


def refers(document: dict[str, Any], text: str) -> None:
    """Every identity is of version 5, is defined once, and every reference leads somewhere."""
    assert {UUID(found).version for found in UUIDS.findall(text)} == {5}
    defined = Counter(re.findall(r'"uuid": "([^"]+)"', text))
    assert set(defined.values()) == {1}
    assert set(re.findall(r'"[a-z]+-uuid": "([^"]+)"', text)) <= set(defined)
    assert set(re.findall(r'"href": "#([^"]+)"', text)) <= set(defined)
    [result] = document["results"]
    if "local-definitions" in document:
        objectives = document["local-definitions"]["objectives-and-methods"]
        targets = [part["id"] for objective in objectives for part in objective["parts"]]
        assert len(set(targets)) == len(targets)
        assert {finding["target"]["target-id"] for finding in result["findings"]} <= set(targets)
        selected = [
            control["control-id"]
            for selection in result["reviewed-controls"]["control-selections"]
            for control in selection["include-controls"]
        ]
        assert sorted(selected) == sorted(objective["control-id"] for objective in objectives)


def ours(part: dict[str, Any]) -> dict[str, str]:
    """The properties that are ours."""
    return {prop["name"]: prop["value"] for prop in part["props"] if prop.get("ns") == OURS}


@pytest.mark.parametrize("scene", SCENES)
def test_trestle_reads_all_of_it(written, findings, scene):
    [result] = checked(written("oscal", scene))["results"]
    said = findings()
    observed = [ours(one) for one in result["observations"]]
    assert [one["fingerprint"] for one in observed] == [f["fingerprint"] for f in said]
    assert [one["status"] for one in observed] == [f["status"] for f in said]
    found = [ours(one) for one in result.get("findings", [])]
    assert [one["fingerprint"] for one in found] == [
        f["fingerprint"] for f in said if f["status"] != "not-applicable"
    ]
    for observation, finding in zip(result["observations"], said, strict=True):
        evidence = ours(observation["relevant-evidence"][0])
        assert evidence["expected"] == json_text(finding["expected"])
        assert evidence.get("actual-sha256") == finding["actual_sha256"]


def test_the_judge_knows_what_is_wrong(written):
    text = written("oscal", "drifted")
    for old, new in (
        ('"title": "', '"invented": "x", "title": "'),
        ('"state": "satisfied"', '"state": "unknown"'),
        ('"value": "drift"', '"value": " drift"'),
        ('"control-id": "Port"', '"control-id": "2.2.4"'),
    ):
        assert old in text
        with pytest.raises(ValidationError):
            Model.model_validate(json.loads(text.replace(old, new)))


EXPECTED = {
    "pass": ("satisfied", "pass", None),
    "fail": ("not-satisfied", "fail", "open"),
    "exempt": ("not-satisfied", "fail", "deviation-approved"),
    "unknown": ("not-satisfied", "other", None),
}


def test_each_status_reads_as_what_it_is(written, findings):
    [result] = checked(written("oscal", "statuses"))["results"]
    risks = {risk["uuid"]: risk for risk in result["risks"]}
    for finding in result["findings"]:
        state, reason, status = EXPECTED[ours(finding)["status"]]
        told = finding["target"]["status"]
        assert (told["state"], told["reason"]) == (state, reason)
        related = [risks[one["risk-uuid"]] for one in finding.get("related-risks", [])]
        assert [risk["status"] for risk in related] == [status] * (status is not None)
    assert {f["status"] for f in findings()} == set(STATUSES)
    assert {ours(o)["status"] for o in result["observations"]} == set(STATUSES)


def test_an_exemption_is_an_approved_deviation_that_ends(written):
    [result] = checked(written("oscal", "exempt"))["results"]
    risks = {ours(risk)["control"]: risk for risk in result["risks"]}
    assert {risk["status"] for risk in risks.values()} == {"deviation-approved"}
    assert risks["OtherOutboundConnectors"]["deadline"] == "2027-01-31T23:59:59Z"
    assert "approved by b@contoso.com, CHG1" in risks["OtherOutboundConnectors"]["description"]
    assert ours(result)["verdict"] == "compliant"


def test_a_deviation_may_be_approved_to_the_end_of_time(written, monkeypatch):
    forever = SCENES["exempt"].policy.replace("2027-01-31", "9999-12-31")
    monkeypatch.setitem(SCENES, "forever", SCENES["exempt"]._replace(policy=forever))
    [result] = checked(written("oscal", "forever"))["results"]
    assert {risk["deadline"] for risk in result["risks"]} == {"9999-12-31T23:59:59Z"}


def test_a_risk_says_how_grave_it_is_and_what_to_do(written, findings):
    [result] = checked(written("oscal", "drifted"))["results"]
    failed = [f for f in findings() if f["status"] == "fail"]
    for risk, finding in zip(result["risks"], failed, strict=True):
        assert risk["characterizations"][0]["facets"][0]["value"] == finding["severity"]
        commands = [ours(one).get("command") for one in risk.get("remediations", [])]
        if finding["remediation"]:
            assert commands == [finding["remediation"]["command"]]


def test_published_ids_are_kept_or_begun_with_a_line(written):
    [result] = checked(written("oscal", "cis"))["results"]
    own, cis = result["reviewed-controls"]["control-selections"]
    assert "Port" in [control["control-id"] for control in own["include-controls"]]
    assert "_2.2.9" in [control["control-id"] for control in cis["include-controls"]]
    assert "2.2.9" in [ours(one)["control"] for one in result["observations"]]
    [result] = checked(written("oscal", "stig"))["results"]
    stig = result["reviewed-controls"]["control-selections"][1]["include-controls"]
    assert all(re.fullmatch(r"V-\d+", control["control-id"]) for control in stig)


@pytest.mark.parametrize("text", ["2.2.4", "a b", "a_b", "-", "", "ü", "é", "x" * 300, "\ud800"])
def test_two_ids_are_two_tokens(text):
    others = ["2.2.4", "a b", "a_b", "-", "", "ü", "é", "x" * 300, "x" * 301, "\ud800", "Port"]
    assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", token(text))
    assert [other for other in others if token(other) == token(text)] == [text]


def test_policy_and_snapshot_are_named_by_their_digests(written, tmp_path):
    document = checked(written("oscal", "drifted"))
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    plan, evidence = document["back-matter"]["resources"]
    assert document["import-ap"]["href"] == f"#{plan['uuid']}"
    for resource, name in ((plan, "policy"), (evidence, "snapshot")):
        [link] = resource["rlinks"]
        assert link["hashes"] == [{"algorithm": "SHA-256", "value": report[name]["sha256"]}]
        assert link["href"].startswith("ni:///sha-256;")


def test_connectors_are_components_and_stay_the_same_ones(written):
    [before] = checked(written("oscal", "one name"))["results"]
    titles = Counter(part["title"] for part in before["local-definitions"]["components"])
    assert titles["Twin"] == 4
    assert titles["TWIN"] == 1
    [after] = checked(written("oscal", "one name"))["results"]
    assert before["local-definitions"] == after["local-definitions"]


def test_another_evaluation_is_another_document_with_the_same_findings(written):
    before = checked(written("oscal", "drifted"))
    after = checked(written("oscal", "drifted", "2026-11-24"))
    assert before["uuid"] != after["uuid"]
    assert before["results"][0]["uuid"] != after["results"][0]["uuid"]
    for name, same in (("observations", False), ("risks", True), ("findings", True)):
        one, two = ([part["uuid"] for part in d["results"][0][name]] for d in (before, after))
        assert (one == two) == same, name


def test_the_same_audit_gives_the_same_bytes(written):
    assert written("oscal", "statuses") == written("oscal", "statuses")


def test_times_are_of_the_evaluation_where_no_others_are_known(written):
    [result] = checked(written("oscal", "drifted"))["results"]
    assert ours(result)["collected-at"] == "unknown"
    assert result["start"] == result["end"] == "2026-11-23T00:00:00Z"
    assert "is not known" in result["remarks"]


def test_times_are_of_the_collection_where_it_is_known(written, monkeypatch):
    origin = Provenance("json", "a.json", datetime(2026, 10, 1, 12, tzinfo=UTC))
    raw = json.loads(SCENES["undecided"].data)
    data = write_snapshot(Snapshot("Contoso", origin, {"SendConnector": tuple(raw)}))
    monkeypatch.setitem(SCENES, "saved", SCENES["undecided"]._replace(data=data))
    document = checked(written("oscal", "saved"))
    [result] = document["results"]
    assert result["start"] == result["end"] == "2026-10-01T12:00:00Z"
    assert {one["collected"] for one in result["observations"]} == {result["start"]}
    assert document["metadata"]["last-modified"] == "2026-11-23T00:00:00Z"


def test_a_failed_run_satisfies_nothing(failed):
    [result] = checked(failed("oscal"))["results"]
    [finding] = result["findings"]
    assert finding["target"]["status"]["state"] == "not-satisfied"
    assert "the file is empty" in finding["description"]
    assert ours(result)["verdict"] == "none"


@pytest.mark.parametrize("name", MIXED.values(), ids=MIXED)
@pytest.mark.parametrize(("moment", "at"), [(NOW, "2026-11-23T08:30:15Z"), (None, "1970-01-01T00:00:00Z")])  # fmt: skip
def test_each_reason_is_a_finding(name, moment, at):
    errors = [InputError(name, Place(name, 3, 4), name), InputError(name), UndecidedError("x")]
    document = checked(render_errors(errors, moment))
    assert len(document["results"][0]["findings"]) == 3
    assert document["metadata"]["last-modified"] == at


def test_an_audit_without_findings_satisfies_nothing(written, monkeypatch):
    monkeypatch.setitem(SCENES, "nothing", NOTHING)
    [finding] = checked(written("oscal", "nothing"))["results"][0]["findings"]
    assert finding["target"]["status"]["state"] == "not-satisfied"
    assert finding["description"] == "The audit has no finding at all."


def test_no_reason_is_a_reason():
    [finding] = checked(render_errors([], NOW))["results"][0]["findings"]
    assert finding["target"]["status"]["state"] == "not-satisfied"


@given(st.text())
@example("1. one")
@example("12) two")
@example("# heading")
@example("- item")
@example("+ item")
@example("= x")
@example("---")
@example("***")
@example("> quote")
@example("    code")
@example("<http://evil.example>")
@example("&lt;script&gt;")
@example("![](http://evil.example/x) [a]: http://b")
@example(r"\<b>\`")
@example("~~~")
@example("{{ insert: param, x }} ^a^ ~b~")
def test_nothing_acts_in_markdown(text):
    shown = cmarkgfm.markdown_to_html(markup(text))
    assert html.unescape(shown).strip() == f"<p>{string(text)}</p>"
    assert shown.count("<") == 2
    assert "{{" not in markup(text).replace("\\{\\{", "")
    assert string(text) == printable(text).strip() or not printable(text).strip()
