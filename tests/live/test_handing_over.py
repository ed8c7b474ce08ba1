"""``audit collect``: redacted, from files, and the script for those without remoting."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from auditor.policy import load_policy
from tests.conftest import connector, export
from tests.live.objects import organization
from tests.live.reaching import ACCOUNT, SECRET, live, reach

__all__ = ["live"]

POLICY = """
schema: audit-policy/1
name: contoso
version: "1"
extends: mimecast
region: na
connector:
  name: Outbound Mail to Mimecast   # ask Jane
  properties:
    SourceTransportServers: [EX01, EX02]
"""
NAMES = ("contoso", "EX01", "EX02", "Partner 0", "auditor", "Jane", "localhost", "127.0.0.1")
COMMAND = ("check", "-f", "json", "--as-of", "2026-12-01")


def findings(result) -> list[tuple[str, str, str]]:
    return [(f["control"], f["status"], f["severity"]) for f in result.report["findings"]]


@pytest.mark.parametrize("drifted", [False, True])
@pytest.mark.parametrize("shape", ["rich", "plain"])
def test_what_is_handed_over_names_nobody_and_gives_the_same_findings(
    audit, live, tmp_path, shape, drifted
):
    server = live(organization(connectors=6, shape=shape, drifted=drifted))
    (tmp_path / "ours.yaml").write_text(POLICY, "utf-8")
    first = audit(*COMMAND, "-p", "ours.yaml", *reach(server))
    collected = audit(
        *("collect", *reach(server), "--redact", "-p", "ours.yaml", "--save-snapshot", "s.json")
    )
    assert collected.status == 0, collected.err
    assert "Beside it s-policy.yaml" in collected.out
    again = audit(*COMMAND, "-p", "s-policy.yaml", "-s", "s.json")
    assert findings(again) == findings(first)
    assert again.status == first.status
    handed = (tmp_path / "s.json").read_text("utf-8")
    handed += (tmp_path / "s-policy.yaml").read_text("utf-8")
    assert [name for name in NAMES if name.lower() in handed.lower()] == []
    assert "us-smtp-outbound-1.mimecast.com" in handed


def test_exports_are_redacted_too(audit, tmp_path):
    (tmp_path / "c.json").write_bytes(export(connector(Comment="call Jane")))
    result = audit("collect", "-s", "c.json", "--redact", "--save-snapshot", "out/s.json")
    assert result.status == 0, result.err
    text = (tmp_path / "out/s.json").read_text("utf-8")
    assert "Jane" not in text
    assert "(redacted)" in json.loads(text)["provenance"]["tool"]


def test_a_policy_that_is_wrong_stops_before_anything_is_asked(audit, live, tmp_path):
    (tmp_path / "ours.yaml").write_text("schema: nonsense\n", "utf-8")
    server = live()
    result = audit(
        *("collect", *reach(server), "--redact", "-p", "ours.yaml", "--save-snapshot", "s.json")
    )
    assert result.status == 2
    assert not server.requests


def test_no_file_that_is_read_is_replaced(audit, tmp_path):
    (tmp_path / "c.json").write_bytes(export(connector()))
    (tmp_path / "c-policy.yaml").write_text(POLICY, "utf-8")
    same = audit("collect", "-s", "c.json", "--save-snapshot", "c.json")
    assert same.status == 2
    policy = ("--redact", "-p", "c-policy.yaml", "--save-snapshot", "sub/../c.json")
    assert audit("collect", "-s", "c.json", *policy).status == 2
    beside = audit("collect", "-s", "c.json", *policy[:3], "--save-snapshot", "./c.xml")
    assert beside.status == 2
    assert load_policy("c-policy.yaml", tmp_path).name == "contoso"


def test_it_must_know_where_to_keep_it(audit, live):
    server = live()
    result = audit("collect", *reach(server))
    assert result.status == 2
    assert "--save-snapshot" in result.err
    assert not server.requests


def test_a_name_for_the_organisation_is_kept(audit, live, tmp_path):
    server = live()
    result = audit(
        "collect", *reach(server), "--organization", "Fabrikam", "--save-snapshot", "s.json"
    )
    assert result.status == 0
    assert json.loads((tmp_path / "s.json").read_text("utf-8"))["organization"] == "Fabrikam"
    assert audit(*COMMAND, "-r", "na", "-s", "s.json").report["organization"] == "Fabrikam"


def test_where_it_cannot_be_kept_the_status_says_so(audit, live, tmp_path):
    (tmp_path / "file").write_text("", "utf-8")
    result = audit("collect", *reach(live()), "--save-snapshot", "file/s.json")
    assert result.status == 2
    assert "could not be written" in result.err


def test_quiet_says_nothing(audit, live):
    result = audit("collect", *reach(live()), "--save-snapshot", "s.json", "--quiet")
    assert (result.status, result.out, result.err) == (0, "", "")


def test_the_script_is_printed_and_nothing_else(audit):
    result = audit("collect", "--script")
    assert result.status == 0
    assert result.out.startswith("<#")
    assert "Get-SendConnector" in result.out
    assert result.err == ""


def test_one_configuration_serves_all_commands(audit, live, tmp_path):
    server = live()
    (tmp_path / "audit.yaml").write_text(
        f"region: na\nserver: {server.url}\nauth: basic\nusername: {ACCOUNT}\n"
        "allow-cleartext: true\n",
        "utf-8",
    )
    assert audit("check").status == 0
    assert audit("collect", "--save-snapshot", "s.json").status == 0
    assert audit("doctor").status == 0


def test_what_is_set_for_reports_does_not_change_what_has_none(audit, live, monkeypatch):
    monkeypatch.setenv("AUDIT_FORMAT", "json")
    monkeypatch.setenv("AUDIT_EXIT_STYLE", "nagios")
    result = audit("collect", *reach(live()))
    assert (result.status, result.out) == (2, "")
    assert "--save-snapshot" in result.err


def test_a_region_that_is_called_otherwise_is_said(audit, tmp_path):
    (tmp_path / "c.json").write_bytes(export(connector()))
    own = POLICY.replace("region: na", "region: berlin-hq") + (
        "regions:\n  berlin-hq:\n    title: Berlin\n"
        "    smart_hosts: [us-smtp-outbound-1.mimecast.com, us-smtp-outbound-2.mimecast.com]\n"
    )
    (tmp_path / "ours.yaml").write_text(own, "utf-8")
    result = audit(
        "collect", "-s", "c.json", "--redact", "-p", "ours.yaml", "--save-snapshot", "s.json"
    )
    assert "Region berlin-hq is region-1 there" in result.out
    assert "berlin" not in (tmp_path / "s-policy.yaml").read_text("utf-8").lower()
    assert audit(*COMMAND, "-p", "s-policy.yaml", "-r", "region-1", "-s", "s.json").status == 0


PACK = """
schema: audit-pack/1
name: contoso
controls:
  - {id: CONTOSO-1, property: Port, equals: 26, severity: low}
"""
EXEMPT = "reason: Contoso, owner: ann@contoso.com, approved_by: Jane, expires: 2027-01-31"


def test_packs_of_ones_own_go_beside_it(audit, tmp_path):
    (tmp_path / "c.json").write_bytes(export(connector(Name="Outbound Jane")))
    (tmp_path / "jane").mkdir()
    (tmp_path / "jane/rules.yaml").write_text(PACK, "utf-8")
    own = POLICY.partition("connector:")[0] + "packs: [tls, jane/rules.yaml]\n"
    own += f"exemptions: [{{connector: Outbound*, control: CONTOSO-1, {EXEMPT}}}]\n"
    (tmp_path / "ours.yaml").write_text(own, "utf-8")
    command = ("collect", "-s", "c.json", "--redact", "-p", "ours.yaml")
    result = audit(*command, "--save-snapshot", "out/s.json")
    assert result.status == 0, result.err
    assert f"Beside it {Path('out/s-policy.yaml')}" in result.out
    assert f"Beside it {Path('out/s-pack-1.yaml')}" in result.out
    first = audit(*COMMAND, "-p", "ours.yaml", "-s", "c.json")
    again = audit(*COMMAND, "-p", "out/s-policy.yaml", "-s", "out/s.json")
    renamed = [(c.replace("CONTOSO-1", "control-1"), *rest) for c, *rest in findings(first)]
    assert findings(again) == renamed
    assert ("control-1", "exempt", "low") in renamed
    files = sorted((tmp_path / "out").iterdir())
    assert [path.name for path in files] == ["s-pack-1.yaml", "s-policy.yaml", "s.json"]
    handed = "".join(path.read_text("utf-8") for path in files).lower()
    assert [name for name in ("contoso", "jane", "rules", "ann@") if name in handed] == []


def test_no_pack_that_is_read_is_replaced(audit, tmp_path):
    (tmp_path / "c.json").write_bytes(export(connector()))
    (tmp_path / "s-pack-1.yaml").write_text(PACK, "utf-8")
    (tmp_path / "ours.yaml").write_text(
        POLICY.replace("region:", "packs: [s-pack-1.yaml]\nregion:"), "utf-8"
    )
    command = ("collect", "-s", "c.json", "--redact", "-p", "ours.yaml", "--save-snapshot")
    refused = audit(*command, "s.json")
    assert refused.status == 2
    assert "would replace what is read" in refused.err
    assert not (tmp_path / "s.json").exists()
    assert audit(*command, "t.json", "--redaction-key", "t-pack-1.yaml").status == 2
    assert audit(*command, "t.json").status == 0
    assert (tmp_path / "s-pack-1.yaml").read_text("utf-8") == PACK


def test_the_owner_can_keep_the_key_to_the_stand_ins(audit, tmp_path):
    (tmp_path / "c.json").write_bytes(export(connector(Name="Outbound Jane")))
    command = ("collect", "-s", "c.json", "--redact", "--save-snapshot", "s.json")
    result = audit(*command, "--redaction-key", "key.json")
    assert result.status == 0, result.err
    names = json.loads((tmp_path / "key.json").read_text("utf-8"))
    assert "Outbound Jane" in names.values()
    assert "Redacted" in result.out
    assert "not to be handed on: " in result.out
    assert audit(*command, "--redaction-key", "s.json").status == 2


def test_the_report_says_when_it_was_collected_and_how_old_it_is(audit, live, tmp_path):
    audit("collect", *reach(live()), "--save-snapshot", "s.json")
    now = audit("check", "-r", "na", "-s", "s.json")
    assert f"UTC, by {ACCOUNT}" in now.out
    assert "older than" not in now.out
    later = audit("check", "-r", "na", "-s", "s.json", "--as-of", "2099-01-01")
    assert "days older than this evaluation" in later.out
    before = audit("check", "-r", "na", "-s", "s.json", "--as-of", "2020-01-01")
    assert "before the evidence was collected" in " ".join(before.out.split())


def test_a_report_of_an_earlier_run_does_not_stand_for_one_that_failed(audit, live, tmp_path):
    server = live()
    outputs = ("-o", "json=today.json", "-o", "table=today.txt")
    assert audit("check", "-r", "na", *reach(server), *outputs).status == 0
    server.stop()
    assert audit("check", "-r", "na", *reach(server), *outputs).status == 3
    report = json.loads((tmp_path / "today.json").read_text("utf-8"))
    assert report["verdict"] is None
    assert report["errors"][0]["code"] == "unreachable"
    assert "nothing listens" in (tmp_path / "today.txt").read_text("utf-8")


def test_a_report_that_could_not_be_written_is_in_the_json(audit, tmp_path):
    (tmp_path / "file").write_text("", "utf-8")
    (tmp_path / "c.json").write_bytes(export(connector()))
    result = audit(*COMMAND, "-r", "na", "-s", "c.json", "-o", "table=file/t.txt")
    assert result.status == 2
    assert "could not be written" in result.report["errors"][0]["message"]


def test_seconds_may_be_a_number_and_a_password_stands_elsewhere_than_in_the_configuration(
    audit, live, tmp_path, monkeypatch
):
    server = live()
    config = tmp_path / "audit.yaml"
    ways = f"server: {server.url}\nauth: basic\nusername: {ACCOUNT}\nallow-cleartext: true\n"
    config.write_text(f"region: na\ntimeout: 30\n{ways}", "utf-8")
    assert audit("check").status == 0
    monkeypatch.delenv("AUDIT_PASSWORD")
    (tmp_path / "secret.txt").write_text(f"{SECRET}\n", "utf-8")
    whence = "password: {file: secret.txt}\n"
    config.write_text(f"region: na\n{ways}{whence}", "utf-8")
    assert audit("check").status == 0
    config.write_text(f"region: na\n{ways}{whence.replace('secret', 'gone')}", "utf-8")
    assert audit("check").status == 2
    config.write_text("password: Winter-is-long-42\n", "utf-8")
    result = audit("check")
    assert result.status == 2
    assert "AUDIT_PASSWORD" in result.err
    assert "Winter" not in result.err


@pytest.mark.parametrize(
    "wrong", [("-p", "broken.yaml"), ("--as-of", "soon"), ("-r", "nowhere"), ("-s", "gone.xml")]
)
def test_whatever_stops_a_run_no_old_report_stands_and_no_other_file_is_hurt(
    audit, tmp_path, wrong
):
    (tmp_path / "c.json").write_bytes(export(connector()))
    (tmp_path / "broken.yaml").write_text("schema: nonsense\n", "utf-8")
    (tmp_path / "notes.txt").write_text("mine", "utf-8")
    outputs = ("-o", "json=today.json", "-o", "table=today.txt")
    assert audit("check", "-r", "na", "-s", "c.json", *outputs).status == 0
    given = {"-r": "na", "-s": "c.json", wrong[0]: wrong[1]}
    words = [word for pair in given.items() for word in pair]
    assert audit("check", *words, *outputs, "-o", "table=notes.txt").status == 2
    assert '"verdict": null' in (tmp_path / "today.json").read_text("utf-8")
    assert "COMPLIANT" not in (tmp_path / "today.txt").read_text("utf-8")
    assert (tmp_path / "notes.txt").read_text("utf-8") == "mine"
    assert audit("check", *words, "-o", "json=broken.yaml").status == 2
    assert (tmp_path / "broken.yaml").read_text("utf-8") == "schema: nonsense\n"
