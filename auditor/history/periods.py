"""How an audit went over time: what each day, week or month brought. Pure."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from auditor.model import Period

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from auditor.model import Run

By: TypeAlias = Literal["day", "week", "month"]

_DAYS: Final = 31
_WEEKS: Final = 26 * 7
"""Spans in days up to which lines for days, and for weeks, are not too many."""


def periods(runs: Sequence[Run], by: str | None) -> tuple[By, tuple[Period, ...]]:
    """What each period brought, the oldest first; those without a run are left out.

    Args:
        runs: of one audit, in any order; those as of another time do not count.
        by: ``day``, ``week`` (from Monday) or ``month``; None: as fits the time between the runs.

    Returns:
        The kind of period, and the periods.
    """
    counted = sorted((run for run in runs if not run.as_of), key=lambda run: run.id)
    kind = next((name for name in _BEGIN if name == by), None) or _fitting(counted)
    found: dict[date, list[Run]] = defaultdict(list)
    for run in counted:
        found[_BEGIN[kind](run.recorded_at.date())].append(run)
    return kind, tuple(_period(start, found[start]) for start in sorted(found))


def _fitting(runs: Sequence[Run]) -> By:
    days = (runs[-1].recorded_at - runs[0].recorded_at).days if runs else 0
    if days <= _DAYS:
        return "day"
    return "week" if days <= _WEEKS else "month"


def _period(start: date, runs: Sequence[Run]) -> Period:
    decided = [run for run in runs if run.counts]
    return Period(
        start=start,
        runs=len(runs),
        compliant=sum(run.verdict == "compliant" for run in decided),
        drift=sum(run.verdict == "drift" for run in decided),
        undecided=len(runs) - len(decided),
        most_failed=max((run.summary.get("fail", 0) for run in decided), default=None),
        last_failed=decided[-1].summary.get("fail", 0) if decided else None,
    )


_BEGIN: Final[Mapping[By, Callable[[date], date]]] = {
    "day": lambda day: day,
    "week": lambda day: day - timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
}
