"""Routes in words, for the page's table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from auditor.report.routes_text import destination, mail_of, verdict

if TYPE_CHECKING:
    from auditor.model import Route, RouteMap

Colour: TypeAlias = Literal["good", "bad", "exempt", "unknown", "inside", "lost"]
_LOST: Final = {
    "unreachable": "waits in the Unreachable queue",
    "returned": "returned to the sender: too large",
}


class Row(NamedTuple):
    """One way out: who takes it, by which connector, to where, and whether that is right."""

    mail: tuple[str, ...]
    connector: str
    destination: str
    verdict: str
    colour: Colour


def rows(routes: RouteMap | None) -> list[Row]:
    """All routes, that of most mail first, and last what no connector takes."""
    found = [_row(route) for route in (routes.routes if routes else ())]
    return sorted(found, key=lambda row: row.colour == "lost")


def _row(route: Route) -> Row:
    mail = tuple(mail_of(route))
    if route.fate == "inside":
        return Row(mail, "", "delivered in the organisation", "stays inside", "inside")
    if route.fate != "sent":
        return Row(mail, "", _LOST[route.fate], "no connector takes it", "lost")
    names = " or ".join(connector.label for connector in route.connectors)
    return Row(mail, names, destination(route.next_hops), verdict(route), _colour(route))


def _colour(route: Route) -> Colour:
    if route.exempt:
        return "exempt"
    if route.through_gateway is None:
        return "unknown"
    return "good" if route.through_gateway else "bad"
