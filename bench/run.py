"""``python bench/run.py``: how fast the project is, as ratios from one run on the same data."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from environment import HERE, NoEnvironmentError, prepare, script
from live import live_tables, require_endpoint
from peers import PEERS
from processes import commands, medians
from tables import at_least, at_most, table

from auditor.report import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROCESS_TARGETS: Final = {"compliant": 0.85, "drifted": 1.15}
_LOADS_TARGET: Final = 8
_PEER_TARGET: Final = 5
_MEMORY_TARGET: Final = 1.3
_FEW, _MANY = 100, 10_000
_ROUTES_TARGET: Final = 50
_ROUTES_SPACES: Final = 2_000
_REPORT_SIZES: Final = (12, 496)
"""Send connectors of a usual organisation, and so many that there are 1,000 findings."""
_REPORT_TARGETS: Final = {"html": 300}
_ANY_REPORT_TARGET: Final = 1_000
_PLACES: Final = ("one site", "five sites")

_FLOW_SIZES: Final = (100, 500, 1000, 2000)
"""Megabytes of message tracking logs."""
_FLOW_ROUNDS: Final = 5
_BARE_TARGET: Final = 0.6
_LOOP_TARGET: Final = 10
_MEGABYTES_TARGET: Final = 1000

_YEARS: Final = (1, 10)
_TREND_TARGET: Final = 200.0
_YEAR_TARGET: Final = 5.0

Times = dict[str, dict[str, float]]


def main() -> int:
    """Print the tables; 2 if what they need is not there and cannot be made."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=21, help="rounds of (a) and (d) (21)")
    parser.add_argument("--tables", default="abcdefgh", help="which of a to h (abcdefgh)")
    options = parser.parse_args()
    try:
        if set("ab") & set(options.tables):
            prepare()
        if "d" in options.tables:
            require_endpoint()
    except NoEnvironmentError as error:
        print(error, file=sys.stderr)
        return 2
    tables = {
        "a": lambda: process_table(options.rounds),
        "b": loop_table,
        "c": many_table,
        "d": lambda: live_tables(options.rounds),
        "e": routing_table,
        "f": report_table,
        "g": history_table,
        "h": flow_table,
    }
    for letter, made in tables.items():
        if letter in options.tables:
            print(made(), flush=True)
    return 0


def process_table(rounds: int) -> str:
    """(a) Whole processes against check-jsonschema and an empty Python."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        times = medians(commands(folder), rounds, folder)
    bare = times["python -c pass", "none"]
    rows = []
    for (command, data), seconds in times.items():
        peer = times.get(("check-jsonschema", data))
        ours = command.startswith("audit")
        rows.append(
            (
                command,
                data,
                f"{seconds * 1e3:.1f}",
                f"{seconds / peer:.2f}" if peer else "",
                f"{seconds / bare:.1f}",
                at_most(seconds / peer, _PROCESS_TARGETS[data]) if ours and peer else "",
            )
        )
    title = f"(a) Whole processes: medians of {rounds} rounds, run in turn"
    head = ("command", "organisation", "ms", "/ check-jsonschema", "/ python", "target")
    return table(title, head, rows)


def loop_table() -> str:
    """(b) One organisation in a running process against json.loads and the peers."""
    ours = _child(sys.executable, "ours.py", "loop")
    peers = {name: _child(str(script("python")), "peers.py", name) for name in PEERS}
    title = "(b) In one process: from the bytes of 20 connectors to the answer"
    head = ("who", "organisation", "us", "per second", "/ json.loads", "time / ours")
    rows: list[tuple[str, ...]] = []
    for data in ("compliant", "drifted"):
        loads = ours[data]["loads"]
        base = _ratio(ours, data)
        rows.append(_loop_row("json.loads alone", data, loads, 1, base))
        for name, times in {"ours": ours, **peers}.items():
            rows.append(_loop_row(name, data, times[data]["job"], _ratio(times, data), base))
    return "\n".join([table(title, head, rows), *_loop_targets(ours, peers), ""])


def _loop_row(name: str, data: str, seconds: float, ratio: float, base: float) -> tuple[str, ...]:
    return (
        name,
        data,
        f"{seconds * 1e6:.0f}",
        f"{1 / seconds:.0f}",
        f"{ratio:.2f}",
        f"{ratio / base:.2f}",
    )


def _loop_targets(ours: Times, peers: dict[str, Times]) -> Iterator[str]:
    base = _ratio(ours, "compliant")
    fastest = min(peers, key=lambda name: _ratio(peers[name], "compliant"))
    times = _ratio(peers[fastest], "compliant") / base
    yield f"ours / json.loads, compliant: {base:.2f}   target {at_most(base, _LOADS_TARGET)}"
    yield f"fastest peer ({fastest}) / ours: {times:.2f}   target {at_least(times, _PEER_TARGET)}"


def _ratio(times: Times, data: str) -> float:
    """A job's time over that of json.loads, which ran in turn with it in the same process."""
    return times[data]["job"] / times[data]["loads"]


def many_table() -> str:
    """(c) Many organisations in one process: time and memory."""
    found = {
        count: _child(sys.executable, "ours.py", "many", str(count)) for count in (_FEW, _MANY)
    }
    few = found[_FEW]["peak_mib"]
    rows = []
    for count, result in found.items():
        # Windows has no ru_maxrss.
        growth = result["peak_mib"] / few if few else float("nan")
        rows.append(
            (
                f"{count:,}",
                f"{result['seconds']:.2f}",
                f"{result['seconds'] / count * 1e6:.0f}",
                f"{result['peak_mib']:.1f}" if few else "not measured",
                f"{growth:.2f}" if few else "",
                at_most(growth, _MEMORY_TARGET) if few and count == _MANY else "",
            )
        )
    title = "(c) Many organisations in one process, all different, every tenth drifted"
    head = ("organisations", "audits, s", "us each", "peak MiB", f"/ peak of {_FEW}", "target")
    return table(title, head, rows)


def routing_table() -> str:
    """(e) All routes of organisations of growing size."""
    found = _child(sys.executable, "routing.py")
    first = {kind: found[0][kind]["seconds"] / found[0]["spaces"] for kind in _PLACES}
    rows = [
        (
            f"{one['connectors']:,}",
            f"{one['spaces']:,}",
            f"{one[kind]['classes']:,}",
            kind,
            f"{one[kind]['seconds'] * 1e3:.1f}",
            f"{one[kind]['seconds'] / one['spaces'] * 1e6:.1f}",
            f"{one[kind]['seconds'] / one['spaces'] / first[kind]:.2f}",
            at_most(one[kind]["seconds"] * 1e3, _ROUTES_TARGET)
            if one["spaces"] == _ROUTES_SPACES
            else "",
        )
        for one in found
        for kind in _PLACES
    ]
    title = "(e) All routes of an organisation: the best of some rounds"
    head = ("connectors", "spaces", "classes", "servers", "ms", "us a space", "/ first", "target")
    return table(title, head, rows)


def report_table() -> str:
    """(f) Every format of reports, each in a process of its own."""
    rows = []
    for count in _REPORT_SIZES:
        found = {name: _child(sys.executable, "reports.py", name, str(count)) for name in FORMATS}
        json_time = found["json"]["first"]
        for name, one in found.items():
            limit = _REPORT_TARGETS.get(name, _ANY_REPORT_TARGET)
            rows.append(
                (
                    name,
                    f"{one['findings']:,}",
                    f"{one['bytes'] / 1e3:,.0f}",
                    f"{one['first'] * 1e3:.0f}",
                    f"{one['first'] / json_time:.1f}",
                    f"{one['best'] * 1e3:.0f}",
                    at_most(one["first"] * 1e3, limit),
                )
            )
    title = "(f) Reports: the first of a process with its imports, and the best of three more"
    head = ("format", "findings", "kB", "first, ms", "/ json", "best, ms", "target, ms")
    return table(title, head, rows)


def history_table() -> str:
    """(g) A history of nightly runs of 20 connectors, one of which is changed each month."""
    rows = []
    for years in _YEARS:
        found = _child(sys.executable, "kept.py", str(years))
        size = found["bytes"] / 1e6
        rows.append(
            (
                str(years),
                f"{found['runs']:,}",
                f"{size:.2f}",
                f"{size / years:.2f}",
                f"{found['record'] * 1e3:.1f}",
                f"{found['query'] * 1e3:.0f}",
                f"{found['trend'] * 1e3:.0f}",
                f"{found['trend'] / found['import']:.2f}",
                at_most(found["query"] * 1e3, _TREND_TARGET),
                at_most(size / years, _YEAR_TARGET),
            )
        )
    title = "(g) A history: nightly runs of 20 connectors, one of which is changed each month"
    head = (
        *("years", "runs", "MB", "MB a year", "keep one, ms", "trend, ms", "process, ms"),
        *("/ import sqlalchemy", "target, ms", "target, MB"),
    )
    return table(title, head, rows)


def flow_table() -> str:
    """(h) Message tracking logs: against DuckDB's bare count and a loop of the csv module."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        for size in _FLOW_SIZES:
            folder = Path(name) / f"{size}"
            _child(sys.executable, "flow.py", "make", str(folder), str(size * 1_000_000))
            rows.append(_flow_row(size, folder))
    title = f"(h) Mail flow: logs on disk, the best of {_FLOW_ROUNDS} rounds, run in turn"
    head = ("MB", "ours, s", "MB/s", "bare / ours", "target", "csv loop / ours", "target")
    return table(title, (*head, "peak, MB", "target"), rows)


def _flow_row(size: int, folder: Path) -> tuple[str, ...]:
    found: dict[str, list[dict[str, float]]] = {"ours": [], "bare": [], "loop": []}
    for number in range(_FLOW_ROUNDS):
        for name, runs in found.items():
            # The loop takes a minute and does not vary.
            if name != "loop" or number == 0:
                runs.append(_child(sys.executable, "flow.py", name, str(folder)))
    if found["ours"][0]["count"] != found["loop"][0]["count"]:
        raise ValueError("ours and the csv loop count differently")
    ours, bare, loop = (min(run["seconds"] for run in runs) for runs in found.values())
    peak = max(run.get("megabytes", 0.0) for run in found["ours"])
    return (
        f"{size:,}",
        f"{ours:.2f}",
        f"{size / ours:,.0f}",
        f"{bare / ours:.2f}",
        at_least(bare / ours, _BARE_TARGET),
        f"{loop / ours:.1f}",
        at_least(loop / ours, _LOOP_TARGET),
        f"{peak:.0f}",
        at_most(peak, _MEGABYTES_TARGET),
    )


def _child(python: str, *words: str) -> Any:  # noqa: ANN401 - JSON
    """What a script beside this one prints, in a process of its own."""
    command = (python, str(HERE / words[0]), *words[1:])
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)} failed: {done.stderr.strip()}")
    return json.loads(done.stdout)


if __name__ == "__main__":
    sys.exit(main())
