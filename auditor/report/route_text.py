"""The routes of recipients for people."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from auditor.report.columns import WIDTH, columns, pairs
from auditor.report.printable import printable
from auditor.report.routes_text import destination

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from auditor.model import Ladder, RecipientRoute

_HEADERS: Final = ("Result", "Connector", "Address space", "Reason")


def render(routes: Sequence[tuple[RecipientRoute, Sequence[Ladder]]]) -> str:
    """A table of all where there are several, then each with the reason."""
    parts = [_overview([route for route, _ in routes])] if len(routes) > 1 else []
    for route, ladders in routes:
        parts.append("\n".join([printable(route.recipient), _details(route)]))
        parts += _ladders(ladders)
    return "\n\n".join(parts) + "\n"


def _overview(routes: Sequence[RecipientRoute]) -> str:
    rows = [(route.recipient, _gateway(route), _connector(route)) for route in routes]
    return columns(rows, ("Recipient", "Through the gateway", "Connector"), (34, 20, WIDTH))


def _details(route: RecipientRoute) -> str:
    facts = {
        "connector": _connector(route),
        "to": _to(route),
        "gateway": _gateway(route),
        "why": route.why,
    }
    said = {name: text for name, text in facts.items() if text}
    return textwrap.indent(pairs(said, WIDTH - 2), "  ")


def _to(route: RecipientRoute) -> str:
    """The next hops, where one connector carries it or all have the same."""
    if not route.possible or (route.next_hops is None and len(route.possible) > 1):
        return ""
    if all(connector.cmdlet != "SendConnector" for connector in route.possible):
        return "another program on the server"
    return destination(route.next_hops)


def _connector(route: RecipientRoute) -> str:
    if route.connector is not None:
        return route.connector.label
    if route.possible:
        names = " or ".join(connector.label for connector in route.possible)
        return f"{names}, or none" if len(route.possible) == 1 else f"it depends: {names}"
    return "(none: delivered in the organisation)" if route.inside else "(none)"


def _gateway(route: RecipientRoute) -> str:
    if route.inside:
        return "inside"
    if route.exempt:
        return "exempt"
    return {True: "yes", False: "NO", None: "not known"}[route.through_gateway]


def _ladders(ladders: Sequence[Ladder]) -> Iterator[str]:
    for one in ladders:
        rows = [
            (rung.reason, rung.connector.label, rung.space or "", rung.text) for rung in one.rungs
        ]
        head = f"Sent from {', '.join(map(printable, one.servers[:5]))}"
        more = f" and {len(one.servers) - 5} more" if len(one.servers) > 5 else ""
        table = columns(rows, _HEADERS, (13, 20, 20, WIDTH))
        yield f"{head}{more}:\n{table}"
