"""Exemptions: which findings they cover, from when to when, and what is said of each."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from auditor.collect import read_snapshots
from auditor.digests import actual_digest
from auditor.evaluate import evaluate
from auditor.normalise import normalise
from auditor.policy import find_region, load_policy
from auditor.report.notes import claim, exemption_notes
from tests.conftest import REMOVED, connector

HEAD = 'schema: audit-policy/1\nname: test\nversion: "1"\nextends: mimecast\nregion: na\n'
TODAY = "2026-11-23"
VAULT = connector(
    Name="Vault feed",
    Guid="99999999-2222-3333-4444-555555555555",
    AddressSpaces=["SMTP:vault.example;1"],
    SmartHosts=["in.vault.example"],
    TlsAuthLevel=None,
)


@pytest.fixture
def run(tmp_path):
    """Audits a gateway connector and others with some exemptions, on a day."""

    def audit(*exemptions, others=(VAULT,), day=TODAY, gateway=None, more=""):
        entries = [
            {"reason": "r", "owner": "o", "approved_by": "a", "expires": "2027-01-31", **entry}
            for entry in exemptions
        ]
        text = f"{HEAD}{more}\nexemptions: {json.dumps(entries)}\n"
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        (folder / "p.yaml").write_text(text, "utf-8")
        policy = load_policy("p.yaml", folder)
        raw = json.dumps([connector(**(gateway or {})), *others]).encode()
        snapshot = read_snapshots([("c.json", raw)])
        now = datetime.fromisoformat(day).replace(tzinfo=UTC)
        return evaluate(normalise(snapshot), policy, find_region(policy, None), now, snapshot)

    return audit


def finding(audit, control="OtherOutboundConnectors", name="Vault feed"):
    return next(
        f
        for f in audit.findings
        if f.control.id == control and (f.connector.name if f.connector else None) == name
    )


@pytest.mark.parametrize(
    ("pattern", "covers"),
    [
        ("Vault feed", True),
        ("vAULT FEED", True),
        ("Vault*", True),
        ("*", True),
        ("V?ult feed", True),
        ("Vault feed?", False),
        ("Vault", False),
        ("[V]ault feed", False),
        ("Vault fee[d]", False),
        ("Vault fee[!x]", False),
        ("Vault.feed", False),
        (None, False),
    ],
)
def test_only_the_star_and_the_question_mark_are_wildcards(run, pattern, covers):
    status = finding(run({"connector": pattern})).status
    assert status == ("exempt" if covers else "fail")


def test_brackets_in_a_name_are_brackets(run):
    odd = {**VAULT, "Name": "Vault [old] feed"}
    audit = run({"connector": "Vault [old]*"}, others=[odd])
    assert finding(audit, name="Vault [old] feed").status == "exempt"


@pytest.mark.parametrize(
    ("starts", "day", "status", "state", "left"),
    [
        (None, "2027-01-31", "exempt", "in use", 0),
        (None, "2027-01-31T23:59:59", "exempt", "in use", 0),
        (None, "2027-02-01", "fail", "expired", -1),
        ("2026-12-01", "2026-11-30T23:59:59", "fail", "not started", 62),
        ("2026-12-01", "2026-12-01", "exempt", "in use", 61),
        ("2027-01-31", "2027-01-31", "exempt", "in use", 0),
        ("2026-12-01", "2026-12-15", "exempt", "in use", 47),
        ("2026-12-01", "2027-02-01", "fail", "expired", -1),
        ("2027-01-31", "2027-01-30", "fail", "not started", 1),
    ],
)
def test_it_holds_from_the_first_day_to_the_end_of_the_last(run, starts, day, status, state, left):
    entry = {"connector": "Vault feed"} | ({"starts": starts} if starts else {})
    audit = run(entry, day=day)
    assert finding(audit).status == status
    assert [(use.state, use.days_left) for use in audit.exemptions] == [(state, left)]


def test_the_day_is_that_of_utc(run):
    audit = run({"connector": "Vault feed"}, day="2027-01-31T23:30:00")
    assert finding(audit).status == "exempt"


def test_a_finding_says_who_permits_it_and_until_when(run):
    found = finding(run({"connector": "Vault feed", "reason": "Archive.", "ticket": "CHG1"}))
    assert found.message.endswith("Exempt until 2027-01-31, approved by a: Archive (CHG1).")
    assert "Disable it" not in found.message
    assert found.exemption.owner == "o"
    assert finding(run({"connector": "Vault feed"})).message.endswith("approved by a: r.")


def test_of_several_the_one_that_ends_last_is_shown(run):
    audit = run(
        {"connector": "Vault feed", "expires": "2026-12-01", "reason": "first"},
        {"connector": "Vault*", "expires": "2027-06-01", "reason": "last"},
        {"connector": "V*", "expires": "2027-03-01", "reason": "between"},
    )
    assert finding(audit).exemption.reason == "last"
    assert [use.state for use in audit.exemptions] == ["in use"] * 3


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"expires": "2026-11-22"}, "it expired on 2026-11-22."),
        ({"starts": "2026-11-24"}, "it starts on 2026-11-24."),
        (
            {"only_if": {"AddressSpaces": ["SMTP:other.example;1"]}},
            "AddressSpaces would have to be SMTP:other.example;1, and is SMTP:vault.example;1.",
        ),
        ({"only_if": {"Port": {"max": 24}}}, "Port would have to be at most 24, and is 25."),
        ({"evidence": f"sha256:{'0' * 64}"}, "the value is not the one that was approved, "),
    ],
)
def test_what_does_not_cover_says_why(run, entry, said):
    audit = run({"connector": "Vault feed", "ticket": "CHG1", **entry})
    found = finding(audit)
    assert found.status == "fail"
    assert f"It is not covered by the exemption CHG1 (p.yaml, line 7): {said}" in found.message
    assert found.exemption is None
    assert found.message.endswith("where something needs it.")
    without = finding(run({"connector": "Vault feed", **entry}))
    assert "the exemption approved by a (p.yaml" in without.message


GUARDS = [
    ({"AddressSpaces": ["SMTP:vault.example;1"]}, "exempt"),
    ({"AddressSpaces": ["SMTP:vault.example;1"], "Port": 25}, "exempt"),
    ({"AddressSpaces": ["SMTP:vault.example;1"], "Port": 26}, "fail"),
    ({"RequireTLS": True}, "unknown"),
    ({"RequireTLS": True, "Port": 26}, "fail"),
    ({"RequireTLS": True, "Port": 25}, "unknown"),
    ({"TlsAuthLevel": None}, "exempt"),
    ({"MaxMessageSize": {"equals_from": "TransportConfig.MaxSendSize"}}, "unknown"),
]


@pytest.mark.parametrize(("guard", "status"), GUARDS)
def test_it_covers_only_while_its_guard_holds(run, guard, status):
    vault = {**VAULT, "MaxMessageSize": "10 MB"}
    found = finding(run({"connector": "Vault feed", "only_if": guard}, others=[vault]))
    assert found.status == status
    if status == "unknown":
        assert (
            "Whether the exemption approved by a (p.yaml, line 7) covers it cannot" in found.message
        )
        assert "Disable it" not in found.message


def test_one_that_covers_outweighs_one_that_is_not_known(run):
    audit = run(
        {"connector": "Vault feed", "only_if": {"RequireTLS": True}}, {"connector": "Vault feed"}
    )
    assert finding(audit).status == "exempt"
    assert [use.state for use in audit.exemptions] == ["undecided", "in use"]


def test_the_evidence_is_the_digest_of_the_value_however_it_is_spelled(run):
    digest = actual_digest(finding(run()))
    entry = {"connector": "Vault feed", "evidence": digest}
    assert finding(run(entry)).status == "exempt"
    respelled = {
        **VAULT,
        "AddressSpaces": ["smtp:VAULT.example; 1"],
        "SmartHosts": "in.vault.example.",
    }
    assert finding(run(entry, others=[respelled])).status == "exempt"
    changed = {**VAULT, "AddressSpaces": ["SMTP:vault.example;2"]}
    found = finding(run(entry, others=[changed]))
    assert found.status == "fail"
    assert f"its digest is now {actual_digest(found)}" in found.message


def test_what_could_not_be_read_has_no_digest(run):
    unread = {**VAULT, "SmartHosts": "System.Object[]"}
    entry = {"connector": "Vault feed", "evidence": f"sha256:{'0' * 64}"}
    found = finding(run(entry, others=[unread]))
    assert found.status == "unknown"
    assert "it has no digest" in found.message
    assert actual_digest(found) is None
    assert finding(run({"connector": "Vault feed"}, others=[unread])).status == "exempt"


def test_any_control_can_be_exempt_and_only_its_failures(run):
    entry = {"connector": "Outbound*", "control": "Port"}
    name = "Outbound Mail to Mimecast"
    assert finding(run(entry, gateway={"Port": 587}), "Port", name).status == "exempt"
    assert finding(run(entry), "Port", name).status == "pass"
    assert finding(run(entry, gateway={"Port": "x"}), "Port", name).status == "unknown"
    assert (
        finding(run(entry, gateway={"Port": 587, "Enabled": False}), "Enabled", name).status
        == "fail"
    )
    assert (
        finding(run({**entry, "control": "Enabled"}, gateway={"Port": 587}), "Port", name).status
        == "fail"
    )


def test_a_finding_about_no_connector_is_covered_by_null_only(run):
    nothing = {"SmartHosts": ["mail.example"]}
    covered = run({"connector": None, "control": "ConnectorPresent"}, gateway=nothing, others=[])
    assert finding(covered, "ConnectorPresent", None).status == "exempt"
    other = run({"connector": "*", "control": "ConnectorPresent"}, gateway=nothing, others=[])
    assert finding(other, "ConnectorPresent", None).status == "fail"


def test_a_connector_that_a_live_exemption_names_is_the_subject_last(run):
    second = connector(Name="Another to Mimecast", Guid="2", Port=25)
    gateway = {"Port": 587}
    entry = {"connector": "Another*"}
    # By itself the one that fails the fewest is the subject.
    assert run(others=[second], gateway=gateway).subject.name == "Another to Mimecast"
    assert run(entry, others=[second], gateway=gateway).subject.name == "Outbound Mail to Mimecast"
    for dead in ({"expires": "2026-11-22"}, {"starts": "2026-11-24"}):
        audit = run({**entry, **dead}, others=[second], gateway=gateway)
        assert audit.subject.name == "Another to Mimecast"


STALE = [
    ({"connector": "Nobody"}, "no other enabled outbound connector is meant"),
    ({"connector": "Out*", "control": "Port"}, "Port does not fail there"),
    (
        {"connector": "Out*", "control": "MaxMessageSize"},
        "the policy has no control MaxMessageSize",
    ),
    ({"connector": "Nobody", "control": "Port"}, "no finding of Port is about it"),
    ({"connector": "Nobody", "control": "Enabled"}, "no finding of Enabled is about it"),
    ({"connector": "Vault feed", "only_if": {"Port": 1}}, "Port would have to be 1, and is 25"),
]


@pytest.mark.parametrize(("entry", "because"), STALE)
def test_what_covers_nothing_is_listed(run, entry, because):
    audit = run(entry)
    assert [(use.state, use.because) for use in audit.exemptions] == [("stale", because)]
    (note,) = exemption_notes(audit)
    assert note.endswith(f"covers nothing: {because}.")


def test_what_may_cover_something_unknown_is_not_stale(run):
    audit = run({"connector": "Vault feed"}, others=[{**VAULT, "Enabled": "x"}])
    assert [use.state for use in audit.exemptions] == ["undecided"]
    assert exemption_notes(audit) == []


@pytest.mark.parametrize(
    ("expires", "more", "note"),
    [
        ("2026-12-05", "", "ends in 12 days, on 2026-12-05. Ask o what comes then."),
        ("2026-11-24", "", "ends in 1 day, on 2026-11-24. Ask o what comes then."),
        ("2026-11-23", "", "ends today, on 2026-11-23. Ask o what comes then."),
        ("2026-12-23", "", "ends in 30 days, on 2026-12-23. Ask o what comes then."),
        ("2026-12-24", "", None),
        ("2026-12-04", "warn_days: 10", None),
        ("2026-12-03", "warn_days: 10", "ends in 10 days, on 2026-12-03. Ask o what comes then."),
        ("2026-11-24", "warn_days: 0", None),
        ("2026-11-22", "", "ended on 2026-11-22."),
    ],
)
def test_its_end_is_announced(run, expires, more, note):
    audit = run({"connector": "Vault feed", "ticket": "CHG1", "expires": expires}, more=more)
    title = "The exemption of OtherOutboundConnectors for 'Vault feed' (CHG1)"
    assert exemption_notes(audit) == ([f"{title} {note}"] if note else [])


def test_what_is_to_come_is_not_announced(run):
    assert exemption_notes(run({"connector": "Vault feed", "starts": "2026-12-01"})) == []


def test_a_report_does_not_claim_what_is_exempt(run):
    whole = "all outbound mail leaves through Mimecast"
    assert claim(run(others=[])) == whole
    assert claim(run({"connector": "Vault feed"})) == f"{whole}, but for what is exempt"


def test_exemptions_add_up_over_extends(tmp_path, audit):
    entry = "  - {connector: %s, reason: r, owner: o, approved_by: a, expires: 2027-01-31}\n"
    (tmp_path / "parent.yaml").write_text(f"{HEAD}exemptions:\n{entry % 'Vault*'}")
    child = HEAD.replace("mimecast", "parent.yaml")
    (tmp_path / "child.yaml").write_text(f"{child}exemptions:\n{entry % 'Relay'}")
    exemptions = load_policy("child.yaml", tmp_path).exemptions
    assert [(one.connector, one.position.file) for one in exemptions] == [
        ("Vault*", exemptions[0].position.file),
        ("Relay", "child.yaml"),
    ]


def test_a_nameless_connector_is_meant_by_the_star_alone(run):
    nameless = {key: raw for key, raw in VAULT.items() if key != "Name" and raw is not REMOVED}
    assert finding(run({"connector": "*"}, others=[nameless]), name=None).status == "exempt"
    assert finding(run({"connector": "?*"}, others=[nameless]), name=None).status == "fail"
