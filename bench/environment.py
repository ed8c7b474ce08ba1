"""The peers' environment: made on first use, and again when peers.txt or Python changes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
FOLDER: Final = HERE / ".peers"
PINS: Final = HERE / "peers.txt"
_STAMP: Final = FOLDER / "made-of.txt"
_SCRIPTS: Final = FOLDER / ("Scripts" if os.name == "nt" else "bin")
_SUFFIX: Final = ".exe" if os.name == "nt" else ""


class NoEnvironmentError(Exception):
    """The environment could not be made; the text says why, in one sentence."""


def script(name: str) -> Path:
    """The path of a program in the environment: ``python``, ``check-jsonschema``."""
    return _SCRIPTS / f"{name}{_SUFFIX}"


def prepare() -> None:
    """Make the environment, unless it is there.

    Raises:
        NoEnvironmentError: a step did not work.
    """
    wanted = f"{sys.version}\n{PINS.read_text(encoding='utf-8')}"
    if _STAMP.is_file() and _STAMP.read_text(encoding="utf-8") == wanted:
        return
    print("Making the peers' environment; this takes a minute, once.", file=sys.stderr)
    _step(sys.executable, "-m", "venv", "--clear", str(FOLDER))
    pip = ("-m", "pip", "--disable-pip-version-check", "--quiet", "install", "-r", str(PINS))
    _step(str(script("python")), *pip)
    _STAMP.write_text(wanted, encoding="utf-8")


def _step(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise NoEnvironmentError(f"The peers' environment cannot be made: {error}.") from error
    if done.returncode != 0:
        lines = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()
        said = lines[-1].removeprefix("ERROR: ")
        raise NoEnvironmentError(f"The peers' environment cannot be made: {said}")
