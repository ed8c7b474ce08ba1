"""(d) A live organisation against bare pypsrp on the same endpoint."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from data import CONNECTORS, REGION
from environment import HERE, NoEnvironmentError
from processes import Command, audit_command, medians
from served import ACCOUNT, PASSWORD, served
from tables import at_most, table

if TYPE_CHECKING:
    from collections.abc import Iterator

_TIME_TARGET: Final = 1.5
_REQUESTS_TARGET: Final = 3
_MANY: Final = 300
_ALONE_ROUNDS: Final = 3
_NAMES: Final = {
    "raw": "bare pypsrp, output not decoded",
    "bare": "bare pypsrp",
    "mended": "bare pypsrp, mended",
    "ours": "ours, collect",
}


class Organisation(NamedTuple):
    """How many send connectors, and how its objects are written: "plain", "rich", or "none"."""

    connectors: int
    shape: str

    def __str__(self) -> str:
        return f"{self.connectors} {self.shape}" if self.connectors else "none"

    @property
    def base(self) -> str:
        """Which use of bare pypsrp reads all of it: its own decoder fails on rich objects."""
        return "bare" if self.shape == "plain" else "mended"


_PLAIN, _RICH = Organisation(CONNECTORS, "plain"), Organisation(CONNECTORS, "rich")
_ALL: Final = (_PLAIN, _RICH, Organisation(_MANY, "plain"), Organisation(_MANY, "rich"))
_NONE: Final = Organisation(0, "none")
_IMPORT: Final = "python -c 'import pypsrp.powershell'"

Times = dict[tuple[str, Organisation], float]


def require_endpoint() -> None:
    """Say so where the endpoint cannot run.

    Raises:
        NoEnvironmentError: a library of the tests is not installed.
    """
    if find_spec("psrpcore") is None:
        raise NoEnvironmentError(
            "Table (d) needs the endpoint of the tests: pip install -e '.[test]'"
        )


def live_tables(rounds: int) -> str:
    """(d) Whole processes, one process, what is asked, and how that grows."""
    times = _processes(rounds)
    # In turn with the others; and alone, for its memory.
    loops = {given: _loop(given, rounds, *_askers(given)) for given in _ALL}
    alone = {given: _loop(given, _ALONE_ROUNDS, "ours") for given in _ALL}
    parts = (
        _process_table(times, rounds),
        _loop_table(loops, rounds),
        _request_table(alone),
        _growth_table(loops, alone, times),
    )
    return "\n".join(parts)


def _processes(rounds: int) -> Times:
    """Median seconds of each process by what it is, and on which organisation."""
    commands: dict[tuple[str, Organisation], Command] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for given in _ALL:
            server = stack.enter_context(served(*given))
            bare = (sys.executable, str(HERE / "bare.py"), str(server.port), ACCOUNT, given.base)
            commands[_NAMES[given.base], given] = Command(bare, 0)
            audit = (audit_command(), "check", "--region", REGION, "--server", server.url)
            login = ("--auth", "basic", "--username", ACCOUNT, "--allow-cleartext")
            commands["audit check", given] = Command((*audit, *login), 0)
        nothing = (sys.executable, "-c", "import pypsrp.powershell")
        commands[_IMPORT, _NONE] = Command(nothing, 0)
        return medians(commands, rounds, folder, {"AUDIT_PASSWORD": PASSWORD})


def _loop(given: Organisation, rounds: int, *names: str) -> Any:  # noqa: ANN401 - JSON
    words = (str(given.connectors), given.shape, str(rounds), *names)
    command = (sys.executable, str(HERE / "live_loop.py"), *words)
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def _askers(given: Organisation) -> list[str]:
    """Everybody; where pypsrp needs no mending, it is not mended."""
    return [name for name in _NAMES if name in {"raw", "bare", given.base, "ours"}]


def _process_table(times: Times, rounds: int) -> str:
    rows = []
    for (name, given), seconds in times.items():
        ratio = seconds / times.get((_NAMES[given.base], given), math.inf)
        asked = name == "audit check" and given.connectors == CONNECTORS
        rows.append(
            (
                name,
                str(given),
                f"{seconds * 1e3:.0f}",
                f"{ratio:.2f}" if ratio else "",
                at_most(ratio, _TIME_TARGET) if asked else "",
            )
        )
    title = f"(d) A live organisation, whole processes: medians of {rounds} rounds, run in turn"
    return table(title, ("command", "connectors", "ms", "/ bare", "target"), rows)


def _loop_table(loops: dict[Organisation, Any], rounds: int) -> str:
    rows = [row for given, found in loops.items() for row in _loop_rows(given, found["who"])]
    title = f"(d) The same in one process: the best of {rounds} rounds, run in turn"
    head = ("who", "connectors", "ms", "/ bare", "own ms", "/ bare", "requests", "target")
    return table(title, head, rows)


def _loop_rows(given: Organisation, who: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    base = who[given.base]
    for name, found in who.items():
        failed = f", fails on {found['failed']} of {len(found['each'])}" if found["failed"] else ""
        ratio = found["wall"] / base["wall"]
        asked = name == "ours" and given.connectors == CONNECTORS
        yield (
            _NAMES[name] + failed,
            str(given),
            f"{found['wall'] * 1e3:.0f}",
            f"{ratio:.2f}",
            f"{found['own'] * 1e3:.0f}",
            f"{found['own'] / base['own']:.2f}",
            str(found["requests"]),
            at_most(ratio, _TIME_TARGET) if asked else "",
        )


def _request_table(alone: dict[Organisation, Any]) -> str:
    rows = []
    for given, result in alone.items():
        found = result["who"]["ours"]
        each = sum(found["each"]) / len(found["each"])
        rows.append(
            (
                str(given),
                str(found["sessions"]),
                str(found["requests"]),
                f"{each:.2f}",
                str(max(found["each"])),
                at_most(each, _REQUESTS_TARGET) if given.connectors == CONNECTORS else "",
            )
        )
    head = ("connectors", "sessions", "requests", "a cmdlet", "most for one", "target")
    return table("(d) What ours asks", head, rows)


def _growth_table(
    loops: dict[Organisation, Any], alone: dict[Organisation, Any], times: Times
) -> str:
    rows = []
    for given, result in alone.items():
        few = _PLAIN if given.shape == _PLAIN.shape else _RICH
        wall, whole = loops[given]["who"]["ours"]["wall"], times["audit check", given]
        peak = result["peak_mib"]
        rows.append(
            (
                str(given),
                f"{wall * 1e3:.0f}",
                f"{wall / loops[few]['who']['ours']['wall']:.2f}",
                f"{whole * 1e3:.0f}",
                f"{whole / times['audit check', few]:.2f}",
                # Windows has no ru_maxrss.
                f"{peak:.1f}" if peak else "not measured",
                f"{peak / alone[few]['peak_mib']:.2f}" if peak else "",
            )
        )
    over = f"/ {CONNECTORS}"
    head = ("connectors", "collect, ms", over, "audit check, ms", over, "peak MiB", over)
    return table(f"(d) How ours grows, {_MANY} connectors over {CONNECTORS}", head, rows)
