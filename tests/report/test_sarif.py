"""SARIF: the published schema and Microsoft's validator judge it."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest

from tests.conftest import connector, export
from tests.report.hostile import NAMES, snapshot
from tests.report.scenes import every, every_status

LEFT_OUT = {
    "SARIF2005": "informationUri: the project has no address of its own",
    "SARIF2002": "messages are sentences about this connector, not fillings of a few templates",
    "SARIF2003": "version control: what is audited is a server, and no file of a repository",
    "SARIF2006": "whether the schema's address answers is tried over the network",
    "SARIF2009": "rule ids like ABC1001: a control is named as in every other report",
    "SARIF2010": "snippets of the policy: reports read no files",
    "SARIF2011": "snippets of the policy: reports read no files",
    "SARIF2012": "a second name and a help page of each rule: a policy may have neither",
    "SARIF2013": "the policy itself: reports read no files",
}
"""What the validator asks for and does not get, with the reason; all but the first are notes."""


@pytest.fixture(scope="session")
def schema(multitool_folder):
    content = json.loads((multitool_folder / "sarif-2.1.0.json").read_text("utf-8-sig"))
    return jsonschema.Draft202012Validator(
        content, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )


@pytest.fixture
def run(schema, multitool, tmp_path):
    """The one run of a report that both judges hold to be right."""

    def run(text: str):
        document = json.loads(text)
        schema.validate(document)
        file = tmp_path / "judged.sarif"
        file.write_text(text, "utf-8")
        remarks = multitool(file)
        assert not [one for one in remarks if one[0] not in LEFT_OUT]
        assert {rule for rule, level, _ in remarks if level != "note"} <= {"SARIF2005"}
        assert document["$schema"].endswith("/sarif-schema-2.1.0.json")
        (found,) = document["runs"]
        return found

    return run


@pytest.mark.parametrize("name", ["drifted", "compliant"])
def test_each_finding_is_a_result_where_the_policy_states_it(written, run, name):
    found = run(written("sarif", name))
    document = json.loads(written("json", name))
    assert found["invocations"][0]["executionSuccessful"] is True
    rules = found["tool"]["driver"]["rules"]
    for result, finding in zip(found["results"], document["findings"], strict=True):
        assert result["ruleId"] == finding["control"] == rules[result["ruleIndex"]]["id"]
        assert result["message"]["text"] == finding["message"]
        assert result["partialFingerprints"] == {"auditFinding/v1": finding["fingerprint"]}
        (location,) = result["locations"]
        place = location["physicalLocation"]
        assert place["artifactLocation"] == {"uri": "mimecast.yaml", "uriBaseId": "POLICIES"}
        assert place["region"]["startLine"] > 1
        if finding["connector"]:
            assert location["logicalLocations"][0]["name"] == finding["connector"]
        command = finding["remediation"] and finding["remediation"]["command"]
        assert result["properties"].get("remediation") == command
    assert "uri" not in found["originalUriBaseIds"]["POLICIES"]


STATUSES = {
    "pass": ("pass", "none"),
    "fail": ("fail", "error"),
    "exempt": ("fail", "error"),
    "unknown": ("open", "none"),
    "not-applicable": ("notApplicable", "none"),
}


def test_each_status_has_its_kind_and_level(written, run):
    found = run(written("sarif", "every"))
    document = json.loads(written("json", "every"))
    assert {f["status"] for f in document["findings"]} == set(STATUSES)
    for result, finding in zip(found["results"], document["findings"], strict=True):
        assert (result["kind"], result["level"]) == STATUSES[finding["status"]]
        assert ("suppressions" in result) == (finding["status"] == "exempt")
        for one in result.get("suppressions", []):
            assert (one["kind"], one["status"]) == ("external", "accepted")
            assert one["justification"] == "Archive [feed](x) | =1+1"
            assert one["properties"]["approvedBy"] == "ciso@contoso.com"
            assert one["properties"]["expires"] == "2027-01-31"
            assert one["location"]["physicalLocation"]["artifactLocation"]["uri"] == "policy.yaml"


@pytest.mark.parametrize(
    ("severity", "level", "lowest", "highest"),
    [("critical", "error", 9.0, 10), ("high", "error", 7.0, 8.9), ("medium", "warning", 4.0, 6.9),
     ("low", "note", 0.1, 3.9)],
)  # fmt: skip
def test_severities_are_as_code_scanning_reads_them(
    audit, tmp_path, run, severity, level, lowest, highest
):
    (tmp_path / "p.yaml").write_text(
        "schema: audit-policy/1\nname: p\nversion: '1'\nextends: mimecast\nregion: na\n"
        f"connector: {{properties: {{Port: {{severity: {severity}}}}}}}\n",
        "utf-8",
    )
    (tmp_path / "c.json").write_bytes(export(connector(Port=587)))
    found = run(audit("check", "-p", "p.yaml", "-s", "c.json", "-f", "sarif").out)
    (rule,) = [one for one in found["tool"]["driver"]["rules"] if one["id"] == "Port"]
    assert lowest <= float(rule["properties"]["security-severity"]) <= highest
    assert rule["defaultConfiguration"] == {"level": level}
    (result,) = [one for one in found["results"] if one["ruleId"] == "Port"]
    assert (result["kind"], result["level"]) == ("fail", level)


def test_a_pack_states_its_controls_in_its_own_file(written, run):
    pack = "stig-exchange-2019-mailbox"
    found = run(written("sarif", every(every_status(), "--pack", pack)))
    files = {one["location"]["uri"] for one in found["artifacts"]}
    assert files == {"policy.yaml", "mimecast.yaml", f"{pack}.yaml"}
    (rule,) = [one for one in found["tool"]["driver"]["rules"] if one["id"] == "V-259670"]
    assert rule["helpUri"].endswith("/V-259670")


def test_hostile_names_are_neither_links_nor_placeholders(written, run):
    text = written("sarif", every(snapshot(NAMES)))
    found = run(text)
    tame = json.loads(written("sarif", every(snapshot([f"n{n}" for n in range(len(NAMES))]))))
    assert len(found["results"]) == len(tame["runs"][0]["results"])
    assert text.isascii()
    for result in found["results"]:
        said = result["message"]["text"]
        assert said.isprintable()
        assert not re.search(r"\]\(", said)
        assert not re.search(r"(?<!\{)(\{\{)*\{(?!\{)", said)
    names = {
        one["name"]
        for r in found["results"]
        for x in r["locations"]
        for one in x["logicalLocations"]
    }
    for name in NAMES:
        if name.isascii() and name.isprintable():
            assert name.strip() in names


@pytest.mark.parametrize("file", ["p [1](x)#%20é.yaml", "p\u202e {0}.yaml"])
def test_a_policy_may_bear_any_name(audit, tmp_path, run, file):
    (tmp_path / file).write_text(
        "schema: audit-policy/1\nname: p\nversion: '1'\nextends: mimecast\nregion: na\n"
        "connector: {properties: {Port: 26}}\n",
        "utf-8",
    )
    (tmp_path / "c.json").write_bytes(export(connector()))
    found = run(audit("check", "-p", file, "-s", "c.json", "-f", "sarif").out)
    uris = {one["location"]["uri"] for one in found["artifacts"]}
    assert len(uris) == 2
    assert all(re.fullmatch(r"[\w.%~-]+", uri, re.ASCII) for uri in uris)


def test_a_thousand_findings_are_a_thousand_results(written, run):
    found = run(written("sarif", every(snapshot([f"n{n}" for n in range(500)]))))
    assert len(found["results"]) > 1000


def test_a_run_that_failed_leaves_no_old_pass(failed, run):
    found = run(failed("sarif"))
    assert "results" not in found
    (invocation,) = found["invocations"]
    assert invocation["executionSuccessful"] is False
    (said,) = invocation["toolExecutionNotifications"]
    assert said["level"] == "error"
    assert said["descriptor"] == {"id": "undecided"}
    assert "b[a]d|`x`.xml" in said["message"]["text"]
