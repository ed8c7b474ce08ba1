"""The table: verdict first, 80 columns, nothing from outside can act on a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.report.printable import printable
from tests.conftest import REMOVED, connector, export

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


def test_a_policy_that_leaves_out_what_decides_claims_nothing_of_all_mail(audit, tmp_path):
    (tmp_path / "p.yaml").write_text(
        "schema: audit-policy/1\nname: weak\nversion: '1'\nextends: mimecast\n"
        "controls: {OtherOutboundConnectors: {ignore: true}}\n",
        "utf-8",
    )
    bypass = connector(Name="Bypass", Guid=REMOVED, SmartHosts=[], DNSRoutingEnabled=True)
    command = ["check", "-r", "na", "-p", "p.yaml", "-s", "-"]
    result = audit(*command, stdin=export(connector(), bypass))
    assert result.status == 0
    assert result.out.startswith("COMPLIANT: everything that this policy asks holds.\n")
    line = audit(*command, "--exit-style=nagios", stdin=export(connector(), bypass)).out
    assert "all outbound mail" not in line


def test_drift_that_is_harmless_is_not_called_unsafe(audit, tmp_path):
    (tmp_path / "p.yaml").write_text(
        "schema: audit-policy/1\nname: named\nversion: '1'\nextends: mimecast\n"
        "connector: {name: Another name}\n",
        "utf-8",
    )
    result = audit("check", "-r", "na", "-p", "p.yaml", "-s", "-", stdin=export(connector()))
    assert result.status == 1
    assert result.out.startswith("DRIFT: not everything is as the policy wants it")
