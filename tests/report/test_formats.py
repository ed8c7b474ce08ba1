"""What holds of every format of reports that is text."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import permutations

import pytest

from auditor.report import FORMATS
from tests.conftest import ROOT, connector, export
from tests.report.hostile import NAMES, snapshot
from tests.report.scenes import every, every_status

TEXTS = [name for name, format_ in FORMATS.items() if not format_.paged]


@pytest.mark.parametrize("name", TEXTS)
def test_a_report_is_known_by_its_marks(failed, written, name):
    for data in (every_status(), snapshot(NAMES)):
        text = written(name, every(data, "--organization", "é" * 9000))
        assert FORMATS[name].wrote(text.encode())
    assert FORMATS[name].wrote(failed(name).encode())


@pytest.mark.parametrize("name", ["csv", "markdown", "html", "junit", "sarif", "ocsf", "oscal"])
def test_no_command_is_shown_that_is_another_one(written, name):
    data = export(connector(Name="a\u202eb", Guid="none", Port=587))
    document = json.loads(written("json", every(data)))
    (command,) = {f["remediation"]["command"] for f in document["findings"] if f["remediation"]}
    assert "\u202e" in command
    text = written(name, every(data))
    assert "Set-SendConnector -Identity" not in text
    assert "cannot be shown: audit remediate writes it" in text or "(left out: in a sp" in text


@pytest.mark.parametrize(("name", "other"), list(permutations(TEXTS, 2)))
def test_a_report_is_not_taken_for_one_of_another_format(written, name, other):
    assert not FORMATS[other].wrote(written(name, "every").encode())


FOREIGN = {
    "notes": b"evaluated_at,name\r\n# Connector notes <testsuites/> {}\r\n",
    "log": b"2026-11-23 begin\n2026-11-23 run\naudit: started\nDRIFT: 3 ms\nCOMPLIANT: yes\n",
    "settings": b"name: mail\nlogs:\n  audit: on\n",
}


@pytest.mark.parametrize("data", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize("name", TEXTS)
def test_a_file_that_is_no_report_stays(audit, tmp_path, name, data):
    file = tmp_path / "mine.txt"
    file.write_bytes(data)
    before = file.read_bytes()
    (tmp_path / "empty.xml").write_bytes(b"")
    assert audit("check", "-r", "na", "-s", "empty.xml", "-o", f"{name}={file}").status == 3
    assert file.read_bytes() == before


@pytest.mark.parametrize("name", TEXTS)
def test_the_bytes_do_not_depend_on_the_run(tmp_path, name):
    file = ROOT / "examples/drifted.xml"
    command = ["check", "-r", "na", "-s", str(file), "--as-of", "2026-11-23", "-f", name]
    found = {
        subprocess.run(
            [sys.executable, "-m", "auditor", *command], cwd=folder, capture_output=True,
            env={"PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(ROOT)}, check=False,
        ).stdout
        for folder, seed, zone in ((tmp_path, "1", "UTC"), (ROOT, "2", "Asia/Tokyo"))
    }  # fmt: skip
    assert len(found) == 1
    assert len(found.pop()) > 1000
