"""Programs that judge reports."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

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
