"""OCSF: the schema of the class says whether events are right, strictly, and its own data the rest."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any

import jsonschema
import pytest
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from auditor.errors import InputError, Place, UndecidedError
from auditor.report import FORMATS
from auditor.report.ocsf import VERSION, render_errors
from auditor.report.printable import printable
from tests.report.hostile import MIXED
from tests.report.scenes import NOTHING, SCENES, SECONDS, STATUSES

NOW = datetime(2026, 11, 23, 8, 30, 15, 999999, tzinfo=UTC)


@cache
def schema() -> dict[str, Any]:
    """All of OCSF, as schema.ocsf.io exports it."""
    return get_ocsf_schema(VERSION)


@cache
def validator() -> jsonschema.Draft202012Validator:
    """The class as JSON Schema, in which no attribute may be unknown."""
    made = OcsfJsonSchemaEmbedded(schema()).get_class_schema("compliance_finding")
    jsonschema.Draft202012Validator.check_schema(made)
    return jsonschema.Draft202012Validator(made)


def faults(value: dict[str, Any], kind: dict[str, Any], path: str) -> list[str]:
    """What JSON Schema does not say: captions beside their numbers, and what is deprecated."""
    found = []
    for name, part in value.items():
        attribute = kind["attributes"][name]
        if "@deprecated" in attribute:
            found.append(f"{path}/{name} is deprecated")
        sibling, numbers = attribute.get("sibling"), attribute.get("enum")
        if numbers and sibling in value and str(part) != "99":
            if value[sibling] != numbers[str(part)]["caption"]:
                found.append(f"{path}/{name} {part} is not {value[sibling]}")
        elif numbers and sibling not in value:
            found.append(f"{path}/{name} has no {sibling}")
        if attribute["type"] == "object_t" and attribute["object_type"] != "object":
            parts = part if attribute.get("is_array") else [part]
            deeper = schema()["objects"][attribute["object_type"]]
            for one in parts:
                found += faults(one, deeper, f"{path}/{name}")
    return found


def checked(text: str) -> list[dict[str, Any]]:
    """The events, each held against the schema."""
    assert text.isascii()
    events = json.loads(text)
    assert events
    assert len(text.splitlines()) == len(events)
    for event in events:
        validator().validate(event)
        assert faults(event, schema()["classes"]["compliance_finding"], "") == []
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
    assert len({event["metadata"]["uid"] for event in events}) == len(events)
    assert len({event["finding_info"]["uid"] for event in events}) == len(events)
    assert FORMATS["ocsf"].wrote(text.encode())
    return events


def texts(value: Any) -> list[str]:
    """Every text in a value, keys as well."""
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in texts(part)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("scene", SCENES)
def test_each_finding_is_an_event_of_the_schema(written, findings, scene):
    events = checked(written("ocsf", scene))
    said = findings()
    assert [e["finding_info"]["uid"] for e in events] == [f["fingerprint"] for f in said]
    assert [e["status_code"] for e in events] == [f["status"] for f in said]
    assert {e["time"] for e in events} == {SECONDS * 1000}
    assert all(text == printable(text) for text in texts(events))


def test_the_judge_knows_what_is_wrong(written):
    event = checked(written("ocsf", "drifted"))[0]
    for change in ({"invented": 1}, {"time": "now"}, {"severity_id": 7}, {"metadata": {}}):
        assert list(validator().iter_errors({**event, **change})), change
    bare = {**event, "resources": [{"type": "connector without name and uid"}]}
    assert list(validator().iter_errors(bare))
    kind = schema()["classes"]["compliance_finding"]
    level = event["severity_id"]
    assert faults({**event, "severity": "Fatal"}, kind, "") == [
        f"/severity_id {level} is not Fatal"
    ]
    assert faults({**event, "resource": event["resources"][0]}, kind, "") == [
        "/resource is deprecated"
    ]


EXPECTED = {
    "pass": ("Pass", "New", "Informational"),
    "fail": ("Fail", "New", None),
    "exempt": ("Fail", "Suppressed", None),
    "unknown": ("Warning", "New", None),
    "not-applicable": ("not-applicable", "New", "Informational"),
}


def test_each_status_reads_as_what_it_is(written, findings):
    events = checked(written("ocsf", "statuses"))
    seen = set()
    for event, finding in zip(events, findings(), strict=True):
        result, state, level = EXPECTED[finding["status"]]
        seen.add(finding["status"])
        assert event["compliance"]["status"] == result
        assert event["status"] == state
        assert event["severity"] == (level or finding["severity"].capitalize())
        assert event["compliance"]["checks"][0]["severity"] == finding["severity"].capitalize()
        assert event["message"] == printable(finding["message"])
    assert seen == set(STATUSES)


def test_an_exemption_is_named_where_it_suppresses(written):
    events = checked(written("ocsf", "exempt"))
    [exempt] = [e for e in events if e["compliance"]["control"] == "OtherOutboundConnectors"]
    assert exempt["status_detail"] == (
        "Exempt until the end of 2027-01-31 (UTC), approved by b@contoso.com, CHG1, "
        "owned by a@contoso.com: Archive\\x0afeed"
    )
    assert exempt["compliance"]["status_details"][1] == exempt["status_detail"]
    assert exempt["unmapped"]["exemption"]["expires"] == "2027-01-31"


def test_a_published_control_names_its_standard(written):
    events = checked(written("ocsf", "cis"))
    by_control = {event["compliance"]["control"]: event["compliance"] for event in events}
    assert by_control["2.2.9"]["standards"] == [
        "CIS Benchmark for Microsoft Exchange Server 2019: recommendations on send connectors"
    ]
    assert by_control["2.2.9"]["requirements"] == [
        "Ensure 'External send connector authentication: IgnoreStartTLS' is set to 'False'",
        "IgnoreSTARTTLS must be false.",
    ]
    assert by_control["Port"]["standards"] == ["mimecast 1"]


def test_a_command_ends_its_remediation(written, findings):
    events = checked(written("ocsf", "cis"))
    commands = [f["remediation"]["command"] for f in findings() if f["remediation"]]
    fixed = [e["remediation"]["desc"] for e in events if "remediation" in e]
    assert [text for text in fixed if "Set-SendConnector" in text]
    assert all(text.endswith(tuple(commands)) or "run in" not in text for text in fixed)


def test_a_resource_is_the_connector_or_the_organisation(written, findings):
    for event, finding in zip(checked(written("ocsf", "drifted")), findings(), strict=True):
        [resource] = event["resources"]
        assert resource.get("uid") == finding["connector_guid"]
        assert resource["name"] == (finding["connector"] or "Contoso")


def test_values_and_digests_have_their_place(written, findings):
    for event, finding in zip(checked(written("ocsf", "drifted")), findings(), strict=True):
        for name in ("expected", "actual", "actual_state", "actual_sha256", "changes"):
            assert event["unmapped"][name] == finding[name]
        assert len(event["unmapped"]["snapshot"]["sha256"]) == 64


def test_the_same_audit_gives_the_same_bytes(written):
    assert written("ocsf", "statuses") == written("ocsf", "statuses")


def test_two_audits_share_findings_but_no_event(written, monkeypatch):
    before = checked(written("ocsf", "drifted"))
    later = SCENES["drifted"]._replace(
        arguments=(*SCENES["drifted"].arguments, "--organization", "Fabrikam")
    )
    monkeypatch.setitem(SCENES, "later", later)
    after = checked(written("ocsf", "later"))
    assert [e["finding_info"]["uid"] for e in before] == [e["finding_info"]["uid"] for e in after]
    assert not {e["metadata"]["uid"] for e in before} & {e["metadata"]["uid"] for e in after}


def test_an_audit_without_findings_is_no_empty_array(written, monkeypatch):
    monkeypatch.setitem(SCENES, "nothing", NOTHING)
    [event] = checked(written("ocsf", "nothing"))
    assert event["message"] == "Nothing was evaluated: The audit has no finding at all."
    assert (event["severity"], event["compliance"]["status"]) == ("High", "Warning")


def test_a_failed_run_is_an_event_that_is_no_pass(failed):
    [event] = checked(failed("ocsf"))
    assert event["message"] == "Nothing was evaluated: the file is empty"
    assert event["status_code"] == "undecided"
    assert (event["severity"], event["status"]) == ("High", "New")
    assert event["compliance"]["status"] == "Warning"


@pytest.mark.parametrize("name", MIXED.values(), ids=MIXED)
@pytest.mark.parametrize(("moment", "time"), [(NOW, 1795422615000), (None, 0)])
def test_each_reason_is_an_event(name, moment, time):
    errors = [InputError(name, Place(name, 3, 4), name), InputError(name), UndecidedError("x")]
    events = checked(render_errors(errors, moment))
    assert [event["time"] for event in events] == [time] * 3
    assert all(text == printable(text) for text in texts(events))
