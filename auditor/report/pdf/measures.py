"""What is permitted, where mail goes, what is to be done: as the sign-off document prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.properties import shown
from auditor.report.routes_text import destination, verdict

if TYPE_CHECKING:
    from auditor.model import Audit, ExemptionUse, Json, PlannedChange, Route

_FATES = {
    "inside": "Delivered in the organisation",
    "unreachable": "No connector carries it: it waits in the queue",
    "returned": "Returned to its sender: too large for every connector",
}


def exemptions(audit: Audit) -> dict[str, Json]:
    """The exemptions that hold on the day, and those that cover nothing on it."""
    uses = [(use, use.state in {"in use", "undecided"}) for use in audit.exemptions]
    return {
        "in_force": [_exemption(use) for use, holds in uses if holds],
        "others": [_exemption(use) for use, holds in uses if not holds],
    }


def _exemption(use: ExemptionUse) -> dict[str, Json]:
    one, days = use.exemption, use.days_left
    left = f"{days} day{'' if days == 1 else 's'} left" if days > 0 else "the last day"
    return {
        "control": one.control,
        "connector": one.connector or "(the organisation)",
        "reason": one.reason,
        "approved_by": one.approved_by,
        "owner": one.owner,
        "ticket": one.ticket or "",
        "starts": one.starts.isoformat() if one.starts else "",
        "expires": one.expires.isoformat(),
        "state": use.state,
        "left": left if days >= 0 else "",
        "because": use.because,
    }


def routes(audit: Audit) -> list[dict[str, Json]]:
    """Each way that mail takes."""
    return [_route(route) for route in (audit.routes.routes if audit.routes else ())]


def _route(route: Route) -> dict[str, Json]:
    taken = route.fate == "sent"
    right = not taken or route.exempt or route.through_gateway is True
    return {
        "mail": [text[:1].upper() + text[1:] for text in route.mail],
        "connector": " or ".join(connector.label for connector in route.connectors),
        "hops": destination(route.next_hops) if taken else "",
        "verdict": verdict(route) if taken else _FATES[route.fate],
        "mark": "pass" if right else "unknown" if route.through_gateway is None else "fail",
    }


def plan(audit: Audit) -> dict[str, Json]:
    """The changes in their order, and what is done by hand."""
    made = audit.plan
    nothing = "Nothing is to be done: no finding failed."
    if made is None and audit.verdict == "drift":
        nothing = "No plan was made."
    return {
        "changes": [_change(change) for change in (made.changes if made else ())],
        "manual": [
            {"connector": step.connector or "", "advice": step.advice}
            for step in (made.manual if made else ())
        ],
        "nothing": nothing,
    }


def _change(change: PlannedChange) -> dict[str, Json]:
    new = change.connector is None
    return {
        "order": change.order,
        "cmdlet": change.cmdlet,
        "verb": "Create" if new else "Change",
        "name": change.name,
        "guid": change.guid or "",
        "settings": [
            [name, "" if new else shown(name, change.before[name]), shown(name, value)]
            for name, value in change.parameters.items()
            if new or change.before.get(name) != value
        ],
        "new": new,
        "credential": change.credential,
        "caution": change.caution or "",
    }
