"""What a command does not need is not imported: it costs every scheduled run its time."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.conftest import ROOT

SCRIPT = (
    "import json, sys; from auditor.cli import main; status = main(sys.argv[1:]);"
    "print(json.dumps([status, sorted(sys.modules)]), file=sys.stderr)"
)
HEAVY = {
    *("typer", "click", "pydantic", "rich", "deepdiff", "pypsrp", "requests", "html", "idna"),
    *("jinja2", "typst", "junitparser", "prometheus_client", "securesystemslib", "cryptography"),
    *("auditor.signoff", "tempfile"),
}


def modules(name: str, *arguments: str) -> tuple[int, set[str]]:
    """Exit status and the modules that a whole run has loaded."""
    file = str(ROOT / "examples" / name)
    command = [sys.executable, "-c", SCRIPT, "check", "-r", "na", "-s", file, *arguments]
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT / "tests")
    status, loaded = json.loads(done.stderr.splitlines()[-1])
    return status, set(loaded)


@pytest.mark.parametrize(
    "name", ["compliant.json", "compliant.xml", "compliant.txt", "compliant.csv"]
)
def test_a_compliant_check_loads_nothing_heavy(name):
    status, loaded = modules(name, "-f", "json")
    assert status == 0
    assert not loaded & (HEAVY | {"tabulate"})


def test_drift_alone_pays_for_deepdiff():
    status, loaded = modules("drifted.json", "-f", "json")
    assert status == 1
    assert "deepdiff" in loaded
    assert not loaded & {"typer", "pypsrp", "tabulate"}
