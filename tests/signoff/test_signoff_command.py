"""``audit signoff``: when an organisation is ready, and what the bundle holds."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.cli.bundles import write_bundle
from auditor.collect import read_snapshots
from auditor.errors import UsageError
from auditor.model import QUESTIONS
from auditor.snapshot import write_snapshot
from tests.conftest import REMOVED, ROOT, VALIDATOR, connector, export
from tests.live.conftest import endpoint, kdc, kerberos
from tests.live.objects import organization
from tests.signoff.answers import ALL, answers

__all__ = ["endpoint", "kdc", "kerberos"]

COMPLIANT = export(connector(Name="Outbound Mail to Mimecast"))
DRIFTED = export(connector(Port=587))
UNKNOWN = export(connector(Port=REMOVED))
LAX = """
schema: audit-policy/1
name: lax
version: "1"
extends: mimecast
controls: {OtherOutboundConnectors: {ignore: true}, BypassRoutes: {ignore: true}}
"""
BLIND = """
schema: audit-policy/1
name: blind
version: "1"
extends: mimecast
connector: {properties: {DNSRoutingEnabled: {ignore: true}, SmartHosts: {ignore: true}}}
"""
SOME = dict(list(ALL.items())[:3])

READINESS = [
    ("all is confirmed", COMPLIANT, None, ALL, "ready", 0),
    ("an answer is missing", COMPLIANT, None, SOME, "not ready", 1),
    ("an answer is null", COMPLIANT, None, ALL | {"journaling": None}, "not ready", 1),
    ("an answer is no", COMPLIANT, None, ALL | {"journaling": "not-confirmed"}, "not ready", 1),
    ("nobody says anything", COMPLIANT, None, None, "not ready", 1),
    ("a finding failed", DRIFTED, None, ALL, "not ready", 1),
    ("a finding is unknown", UNKNOWN, None, ALL, "undecided", 3),
    ("unknown, and an answer is missing", UNKNOWN, None, SOME, "not ready", 1),
    ("the policy asks too little", COMPLIANT, LAX, ALL, "undecided", 3),
    (
        "the facts are against it, the policy is not",
        export(connector(DNSRoutingEnabled=True)),
        BLIND,
        ALL,
        "not ready",
        1,
    ),
]


@pytest.fixture
def signoff(audit, tmp_path):
    """Runs ``audit signoff`` on an export; gives the result and the bundle's folder."""

    def run(source=COMPLIANT, said=ALL, policy=None, *options):
        (tmp_path / "connectors.json").write_bytes(source)
        words = ["--region", "na", "-s", "connectors.json", "--as-of", "2026-11-23"]
        if said is not None:
            (tmp_path / "answers.yaml").write_text(said if isinstance(said, str) else answers(said))
            words += ["--attestations", "answers.yaml"]
        if policy is not None:
            (tmp_path / "own.yaml").write_text(policy)
            words += ["--policy", "own.yaml"]
        result = audit("signoff", *words, "--bundle", "bundle", *options)
        return result, tmp_path / "bundle"

    return run


@pytest.mark.parametrize(
    ("source", "policy", "said", "state", "status"),
    [row[1:] for row in READINESS],
    ids=[row[0] for row in READINESS],
)
def test_an_organisation_is_ready_only_where(signoff, source, policy, said, state, status):
    result, bundle = signoff(source, said, policy)
    assert result.status == status, result.out + result.err
    assert result.out.startswith(f"{state.upper()}: ")
    report = json.loads((bundle / "report.json").read_text())
    VALIDATOR.validate(report)
    assert report["go_live"] == state
    assert bool(report["go_live_reasons"]) == (state != "ready")
    assert json.loads((bundle / "manifest.json").read_text())["go_live"] == state


def test_the_bundle_holds_all_that_the_audit_was_made_of_and_made(signoff):
    _, bundle = signoff(DRIFTED, ALL, None, "--ticket", "CHG0012345")
    names = {str(path.relative_to(bundle)) for path in bundle.rglob("*") if path.is_file()}
    assert names == {
        *("snapshot.json", "policy.yaml", "attestations.yaml", "manifest.json"),
        *("report.json", "report.html", "report.pdf", "plan.json", "plan.txt"),
        *("remediate.ps1", "rollback.ps1"),
    }
    assert b"CHG0012345" in (bundle / "remediate.ps1").read_bytes()
    assert (bundle / "report.pdf").read_bytes().startswith(b"%PDF-")
    report = json.loads((bundle / "report.json").read_text())
    assert {said["question"] for said in report["attestations"]} == set(QUESTIONS)


def test_what_is_in_the_bundle_gives_the_same_report(audit, signoff):
    _, bundle = signoff(DRIFTED)
    own = json.loads((bundle / "report.json").read_text())
    words = ("-s", bundle / "snapshot.json", "-p", bundle / "policy.yaml", "--as-of", "2026-11-23")
    again = audit("check", "-r", "na", *words, "-f", "json").report
    for name in ("go_live", "go_live_reasons", "attestations"):
        own.pop(name)
    assert again == own
    assert own["snapshot"]["source"] == "connectors.json"


def test_packs_are_in_the_bundle_whole(audit, signoff, tmp_path):
    pack = (ROOT / "policies/packs/tls.yaml").read_text("utf-8").replace("name: tls", "name: own")
    (tmp_path / "Our Rules!.yaml").write_text(pack, "utf-8")
    _, bundle = signoff(
        COMPLIANT, ALL, None, "--pack", "cis-exchange-2019", "--pack", "Our Rules!.yaml"
    )
    packs = {path.name for path in (bundle / "packs").iterdir()}
    assert packs == {"cis-exchange-2019.yaml", "ourrules.yaml"}
    words = ("-s", bundle / "snapshot.json", "-p", bundle / "policy.yaml", "--as-of", "2026-11-23")
    findings = audit("check", "-r", "na", *words, "-f", "json").report["findings"]
    assert findings == json.loads((bundle / "report.json").read_text())["findings"]
    assert any(f["control"].startswith("2.2.") or "CIS" in f["control"] for f in findings)


@pytest.mark.parametrize("kind", ["bundle", "bundle.zip"])
def test_the_same_gives_the_same_bytes(audit, signoff, tmp_path, kind):
    def made(name):
        signoff()
        words = ("-s", "connectors.json", "--as-of", "2026-11-23", "--attestations", "answers.yaml")
        assert audit("signoff", "-r", "na", *words, "--bundle", name).status == 0
        path = tmp_path / name
        if path.is_file():
            return path.read_bytes()
        return {str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()}

    first = made(f"1-{kind}")
    (tmp_path / "bundle").rename(tmp_path / "elsewhere")
    assert made(f"2-{kind}") == first


def test_a_zip_holds_the_same_files_as_a_folder(audit, signoff, tmp_path):
    _, bundle = signoff()
    words = ("-s", "connectors.json", "--as-of", "2026-11-23", "--attestations", "answers.yaml")
    audit("signoff", "-r", "na", *words, "--bundle", "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        for name in archive.namelist():
            assert archive.read(name) == (bundle / name).read_bytes()


def test_without_a_name_the_bundle_is_a_new_folder_among_the_reports(audit, tmp_path):
    words = ("signoff", "-r", "na", "-s", ROOT / "examples/compliant.xml", "--as-of", "2026-11-23")
    for name in ("signoff-contoso-2026-11-23", "signoff-contoso-2026-11-23-2"):
        assert audit(*words).status == 1
        assert (tmp_path / "reports" / name / "manifest.json").is_file()


def test_json_is_the_report(signoff):
    result, bundle = signoff(COMPLIANT, ALL, None, "--format", "json")
    assert result.out == (bundle / "report.json").read_text()


def test_a_bundle_is_never_written_over(audit, signoff, tmp_path):
    _, bundle = signoff()
    before = (bundle / "manifest.json").read_bytes()
    result, _ = signoff(DRIFTED)
    assert result.status == 2
    assert "already there" in result.err
    assert (bundle / "manifest.json").read_bytes() == before


WRONG = [
    ("no schema", "attestations: {}\n", "this is no file of attestations"),
    ("another schema", "schema: audit-policy/1\n", "this is no file of attestations"),
    ("an unknown question", answers({"jurnaling": "confirmed"}), "no key 'jurnaling'"),
    ("an unknown answer", answers({"journaling": "yes"}), "answer cannot be 'yes'"),
    ("an unknown key", answers({"journaling": "confirmed"}, sign="x"), "no key 'sign'"),
    ("a date to come", answers({"journaling": "confirmed"}, date="2026-11-25"), "not come yet"),
    ("no date at all", answers({"journaling": "confirmed"}, date="null"), "has no date"),
    ("no day", answers({"journaling": "confirmed"}, date="soon"), "no day"),
    ("no name", answers({"journaling": "confirmed"}, name="null"), "has no name"),
    ("no reason", answers({"journaling": "not-applicable"}), "no remark says why"),
    ("of another organisation", answers(ALL, "Fabrikam"), "are for 'Fabrikam'"),
    ("not YAML", "schema: [", "not YAML"),
    ("empty", "", "must be a mapping"),
]


@pytest.mark.parametrize(("text", "words"), [row[1:] for row in WRONG], ids=[r[0] for r in WRONG])
def test_attestations_that_are_wrong_stop_the_sign_off(signoff, text, words):
    result, bundle = signoff(COMPLIANT, text, None, "--organization", "Contoso")
    assert result.status == 2
    assert words in result.err
    assert "answers.yaml" in result.err
    assert not bundle.exists()


def test_a_question_can_be_out_of_place_with_a_reason(signoff):
    said = answers(ALL | {"journaling": "not-applicable"}, remark="No journaling in the contract")
    assert signoff(COMPLIANT, said)[0].status == 0


def test_a_file_to_fill_in_is_printed_and_reads_back(audit, signoff):
    blank = audit("signoff", "--questions", "--organization", "Contoso").out
    assert all(title in blank for title in QUESTIONS.values())
    assert signoff(COMPLIANT, blank, None, "--organization", "Contoso")[0].status == 1
    filled = re.sub(r"answer: null.*", "answer: confirmed", blank)
    filled = re.sub(r"date: null.*", "date: 2026-11-20", filled)
    filled = re.sub(r"(name|role): null", r"\1: Anna", filled)
    Path("bundle").rename("first")
    assert signoff(COMPLIANT, filled, None, "--organization", "Contoso")[0].status == 0


def test_the_attestations_of_a_bundle_read_back_as_the_same(signoff):
    said = answers(ALL, name='"no: # \\" true"', remark='"two\\nlines \\u202e"')
    _, bundle = signoff(COMPLIANT, said)
    first = json.loads((bundle / "report.json").read_text())["attestations"]
    bundle.rename(bundle.with_name("first"))
    _, again = signoff(COMPLIANT, (bundle.with_name("first") / "attestations.yaml").read_text())
    assert json.loads((again / "report.json").read_text())["attestations"] == first
    assert first[0]["name"] == 'no: # " true'


def test_options_that_are_wrong_are_found_before_anything_is_read(audit, tmp_path):
    for options, words in (
        (("--font", "none.ttf"), "no such font"),
        (("--attestations", "none.yaml"), "cannot be read"),
        (("--region", "xx"), "xx"),
        (("--bundle", "there"), "already there"),
    ):
        (tmp_path / "there").mkdir(exist_ok=True)
        (tmp_path / "there" / "x").write_text("x")
        result = audit("signoff", "-r", "na", "-s", "missing.xml", *options)
        assert result.status == 2
        assert words in result.err


def test_whoever_is_at_the_terminal_is_asked_and_says_so_today(tmp_path):
    (tmp_path / "connectors.json").write_bytes(COMPLIANT)
    typed = [
        "y",
        "Anna Admin",
        "Engineer",
        "",
        "y",
        "",
        "",
        "seen at 10:02",
        "a",
        "",
        "",
        "later",
        "y",
        "",
        "",
        "",
    ]
    before = datetime.now(UTC).date().isoformat()
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "auditor", "signoff", "-r", "na", "-s", "connectors.json"]
    environment = {name: v for name, v in os.environ.items() if not name.startswith("AUDIT_")}
    with subprocess.Popen(
        [*command, "--bundle", "b", "--as-of", "2099-01-01"],
        stdin=follower,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=environment,
    ) as process:
        os.write(leader, "".join(f"{line}\n" for line in typed).encode())
        out, err = process.communicate(timeout=60)
    os.close(leader)
    os.close(follower)
    assert process.returncode == 0, (out + err).decode()
    said = json.loads((tmp_path / "b/report.json").read_text())["attestations"]
    assert [one["answer"] for one in said] == [
        *("confirmed", "confirmed", "not-applicable", "confirmed")
    ]
    assert {one["name"] for one in said} == {"Anna Admin"}
    assert {one["date"] for one in said} <= {before, datetime.now(UTC).date().isoformat()}
    assert [one["remark"] for one in said] == ["", "seen at 10:02", "later", ""]


def test_nobody_attests_on_a_day_that_has_not_come(audit, tmp_path):
    (tmp_path / "answers.yaml").write_text(answers(ALL, date="2099-12-31"))
    words = ("-s", ROOT / "examples/compliant.xml", "--attestations", "answers.yaml")
    result = audit("signoff", "-r", "na", *words, "--as-of", "2100-01-01", "--bundle", "b")
    assert result.status == 2
    assert "2099-12-31, a day that has not come yet" in result.err


def test_the_last_day_of_the_calendar_is_a_day_like_others(signoff):
    result, _ = signoff(COMPLIANT, ALL, None, "--as-of", "9999-12-31")
    assert result.status == 0, result.err


def test_attestations_do_not_say_whose_the_data_is(signoff):
    result, bundle = signoff(COMPLIANT, answers(ALL, "Contoso"))
    assert result.status == 2
    assert "--organization 'Contoso'" in result.err
    assert not bundle.exists()
    assert (
        signoff(COMPLIANT, answers(ALL, "contoso"), None, "--organization", "Contoso")[0].status
        == 0
    )


@pytest.mark.parametrize("part", ["name", "role", "remark"])
def test_nobody_attests_by_a_name_that_nobody_sees(signoff, part):
    said = answers({"journaling": "not-applicable"}, **{part: '"\\u200b\\u2060"'})
    result, _ = signoff(COMPLIANT, said)
    assert result.status == 2
    assert f"{part} must not be empty" in result.err


WEAK = [
    ("a text export", ROOT / "examples/compliant.csv", "text export"),
    ("Format-List", ROOT / "examples/compliant.txt", "text export"),
]


@pytest.mark.parametrize(("source", "words"), [row[1:] for row in WEAK], ids=[r[0] for r in WEAK])
def test_weak_evidence_leaves_it_undecided(audit, tmp_path, source, words):
    (tmp_path / "answers.yaml").write_text(answers(ALL))
    said = ("--attestations", "answers.yaml", "--bundle", "b")
    result = audit("signoff", "-r", "na", "-s", source, *said)
    assert result.status == 3
    assert words in " ".join(result.out.split())


def test_evidence_of_a_server_that_nobody_verified_leaves_it_undecided(audit, tmp_path):
    snapshot = read_snapshots([("compliant.xml", (ROOT / "examples/compliant.xml").read_bytes())])
    origin = replace(snapshot.provenance, cautions=("insecure",))
    weak = replace(snapshot, provenance=origin)
    (tmp_path / "weak.json").write_bytes(write_snapshot(weak))
    (tmp_path / "answers.yaml").write_text(answers(ALL))
    said = ("--attestations", "answers.yaml", "--bundle", "b")
    result = audit("signoff", "-r", "na", "-s", "weak.json", *said)
    assert result.status == 3
    assert "was NOT verified" in result.out


def test_names_that_no_encoding_carries_are_no_obstacle(audit, tmp_path):
    (tmp_path / "connectors.json").write_bytes(COMPLIANT)
    (tmp_path / "answers.yaml").write_text(answers(ALL))
    words = ("-s", "connectors.json", "--attestations", "answers.yaml", "--bundle", "b")
    result = audit("signoff", "-r", "na", *words, "--organization", "half \ud800")
    assert result.status == 0, result.err


@pytest.mark.parametrize(("file", "name"), [("con", "pack-con"), ("a" * 200, "a" * 60)])
def test_a_pack_is_called_in_a_bundle_what_every_system_can_call_it(signoff, tmp_path, file, name):
    pack = (ROOT / "policies/packs/tls.yaml").read_text("utf-8").replace("name: tls", "name: own")
    (tmp_path / f"{file}.yaml").write_text(pack, "utf-8")
    result, bundle = signoff(COMPLIANT, ALL, None, "--pack", f"{file}.yaml")
    assert result.status in {0, 1, 3}, result.err
    assert [path.name for path in (bundle / "packs").iterdir()] == [f"{name}.yaml"]


REFUSED = {
    "a long bundle": ("--bundle", "x" * 300),
    "a long zip": ("--bundle", "x" * 300 + ".zip"),
    "a long font": ("--font", "x" * 300),
    "no font": ("--font", "connectors.json"),
    "below a file": ("--bundle", "connectors.json/b"),
    "a circle of links": ("--bundle", "loop/b"),
    "the snapshot in the bundle": ("--bundle", "b", "--save-snapshot", "b/s.json"),
    "too large a file": ("--attestations", "large.yaml"),
    "no file": ("--attestations", "/dev/null/x"),
}


@pytest.mark.parametrize("options", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_used_is_said_before_anything_is_made(audit, tmp_path, options):
    (tmp_path / "connectors.json").write_bytes(COMPLIANT)
    (tmp_path / "large.yaml").write_bytes(b"#" * (1 << 20) + b"\n")
    (tmp_path / "loop").symlink_to("loop")
    before = sorted(path.name for path in tmp_path.iterdir())
    result = audit("signoff", "-r", "na", "-s", "connectors.json", *options)
    assert result.status == 2, result.out + result.err
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_zip_that_somebody_else_makes_meanwhile_is_not_replaced(tmp_path):
    write_bundle(tmp_path / "b.zip", {"manifest.json": b"first"})
    with pytest.raises(UsageError, match="already there"):
        write_bundle(tmp_path / "b.zip", {"manifest.json": b"second"})


def test_what_was_collected_live_is_kept_where_the_sign_off_stops(
    audit, endpoint, kerberos, monkeypatch, tmp_path
):
    server = endpoint(organization(connectors=2), modes=("kerberos",))
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{kerberos.ticket('auditor', 'secret')}")
    (tmp_path / "answers.yaml").write_text(answers(ALL, "Somebody else"))
    words = ("--server", f"localhost:{server.port}", "--attestations", "answers.yaml")
    result = audit("signoff", "-r", "na", *words, "--organization", "Contoso")
    assert result.status == 2
    (folder,) = tmp_path.glob("signoff-unfinished-*")
    assert folder.name in result.err
    assert audit("check", "-r", "na", "-s", folder / "snapshot.json").status in {0, 1}
