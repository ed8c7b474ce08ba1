"""(d) A live organisation against bare pypsrp on the same endpoint."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

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
_MANY_ROUNDS: Final = 7
_PLAIN, _RICH = (CONNECTORS, "plain"), (CONNECTORS, "rich")
_MANY_RICH: Final = (_MANY, "rich")
_BASES: Final = {"plain": "decoded", "rich": "raw"}
_NAMES: Final = {
    "decoded": "bare pypsrp",
    "raw": "bare pypsrp, output not decoded",
    "ours": "ours, collect",
}

Organisation = tuple[int, str]


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
    """Whole processes, one process, and how both grow."""
    processes = _processes(rounds)
    loops = {given: _loop(given, rounds, *_NAMES) for given in (_PLAIN, _RICH)}
    alone = {given: _loop(given, _MANY_ROUNDS, "ours") for given in (_PLAIN, _RICH, _MANY_RICH)}
    return "\n".join(
        [
            _process_table(processes, rounds),
            _loop_table(loops, rounds),
            _growth_table(alone, processes),
        ]
    )


def _processes(rounds: int) -> dict[tuple[str, Organisation], float]:
    """Median seconds of each process by what it is, and on which organisation."""
    commands: dict[tuple[str, Organisation], Command] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for given in (_PLAIN, _RICH, _MANY_RICH):
            server = stack.enter_context(served(*given))
            bare = (sys.executable, str(HERE / "bare.py"), str(server.port), ACCOUNT)
            for mode in dict.fromkeys(("decoded", _BASES[given[1]])):
                commands[mode, given] = Command((*bare, mode), 0)
            audit = (audit_command(), "check", "--region", REGION, "--server", server.url)
            login = ("--auth", "basic", "--username", ACCOUNT, "--allow-cleartext")
            commands["ours", given] = Command((*audit, *login), 0)
        nothing = Command((sys.executable, "-c", "import pypsrp.powershell"), 0)
        commands["import", (0, "none")] = nothing
        return medians(commands, rounds, folder, {"AUDIT_PASSWORD": PASSWORD})


def _loop(given: Organisation, rounds: int, *names: str) -> Any:  # noqa: ANN401 - JSON
    words = (str(HERE / "live_loop.py"), str(given[0]), given[1], str(rounds), *names)
    done = subprocess.run(
        (sys.executable, *words), stdout=subprocess.PIPE, text=True, check=True, cwd=HERE
    )
    return json.loads(done.stdout)


def _process_table(times: dict[tuple[str, Organisation], float], rounds: int) -> str:
    names = {
        **_NAMES,
        "ours": "audit check",
        "import": "python -c 'import pypsrp.powershell'",
    }
    rows = []
    for (name, given), seconds in times.items():
        base = times.get((_BASES.get(given[1], ""), given))
        rows.append(
            (
                names[name] + _failing(name, given[1]),
                f"{given[0]} {given[1]}" if given[0] else "none",
                f"{seconds * 1e3:.0f}",
                f"{seconds / base:.2f}" if base else "",
                at_most(seconds / base, _TIME_TARGET)
                if base and name == "ours" and given[0] == CONNECTORS
                else "",
            )
        )
    title = f"(d) A live organisation, whole processes: medians of {rounds} rounds, run in turn"
    return table(title, ("command", "connectors", "ms", "/ bare", "target"), rows)


def _failing(name: str, shape: str) -> str:
    return ", which fails" if (name, shape) == ("decoded", "rich") else ""


def _loop_table(loops: dict[Organisation, Any], rounds: int) -> str:
    rows = [row for given, found in loops.items() for row in _loop_rows(given, found["who"])]
    title = f"(d) The same in one process: medians of {rounds} rounds, run in turn"
    head = ("who", "connectors", "ms", "/ bare", "own ms", "/ bare", "requests", "target")
    return table(title, head, rows)


def _loop_rows(given: Organisation, who: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    base = who[_BASES[given[1]]]
    for name, found in who.items():
        failed = f", fails on {found['failed']} cmdlets" if found["failed"] else ""
        ratio = found["wall"] / base["wall"]
        yield (
            _NAMES[name] + failed,
            f"{given[0]} {given[1]}",
            f"{found['wall'] * 1e3:.1f}",
            f"{ratio:.2f}",
            f"{found['own'] * 1e3:.1f}",
            f"{found['own'] / base['own']:.2f}",
            str(found["requests"]),
            at_most(ratio, _TIME_TARGET) if name == "ours" and given == _PLAIN else "",
        )


def _growth_table(
    alone: dict[Organisation, Any], processes: dict[tuple[str, Organisation], float]
) -> str:
    few = alone[_RICH]["who"]["ours"]["wall"], processes["ours", _RICH], alone[_RICH]["peak_mib"]
    rows = []
    for given, result in alone.items():
        found = result["who"]["ours"]
        each = sum(found["each"]) / len(found["each"])
        values = found["wall"], processes["ours", given], result["peak_mib"]
        ratios = [f"{value / of:.2f}" if of else "" for value, of in zip(values, few, strict=True)]
        rows.append(
            (
                f"{given[0]} {given[1]}",
                str(found["sessions"]),
                str(found["requests"]),
                f"{each:.2f}",
                str(max(found["each"])),
                at_most(each, _REQUESTS_TARGET) if given[0] == CONNECTORS else "",
                f"{values[0] * 1e3:.0f}",
                ratios[0],
                f"{values[1] * 1e3:.0f}",
                ratios[1],
                f"{values[2]:.1f}" if few[2] else "not measured",
                ratios[2],
            )
        )
    head = ("connectors", "sessions", "requests", "a cmdlet", "most", "target")
    grown = (head[0], "collect, ms", "/ 20", "audit check, ms", "/ 20", "peak MiB", "/ 20")
    asked = table("(d) What ours asks", head, [row[:6] for row in rows])
    title = "(d) How ours grows, over 20 rich connectors"
    return "\n".join([asked, table(title, grown, [(row[0], *row[6:]) for row in rows])])
