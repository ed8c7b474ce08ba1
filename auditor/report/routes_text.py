"""The map of routes for people: who, by which connector, to which hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.report.columns import hanging
from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.model import Route, RouteMap

MOST: Final = 8
"""How much mail of one route is named."""


def render(routes: RouteMap) -> str:
    """The map, 80 columns wide; what no connector carries is in the notes of the audit."""
    taken = [route for route in routes.routes if route.fate in {"sent", "inside"}]
    return "\n".join(["Where mail goes", *map(_route, taken)]) if taken else ""


def _route(route: Route) -> str:
    mail = shortened(mail_of(route), MOST)
    who = hanging("; ".join(map(printable, mail)), "  ", "  ")
    return f"{who}\n{hanging(_way(route), '    -> ', '       ')}"


def _way(route: Route) -> str:
    if route.fate == "inside":
        return "delivered in the organisation"
    names = " or ".join(printable(connector.label) for connector in route.connectors)
    return f"{names} -> {destination(route.next_hops)} ({verdict(route)})"


def mail_of(route: Route) -> list[str]:
    """Which mail takes a route: whom it is for."""
    return [said.removeprefix("mail to ") for said in route.mail]


def shortened(items: Sequence[str], most: int) -> list[str]:
    """The first of many, and how many more there are."""
    if len(items) <= most:
        return list(items)
    return [*items[: most - 1], f"and {len(items) - most + 1} more"]


def destination(hops: Sequence[str] | None) -> str:
    """The next hops in words."""
    if hops is None:
        return "not known"
    if tuple(hops) == ("dns",):
        return "each recipient's own server, by DNS"
    return ", ".join(map(printable, hops)) if hops else "no host"


def verdict(route: Route) -> str:
    """Whether it is the gateway, in words."""
    if route.exempt:
        return "exempt"
    if route.connectors and all(c.cmdlet != "SendConnector" for c in route.connectors):
        return "handed to another program"
    if route.through_gateway is None:
        return "whether that is the gateway is not known"
    return "the gateway" if route.through_gateway else "NOT the gateway of this region"
