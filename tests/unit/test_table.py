"""The table: verdict first, 80 columns, nothing from outside can act on a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.policy import builtin_packs
from auditor.report.printable import printable
from tests.conftest import REMOVED, ROOT, connector, export

HOSTILE = "Evil\x1b[2J\x07\r\nFAKE\u202eexe\u2028 \u00a0 B\u00fcro \U000e0041 | `x` \x9b31m"


def test_verdict_first_and_failures_before_passes(audit):
    data = export(connector(Port=587, SmartHostAuthMechanism="BasicAuth"))
    lines = audit("check", "-r", "na", "-s", "-", stdin=data).out.splitlines()
    assert lines[0] == "DRIFT: outbound mail does not safely leave through Mimecast."
    fails = [number for number, line in enumerate(lines) if line.startswith("FAIL")]
    passes = [number for number, line in enumerate(lines) if line.startswith("pass")]
    assert len(fails) == 2
    assert max(fails) < min(passes)


def test_a_hostile_name_is_shown_escaped_and_stays_in_80_columns(audit):
    bad = connector(Name=HOSTILE * 5, SmartHosts=["relay.example"], DNSRoutingEnabled=True)
    result = audit("check", "-r", "na", "-s", "-", stdin=export(connector(), bad))
    assert result.status == 1
    assert not set("\x1b\x07\r\u202e\u2028\x9b\U000e0041") & set(result.out)
    assert "\\x1b[2J\\x07\\x0d\\x0aFAKE\\u202eexe\\u2028" in result.out.replace("\n", "").replace(
        "  ", ""
    )
    headings = [line for line in result.out.splitlines() if line.startswith("FAIL")]
    assert all(len(line) <= 80 or line in headings for line in result.out.splitlines())


POLICY = """schema: audit-policy/1
name: exempting
version: "1"
extends: mimecast
region: na
packs: [PACK]
connector:
  name: Outbound Mail to Mimecast
  properties: {ConnectionInactivityTimeOut: {max: "00:20:00"}, SmtpMaxMessagesPerConnection: 20}
exemptions:
  - {connector: "*", reason: A long reason that does not end before the line does, owner: somebody,
     approved_by: somebody else whose name is long, expires: 2027-01-31}
  - {connector: "*", control: Port, reason: r, owner: o, approved_by: a, expires: 2027-01-31}
  - {connector: "*", control: SmartHosts, reason: r, owner: o, approved_by: a, expires: 2027-01-31}
  - {connector: "*", control: SmtpMaxMessagesPerConnection, reason: r, owner: o, approved_by: a,
     expires: 2027-01-31}
"""


@pytest.mark.parametrize("pack", builtin_packs())
@pytest.mark.parametrize("policy", ["mimecast", "exempting.yaml"])
def test_no_line_is_wider_than_80(audit, tmp_path, policy, pack):
    (tmp_path / "exempting.yaml").write_text(POLICY.replace("PACK", pack), "utf-8")
    wrong = connector(
        SmartHosts=[f"{'long-name-' * 3}{number}.contoso.com" for number in range(9)],
        MaxMessageSize="100 MB (104,857,600 bytes)",
        SmtpMaxMessagesPerConnection=19,
    )
    for data in (
        (ROOT / "examples/drifted.xml").read_bytes(),
        export(wrong, connector(Name="Other " * 12, Guid=REMOVED, SmartHosts=[])),
        export(),
    ):
        result = audit("check", "-r", "na", "-p", policy, "--pack", pack, "-s", "-", stdin=data)
        assert result.out
        assert [line for line in result.out.splitlines() if len(line) > 80] == []
    if policy != "mimecast":
        assert "\nexempt" in audit("check", "-p", policy, "-s", ROOT / "examples/drifted.xml").out


@pytest.mark.parametrize("command", ["list", "regions"])
def test_no_line_of_a_list_is_wider_than_80(audit, command):
    assert max(map(len, audit("policy", command).out.splitlines())) <= 80


def test_undecided_findings_say_why(audit):
    data = export(connector(Port=REMOVED))
    out = audit("check", "-r", "na", "-s", "-", stdin=data).out
    assert out.startswith("INCOMPLETE: ")
    assert "UNKNOWN (high) Port - Outbound Mail to Mimecast" in out


def test_a_connector_without_a_name_can_be_told_apart(audit):
    data = export(connector(), connector(Name=REMOVED, Guid=REMOVED, SmartHosts=["x.example"]))
    out = audit("check", "-r", "na", "-s", "-", stdin=data).out
    assert "(connector 2, which has no name)" in out


@given(st.text())
def test_printable_text_has_no_control_characters(text):
    shown = printable(text)
    assert all(c == " " or c.isprintable() for c in shown)


@pytest.mark.parametrize("text", ["Büro", "Ελλάδα", "日本", "a b"])
def test_letters_of_every_script_stay(text):
    assert printable(text) == text


def test_a_monitor_sees_no_bar_but_its_own(audit):
    bad = connector(Name="a|b=1;2 | x=9", Guid=REMOVED, SmartHosts=["relay.example"])
    out = audit(
        "check", "-r", "na", "-s", "-", "--exit-style=nagios", stdin=export(connector(), bad)
    ).out
    assert out.count("|") == 1
    assert "a/b=1;2 / x=9" in out


WEAK = [
    ("Enabled: false", {"Enabled": False}, "Enabled of 'Outbound Mail to Mimecast' is false."),
    ("Enabled: {ignore: true}", {"Enabled": False}, "is false."),
    ("DNSRoutingEnabled: {one_of: [true, false]}", {"DNSRoutingEnabled": True}, "is true."),
    ("DNSRoutingEnabled: {present: true}", {"DNSRoutingEnabled": True}, "is true."),
    ("DNSRoutingEnabled: {not_applicable_because: so}", {"DNSRoutingEnabled": True}, "is true."),
    ("DNSRoutingEnabled: {ignore: true}", {"DNSRoutingEnabled": REMOVED}, "is not known."),
    ("AddressSpaces: {present: true}", {"AddressSpaces": ["contoso.com"]}, "SMTP:contoso.com;1."),
    (
        "SmartHosts: {includes: [us-smtp-outbound-1.mimecast.com]}",
        {"SmartHosts": ["us-smtp-outbound-1.mimecast.com", "mail.example"]},
        "is mail.example, us-smtp-outbound-1.mimecast.com.",
    ),
]


@pytest.mark.parametrize(("asked", "fault", "why"), WEAK)
def test_no_policy_makes_a_report_claim_what_is_not_so(audit, tmp_path, asked, fault, why):
    (tmp_path / "p.yaml").write_text(
        "schema: audit-policy/1\nname: weak\nversion: '1'\nextends: mimecast\nregion: na\n"
        f"connector: {{properties: {{{asked}}}}}\n",
        "utf-8",
    )
    command = ["check", "-p", "p.yaml", "-s", "-"]
    result = audit(*command, stdin=export(connector(**fault)))
    first = " ".join(result.out.partition("\n\n")[0].split())
    assert result.status == 0
    known = "is not known" not in why
    said = "But not all outbound mail leaves" if known else "That does not prove that all outbound"
    assert first.startswith(f"COMPLIANT: everything that this policy asks holds. {said}")
    assert first.endswith(why)
    assert audit(*command, "-f", "json", stdin=export(connector(**fault))).report["claim"] in first
    right = audit(*command, stdin=export(connector())).out
    assert asked == "Enabled: false" or "all outbound mail leaves through Mimecast." in right
    assert audit("policy", "validate", "--strict", "p.yaml").status == 1


def test_drift_that_sends_mail_elsewhere_is_never_called_harmless(audit, tmp_path):
    (tmp_path / "p.yaml").write_text(
        "schema: audit-policy/1\nname: weak\nversion: '1'\nextends: mimecast\nregion: na\n"
        "connector: {properties: {SmartHosts: {severity: low}}}\n",
        "utf-8",
    )
    bad = connector(SmartHosts=["us-smtp-outbound-1.mimecast.com", "mail.example"])
    result = audit("check", "-p", "p.yaml", "-s", "-", stdin=export(bad))
    assert result.out.startswith("DRIFT: outbound mail does not safely leave through Mimecast.")


def test_a_policy_that_leaves_out_what_decides_claims_nothing_of_all_mail(audit, tmp_path):
    (tmp_path / "p.yaml").write_text(
        "schema: audit-policy/1\nname: weak\nversion: '1'\nextends: mimecast\n"
        "controls: {OtherOutboundConnectors: {ignore: true}, BypassRoutes: {ignore: true}}\n",
        "utf-8",
    )
    bypass = connector(Name="Bypass", Guid=REMOVED, SmartHosts=[], DNSRoutingEnabled=True)
    command = ["check", "-r", "na", "-p", "p.yaml", "-s", "-"]
    result = audit(*command, stdin=export(connector(), bypass))
    assert result.status == 0
    assert result.out.startswith(
        "COMPLIANT: everything that this policy asks holds. That does not prove"
    )
    line = audit(*command, "--exit-style=nagios", stdin=export(connector(), bypass)).out
    assert "That does not prove that all outbound mail leaves through Mimecast: nobody" in line


def test_drift_that_is_harmless_is_not_called_unsafe(audit, tmp_path):
    (tmp_path / "p.yaml").write_text(
        "schema: audit-policy/1\nname: named\nversion: '1'\nextends: mimecast\n"
        "connector: {name: Another name}\n",
        "utf-8",
    )
    result = audit("check", "-r", "na", "-p", "p.yaml", "-s", "-", stdin=export(connector()))
    assert result.status == 1
    assert result.out.startswith(
        "DRIFT: not all is as the policy wants it, but nothing critical or high.\n"
    )
