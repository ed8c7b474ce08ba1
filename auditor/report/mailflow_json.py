"""``audit-mailflow/1``: what logs say of mail that left, and what it comes to, for machines.

The keys are those of the types in ``auditor.model.mail_flow``; beside what was seen stands what it
comes to.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from auditor.flowfile import SCHEMA
from auditor.typedjson import plain

if TYPE_CHECKING:
    from auditor.model import Json, MailFlowResult


def render(result: MailFlowResult) -> str:
    """One JSON document."""
    return json.dumps(content(result), indent=2, ensure_ascii=True) + "\n"


def content(result: MailFlowResult) -> dict[str, Json]:
    """The document."""
    seen: dict[str, Any] = plain(result.seen)  # type: ignore[assignment]
    ways = [
        {**plain(way.seen), "leads": way.kind, "why": way.why, "outbound": way.outbound}  # type: ignore[dict-item]
        for way in result.ways
    ]
    refusals = [
        {**plain(one.seen), "meaning": one.meaning, "advice": one.advice}  # type: ignore[dict-item]
        for one in result.refusals
    ]
    outbound = result.outbound
    through = result.through
    return {
        "schema": SCHEMA,
        "status": result.status,
        "message": result.message,
        "hint": result.hint,
        "gateway": result.gateway,
        "effective_region": result.region,
        "outbound": outbound,
        "through_gateway": through,
        "share": round(through / outbound, 6) if outbound else None,
        "hosts": plain(result.hosts),
        "silences": plain(result.silences),
        "unlogged": list(result.unlogged),
        "notes": list(result.notes),
        **seen,
        "ways": ways,
        "refusals": refusals,
    }
