"""audit.yaml: as strict as policies, named audits, secrets by reference, names with fields."""

from __future__ import annotations

import json

import jsonschema
import pytest
import yaml

from auditor.cli.configuration.schema import config_schema
from tests.conftest import ROOT, connector, export

SHIPPED = ROOT / "auditor/cli/audit-config-1.schema.json"
VALIDATOR = jsonschema.Draft7Validator(json.loads(SHIPPED.read_text("utf-8")))
TWO = """\
schema: audit-config/1
region: na
output: ["json=reports/{name}.json"]
audits:
  emea: {snapshot: good.json, organization: Contoso EMEA}
  apac: {snapshot: drift.json, organization: Contoso APAC}
"""

WRONG = {
    "region: na\nregions: eu\n": ("line 2, column 1", "'regions'", "'region'"),
    "schema: audit-config/2\n": ("line 1, column 9", "audit-config/1"),
    "region: na\nregion: eu\n": ("line 2",),
    "quiet: maybe\n": ("true or false",),
    "audits: [emea]\n": ("audits must be a mapping",),
    "audits: {emea: na}\n": ("the audit 'emea' must be a mapping",),
    "audits: {emea: {audits: {}}}\n": ("'audits'",),
    "audits: {emea: {name: x}}\n": ("'name'",),
    "audits: {emea: {}, EMEA: {}}\n": ("two audits are named 'EMEA'",),
    "password: hunter2\n": ("password is secret", "{env: NAME}"),
    "password: 1234567\n": ("password must say where it stands",),
    "password: {env: A, file: b}\n": ("where it stands",),
    "password: {vault: A}\n": ("'vault'",),
    "ping: https://hc-ping.com/uuid\n": ("ping is secret",),
    "ping: {begin: {env: A}}\n": ("'begin'", "start, success, failure"),
    "notifications: {to: x}\n": ("notifications must be a list",),
    "notifications:\n  - when: change\n": ("does not say to whom", "line 2, column 5"),
    "notifications:\n  - {to: {env: A}, wen: change}\n": ("'wen'", "'when'"),
    "notifications:\n  - {to: {env: A}, when: changes}\n": ("when cannot be 'changes'", "'change'"),
    "notifications:\n  - {to: {env: A}, severity: grave}\n": ("severity cannot be 'grave'",),
    "notifications:\n  - {to: {env: A}, attach: [doc]}\n": ("attach cannot be 'doc'",),
    "notifications:\n  - {to: {env: A}, unaudited_runs: 0}\n": ("1 or more",),
    "notifications:\n  - {to: 'slack://T1/B2/c3'}\n": ("must not stand in this file",),
    "notifications:\n  - {to: 'mailto://me:pass@mail.contoso.com'}\n": ("must not stand in this file",),
    "history: postgresql://me:pass@db/audit\n": ("a password must not stand",),
    "history: h.sqlite\nretention: 1 month\n": ("400d",),
    "output: 'html={organisation}.html'\n": ("{organisation}", "'organization'"),
    "output: 'html={date.html'\n": ("{{",),
    "output: 'html={date!r}.html'\n": ("{date!r}",),
    "output: 'html={verdict:>9}.html'\n": ("{verdict:>9}",),
}  # fmt: skip


@pytest.fixture
def files(tmp_path):
    (tmp_path / "good.json").write_bytes(export(connector()))
    (tmp_path / "drift.json").write_bytes(export(connector(Port=587)))
    return tmp_path


def test_the_shipped_schema_is_the_printed_one(audit):
    assert audit("config", "schema").out == SHIPPED.read_text("utf-8")
    jsonschema.Draft7Validator.check_schema(config_schema())


@pytest.mark.parametrize(("text", "words"), WRONG.items())
def test_what_is_wrong_is_said_with_its_place(audit, files, text, words):
    (files / "audit.yaml").write_text(text, "utf-8")
    result = audit("check", "-r", "na", "-s", "good.json", "--organization", "Contoso")
    assert result.status == 2
    assert "in audit.yaml" in result.err
    for word in words:
        assert word in result.err
    for secret in ("hunter2", "1234567", "hc-ping", "pass@", "c3"):
        assert secret not in result.err


@pytest.mark.parametrize("text", [text for text in WRONG if text.split(":")[0] not in {"output", "retention", "history"}])  # fmt: skip
def test_editors_see_most_of_it_as_well(text):
    # Keys that come twice, names that differ in letter case and addresses are the reader's.
    if "EMEA" in text or text.count("region:") == 2 or "://" in text:
        return
    assert list(VALIDATOR.iter_errors(yaml.safe_load(text)))


def test_every_audit_is_run_and_the_worst_status_counts(audit, files):
    (files / "audit.yaml").write_text(TWO, "utf-8")
    VALIDATOR.validate(yaml.safe_load(TWO))
    result = audit("check")
    assert result.status == 1
    first, second = result.out.split("=== apac")
    assert first.startswith("=== emea\n\nCOMPLIANT")
    assert "DRIFT" in second
    for name, verdict in (("emea", "compliant"), ("apac", "drift")):
        report = json.loads((files / f"reports/{name}.json").read_text("utf-8"))
        assert report["verdict"] == verdict
        assert report["organization"] == f"Contoso {name.upper()}"


def test_one_is_chosen_by_its_name(audit, files, monkeypatch):
    (files / "audit.yaml").write_text(TWO, "utf-8")
    assert audit("check", "--name", "emea").status == 0
    monkeypatch.setenv("AUDIT_NAME", "apac")
    assert audit("check").status == 1
    wrong = audit("check", "--name", "amea")
    assert (wrong.status, "'emea'" in wrong.err) == (2, True)


def test_all_of_them_are_one_json_document(audit, files):
    text = TWO.replace("drift.json", "gone.json")
    (files / "audit.yaml").write_text(text, "utf-8")
    result = audit("check", "-f", "json")
    assert result.status == 2
    document = json.loads(result.out)
    assert document["schema"] == "audit-reports/1"
    assert [report["verdict"] for report in document["reports"]] == ["compliant", None]
    assert "gone.json" in document["reports"][1]["errors"][0]["file"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-s", "good.json"), "--snapshot is of one audit"),
        (("--organization", "Contoso"), "--organization is of one audit"),
        (("-f", "html"), "--format html"),
        (("-o", "json=one.json"), "would replace another"),
    ],
)
def test_what_is_of_one_audit_is_refused_for_several(audit, files, words, said):
    (files / "audit.yaml").write_text(TWO, "utf-8")
    result = audit("check", *words)
    assert result.status == 2
    assert said in result.err
    assert not (files / "reports").exists()


def test_a_monitor_asks_for_one(audit, files):
    (files / "audit.yaml").write_text(TWO, "utf-8")
    result = audit("check", "--exit-style", "nagios")
    assert result.status == 3
    assert "--name" in result.err


def test_other_commands_take_one(audit, files):
    (files / "audit.yaml").write_text(TWO, "utf-8")
    several = audit("plan")
    assert several.status == 2
    assert "--name emea" in several.err
    assert audit("plan", "--name", "apac").status == 0
    (files / "audit.yaml").write_text(TWO.replace("  emea", "  # emea"), "utf-8")
    assert audit("plan").status == 0


def test_an_audits_own_source_comes_before_the_shared_one(audit, files):
    text = "region: na\nserver: nowhere.invalid\naudits:\n  emea: {snapshot: good.json}\n"
    (files / "audit.yaml").write_text(text, "utf-8")
    assert audit("check").status == 0


NAMES = {
    "reports/{organization}/{date}-{verdict}.json": "reports/Contoso/2026-11-20-drift.json",
    "{name}-{region}-{time}.json": "Contoso-na-000000Z.json",
    "a{{b}}.json": "a{b}.json",
}


@pytest.mark.parametrize(("pattern", "path"), NAMES.items())
def test_names_of_reports_have_fields(audit, files, pattern, path):
    given = ("--organization", "Contoso", "--as-of", "2026-11-20")
    audit("check", "-r", "na", "-s", "drift.json", *given, "-o", f"json={pattern}")
    assert (files / path).is_file()


HOSTILE = {
    "../../etc": "_.._etc",
    "a/b\\c": "a_b_c",
    "nul": "_nul",
    "COM1.txt": "_COM1.txt",
    "...": "_",
    "x" * 300: "x" * 80,
    'C:"<>|?*': "C_______",
    "a\nb\u202ec": "a_b_c",
    "Büro & Söhne": "Büro & Söhne",
    "{date}": "_date_",
}


@pytest.mark.parametrize(("organization", "folder"), HOSTILE.items())
def test_a_name_never_leads_elsewhere(audit, files, organization, folder):
    words = ("--organization", organization, "-o", "json=reports/{organization}/r.json")
    audit("check", "-r", "na", "-s", "good.json", *words)
    (found,) = (files / "reports").iterdir()
    assert found.name == folder


def test_a_file_that_was_read_is_never_replaced_by_a_field(audit, files):
    before = (files / "good.json").read_bytes()
    words = ("--organization", "good", "-o", "json={organization}.json")
    assert audit("check", "-r", "na", "-s", "good.json", *words).status == 2
    assert (files / "good.json").read_bytes() == before


def test_a_configuration_is_checked_without_exchange(audit, files, monkeypatch):
    (files / "audit.yaml").write_text(TWO, "utf-8")
    assert audit("config", "validate").out == "emea: valid\napac: valid\n"
    text = TWO.replace("drift.json", "gone.json") + "password: {env: NOT_THERE}\n"
    (files / "audit.yaml").write_text(text, "utf-8")
    result = audit("config", "validate")
    assert result.status == 2
    assert "apac: there is no such file" in result.out
    assert "password: env 'NOT_THERE' is empty or not there" in result.out
    monkeypatch.setenv("NOT_THERE", "winter")
    assert "NOT_THERE" not in audit("config", "validate").out
    document = json.loads(audit("config", "validate", "-f", "json").out)
    assert [error["file"] for error in document["errors"]] == [str(files / "gone.json")]
    (files / "audit.yaml").unlink()
    assert audit("config", "validate").status == 2
