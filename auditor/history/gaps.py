"""Runs that were missed: where the distance between two is more than half as long again. Pure."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Final

from auditor.model import Gap

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_LATE: Final = 1.5
"""A run that comes later than so many times the distance was preceded by one that did not."""
_FEWEST: Final = 3
"""Runs from which a usual distance can be told."""


def usual_distance(moments: Sequence[datetime]) -> timedelta | None:
    """The distance between runs that is neither long nor short; None of too few runs.

    Args:
        moments: when each run was, the oldest first.
    """
    if len(moments) < _FEWEST:
        return None
    between = [(later - earlier).total_seconds() for earlier, later in pairwise(moments)]
    return timedelta(seconds=median(between)) or None


def gaps(moments: Sequence[datetime], every: timedelta, now: datetime) -> tuple[Gap, ...]:
    """Where runs were missed, the oldest first; ``before`` is None where the next has not come.

    Args:
        moments: when each run was, the oldest first.
        every: the distance that there should be.
        now: the time.
    """
    found = [
        Gap(earlier, later, round((later - earlier) / every) - 1)
        for earlier, later in pairwise(moments)
        if later - earlier > every * _LATE
    ]
    if moments and now - moments[-1] > every * _LATE:
        found.append(Gap(moments[-1], None, round((now - moments[-1]) / every) - 1))
    return tuple(gap._replace(missed=max(gap.missed, 1)) for gap in found)
