"""The examples: the same organisation in every format gives the same findings."""

from __future__ import annotations

import pytest

from tests.conftest import ROOT
from tests.report.examples import FOLDER, PICTURES, write

FORMATS = {"xml": "clixml", "json": "json", "txt": "format-list", "csv": "csv"}


@pytest.mark.parametrize(("name", "status"), [("compliant", 0), ("drifted", 1)])
def test_every_format_gives_the_same_findings(audit, name, status):
    found = {}
    for suffix, kind in FORMATS.items():
        result = audit("check", "-r", "na", "-f", "json", "-s", ROOT / f"examples/{name}.{suffix}")
        assert result.status == status
        assert result.report["snapshot"]["kind"] == kind
        assert result.report["organization"] == "Contoso"
        found[suffix] = result.report["findings"]
    assert found["xml"] == found["json"] == found["txt"] == found["csv"]


def test_the_drifted_example_has_several_things_wrong(audit):
    result = audit("check", "-r", "na", "-f", "json", "-s", ROOT / "examples/drifted.xml")
    wrong = {control for control, status in result.statuses.items() if status == "fail"}
    assert wrong == {
        "SmartHosts",
        "Port",
        "OtherOutboundConnectors @ Partner",
        "OtherOutboundConnectors @ Internet (before the gateway)",
        "BypassRoutes",
    }


def test_fingerprints_do_not_depend_on_values(audit):
    prints = [
        {
            (f["control"], f["connector"]): f["fingerprint"]
            for f in audit("check", "-r", "na", "-f", "json", "-s", path).report["findings"]
        }
        for path in (ROOT / "examples/compliant.json", ROOT / "examples/drifted.json")
    ]
    both = prints[0].keys() & prints[1].keys()
    assert len(both) >= 9
    assert all(prints[0][key] == prints[1][key] for key in both)
    assert len(set(prints[1].values())) == len(prints[1])


def test_the_example_reports_are_what_the_program_writes(tmp_path, monkeypatch, capsys):
    """Made with: python -m tests.report.examples"""
    monkeypatch.chdir(ROOT)
    write(tmp_path)
    capsys.readouterr()
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kept = {path.name: path.read_bytes() for path in FOLDER.iterdir()}
    assert made.keys() | set(PICTURES) == kept.keys()
    different = [name for name, data in made.items() if kept[name] != data]
    assert different == []
    assert all(kept[name].startswith(b"\x89PNG") for name in PICTURES)
