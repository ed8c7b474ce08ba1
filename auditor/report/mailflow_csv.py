"""Ways out as CSV: a row for each way and, of those around the gateway, each recipient domain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.moments import rfc3339
from auditor.report.spreadsheet import written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.model import JudgedWay, MailFlowResult

COLUMNS: Final = (
    "leads",
    "logs",
    "server",
    "connector",
    "host",
    "address",
    "recipient_domain",
    "deliveries",
    "recipients",
    "inside",
    "bytes",
    "first",
    "last",
)


def render(result: MailFlowResult) -> str:
    """The header line, then the rows; those of domains have a ``recipient_domain``."""
    return written(COLUMNS, (row for way in result.ways for row in _rows(way)))


def _rows(way: JudgedWay) -> Iterator[dict[str, str | None]]:
    seen = way.seen
    common: dict[str, str | None] = {
        "leads": way.kind,
        "logs": seen.kind,
        "server": seen.server,
        "connector": seen.connector,
        "host": seen.host,
        "address": seen.address,
    }
    yield common | {
        "deliveries": str(seen.deliveries),
        "recipients": str(seen.recipients),
        "inside": str(seen.inside),
        "bytes": str(seen.bytes),
        "first": rfc3339(seen.first),
        "last": rfc3339(seen.last),
    }
    if way.kind in {"gateway", "internal"}:
        return
    for one in seen.domains:
        yield common | {
            "recipient_domain": one.domain or "(none)",
            "deliveries": str(one.deliveries),
            "bytes": str(one.bytes),
            "first": rfc3339(one.first),
            "last": rfc3339(one.last),
        }
