"""``audit-route/1``: the routes of recipients for machines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from auditor.model import Json, Ladder, RecipientRoute, Rung

SCHEMA: Final = "audit-route/1"


def render(
    routes: Iterable[tuple[RecipientRoute, Sequence[Ladder]]], size: int, server: str | None
) -> str:
    """One JSON document; ``ladders`` only where they were asked for.

    Args:
        routes: of each recipient.
        size: of the message that was asked about, in bytes.
        server: the one that sends it; None: any.
    """
    content = {
        "schema": SCHEMA,
        "size": size,
        "from_server": server,
        "routes": [_route(*route) for route in routes],
    }
    return json.dumps(content, indent=2, ensure_ascii=True) + "\n"


def _route(route: RecipientRoute, ladders: Sequence[Ladder]) -> dict[str, Json]:
    found: dict[str, Json] = {
        "recipient": route.recipient,
        "domain": route.domain,
        "connector": route.connector.name if route.connector else None,
        "connector_guid": route.connector.guid if route.connector else None,
        "possible": [connector.label for connector in route.possible],
        "inside": route.inside,
        "next_hops": None if route.next_hops is None else list(route.next_hops),
        "through_gateway": route.through_gateway,
        "exempt": route.exempt,
        "why": route.why,
    }
    if ladders:
        found["ladders"] = [
            {"from": list(one.servers), "rungs": [_rung(rung) for rung in one.rungs]}
            for one in ladders
        ]
    return found


def _rung(rung: Rung) -> dict[str, Json]:
    return {
        "connector": rung.connector.name,
        "connector_guid": rung.connector.guid,
        "space": rung.space,
        "reason": rung.reason,
        "text": rung.text,
    }
