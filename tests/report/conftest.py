"""Runs of the command line on what scenes.py holds, and programs that judge reports."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.report.scenes import AS_OF, SCENES, Scene

TOOLS = ROOT / "tests/tools/node_modules"


@pytest.fixture(scope="session")
def multitool_folder() -> Path:
    """Where Microsoft's SARIF Multitool is, with the schema of SARIF beside it."""
    folder = TOOLS / "@microsoft/sarif-multitool-linux"
    assert folder.is_dir(), "npm install --no-package-lock --prefix tests/tools"
    return folder


@pytest.fixture(scope="session")
def multitool(multitool_folder, tmp_path_factory):
    """What the Multitool remarks on a SARIF file: each remark's rule, level and message."""
    program = multitool_folder / "Sarif.Multitool"
    program.chmod(0o755)
    home = tmp_path_factory.mktemp("multitool")
    surroundings = {
        **os.environ,
        "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1",
        "DOTNET_BUNDLE_EXTRACT_BASE_DIR": str(home),
    }

    def remarks(file: Path) -> list[tuple[str, str, str]]:
        found = home / "found.sarif"
        command = [program, "validate", file, "--output", found, "--log", "ForceOverwrite"]
        done = subprocess.run(
            [*map(str, command), "--level", "Error;Warning;Note"],
            env=surroundings, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert "Analysis completed successfully" in done.stdout, done.stdout + done.stderr
        (run,) = json.loads(found.read_text("utf-8-sig"))["runs"]
        # The level of a rule that says nothing else is a warning (3.27.10).
        return [
            (one["ruleId"], one.get("level", "warning"), json.dumps(one["message"]))
            for one in run["results"]
        ]

    return remarks


@pytest.fixture
def written(audit, tmp_path):
    """A scene's report in a format: the bytes of its file, which standard output shows as well."""

    def written(format_: str, scene: str | Scene, as_of: str = AS_OF) -> str:
        data, arguments, policy = SCENES[scene] if isinstance(scene, str) else scene
        if policy is not None:
            (tmp_path / "policy.yaml").write_text(policy, "utf-8")
            arguments = ("--policy", "policy.yaml", *arguments)
        files = {format_: tmp_path / f"report.{format_}", "json": tmp_path / "report.json"}
        outputs = [word for name, file in files.items() for word in ("-o", f"{name}={file}")]
        done = audit(
            "check", *arguments, "--as-of", as_of, "-f", format_, *outputs, stdin=data or b""
        )
        assert done.status in {0, 1, 3}, done.err
        text = files[format_].read_bytes().decode("utf-8")
        assert text == done.out
        return text

    return written


@pytest.fixture
def report(tmp_path):
    """The JSON report of the last scene."""
    return lambda: json.loads((tmp_path / "report.json").read_text("utf-8"))


@pytest.fixture
def findings(report):
    """What the last scene found, as the JSON report says it."""
    return lambda: report()["findings"]


@pytest.fixture
def failed(audit, tmp_path):
    """The report that replaces an earlier one when a run evaluates nothing."""

    def failed(format_: str) -> str:
        file, bad = tmp_path / "report", tmp_path / "b[a]d|`x`.xml"
        bad.write_bytes(b"")
        run = ("check", "-r", "na", "--as-of", AS_OF, "-o", f"{format_}={file}")
        assert audit(*run, "-s", ROOT / "examples/compliant.xml").status == 0
        before = file.read_bytes()
        assert audit(*run, "-s", bad).status == 3
        assert file.read_bytes() != before
        return file.read_bytes().decode("utf-8")

    return failed
