"""A live organisation, asked in one process: ``live_loop.py CONNECTORS SHAPE ROUNDS WHO...``.

Prints JSON. WHO are asked in turn: A B C, A B C, and so on, after a round that is not counted.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from functools import partial
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any, Final

import bare
from ours import peak_mib
from served import ACCOUNT, PASSWORD, Served, served

from auditor.collect.cmdlets import CMDLETS
from auditor.collect.live import Login, Target, parse_endpoint
from auditor.collect.live.collector import collect

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_SEND: Final = "Get-SendConnector"


def jobs(server: Served, connectors: int) -> dict[str, Callable[[], dict[str, int | None]]]:
    """Who can ask, by name; each says how much every cmdlet gave."""
    target = Target(
        parse_endpoint(server.url), Login("basic", ACCOUNT, PASSWORD), allow_cleartext=True
    )

    def ours() -> dict[str, int | None]:
        found = collect(target, lambda: datetime.now(UTC), "bench", lambda _: None)
        if found.errors or len(found.objects["SendConnector"]) != connectors:
            raise ValueError(f"not all was collected: {found.errors}")
        return {f"Get-{noun}": len(objects) for noun, objects in found.objects.items()}

    def peer(how: str) -> dict[str, int | None]:
        found = bare.ask(server.port, ACCOUNT, PASSWORD, how)
        if how == "mended" and None in found.values():
            raise ValueError(f"mended pypsrp fails: {found}")
        if how != "raw" and found[_SEND] not in (connectors, None):
            raise ValueError(f"{how} pypsrp found {found[_SEND]} connectors, not {connectors}")
        return found

    return {"ours": ours, **{how: partial(peer, how) for how in ("bare", "mended", "raw")}}


def measure(
    server: Served, asking: Mapping[str, Callable[[], dict[str, int | None]]], rounds: int
) -> dict[str, dict[str, Any]]:
    """By who asks: the best seconds, and of the processor; requests; how many cmdlets failed."""
    walls: dict[str, list[float]] = {name: [] for name in asking}
    owns: dict[str, list[float]] = {name: [] for name in asking}
    found: dict[str, dict[str, Any]] = {}
    for _ in range(rounds + 1):
        for name, job in asking.items():
            wall, own = perf_counter(), process_time()
            given = job()
            owns[name].append(process_time() - own)
            walls[name].append(perf_counter() - wall)
            log = server.log()
            if log.sessions != 1:
                raise ValueError(f"{name} opened {log.sessions} sessions")
            found[name] = {
                "failed": sum(size is None for size in given.values()),
                "sessions": log.sessions,
                "requests": len(log.cmdlets),
                "each": _each(log.cmdlets),
            }
    for name, value in found.items():
        value |= {"wall": min(walls[name][1:]), "own": min(owns[name][1:])}
    return found


def _each(cmdlets: Sequence[str | None]) -> list[int]:
    """The requests of each cmdlet."""
    names = [cmdlet for cmdlet in cmdlets if cmdlet is not None]
    return [names.count(name) for name in dict.fromkeys(names)]


def main(connectors: int, shape: str, rounds: int, names: Sequence[str]) -> None:
    """Print what was measured, and the peak memory of this process."""
    if tuple(str(wanted.cmdlet) for wanted in CMDLETS) != bare.CMDLETS:
        raise ValueError("bare.py does not ask for what an audit asks for")
    with served(connectors, shape) as server:
        can = jobs(server, connectors)
        found = measure(server, {name: can[name] for name in names}, rounds)
    print(json.dumps({"who": found, "peak_mib": peak_mib()}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4:])
