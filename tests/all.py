"""Everything that must hold, in one command on a fresh machine: ``python3 tests/all.py``.

Makes an environment of its own, installs the project with its tests' libraries, and runs ruff,
mypy, import-linter and pytest with coverage. ``--keep`` uses the environment that is there and
passes the words after it on to pytest.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv-test"
SCRIPTS = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
TOOLS = ROOT / "tests" / "tools"
CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports",),
)


def run(name: str, *arguments: str) -> None:
    """Run a program of the environment in the project's folder; leave with its status if not 0."""
    print("$", name, *arguments, flush=True)
    path = f"{SCRIPTS}{os.pathsep}{os.environ.get('PATH', '')}"
    # On Windows the program has an ending, which only a search finds.
    program = shutil.which(name, path=path) or name
    environment = {**os.environ, "PATH": path}
    done = subprocess.run([program, *arguments], cwd=ROOT, env=environment, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def main(words: list[str]) -> None:
    """All of it, or with ``--keep`` only pytest."""
    if words[:1] == ["--keep"]:
        run("python", "-m", "pytest", *words[1:])
        return
    venv.create(ENVIRONMENT, clear=True, with_pip=True)
    lock = str(ROOT / "tests" / "constraints.txt")
    run(
        "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "-c",
        lock,
        "-e",
        ".[test]",
    )
    if shutil.which("npm"):
        run("npm", "install", "--no-package-lock", "--silent", "--prefix", str(TOOLS))
    for check in CHECKS:
        run(*check)
    run("python", "-m", "pytest", "--cov", "--cov-report=term-missing")


if __name__ == "__main__":
    main(sys.argv[1:])
