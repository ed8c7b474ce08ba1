"""Whole processes, run in turn: A B C, A B C, and so on; the median of each."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from data import REGION, export
from environment import script
from question import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


Key = TypeVar("Key")


class Command(NamedTuple):
    """A command line, and the exit status that says it gave the right answer."""

    words: tuple[str, ...]
    status: int


def audit_command() -> str:
    """The path of the project's command.

    Raises:
        FileNotFoundError: the project is not installed beside this Python.
    """
    audit = shutil.which("audit", path=sysconfig.get_path("scripts"))
    if audit is None:
        raise FileNotFoundError("the audit command is not installed beside this Python")
    return audit


def commands(folder: Path) -> dict[tuple[str, str], Command]:
    """All commands by what they are and on which organisation; their files are written.

    Raises:
        FileNotFoundError: the project is not installed beside this Python.
    """
    audit = audit_command()
    schema = folder / "schema.json"
    schema.write_text(json.dumps(SCHEMA), encoding="utf-8")
    # Python's patterns can ignore case, and are not slower than the default ones.
    check = (str(script("check-jsonschema")), "--regex-variant", "python", "--schemafile")
    found: dict[tuple[str, str], Command] = {}
    for status, name in enumerate(("compliant", "drifted")):
        file = folder / f"{name}.json"
        file.write_bytes(export(0, drifted=status == 1))
        ours = (audit, "check", "--region", REGION, "--snapshot", str(file))
        found["audit check", name] = Command(ours, status)
        found["audit check --format json", name] = Command((*ours, "--format", "json"), status)
        found["check-jsonschema", name] = Command((*check, str(schema), str(file)), status)
    found["python -c pass", "none"] = Command((sys.executable, "-c", "pass"), 0)
    peers = (str(script("python")), "-c", "pass")
    found["python -c pass, peers' environment", "none"] = Command(peers, 0)
    return found


def medians(
    given: Mapping[Key, Command], rounds: int, folder: Path, more: Mapping[str, str] | None = None
) -> dict[Key, float]:
    """The median seconds of each command over so many rounds, after one that is not counted.

    Args:
        given: the commands.
        rounds: how many are counted.
        folder: where they run.
        more: what their environment has besides.
    """
    times: dict[Key, list[float]] = {key: [] for key in given}
    # A setting of the caller's must not change what is measured; and everybody has bytecode, as
    # after any installation, also where the project is installed from its sources.
    environ = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("AUDIT_") and key != "PYTHONDONTWRITEBYTECODE"
    } | dict(more or {})
    for _ in range(rounds + 1):
        for key, command in given.items():
            times[key].append(_seconds(command, environ, folder))
    return {key: median(values[1:]) for key, values in times.items()}


def _seconds(command: Command, environ: Mapping[str, str], folder: Path) -> float:
    start = perf_counter()
    status = _run(command.words, environ, folder)
    seconds = perf_counter() - start
    if status != command.status:
        raise ValueError(f"{command.words[0]} ended with {status}, not {command.status}")
    return seconds


def _run(words: Sequence[str], environ: Mapping[str, str], folder: Path) -> int:
    nowhere = subprocess.DEVNULL
    return subprocess.run(
        words, env=environ, cwd=folder, stdin=nowhere, stdout=nowhere, stderr=nowhere, check=False
    ).returncode
