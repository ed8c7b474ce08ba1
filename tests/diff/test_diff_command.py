"""``audit diff``: what it reads, what it says, and the status that it exits with."""

from __future__ import annotations

import json

import jsonschema
import pytest

from auditor.collect import read_snapshots
from auditor.history.store import open_store
from auditor.snapshot import digest, write_snapshot
from tests.conftest import REMOVED, ROOT, connector, export
from tests.diff.snapshots import everything
from tests.history.audits import NIGHT, NOW, audit_of, keep
from tests.report.hostile import NAMES

SCHEMA = json.loads((ROOT / "auditor/report/audit-diff-1.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
VALIDATOR.check_schema(SCHEMA)
GUID = connector()["Guid"]


@pytest.fixture
def diff(audit, tmp_path):
    """Writes two exports, compares them, and gives the document and the text, which agree."""

    def run(old, new, *options):
        for name, data in (("old", old), ("new", new)):
            if data is not None:
                (tmp_path / name).write_bytes(data)
        result = audit("diff", "old", "new", "-f", "json", *options)
        document = json.loads(result.out)
        VALIDATOR.validate(document)
        text = audit("diff", "old", "new", *options)
        assert text.status == result.status
        words = {"same": 0, "different": 1, "undecided": 3}
        assert words[document["outcome"]] == result.status
        assert text.out.startswith(document["outcome"].upper())
        assert all(len(line) <= 80 for line in text.out.split("\n"))
        return document, text.out

    return run


def test_nothing_differs(diff):
    document, text = diff(export(connector()), export(connector(Port="25")))
    assert document["outcome"] == "same"
    assert document["objects_compared"] == 1
    assert not any(document["summary"].values())
    assert text.startswith("SAME: nothing differs.\n")


def test_all_that_can_happen_at_once(diff):
    gone, new = connector(Name="Old", Guid="1"), connector(Name="New", Guid="2")
    blind = connector(Name="Blind", Guid="3", SmartHosts="System.Object[]")
    document, text = diff(
        export(connector(), gone, blind),
        export(connector(Name="Outbound", Port=587, SmartHosts=["a.b"]), new, blind),
    )
    assert document["summary"] == {
        "added": 1, "removed": 1, "renamed": 1, "changed": 1, "not_compared": 1,
    }  # fmt: skip
    here = {"cmdlet": "Get-SendConnector", "name": "Outbound", "guid": GUID}
    assert document["renamed"] == [{**here, "old_name": "Outbound Mail to Mimecast"}]
    (changed,) = document["changed"]
    assert changed.items() >= here.items()
    assert {"property": "Port", "old": 25, "new": 587} in changed["changes"]
    assert [one["name"] for one in document["added"] + document["removed"]] == ["New", "Old"]
    (doubt,) = document["not_compared"]
    assert (doubt["name"], doubt["property"]) == ("Blind", "SmartHosts")
    assert text.startswith("DIFFERENT: 1 added, 1 removed, 1 renamed, 1 changed, 1 not compared.")
    assert "Outbound Mail to Mimecast -> Outbound" in " ".join(text.split())
    assert "    old  25\n    new  587" in text
    assert "  - Get-SendConnector 'Blind': SmartHosts: in both snapshots:" in text


def test_values_are_shown_as_people_read_them(diff):
    changes = {"MaxMessageSize": "10 MB", "TlsDomain": None, "Comment": "", "Enabled": True}
    after = {"MaxMessageSize": "25 MB", "TlsDomain": "a.b", "Comment": "x", "Enabled": False}
    _, text = diff(export(connector(**changes)), export(connector(**after)))
    for pair in ("10 MB\n    new  25 MB", "(not set)\n    new  a.b", "(empty)\n    new  x"):
        assert f"    old  {pair}" in text


def test_an_object_in_the_place_of_a_value_is_shown(diff):
    old, new = ([{"A": {"B": 1}}], {"A": {"B": 2}})
    _, text = diff(export(connector(Odd=old)), export(connector(Odd=new)))
    assert '{"A": {"B": 2}}' in text


@pytest.mark.parametrize(
    "kind", ["compliant.xml", "compliant.txt", "compliant.csv", "compliant.json"]
)
def test_files_of_every_kind_are_compared_and_saved_snapshots_too(diff, audit, tmp_path, kind):
    data = (ROOT / "examples" / kind).read_bytes()
    (tmp_path / "e").write_bytes(data)
    assert audit("collect", "-s", "e", "--save-snapshot", "kept.json").status == 0
    kept = (tmp_path / "kept.json").read_bytes()
    for old, new in ((data, kept), (kept, data), (kept, kept)):
        assert diff(old, new)[0]["outcome"] == "same"
    document, _ = diff(kept, (ROOT / "examples" / "drifted.json").read_bytes())
    assert document["outcome"] == "different"
    assert document["old"]["connectors"] == 3
    assert document["new"]["sha256"] == digest(
        read_snapshots([("new", (ROOT / "examples" / "drifted.json").read_bytes())])
    )


def test_a_whole_organisation_in_two_shapes_does_not_differ(diff):
    document, _ = diff(everything("rich"), everything("plain"))
    assert document["outcome"] == "same"
    assert document["objects_compared"] == 15


def test_a_csv_of_few_columns_leaves_the_rest_open_and_says_so_once(diff):
    row = f"Outbound Mail to Mimecast,{GUID},True,SMTP:*;1"
    csv = f"Name,Guid,Enabled,AddressSpaces\r\n{row}\r\n".encode()
    document, text = diff(export(connector()), csv)
    assert document["outcome"] == "undecided"
    assert len(document["not_compared"]) == len(connector()) - 4
    lines = text.partition("Not compared:\n")[2]
    assert lines.count("  - ") == 1
    assert "SmartHosts" in lines
    assert text.startswith("UNDECIDED: ")


def test_standard_input_is_one_of_them(audit, tmp_path):
    (tmp_path / "new.json").write_bytes(export(connector(Port=26)))
    result = audit("diff", "-", "new.json", "-f", "json", stdin=export(connector()))
    assert result.status == 1
    assert json.loads(result.out)["old"]["source"] == "stdin"


@pytest.fixture
def history(tmp_path):
    """A history of two nights: the gateway's connector had another port on the second."""
    path = tmp_path / "h.sqlite"
    with open_store(str(path)) as store:
        keep(store, audit_of(connector()))
        keep(store, audit_of(connector(Port=587), at=NOW + NIGHT))
        keep(store, audit_of(connector(Port=587), at=NOW + 2 * NIGHT))
    return path


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("1", "2"), 1),
        (("#1", "2"), 1),
        (("2", "#3"), 0),
        (("001", "3"), 1),
        (("1", "f.json"), 1),
        (("f.json", "3"), 0),
    ],
)
def test_runs_of_a_history_are_compared_by_their_numbers(audit, tmp_path, history, words, status):
    (tmp_path / "f.json").write_bytes(export(connector(Port=587)))
    result = audit("diff", *words, "--history", "h.sqlite", "-f", "json")
    assert result.status == status, result.err
    document = json.loads(result.out)
    VALIDATOR.validate(document)
    numbers = [int(word.strip("#")) if word != "f.json" else None for word in words]
    assert [document[side]["run"] for side in ("old", "new")] == numbers
    assert [change["property"] for one in document["changed"] for change in one["changes"]] == [
        "Port"
    ] * status


def test_the_history_can_be_set_elsewhere(audit, tmp_path, history, monkeypatch):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "audit.yaml").write_text("history: ../h.sqlite\n", "utf-8")
    assert audit("diff", "1", "2", "--config", "sub/audit.yaml").status == 1
    monkeypatch.setenv("AUDIT_HISTORY", str(history))
    assert audit("diff", "2", "3").status == 0


def test_a_file_of_that_name_goes_before_a_run(audit, tmp_path, history):
    for name in ("1", "#2"):
        (tmp_path / name).write_bytes(export(connector(Port=26)))
    result = audit("diff", "1", "#2", "--history", "h.sqlite", "-f", "json")
    assert result.status == 0
    assert json.loads(result.out)["new"]["source"] == "#2"


WRONG = {
    "none": ((), 2, ""),
    "one": (("a.json",), 2, "two snapshots are compared, and one is given"),
    "three": (("a.json",) * 3, 2, "and 3 are given"),
    "standard input twice": (("-", "-"), 2, "only once"),
    "no such file": (("a.json", "none.json"), 2, "cannot be read"),
    "a folder": (("a.json", "."), 2, "cannot be read"),
    "no such option": (("a.json", "a.json", "--snapshot", "a.json"), 2, "No such option"),
    "no such format": (("a.json", "a.json", "-f", "html"), 2, "cannot be 'html'"),
    "no export": (("a.json", "text"), 2, "not an export"),
    "cut off": (("a.json", "cut.json"), 3, "cut off"),
    "empty": (("a.json", "empty"), 3, "the file is empty"),
    "altered": (("a.json", "altered.json"), 2, "altered or damaged"),
    "no connectors": (("a.json", "domains.json"), 2, "no send connectors"),
    "no history": (("a.json", "12"), 2, "no history to look up a run in"),
    "no such history": (("1", "2", "--history", "none.sqlite"), 2, "no history here"),
    "no such run": (("1", "99", "--history", "h.sqlite"), 2, "no run 99"),
    "beyond all runs": (("1", "9" * 200, "--history", "h.sqlite"), 2, "no run 999"),
    "run 0": (("0", "1", "--history", "h.sqlite"), 2, "no run 0"),
    "no database": (("1", "2", "--history", "a.json"), None, ""),
    "digits of another script": (("a.json", "\u0661"), 2, "cannot be read"),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said(audit, tmp_path, history, case):
    words, status, said = case
    kept = json.loads(write_snapshot(read_snapshots([("a", export(connector()))])))
    kept["objects"]["SendConnector"][0]["Port"] = 26
    files = {
        "a.json": export(connector()),
        "cut.json": export(connector())[:-40],
        "empty": b"",
        "text": b"Dear all,\n",
        "altered.json": json.dumps(kept).encode(),
        "domains.json": json.dumps([{"DomainName": "a.b", "DomainType": 0}]).encode(),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    result = audit("diff", *words)
    assert result.status == status or (status is None and result.status in {2, 3})
    assert said in result.err
    assert result.out == ""
    if "html" not in words:
        in_json = audit("diff", *words, "--format", "json")
        assert in_json.status == result.status
        assert json.loads(in_json.out)["schema"] == "audit-error/1"


def test_a_run_without_a_snapshot_cannot_be_compared(audit, history):
    from auditor.errors import UnreachableError

    with open_store(str(history)) as store:
        store.record_failure(
            UnreachableError("no answer"), "Contoso", now=NOW, tool="audit 0", machine=None
        )
    result = audit("diff", "1", "4", "--history", "h.sqlite")
    assert result.status == 2
    assert "run 4" in result.err


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:20])
def test_no_name_is_more_than_text(audit, tmp_path, name):
    old = connector(Comment=name)
    new = connector(Name=name, Comment="x", Odd={"A": name})
    others = [connector(Name=name, Guid="8"), connector(Name=name, Guid="9", SmartHosts=name)]
    for file, rows in (("old", [old, others[0]]), ("new", [new, others[1]])):
        (tmp_path / file).write_bytes(export(*rows))
    result = audit("diff", "old", "new", "-f", "json")
    document = json.loads(result.out)
    VALIDATOR.validate(document)
    assert result.out.isascii()
    assert document["outcome"] == "different"
    text = audit("diff", "old", "new").out
    assert text.encode("utf-8", "backslashreplace")
    forbidden = {chr(code) for code in (*range(10), *range(11, 32), *range(0x7F, 0xA0))}
    forbidden |= {*"\u2028\u2029\u202e\u202d\u2066\u2067\ufeff\u200b"}
    assert not forbidden & set(text)
    assert text.startswith("DIFFERENT: ")


def test_a_name_cannot_look_like_a_line_of_the_report(diff):
    name = "x\nadded  Get-SendConnector  Fake"
    _, text = diff(export(connector()), export(connector(), connector(Name=name, Guid="9")))
    assert sum(line.startswith("added") for line in text.split("\n")) == 1


def test_a_property_that_is_gone_is_not_compared(diff):
    document, _ = diff(export(connector()), export(connector(Port=REMOVED)))
    (doubt,) = document["not_compared"]
    assert doubt["why"] == "only the old snapshot has it"


def test_the_same_files_give_the_same_bytes(diff):
    rows = [connector(Name=f"C{n}", Guid=str(n)) for n in range(9)]
    old, new = export(*rows), export(*rows[3:], connector(Name="C0", Guid="0", Port=1))
    assert diff(old, new) == diff(old, new)


def test_a_check_without_a_history_loads_nothing_of_this(audit, tmp_path):
    import subprocess
    import sys

    code = (
        "import sys; from auditor.cli import main; "
        "main(['check', '-r', 'na', '-s', sys.argv[1]]); "
        "print([m for m in sys.modules if 'history.' in m and 'model' not in m "
        "or 'sqlalchemy' in m or m.endswith(('diff', 'admin_log', 'diff_text'))])"
    )
    file = ROOT / "examples" / "compliant.json"
    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, check=True)
    assert done.stdout.decode().splitlines()[-1] == "[]"
