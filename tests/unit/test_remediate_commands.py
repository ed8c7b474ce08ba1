"""``audit plan`` and ``audit remediate``: what they print, write and refuse."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import jsonschema
import pytest

from auditor.cli.commands import COMMANDS
from tests.conftest import REMOVED, ROOT, connector, export

SCHEMA = json.loads((ROOT / "auditor/report/audit-plan-1.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
DRIFTED = ROOT / "examples/drifted.xml"
COMPLIANT = ROOT / "examples/compliant.xml"
NA = ["us-smtp-outbound-1.mimecast.com", "us-smtp-outbound-2.mimecast.com"]
EU = ["eu-smtp-outbound-1.mimecast.com", "eu-smtp-outbound-2.mimecast.com"]
GUIDS = [f"{number}1111111-2222-3333-4444-555555555555" for number in range(2, 10)]
POLICY = """schema: audit-policy/1
name: contoso
version: "1"
extends: mimecast
region: na
exemptions:
  - {connector: "Vault*", reason: r, owner: o, approved_by: a, expires: 2099-01-31}
"""
SOURCE = ("--region", "na", "--snapshot")


def other(name, number=0, **changes):
    """Another connector, which sends for a domain of its own."""
    values = {"AddressSpaces": ["SMTP:x.example;1"], "SmartHosts": ["relay.x.example"], **changes}
    return connector(Name=name, Guid=GUIDS[number], **values)


@pytest.fixture
def plan_of(audit, tmp_path):
    """The plan of some connectors, held against the schema, and the text of the same plan."""

    def run(*connectors, options=()):
        (tmp_path / "e.json").write_bytes(export(*connectors))
        words = ("plan", *SOURCE, "e.json", *options)
        result = audit(*words, "--format", "json")
        assert result.status == 0, result.err
        plan = json.loads(result.out)
        VALIDATOR.validate(plan)
        text = audit(*words).out
        assert max(map(len, text.splitlines())) <= 80, text
        return plan, text

    return run


@pytest.fixture
def written(audit, tmp_path):
    """The files that remediate writes for some connectors, and the run."""

    def run(*connectors, options=()):
        (tmp_path / "e.json").write_bytes(export(*connectors))
        result = audit("remediate", *SOURCE, "e.json", "--output-dir", "change", *options)
        assert result.status == 0, result.err
        files = {path.name: path.read_bytes() for path in (tmp_path / "change").iterdir()}
        return files, result

    return run


def script(data):
    """A script as PowerShell reads it; in the form that every version reads."""
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\n") == data.count(b"\r\n") > 0
    return data.decode("utf-8-sig").replace("\r\n", "\n")


def test_the_schema_holds_for_the_example_of_the_contract():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    change = {
        "order": 1,
        "connector": "Outbound Mail to Mimecast",
        "guid": GUIDS[0],
        "cmdlet": "Set-SendConnector",
        "parameters": {
            "DNSRoutingEnabled": False,
            "SmartHosts": NA,
            "SmartHostAuthMechanism": "None",
        },
        "before": {"DNSRoutingEnabled": True, "SmartHosts": [], "SmartHostAuthMechanism": "None"},
        "rollback": {"cmdlet": "Set-SendConnector", "parameters": {"DNSRoutingEnabled": True}},
        "command": "Set-SendConnector -Identity x",
        "findings": ["fingerprint"],
        "caution": None,
    }
    manual = {"connector": "EdgeSync - HQ to Internet", "findings": ["fingerprint"], "advice": "a"}
    document = {"schema": "audit-plan/1", "changes": [change], "manual": [manual]}
    VALIDATOR.validate(document)
    for wrong in ({"order": 0}, {"cmdlet": "Remove-SendConnector"}, {"command": "Set-A\nSet-B"}):
        assert not VALIDATOR.is_valid({**document, "changes": [{**change, **wrong}]})


def test_plan_shows_what_changes_in_order(audit):
    out = audit("plan", *SOURCE, DRIFTED).out
    assert out.startswith("PLAN for Contoso: 3 changes in this order.\n")
    assert max(map(len, out.splitlines())) <= 80
    heads = re.findall(r"(?m)^(\d)\. Change '(.*)' \(Set-SendConnector\)$", out)
    assert heads == [
        ("1", "Outbound Mail to Mimecast"),
        ("2", "Internet (before the gateway)"),
        ("3", "Partner"),
    ]
    assert f"       from  {EU[0]}, {NA[0]}\n       to    {NA[0]}, {NA[1]}\n" in out
    assert "   - Port: from 587 to 25\n" in out
    assert out.count("   - Enabled: from true to false\n") == 2
    # What goes along unchanged is in the command, and is no change.
    assert "SmartHostAuthMechanism" not in out
    flat = " ".join(out.split())
    assert "the gateway must have authorised the addresses that the servers send from." in flat
    assert "mail for partner.example goes through the gateway" in flat
    assert "queued" in flat


def test_plan_as_json(audit):
    result = audit("plan", *SOURCE, DRIFTED, "-f", "json")
    plan = json.loads(result.out)
    VALIDATOR.validate(plan)
    assert [change["order"] for change in plan["changes"]] == [1, 2, 3]
    first = plan["changes"][0]
    assert first["parameters"]["SmartHosts"] == NA
    assert first["before"]["Port"] == 587
    assert first["rollback"]["parameters"]["Port"] == 587
    assert [change["parameters"] for change in plan["changes"][1:]] == [{"Enabled": False}] * 2
    assert plan["manual"] == []


def test_no_host_is_broken(plan_of):
    hosts = [f"{letter * 50}.contoso.com" for letter in "abc"]
    _, text = plan_of(connector(SmartHosts=[*EU, *hosts]))
    for host in (*EU, *hosts, *NA):
        assert host in text


def test_nothing_to_do(audit):
    result = audit("plan", *SOURCE, COMPLIANT)
    assert (result.status, result.out) == (
        0,
        "NOTHING TO DO: no finding of Contoso failed.\n",
    )
    plan = json.loads(audit("plan", *SOURCE, COMPLIANT, "-f", "json").out)
    assert plan == {"schema": "audit-plan/1", "changes": [], "manual": []}


def test_what_is_exempt_or_unknown_is_left_alone(audit, plan_of, tmp_path):
    (tmp_path / "p.yaml").write_text(POLICY)
    connectors = [connector(Port=26, SmartHostAuthMechanism=None), other("Vault feed")]
    connectors[0].pop("SmartHostAuthMechanism")
    plan, text = plan_of(*connectors, options=("-p", "p.yaml"))
    assert [change["connector"] for change in plan["changes"]] == ["Outbound Mail to Mimecast"]
    assert plan["changes"][0]["parameters"] == {"Port": 25}
    assert "it could not be decided: SmartHostAuthMechanism.\n" in text
    assert "it is exempt: OtherOutboundConnectors, BypassRoutes of\n'Vault feed'.\n" in text
    report = audit("check", "-p", "p.yaml", "-s", "e.json", "-f", "json").report
    for finding in report["findings"]:
        assert (finding["remediation"] is not None) is (finding["status"] == "fail")


def test_what_a_person_must_do(plan_of):
    plan, text = plan_of(connector(), other("EdgeSync - HQ to Internet"))
    assert plan["changes"] == []
    assert [step["connector"] for step in plan["manual"]] == ["EdgeSync - HQ to Internet"]
    assert text.startswith("PLAN for e.json: 1 step by hand.\n\nBY HAND\n   - 'EdgeSync - HQ")
    assert "New-EdgeSubscription" in text


def test_a_connector_that_is_created(plan_of):
    plan, text = plan_of()
    (change,) = plan["changes"]
    assert (change["cmdlet"], change["guid"], change["before"]) == ("New-SendConnector", None, {})
    assert change["rollback"] == {"cmdlet": "Set-SendConnector", "parameters": {"Enabled": False}}
    assert "1. Create 'Outbound to Mimecast' (New-SendConnector)\n" in text
    assert "   - Port: 25\n" in text
    assert f"   - SmartHosts\n       {NA[0]}, {NA[1]}\n" in text


def test_each_finding_has_the_command_of_the_plan(audit):
    options = (*SOURCE, DRIFTED, "--domain-controller", "dc1.contoso.com", "-f", "json")
    plan = json.loads(audit("plan", *options).out)
    commands = {mark: c["command"] for c in plan["changes"] for mark in c["findings"]}
    assert all("-DomainController 'dc1.contoso.com'" in text for text in commands.values())
    for finding in audit("check", *options).report["findings"]:
        failed = finding["status"] == "fail"
        assert (finding["fingerprint"] in commands) is failed
        if failed:
            assert finding["remediation"]["command"] == commands[finding["fingerprint"]]
        else:
            assert finding["remediation"] is None


def test_the_table_says_what_to_do_only_where_a_command_can(audit, tmp_path):
    last = "\n\nTo put it right: audit plan shows the changes, audit remediate writes scripts.\n"
    assert audit("check", *SOURCE, DRIFTED).out.endswith(last)
    assert "To put it right" not in audit("check", *SOURCE, COMPLIANT).out
    (tmp_path / "e.json").write_bytes(export(connector(), other("EdgeSync - HQ to Internet")))
    result = audit("check", *SOURCE, "e.json")
    assert result.status == 1
    assert "To put it right" not in result.out


def test_remediate_writes_four_files(audit, tmp_path):
    options = ("--output-dir", "change", "--ticket", "CHG0012345")
    options += ("--domain-controller", "dc1.contoso.com")
    result = audit("remediate", *SOURCE, DRIFTED, *options)
    assert result.status == 0
    folder = tmp_path / "change"
    assert {path.name for path in folder.iterdir()} == {
        *("remediate.ps1", "rollback.ps1", "plan.txt", "plan.json")
    }
    assert result.out == (folder / "plan.txt").read_text("utf-8")
    assert result.out == audit("plan", *SOURCE, DRIFTED).out
    assert "remediate.ps1, then run it; rollback.ps1 undoes it" in result.err
    plan = json.loads((folder / "plan.json").read_text("utf-8"))
    VALIDATOR.validate(plan)
    report = audit("check", *SOURCE, DRIFTED, "-f", "json").report
    for name in ("remediate.ps1", "rollback.ps1"):
        text = script((folder / name).read_bytes())
        assert "# Organisation: Contoso\n" in text
        assert "# Ticket: CHG0012345\n" in text
        assert "# Domain controller: dc1.contoso.com\n" in text
        assert "$domainController = 'dc1.contoso.com'\n" in text
        assert report["policy"]["sha256"] in text
        assert report["snapshot"]["sha256"] in text
        for finding in report["findings"]:
            assert (finding["message"] in text) is (finding["status"] == "fail")
    text = script((folder / "remediate.ps1").read_bytes())
    places = [text.index(change["command"].split(" -WhatIf")[0]) for change in plan["changes"]]
    assert places == sorted(places)


def test_remediate_as_json_is_one_document(written):
    files, result = written(connector(Port=26), options=("-f", "json"))
    plan = json.loads(result.out)
    VALIDATOR.validate(plan)
    assert result.out.encode() == files["plan.json"]


def test_quiet_is_quiet(written):
    assert written(connector(Port=26), options=("--quiet",))[1].err == ""


def test_an_empty_plan_has_no_scripts(audit, tmp_path):
    result = audit("remediate", *SOURCE, COMPLIANT, "--output-dir", "change")
    assert (result.status, result.err) == (0, "")
    assert result.out.startswith("NOTHING TO DO")
    assert {path.name for path in (tmp_path / "change").iterdir()} == {"plan.txt", "plan.json"}


def test_a_plan_by_hand_alone_has_no_scripts(written):
    files, result = written(connector(), other("EdgeSync - HQ to Internet"))
    assert set(files) == {"plan.txt", "plan.json"}
    assert result.err == ""


@pytest.mark.parametrize("name", ["remediate.ps1", "rollback.ps1", "plan.txt", "plan.json"])
def test_an_earlier_change_is_never_replaced(audit, tmp_path, name):
    (tmp_path / "change").mkdir()
    (tmp_path / "change" / name).write_text("reviewed")
    result = audit("remediate", *SOURCE, DRIFTED, "--output-dir", "change")
    assert result.status == 2
    assert "the file is already there" in result.err
    assert "Name another --output-dir" in result.err
    assert [path.name for path in (tmp_path / "change").iterdir()] == [name]
    assert (tmp_path / "change" / name).read_text() == "reviewed"


def test_remediate_needs_a_folder(audit, tmp_path):
    result = audit("remediate", *SOURCE, DRIFTED)
    assert result.status == 2
    assert "--output-dir change" in result.err
    assert list(tmp_path.iterdir()) == []
    document = json.loads(audit("remediate", *SOURCE, DRIFTED, "-f", "json").out)
    assert document["schema"] == "audit-error/1"


def test_remediate_says_where_it_cannot_write(audit, tmp_path):
    (tmp_path / "change").write_text("a file")
    result = audit("remediate", *SOURCE, DRIFTED, "--output-dir", "change")
    assert result.status == 2
    assert "the file could not be written" in result.err


def test_no_script_without_the_way_back(audit, monkeypatch, tmp_path):
    def full(path, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("auditor.cli.output.write_file", full)
    result = audit("remediate", *SOURCE, DRIFTED, "--output-dir", "change")
    assert result.status == 2
    assert "No space left on device" in result.err

    from auditor.cli.output import write_file

    def full_at_rollback(path, data):
        if path.name == "rollback.ps1":
            full(path, data)
        write_file(path, data)

    monkeypatch.setattr("auditor.cli.output.write_file", full_at_rollback)
    assert audit("remediate", *SOURCE, DRIFTED, "--output-dir", "change").status == 2
    assert not (tmp_path / "change/remediate.ps1").exists()


def test_what_is_read_is_not_replaced(audit, tmp_path):
    (tmp_path / "plan.json").write_bytes(export(connector(Port=26)))
    result = audit("remediate", *SOURCE, "plan.json", "--output-dir", ".")
    assert result.status == 2
    assert "would replace what is read" in result.err


@pytest.mark.parametrize("command", ["plan", "remediate"])
def test_what_cannot_be_evaluated_makes_no_plan(audit, tmp_path, command):
    (tmp_path / "e.json").write_bytes(b"")
    options = ("--output-dir", "change") if command == "remediate" else ()
    assert audit(command, *SOURCE, "e.json", *options).status == 3
    assert audit(command, "--region", "nowhere", "-s", DRIFTED, *options).status == 2
    assert not (tmp_path / "change").exists()


@pytest.mark.parametrize("command", ["plan", "remediate"])
def test_a_live_server_can_be_asked(command):
    names = {option.name for option in COMMANDS[command].options}
    assert {"server", "snapshot", "auth", "username", "domain-controller", "timeout"} <= names
    assert {"policy", "pack", "region", "as-of", "format"} <= names


def test_the_snapshot_of_a_change_is_kept(written, tmp_path):
    written(connector(Port=26), options=("--save-snapshot", "snapshot.json"))
    assert (tmp_path / "snapshot.json").is_file()


def test_names_are_written_as_they_are(written):
    files, result = written(connector(Name="Büro ’München‘", Guid=None, Port=26))
    text = script(files["remediate.ps1"])
    assert "-Identity 'Büro ’’München‘‘'" in text
    assert "'Büro ’München‘'" in result.out


@pytest.mark.parametrize(
    "name",
    [
        "a\nRemove-SendConnector x",
        "a\r\n#>",
        "a\u2028b",
        "a\x07b",
        "a\u202eb",
        "a\ud800b",
        "'; Remove-SendConnector x; '",
        "’; Remove-SendConnector x; ‘",
        "$(calc) `n ${x} #> @'",
        "x" * 300,
        "*",
        "",
    ],
    ids=ascii,
)
@pytest.mark.parametrize("guid", [GUIDS[5], None], ids=["guid", "no guid"])
def test_hostile_names_end_in_a_command_or_by_hand(plan_of, written, name, guid):
    subject = {k: v for k, v in connector(Name=name, Port=26).items() if k != "Guid" or guid}
    plan, text = plan_of(subject)
    steps = [*plan["changes"], *plan["manual"]]
    assert len(steps) == 1
    assert steps[0]["findings"]
    assert text.replace("\n", "").isprintable()
    files, _ = written(subject)
    assert ("remediate.ps1" in files) is bool(plan["changes"])
    for change in plan["changes"]:
        lines = script(files["remediate.ps1"]).split("\n")
        commands = [line for line in lines if re.match(r"\s*(Set|New|Remove)-\w+Connector", line)]
        assert len(commands) == 1
        assert commands[0].startswith(change["command"])


def test_no_way_out_is_closed_where_the_gateway_cannot_be_put_right(plan_of):
    broken = connector(Name="Bad\nname", SmartHosts=[*NA, *EU])
    broken.pop("Guid")
    plan, _ = plan_of(broken, other("Internet", AddressSpaces=["SMTP:*;1"]))
    assert plan["changes"] == []
    assert {step["connector"] for step in plan["manual"]} == {"Bad\nname", "Internet"}


def modules(tmp_path, *arguments):
    """What a whole run has loaded."""
    code = (
        "import json, sys; from auditor.cli import main; main(sys.argv[1:]);"
        "print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        check=True,
        cwd=ROOT / "tests",
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_only_drift_pays_for_a_plan(tmp_path):
    loaded = modules(tmp_path, "check", *SOURCE, COMPLIANT)
    assert not {name for name in loaded if name.startswith(("auditor.remediate", "deepdiff"))}
    assert "auditor.remediate" in modules(tmp_path, "check", *SOURCE, DRIFTED)


def test_the_wheel_ships_schema_and_scripts(tmp_path):
    from hatchling.builders.wheel import WheelBuilder

    builder = WheelBuilder(str(ROOT))
    names = {file.distribution_path for file in builder.recurse_included_files()}
    for folder in ("auditor/remediate/*.ps1", "auditor/report/*.json", "auditor/collect/*.ps1"):
        expected = {path.relative_to(ROOT).as_posix() for path in ROOT.glob(folder)}
        assert expected
        assert expected <= names


@pytest.mark.parametrize("command", ["check", "plan", "remediate"])
def test_a_domain_controller_is_a_host(audit, command):
    words = ["--output-dir", "change"] if command == "remediate" else []
    result = audit(command, "-r", "na", "-s", ROOT / "examples/drifted.xml", *words,
                   "--domain-controller", "dc01\nRemove-SendConnector x")  # fmt: skip
    assert result.status == 2
    assert "--domain-controller cannot be" in result.err


def test_a_name_that_exchange_could_read_as_a_wildcard_is_left_to_a_person(audit):
    wild = connector(Name="*", Guid=REMOVED, AddressSpaces=["a.example"], SmartHosts=["mx.example"])
    found = export(connector(), wild)
    plan = json.loads(audit("plan", "-r", "na", "-s", "-", "-f", "json", stdin=found).out)
    assert plan["changes"] == []
    assert "its name holds a wildcard" in plan["manual"][0]["advice"]
