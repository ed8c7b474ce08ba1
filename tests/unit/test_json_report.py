"""``audit-report/1``: the contract's own words, to the letter."""

from __future__ import annotations

import hashlib
import json

import pytest

from tests.conftest import REMOVED, SCHEMA, connector, export

KEYS = [
    "control", "property", "status", "severity", "connector", "connector_guid", "expected", "actual",
    "actual_state", "actual_sha256", "changes", "message", "remediation", "references", "exemption",
    "fingerprint",
]  # fmt: skip


@pytest.fixture
def finding(audit):
    """The finding of one control on a connector with some changes."""

    def finding(control, **changes):
        result = audit(
            "check", "-r", "na", "-s", "-", "-f", "json", stdin=export(connector(**changes))
        )
        return next(f for f in result.report["findings"] if f["control"] == control)

    return finding


def test_a_finding_is_as_the_contract_shows_it(finding):
    hosts = ["eu-smtp-outbound-1.mimecast.com", "us-smtp-outbound-1.mimecast.com"]
    found = finding("SmartHosts", SmartHosts=hosts[::-1])
    assert set(KEYS) <= set(found)
    assert found["expected"] == [
        "us-smtp-outbound-1.mimecast.com",
        "us-smtp-outbound-2.mimecast.com",
    ]
    assert found["actual"] == hosts
    assert found["changes"] == [
        {
            "change": "removed",
            "path": "/1",
            "expected": "us-smtp-outbound-2.mimecast.com",
            "actual": None,
        },
        {
            "change": "added",
            "path": "/0",
            "expected": None,
            "actual": "eu-smtp-outbound-1.mimecast.com",
        },
    ]
    assert found["connector_guid"] == "11111111-2222-3333-4444-555555555555"
    assert found["severity"] == "critical"
    assert found["exemption"] is None
    assert found["remediation"]["command"].startswith("Set-SendConnector -Identity '1111")


@pytest.mark.parametrize(
    ("change", "state", "actual"),
    [
        (25, "present", 25),
        (None, "null", None),
        (REMOVED, "absent", None),
        ("x", "unreadable", None),
    ],
)
def test_the_four_states_of_a_value(finding, change, state, actual):
    found = finding("Port", Port=change)
    assert (found["actual_state"], found["actual"]) == (state, actual)
    assert (found["actual_sha256"] is None) == (state in {"absent", "unreadable"})


def test_the_digest_of_a_value_is_of_its_canonical_json(finding):
    found = finding(
        "SmartHosts", SmartHosts=["B.example", "a.example", *["us-smtp-outbound-1.mimecast.com"]]
    )
    text = json.dumps(found["actual"], separators=(",", ":"))
    assert found["actual_sha256"] == "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def test_the_digest_of_a_value_ignores_what_counts_as_equal(finding):
    one = finding("SourceTransportServers", SourceTransportServers=["EX01", "EX02"])
    other = finding("SourceTransportServers", SourceTransportServers=["ex02", "ex01", "EX01"])
    assert one["actual"] == ["EX01", "EX02"]
    assert one["actual_sha256"] == other["actual_sha256"]


def test_every_finding_has_a_fingerprint_of_its_own(audit):
    twin = connector(Name="Twin", Guid=REMOVED, SmartHosts=["relay.example"])
    data = export(connector(), twin, twin, connector(Name="Third", SmartHosts=["relay.example"]))
    findings = audit("check", "-r", "na", "-s", "-", "-f", "json", stdin=data).report["findings"]
    assert len({f["fingerprint"] for f in findings}) == len(findings) == 15


def test_the_document_is_ascii_whatever_is_in_it(audit):
    data = export(connector(Name="Büro \ud800 \u2028."))
    result = audit("check", "-r", "na", "-s", "-", "-f", "json", stdin=data)
    assert result.out.isascii()
    assert result.report["findings"][0]["connector"] == "Büro \ud800 \u2028."


def test_the_schema_wants_every_key_of_the_contract():
    assert set(KEYS) == set(SCHEMA["$defs"]["finding"]["required"])


def test_changes_point_into_the_lists_that_are_reported(audit, tmp_path):
    policy = "schema: audit-policy/1\nname: x\nversion: '1'\nextends: mimecast\n"
    policy += "connector:\n  properties:\n    SourceTransportServers: [EX01, ex03.a.example]\n"
    (tmp_path / "p.yaml").write_text(policy, "utf-8")
    data = export(connector(SourceTransportServers=["zz.b.example", "EX02", "ex01.a.example"]))
    result = audit("check", "-r", "na", "-p", "p.yaml", "-s", "-", "-f", "json", stdin=data)
    found = next(f for f in result.report["findings"] if f["control"] == "SourceTransportServers")
    for change in found["changes"]:
        side = "expected" if change["change"] == "removed" else "actual"
        assert found[side][int(change["path"][1:])] == change[side]
    assert [c["expected"] or c["actual"] for c in found["changes"]] == [
        "ex03.a.example",
        "EX02",
        "zz.b.example",
    ]


def test_several_matchers_are_one_change_of_the_whole(audit, tmp_path):
    policy = "schema: audit-policy/1\nname: x\nversion: '1'\nextends: mimecast\n"
    policy += (
        "connector:\n  properties:\n    SourceTransportServers: {equals: [EX01], present: true}\n"
    )
    (tmp_path / "p.yaml").write_text(policy, "utf-8")
    data = export(connector(SourceTransportServers=["EX02", "EX03"]))
    result = audit("check", "-r", "na", "-p", "p.yaml", "-s", "-", "-f", "json", stdin=data)
    found = next(f for f in result.report["findings"] if f["control"] == "SourceTransportServers")
    expected = {"equals": ["EX01"], "present": True}
    assert found["expected"] == expected
    assert found["changes"] == [
        {"change": "changed", "path": "", "expected": expected, "actual": ["EX02", "EX03"]}
    ]


def test_the_special_controls_say_what_they_saw(audit):
    bypass = connector(Name="Bypass", Guid=REMOVED, SmartHosts=[], DNSRoutingEnabled=True)
    result = audit("check", "-r", "na", "-s", "-", "-f", "json", stdin=export(connector(), bypass))
    found = {f["control"]: f for f in result.report["findings"]}
    other = found["OtherOutboundConnectors"]
    assert other["expected"] == {"Enabled": False}
    assert other["actual"] == {
        "AddressSpaces": ["SMTP:*;1"],
        "DNSRoutingEnabled": True,
        "Enabled": True,
        "SmartHosts": [],
    }
    assert other["changes"] == [
        {"change": "changed", "path": "/Enabled", "expected": False, "actual": True}
    ]
    present = found["ConnectorPresent"]
    assert (present["expected"], present["actual"], present["changes"]) == (True, True, [])
    assert present["connector"] == "Outbound Mail to Mimecast"
    result = audit("check", "-r", "na", "-s", "-", "-f", "json", stdin=export(bypass))
    present = result.report["findings"][0]
    assert (present["expected"], present["actual"], present["connector"]) == (True, False, None)
    assert present["changes"] == [
        {"change": "changed", "path": "", "expected": True, "actual": False}
    ]


def test_two_files_are_named_both(audit, tmp_path):
    (tmp_path / "c.json").write_bytes(export(connector()))
    (tmp_path / "s.csv").write_text(
        '"Name","AdminDisplayVersion","ServerRole"\r\n"EX01","Version 15.2","Mailbox"\r\n'
    )
    result = audit("check", "-r", "na", "-s", "s.csv", "-s", "c.json", "-f", "json")
    snapshot = result.report["snapshot"]
    assert snapshot["source"] == "c.json"
    assert snapshot["files"] == ["s.csv", "c.json"]
    assert snapshot["kind"] == "csv+json"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Contoso", "Contoso"), ("First Organization", None), ("first organization", None)],
)
def test_the_organization_is_named_where_the_data_says_more_than_the_default(audit, name, shown):
    full = f"CN=Outbound Mail to Mimecast,CN=Connections,CN={name},CN=Microsoft Exchange,CN=Services,DC=x"
    data = export(connector(DistinguishedName=full))
    result = audit("check", "-r", "na", "-s", "-", "-f", "json", stdin=data)
    assert result.report["organization"] == shown
