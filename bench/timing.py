"""A job's best time, with json.loads of the same bytes timed in turn beside it."""

from __future__ import annotations

import json
from time import perf_counter
from typing import TYPE_CHECKING, Final

from data import export

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ORGANISATIONS: Final = 8
_SECONDS: Final = 1.5
_MIN_ROUNDS: Final = 10


def measure(name: str, is_compliant: Callable[[bytes], bool]) -> dict[str, dict[str, float]]:
    """Seconds for one organisation, by compliant and drifted: the job's, and json.loads's.

    Args:
        name: whose job it is, for the error.
        is_compliant: the job: reads the bytes of an export and answers.

    Raises:
        ValueError: it gives a wrong answer.
    """
    times: dict[str, dict[str, float]] = {}
    for drifted in (False, True):
        exports = [export(number, drifted=drifted) for number in range(ORGANISATIONS)]
        for data in exports:
            if is_compliant(data) is not (not drifted):
                raise ValueError(f"{name} gives a wrong answer where drifted is {drifted}")
        job, loads = _best(is_compliant, exports)
        times["drifted" if drifted else "compliant"] = {"job": job, "loads": loads}
    return times


def _best(job: Callable[[bytes], object], exports: Sequence[bytes]) -> tuple[float, float]:
    best_job = best_loads = float("inf")
    end, rounds = perf_counter() + _SECONDS, 0
    while rounds < _MIN_ROUNDS or perf_counter() < end:
        best_loads = min(best_loads, _once(json.loads, exports))
        best_job = min(best_job, _once(job, exports))
        rounds += 1
    return best_job, best_loads


def _once(job: Callable[[bytes], object], exports: Sequence[bytes]) -> float:
    start = perf_counter()
    for data in exports:
        job(data)
    return (perf_counter() - start) / len(exports)
