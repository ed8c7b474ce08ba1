"""``audit policy``: what each command prints, writes and refuses."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from auditor.cli.commands import COMMANDS
from auditor.collect import read_snapshots
from auditor.errors import AuditError
from auditor.evaluate import evaluate
from auditor.normalise import normalise, organization_of
from auditor.policy import (
    builtin_names,
    builtin_packs,
    find_region,
    load_builtin_packs,
    load_policy,
)
from auditor.policy.effective import effective_policy
from auditor.report.first_policy import render
from tests.conftest import ROOT, connector, export

NOW = datetime(2026, 11, 23, tzinfo=UTC)
HEAD = 'schema: audit-policy/1\nname: contoso\nversion: "1"\nextends: mimecast\n'
OWN = (
    HEAD
    + """region: eu
packs: [tls, rules.yaml]
connector:
  name: Outbound Mail to Mimecast
  properties:
    MaxMessageSize: {max: 50 MB, severity: low, why: "A long reason: it has a colon, 'quotes' and more than sixty characters"}
    Comment: {matches: '[a-z]+ \\d{2}'}
    TlsDomain: {one_of: [null, '*.mimecast.com'], when: {RequireTLS: true}}
    Port: {ignore: true}
exemptions:
  - {connector: "Vault *", reason: "yes", owner: o, approved_by: a, expires: 2027-01-31,
     only_if: {AddressSpaces: ["SMTP:vault.contoso.com;1"]}}
  - {connector: null, control: ConnectorPresent, reason: "2026-01-01", owner: "o\\u2028p", approved_by: a,
     expires: 2027-01-31, starts: 2026-01-01, evidence: "sha256:"""
    + "0" * 64
    + """"}
regions:
  Own: {title: Our own, smart_hosts: [our.mimecast.com, ours.mimecast.com], state: unconfirmed}
"""
)
RULES = """schema: audit-pack/1
name: rules
controls:
  - {id: R-1, title: "Several: at once", properties: {RequireTLS: true, TlsAuthLevel: {one_of: [DomainValidation]}}, scope: all}
  - {id: "5.5", property: Comment, present: true, not_applicable_because: "never"}
"""


@pytest.fixture
def own(tmp_path):
    (tmp_path / "contoso.yaml").write_text(OWN, "utf-8")
    (tmp_path / "rules.yaml").write_text(RULES, "utf-8")
    return tmp_path / "contoso.yaml"


def test_list_names_every_policy_region_and_pack(audit):
    result = audit("policy", "list")
    assert result.status == 0
    for name in (*builtin_names(), *builtin_packs(), *load_policy("mimecast", ROOT).regions):
        assert name in result.out
    document = json.loads(audit("policy", "list", "--format", "json").out)
    assert document["schema"] == "audit-policy-list/1"
    assert [pack["name"] for pack in document["packs"]] == builtin_packs()
    assert document["policies"][0]["regions"] == list(load_policy("mimecast", ROOT).regions)


def test_regions_shows_hosts_and_state(audit):
    result = audit("policy", "regions")
    assert result.status == 0
    assert max(map(len, result.out.splitlines())) <= 80
    document = json.loads(audit("policy", "regions", "-f", "json").out)
    for region, entry in zip(
        load_policy("mimecast", ROOT).regions.values(), document["regions"], strict=True
    ):
        assert entry["smart_hosts"] == list(region.smart_hosts)
        assert entry["state"] == region.state
        for word in (region.id, *region.aliases, *region.smart_hosts):
            assert word in result.out
    assert "Unconfirmed: have Mimecast confirm" in result.out


def test_a_policy_may_have_no_regions(audit, tmp_path):
    text = HEAD.replace("extends: mimecast", "gateway: {name: M, domains: [m.com]}\nregions: {}")
    (tmp_path / "p.yaml").write_text(text, "utf-8")
    result = audit("policy", "regions", "-p", "p.yaml")
    assert (result.status, result.err) == (0, "")
    assert result.out.startswith("Region ")


def test_show_gives_every_value_its_place(audit, own):
    result = audit("policy", "show", own)
    assert result.status == 0, result.err
    places = [line.rpartition("  # ")[2] for line in result.out.splitlines() if "  # " in line]
    assert {place.partition(":")[0] for place in places} == {"contoso.yaml", "mimecast.yaml"}
    assert all(re.fullmatch(r"[\w.]+:\d+", place) for place in places)
    assert re.search(r"^      max: 50 MB +# contoso\.yaml:10$", result.out, re.MULTILINE)
    line = next(line for line in result.out.splitlines() if "region: smart_hosts" in line)
    number = int(line.rpartition(":")[2])
    source = (ROOT / "policies/mimecast.yaml").read_text("utf-8").splitlines()
    assert source[number - 1].strip() == "region: smart_hosts"


def test_what_show_prints_is_the_same_policy(audit, own, tmp_path):
    text = audit("policy", "show", own, "--pack", "cis-exchange-2019").out
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "shown.yaml").write_text(text, "utf-8")
    packs = [("cis-exchange-2019", ROOT)]
    assert (
        load_policy("shown.yaml", elsewhere).sha256
        == load_policy("contoso.yaml", tmp_path, packs).sha256
    )
    # Once more: it is stable but for its places.
    again = effective_policy("shown.yaml", elsewhere)
    assert re.sub(r" *# .*", "", again) == re.sub(r" *# .*", "", text)


def test_show_gives_each_item_its_place_where_they_differ(audit, own):
    out = audit("policy", "show", own, "--pack", "cis-exchange-2019").out
    places = r"packs:\n  - tls +# contoso\.yaml:6\n  - \S*/rules\.yaml +# contoso\.yaml:6\n  - cis-exchange-2019 +# --pack\n"
    assert re.search(places, out)


def test_show_in_a_region_says_its_hosts(audit, own):
    result = audit("policy", "show", own, "--region", "US")
    assert "region: na " in result.out
    line = next(line for line in result.out.splitlines() if "region: smart_hosts" in line)
    assert line.endswith("(us-smtp-outbound-1.mimecast.com, us-smtp-outbound-2.mimecast.com)")
    assert audit("policy", "show", "mimecast", "-r", "nowhere").status == 2


@pytest.mark.parametrize("name", [*builtin_packs(), "rules.yaml"])
def test_show_knows_packs(audit, own, name):
    result = audit("policy", "show", name)
    assert result.status == 0
    shown = yaml.safe_load(result.out)
    file = ROOT / f"policies/packs/{name}.yaml"
    assert shown == yaml.safe_load((file if file.is_file() else own.with_name(name)).read_text())


@pytest.mark.parametrize(
    "control",
    [
        *load_policy("mimecast", ROOT).all_controls,
        *(control for pack in load_builtin_packs() for control in pack.controls.values()),
    ],
    ids=lambda control: control.id,
)
def test_explain_says_what_why_and_how_of_every_control(audit, control):
    result = audit("policy", "explain", control.id.lower())
    assert result.status == 0, result.err
    flat = " ".join(result.out.split())
    assert " ".join(control.why.split()) in flat
    for reference in control.references:
        assert reference in result.out
    assert "Checks" in result.out
    assert ("To fix" in result.out) is (control.not_applicable_because is None)
    assert ("known from one source only" in flat) is control.unconfirmed
    entry = json.loads(audit("policy", "explain", control.id, "-f", "json").out)["controls"][0]
    assert entry["control"] == control.id
    assert entry["checks"]
    assert entry["why"] == control.why


def test_explain_finds_the_controls_on_a_property(audit):
    result = audit("policy", "explain", "RequireTLS", "--format", "json")
    found = {entry["control"] for entry in json.loads(result.out)["controls"]}
    assert found == {"TLS-RequireTLS", "V-221262", "V-259642"}
    assert "us-smtp-outbound-1" in audit("policy", "explain", "SmartHosts", "-r", "na").out


def test_explain_of_nothing_suggests(audit):
    result = audit("policy", "explain", "DNSRouting")
    assert result.status == 2
    assert "Did you mean 'DNSRoutingEnabled'?" in result.err
    result = audit("policy", "explain", "DNSRouting", "-f", "json")
    assert json.loads(result.out)["schema"] == "audit-error/1"
    result = audit("policy", "explain", "zzzzzz")
    assert result.status == 2
    assert "Controls are properties of send connectors, ConnectorPresent" in result.err
    assert len(result.err) < 200


def test_explain_tells_a_property_without_a_control_from_nonsense(audit):
    result = audit("policy", "explain", "fqdn")
    assert result.status == 2
    assert "Fqdn is a property of send connectors, and no control of this policy" in result.err
    assert "Fqdn: mail.contoso.com" in result.err
    result = audit("policy", "explain", "Name")
    assert result.status == 2
    assert "only where the policy names the connector: connector: {name: " in result.err


def test_explain_of_a_property_looks_into_packs_that_are_not_in_use_only_if_need_be(audit, own):
    def found(*words):
        document = json.loads(audit("policy", "explain", *words, "-f", "json").out)
        return [(one["control"], one["in_use"]) for one in document["controls"]]

    assert found("SmartHosts") == [("SmartHosts", True)]
    pack = ("--pack", "stig-exchange-2019-edge")
    assert found("smarthosts", *pack) == [("SmartHosts", True), ("V-259593", True)]
    assert found("TlsDomain") == [("TLS-TlsDomain", False)]
    assert found("TlsDomain", "-p", own) == [("TlsDomain", True), ("TLS-TlsDomain", True)]
    flat = " ".join(audit("policy", "explain", "TLS-TlsDomain").out.split())
    assert "From tls (a pack that is not in use: --pack tls), tls.yaml:" in flat
    out = audit("policy", "explain", "TLS-TlsDomain", "--pack", "tls").out
    assert re.search(r"^From +tls, tls\.yaml:\d+$", out, re.MULTILINE)


COMMANDS_OF = {
    "Port: 25": "-Port 25",
    "Enabled: true": "-Enabled $true",
    "DNSRoutingEnabled: false": "-DNSRoutingEnabled $false",
    "SmartHosts: [b.example, a.example]": '-SmartHosts "a.example","b.example"',
    "MaxMessageSize: 25 MB": "-MaxMessageSize 25MB",
    "MaxMessageSize: 1000000": "-MaxMessageSize 1000000",
    "MaxMessageSize: Unlimited": "-MaxMessageSize Unlimited",
    "MaxMessageSize: {max: 25 MB}": "-MaxMessageSize VALUE",
    'ConnectionInactivityTimeOut: "00:10:00"': "-ConnectionInactivityTimeOut 00:10:00",
    "SmartHostAuthMechanism: None": "-SmartHostAuthMechanism None",
    "TlsDomain: null": "-TlsDomain $null",
    "TlsCertificateName: {present: false}": "-TlsCertificateName $null",
    "TlsDomain: {present: true}": "-TlsDomain VALUE",
    "Comment: 'a $(b) `c` \u201cd\u201d \"'": '-Comment "a `$(b) ``c`` `\u201cd`\u201d `""',
    "SmartHosts: {region: smart_hosts}": "-SmartHosts VALUE",
    # What sends by DNS is never proposed.
    "DNSRoutingEnabled: true": None,
    "DomainSecureEnabled: true": None,
    "SmartHosts: []": None,
    "SmartHosts: {present: false}": None,
}


@pytest.mark.parametrize(("asked", "command"), COMMANDS_OF.items())
def test_explain_gives_a_command(audit, tmp_path, asked, command):
    text = HEAD + f"connector:\n  properties:\n    {asked}\n"
    (tmp_path / "p.yaml").write_text(text, "utf-8")
    name = asked.partition(":")[0]
    document = json.loads(audit("policy", "explain", name, "-p", "p.yaml", "-f", "json").out)
    fix = document["controls"][0]["fix"]
    if command is None:
        assert not any("<name>" in text for text in fix)
        assert fix[-1] == "No command is given for what would send mail around the gateway."
    else:
        assert fix[0] == f'Set-SendConnector "<name>" {command}'


def test_explain_gives_one_command_for_what_goes_together(audit):
    document = json.loads(audit("policy", "explain", "V-259593", "-f", "json").out)
    assert document["controls"][0]["fix"] == [
        'Set-SendConnector "<name>" -SmartHosts VALUE -DNSRoutingEnabled $false',
        "Give -DNSRoutingEnabled $false and -SmartHosts in one command.",
        "The list is replaced whole.",
    ]
    # What does not apply has nothing to be put right.
    document = json.loads(audit("policy", "explain", "2.2.8", "-f", "json").out)
    assert document["controls"][0]["fix"] == []


def test_validate_says_what_is_valid(audit, own):
    result = audit("policy", "validate", own, "rules.yaml", "mimecast", "--strict")
    assert result.status == 0, result.out
    assert result.out.splitlines()[1:] == ["rules.yaml: valid", "mimecast: valid"]


EXPIRED = """exemptions:
  - {connector: Vault, reason: r, owner: o, approved_by: a, expires: 2026-01-31}
"""


def test_validate_tells_errors_from_warnings(audit, tmp_path):
    (tmp_path / "a.yaml").write_text(HEAD + EXPIRED)
    (tmp_path / "b.yaml").write_text(HEAD + "connector: {properties: {Prot: 25}}\n")
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "c.yaml").write_text(HEAD + "connector: {properties: {Port: 99999}}\n")
    warned = audit("policy", "validate", "a.yaml", "--as-of", "2026-11-23")
    assert warned.status == 0
    assert warned.out.startswith("a.yaml:6:")
    assert ": warning: " in warned.out
    assert warned.out.endswith("a.yaml: 1 warning\n")
    assert audit("policy", "validate", "a.yaml", "--strict").status == 1
    assert audit("policy", "validate", "a.yaml", "--strict", "--as-of", "2026-01-31").status == 0
    failed = audit("policy", "validate", "a.yaml", "b.yaml", "policies/c.yaml")
    assert failed.status == 2
    assert "b.yaml:5:26: error: Exchange's send connectors have no property 'Prot'" in failed.out
    assert "Did you mean 'Port'?" in failed.out
    assert "policies/c.yaml:5:32: error: Port cannot be 99999" in failed.out
    document = json.loads(audit("policy", "validate", "a.yaml", "b.yaml", "-f", "json").out)
    assert document["schema"] == "audit-error/1"
    assert [(e["code"], e["file"], e["line"]) for e in document["errors"]] == [
        ("policy-warning", "a.yaml", 6),
        ("policy", "b.yaml", 5),
    ]


def test_validate_knows_built_in_packs_by_name(audit):
    result = audit("policy", "validate", "--strict", "tls", "mimecast")
    assert (result.status, result.out) == (0, "tls: valid\nmimecast: valid\n")


def test_two_packs_in_use_have_two_names_and_no_id_in_common(audit, tmp_path):
    ours = "schema: audit-pack/1\nname: {}\ncontrols:\n  - {{id: {}, property: Port, equals: 25}}\n"
    (tmp_path / "same-name.yaml").write_text(ours.format("TLS", "R-1"))
    (tmp_path / "same-id.yaml").write_text(ours.format("ours", "tls-requiretls"))
    for packs in (("same-name.yaml", "tls"), ("tls", "same-name.yaml")):
        result = audit("policy", "show", "mimecast", *(f"--pack={pack}" for pack in packs))
        assert result.status == 2
        assert "two packs are called 'TLS'\n  in same-name.yaml, line 2, column 7" in result.err
    for packs in (("same-id.yaml", "tls"), ("tls", "same-id.yaml")):
        result = audit("policy", "show", "mimecast", *(f"--pack={pack}" for pack in packs))
        assert result.status == 2
        assert "both have the id 'tls-requiretls', and one id can stand for one" in result.err
        assert "in same-id.yaml, line 4, column 10\n  Give this control another id" in result.err
    # One file that is named twice is one pack.
    assert audit("policy", "show", "mimecast", "--pack", "tls", "--pack", "tls").status == 0


def test_validate_of_what_is_not_there(audit):
    result = audit("policy", "validate", "none.yaml")
    assert result.status == 2
    assert "there is no file" in result.out
    assert audit("policy", "validate").status == 2


def test_the_printed_schemas_are_the_shipped_ones(audit):
    for words, name in (((), "policy"), (("--packs",), "pack")):
        shipped = (ROOT / f"policies/audit-{name}-1.schema.json").read_text("utf-8")
        assert audit("policy", "schema", *words).out == shipped


def test_shipped_policies_point_editors_to_their_schema():
    for file in [*(ROOT / "policies").glob("*.yaml"), *(ROOT / "policies/packs").glob("*.yaml")]:
        first = file.read_text("utf-8").splitlines()[0]
        match = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
        assert match, file.name
        assert (file.parent / match[1]).is_file()


def test_the_pre_commit_hook_checks_policies(audit, monkeypatch):
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    files = [
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.y*ml")
        if re.search(hook["files"], path.relative_to(ROOT).as_posix())
        and not path.is_relative_to(ROOT / "tests")
        and not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
    ]
    assert "policies/mimecast.yaml" in files
    assert "policies/packs/tls.yaml" in files
    program, *words = hook["entry"].split()
    assert program == "audit"
    assert " ".join(words) in COMMANDS
    monkeypatch.chdir(ROOT)
    assert audit(*words, "--strict", *files).status == 0


def first_policy(snapshot, region):
    """The policy that init writes, with the audit that it is made of; None if there is none."""
    base = load_policy("mimecast", Path())
    found = find_region(base, region)
    organization = organization_of(snapshot)
    audit = evaluate(normalise(snapshot), base, found, NOW, snapshot, organization)
    presence = next(f for f in audit.findings if f.control.id == "ConnectorPresent")
    if presence.status != "pass":
        return None
    return audit, render(audit, audit.subject, "mimecast")


def cases():
    for folder in sorted((ROOT / "tests/cases").iterdir()):
        case = yaml.safe_load((folder / "case.yaml").read_text("utf-8"))
        try:
            files = sorted(folder.glob("input*"))
            snapshot = read_snapshots([(path.name, path.read_bytes()) for path in files])
            made = first_policy(snapshot, case.get("region"))
        except AuditError:
            continue
        if made is not None:
            yield folder.name, snapshot, *made


def filled_in(text):
    """What an administrator makes of it: the number signs taken away, the blanks filled in."""
    text = re.sub(r"(?m)^( *)#(?=\w|  )", r"\1", text)
    text = re.sub(r"(?m)^( +(?:reason|owner|approved_by): ).*$", r"\1somebody", text)
    return re.sub(r"(?m)^( +expires: ).*$", r"\g<1>2027-01-31", text)


def said(audit, found):
    return next(f.message for f in audit.findings if f.control.id == found[0])


def test_init_writes_what_the_organisation_satisfies(tmp_path):
    """Of every case: nothing but the other connectors is reported, and filled in, nothing is."""
    seen = 0
    for name, snapshot, before, text in cases():
        unknown = {f.control.id for f in before.findings if f.status == "unknown"}
        others = [
            (f.control.id, f.connector)
            for f in before.findings
            if f.control.id == "OtherOutboundConnectors" and f.status == "fail"
        ]
        for number, written in enumerate((text, filled_in(text))):
            file = tmp_path / f"{name}-{number}.yaml"
            file.write_text(written, "utf-8")
            policy = load_policy(file.name, tmp_path)
            region = find_region(policy, None)
            after = evaluate(normalise(snapshot), policy, region, NOW, snapshot)
            wrong = [
                (f.control.id, f.connector and f.connector.name)
                for f in after.findings
                if f.status == "fail" and f.control.id != "BypassRoutes"
            ]
            around = [
                f.connector
                for f in after.findings
                if f.control.id == "BypassRoutes" and f.status == "fail"
            ]
            # What is exempt may still not take the mail for every other domain.
            for one in around if number else []:
                spaces = one.properties["AddressSpaces"]
                linked = one.properties["LinkedReceiveConnector"]
                every = any(space.startswith("SMTP:*;") for space in spaces)
                assert one.name is None or every or isinstance(linked, str), name
            expected = [(c, o and o.name) for c, o in others] if number == 0 else []
            nameless = [(c, None) for c, o in others if o is not None and o.name is None]
            # No policy makes servers come back that are all gone.
            gone = [one for one in wrong if "No other source server is right" in said(before, one)]
            assert wrong == (gone or expected or nameless), (name, written)
            # What could not be read stays unknown, and nothing else is.
            left = {f.control.id for f in after.findings if f.status == "unknown"}
            assert left - {"BypassRoutes"} <= unknown, name
        seen += 1
    assert seen >= 100


def test_init_writes_a_file_and_says_what_is_left(audit, tmp_path):
    result = audit("policy", "init", "--from", ROOT / "examples/drifted.xml", "-r", "na", "--to", "new/ours.yaml")  # fmt: skip
    assert result.status == 0
    assert result.out == ""
    assert "written as it is: SmartHosts, Port" in result.err
    assert "2 other connectors to disable or to exempt" in result.err
    assert "audit: written to new/ours.yaml" in result.err
    checked = audit(
        "check", "-s", ROOT / "examples/drifted.xml", "-p", "new/ours.yaml", "-f", "json"
    )
    assert {f for f, status in checked.statuses.items() if status != "pass"} == {
        "OtherOutboundConnectors @ Internet (before the gateway)",
        "OtherOutboundConnectors @ Partner",
        "BypassRoutes",
    }
    # The hosts of another region are written as they are, and warned of.
    said = audit("policy", "validate", "new/ours.yaml")
    assert said.status == 0
    assert re.findall(r": (?:error|warning): (\w+)", said.out) == ["SmartHosts"]
    again = audit("policy", "init", "--from", ROOT / "examples/drifted.xml", "-r", "na", "--to", "new/ours.yaml")  # fmt: skip
    assert again.status == 2
    assert "already there" in again.err


def test_init_takes_its_source_as_every_command_does(audit, monkeypatch, tmp_path):
    example = ROOT / "examples/compliant.xml"
    expected = audit("policy", "init", "--from", example, "-r", "na").out
    assert expected
    for option in ("--snapshot", "-s"):
        assert audit("policy", "init", option, example, "-r", "na").out == expected
    for other in (("-s", example), ("-S", "ex01")):
        result = audit("policy", "init", "--from", example, *other, "-r", "na")
        assert result.status == 2
        assert "exclude each other" in result.err
    # The command line wins over the environment, the environment over the file.
    (tmp_path / "audit.yaml").write_text("server: nowhere.invalid\n")
    monkeypatch.setenv("AUDIT_SNAPSHOT", str(example))
    assert audit("policy", "init", "-r", "na").out == expected
    monkeypatch.setenv("AUDIT_SNAPSHOT", "none.xml")
    assert audit("policy", "init", "--from", example, "-r", "na").out == expected


def test_init_asks_for_a_source_before_a_region(audit):
    result = audit("policy", "init")
    assert result.status == 2
    assert "there is nothing to read" in result.err


def test_init_writes_an_exemption_that_says_what_it_lacks(audit, tmp_path):
    audit("policy", "init", "-s", ROOT / "examples/drifted.xml", "-r", "na", "--to", "p.yaml")
    text = (tmp_path / "p.yaml").read_text("utf-8")
    (tmp_path / "p.yaml").write_text(re.sub(r"(?m)^( *)#(?=\w|  )", r"\1", text), "utf-8")
    result = audit("policy", "validate", "p.yaml")
    assert result.status == 2
    assert "reason: no value is given\n    Say why this may stay as it is." in result.out


def test_init_goes_on_from_a_policy_of_ones_own(audit, tmp_path):
    (tmp_path / "base.yaml").write_text(HEAD + "connector: {properties: {Port: 587}}\n")
    args = [
        "policy",
        "init",
        "--from",
        ROOT / "examples/compliant.xml",
        "-r",
        "na",
        "-p",
        "base.yaml",
    ]
    audit(*args, "--to", "ours.yaml")
    assert "extends: base.yaml\n" in (tmp_path / "ours.yaml").read_text()
    result = audit("check", "-s", ROOT / "examples/compliant.xml", "-p", "ours.yaml")
    assert result.status == 0, result.out
    assert f"extends: {tmp_path.as_posix()}/base.yaml" in audit(*args).out


@pytest.mark.parametrize(
    ("connectors", "status", "words"),
    [
        ([connector(SmartHosts=["mail.example"])], 2, "no example to follow"),
        ([], 2, "no example to follow"),
        ([connector(SmartHosts="System.Object[]")], 3, "cannot be told"),
        ([connector(Port="x")], 3, "nothing is known of: Port"),
    ],
)
def test_init_refuses_what_is_no_example(audit, connectors, status, words):
    result = audit("policy", "init", "--from", "-", "-r", "na", stdin=export(*connectors))
    assert result.status == status
    assert words in result.err


def test_names_from_outside_cannot_break_out_of_the_policy(audit, tmp_path):
    evil = "x: {y} # é '\"\u202eあ{{[*&!|> - no"
    found = export(connector(Name=evil), connector(Name=f"y{evil}", Guid="2", SmartHosts=[]))
    audit("policy", "init", "--from", "-", "-r", "na", "--to", "p.yaml", stdin=found)
    assert load_policy("p.yaml", tmp_path).connector_name == evil
    (tmp_path / "q.yaml").write_text(filled_in((tmp_path / "p.yaml").read_text("utf-8")), "utf-8")
    assert load_policy("q.yaml", tmp_path).exemptions[0].connector == f"y{evil}"


def test_a_name_that_no_policy_can_give_is_left_out(audit, tmp_path):
    evil = "x\nconnector: {properties: {}}\n#\u2028"
    found = export(connector(Name=evil), connector(Name=f"y{evil}", Guid="2", SmartHosts=[]))
    result = audit("policy", "init", "--from", "-", "-r", "na", "--to", "p.yaml", stdin=found)
    assert result.status == 0
    policy = load_policy("p.yaml", tmp_path)
    assert policy.connector_name is None
    assert policy.exemptions == ()
    assert (
        "(Connector 2 has no name that a policy could give.)" in (tmp_path / "p.yaml").read_text()
    )


def test_init_leaves_what_is_exempt_to_its_exemption(audit, tmp_path):
    (tmp_path / "base.yaml").write_text(
        HEAD + "exemptions:\n  - {connector: '*', control: Port, reason: r, owner: o, "
        "approved_by: a, expires: 2027-12-31}\n"
    )
    found = export(connector(Port=587, SmartHostAuthMechanism=32))
    args = ["policy", "init", "--from", "-", "-r", "na", "-p", "base.yaml", "--to", "p.yaml"]
    assert audit(*args, stdin=found).status == 0
    text = (tmp_path / "p.yaml").read_text("utf-8")
    assert "# Port is exempt, by an exemption that is inherited." in text
    assert "cannot be written as a policy, so it goes on failing" in text
    late = audit(
        "check", "-p", "p.yaml", "-s", "-", "-f", "json", "--as-of", "2030-01-01", stdin=found
    )
    assert late.statuses["Port"] == "fail"
    assert late.statuses["SmartHostAuthMechanism"] == "fail"


def test_a_group_alone_shows_its_commands_and_is_no_success(audit):
    result = audit("policy")
    assert result.status == 2
    for name in ("list", "show", "validate", "schema", "explain", "init", "regions"):
        assert re.search(rf"^  {name} ", result.out, re.MULTILINE)


@pytest.mark.parametrize("name", [name for name in COMMANDS if name.startswith("policy ")])
def test_help_has_an_example_and_fits(audit, name):
    result = audit(*name.split(), "--help")
    assert result.status == 0
    assert COMMANDS[name].example in " ".join(result.out.split())
    assert max(map(len, result.out.splitlines())) <= 80
