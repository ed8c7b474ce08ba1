"""The wheel: built, installed in an empty environment elsewhere, it has all that a check needs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile

import pytest

from tests.conftest import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (path,) = folder.glob("*.whl")
    return path


def test_the_wheel_holds_policies_schema_and_types(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "auditor/policies/mimecast.yaml",
        "auditor/cli/audit-config-1.schema.json",
        "auditor/report/audit-diff-1.schema.json",
        "auditor/report/audit-history-1.schema.json",
        "auditor/report/audit-report-1.schema.json",
        "auditor/py.typed",
        "auditor/report/pdf/main.typ",
    } <= names
    assert not {name for name in names if name.startswith(("tests/", "bench/", "examples/"))}


def test_the_wheel_runs_a_check_in_an_empty_environment_elsewhere(wheel, tmp_path):
    venv.create(tmp_path / "env", with_pip=True)
    scripts = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AUDIT_", "PYTHON"))}

    def run(name, *arguments):
        return subprocess.run(
            [shutil.which(name, path=str(scripts)), *arguments],
            cwd=tmp_path,
            capture_output=True,
            env=environment,
            check=False,
        )

    installed = run("python", "-m", "pip", "install", "--quiet", str(wheel))
    assert installed.returncode == 0, installed.stderr
    export = (ROOT / "examples/compliant.xml").read_bytes()
    (tmp_path / "connectors.xml").write_bytes(export)
    done = run(
        "audit", "check", "--region", "na", "--snapshot", "connectors.xml", "--format", "json"
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["verdict"] == "compliant"
    assert report["policy"]["name"] == "mimecast"
    assert b"site-packages" in run("python", "-c", "import auditor; print(auditor.__file__)").stdout
