"""JUnit XML: Jenkins' own schema judges it, and junitparser reads the same counts back."""

from __future__ import annotations

import json
from collections import Counter

import pytest
import xmlschema
from junitparser import Error, Failure, JUnitXml, Skipped

from tests.conftest import ROOT, connector, export
from tests.report.hostile import NAMES, snapshot
from tests.report.scenes import every, every_status

SCHEMA = xmlschema.XMLSchema11(ROOT / "tests/schemas/junit-10.xsd")
RESULTS = {"fail": Failure, "unknown": Error, "exempt": Skipped, "not-applicable": Skipped}


def suite(text: str):
    """The one suite of a report that Jenkins' schema holds to be right."""
    SCHEMA.validate(text)
    root = JUnitXml.fromstring(text.encode())
    (found,) = root
    counted = Counter(type(result) for case in found for result in case.result)
    assert (found.failures, found.errors, found.skipped) == (
        counted[Failure], counted[Error], counted[Skipped])  # fmt: skip
    assert (root.tests, root.failures, root.errors) == (found.tests, found.failures, found.errors)
    assert found.tests == len(list(found))
    return found


@pytest.mark.parametrize("name", ["drifted", "compliant"])
def test_the_counts_are_those_of_the_audit(written, name):
    found = suite(written("junit", name))
    document = json.loads(written("json", name))
    summary = document["summary"]
    assert (found.tests, found.failures) == (sum(summary.values()), summary["fail"])
    assert found.errors == summary["unknown"]
    assert found.skipped == summary["exempt"] + summary["not-applicable"]
    for case, finding in zip(found, document["findings"], strict=True):
        results = [(type(r), r.message) for r in case.result]
        kind = RESULTS.get(finding["status"])
        assert results == ([(kind, finding["message"])] if kind else [])
        assert case.name == ": ".join(filter(None, (finding["control"], finding["connector"])))


def test_it_says_what_was_audited_and_when_and_takes_no_time(written):
    found = suite(written("junit", "drifted"))
    said = {prop.name: prop.value for prop in found.properties()}
    document = json.loads(written("json", "drifted"))
    assert said["policy_sha256"] == document["policy"]["sha256"]
    assert said["snapshot_sha256"] == document["snapshot"]["sha256"]
    assert (said["organization"], said["region"], said["verdict"]) == ("Contoso", "na", "drift")
    assert said["evaluated_at"] == "2026-11-23T00:00:00Z"
    assert found.timestamp == "2026-11-23T00:00:00"
    assert {case.time for case in found} == {None}


def test_each_status_is_what_a_ci_server_shows(written):
    found = suite(written("junit", "every"))
    document = json.loads(written("json", "every"))
    assert {f["status"] for f in document["findings"]} == {"pass", *RESULTS}
    for case, finding in zip(found, document["findings"], strict=True):
        if finding["status"] == "pass":
            assert case.is_passed
            continue
        (result,) = case.result
        assert type(result) is RESULTS[finding["status"]]
        if finding["status"] == "exempt":
            assert "Archive [feed](x) | =1+1" in result.message
            assert "ciso@contoso.com" in result.message
            assert "2027-01-31" in result.message
            assert result.type == "exempt"
        else:
            assert result.message == finding["message"]
        if finding["status"] == "fail":
            assert result.type == finding["severity"]
            assert finding["remediation"]["command"] in result.text


def test_a_pack_is_a_class_of_its_own(written):
    pack = "stig-exchange-2019-mailbox"
    found = suite(written("junit", every(every_status(), "--pack", pack)))
    assert {case.classname for case in found} == {"every", f"every.{pack}"}


def test_hostile_names_stay_names(written):
    text = written("junit", every(snapshot(NAMES)))
    found = suite(text)
    tame = suite(written("junit", every(snapshot([f"n{n}" for n in range(len(NAMES))]))))
    assert len(found) == len(tame)
    assert text.replace("\n", "").isprintable()
    names = {case.name for case in found}
    for name in NAMES:
        if name.isascii() and name.isprintable():
            assert f"OtherOutboundConnectors: {name.strip()}" in names


def test_connectors_of_one_name_are_told_apart(written):
    twins = [connector(Name="Twin", Guid=f"{n}", SmartHosts=["relay.example"]) for n in range(3)]
    found = suite(written("junit", every(export(connector(), *twins))))
    names = [(case.classname, case.name) for case in found]
    assert len(set(names)) == len(names)
    assert ("every", "OtherOutboundConnectors: Twin (2)") in names


def test_a_thousand_findings_are_a_thousand_cases(written):
    text = written("junit", every(snapshot([f"n{n}" for n in range(500)])))
    assert suite(text).tests > 1000


def test_a_run_that_failed_leaves_no_old_pass(failed):
    found = suite(failed("junit"))
    assert (found.tests, found.errors) == (1, 1)
    (case,) = found
    assert case.result[0].message.startswith("Nothing was evaluated: ")
    assert "b[a]d|`x`.xml" in case.result[0].message
    assert case.result[0].type == "undecided"
