"""The examples: the same organisation in every format gives the same findings."""

from __future__ import annotations

import pytest

from tests.conftest import ROOT

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


REPORTS = [
    part
    for name, suffix in (("table", "txt"), ("json", "json"))
    for part in ("--output", f"{name}=reports/examples/drifted.{suffix}")
]


def test_the_example_reports_are_what_the_program_writes(audit, tmp_path, monkeypatch):
    """Made with: audit check -r na -s examples/drifted.xml --as-of 2026-11-23 --output …"""
    source = ROOT / "examples/drifted.xml"
    assert audit("check", "-r", "na", "-s", source, "--as-of", "2026-11-23", *REPORTS).status == 1
    for path in (tmp_path / "reports/examples").iterdir():
        assert path.read_bytes() == (ROOT / "reports/examples" / path.name).read_bytes()
