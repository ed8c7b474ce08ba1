"""Who gets a message of a run. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from auditor.model import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from auditor.model import Audit, Drift, Severity
    from auditor.notify.occasion import Occasion
    from auditor.notify.routes import Route

Reason: TypeAlias = Literal["unaudited", "again", "change", "first", "always"]
"""Why a message is sent; it decides what the message begins with."""


def decide(route: Route, occasion: Occasion) -> Reason | None:
    """Why a route gets a message of a run; None where it gets none.

    The first line that fits counts:

    ======================================================  ====================================
    the run                                                 the message
    ======================================================  ====================================
    as of another time                                      none, also with ``when: always``
    not decided (failed, or incomplete), the Nth in a row   ``unaudited``, whatever the severity
    the same, the 2Nth, 4Nth, 8Nth, …                       ``unaudited``
    not decided, any other                                  none
    decided after N or more that were not                   ``again``, whatever the severity
    decided, with a change that reaches the severity        ``change``
    the first of all, or without a history, and a failed    ``first``
    finding reaches the severity
    decided, any other                                      none
    ======================================================  ====================================

    N is the route's ``unaudited_runs``. A change is a finding that is new, fixed or newly exempt,
    or whose exemption has ended; the gravest of them counts. With ``when: always`` every line but
    the first gives a message: for "none" it is ``always`` or, where the run was not decided,
    ``unaudited``.
    """
    if occasion.as_of:
        return None
    always = route.when == "always"
    audit = occasion.decided
    if audit is None:
        due = is_due(occasion.undecided_runs, route.unaudited_runs)
        return "unaudited" if due or always else None
    return _of_decided(route, occasion, audit) or ("always" if always else None)


def _of_decided(route: Route, occasion: Occasion, audit: Audit) -> Reason | None:
    if occasion.undecided_before >= route.unaudited_runs:
        return "again"
    drift = audit.drift
    if drift is not None and drift.run is not None:
        return "change" if reaches(changed(drift), route.severity) else None
    failed = [finding.severity for finding in audit.findings if finding.status == "fail"]
    return "first" if reaches(failed, route.severity) else None


def is_due(runs: int, first: int) -> bool:
    """Whether a message is due after so many undecided runs: the first-th, and each doubling.

    So it is neither forgotten nor an alarm every night.
    """
    times, rest = divmod(runs, first)
    return rest == 0 and times > 0 and times & (times - 1) == 0


def changed(drift: Drift) -> list[Severity]:
    """The severity of each finding that has changed."""
    groups = (drift.new, drift.exemption_ended, drift.fixed, drift.newly_exempt)
    return [finding.severity for group in groups for finding in group]


def reaches(found: Iterable[Severity], least: Severity) -> bool:
    """Whether any is as grave as that."""
    limit = SEVERITIES.index(least)
    return any(SEVERITIES.index(severity) <= limit for severity in found)
