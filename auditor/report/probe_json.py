"""``audit-probe/1``: what was seen on the way to the gateway, and what it comes to, for machines.

Beside the keys of the probe itself stand those of the judgement; files of probes that are read
again are judged again.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from auditor.probefile import SCHEMA, content_of

if TYPE_CHECKING:
    from auditor.model import Json, JudgedAttempt, JudgedHost, Judgement, ProbeResult


def render(result: ProbeResult) -> str:
    """One JSON document."""
    return json.dumps(content(result), indent=2, ensure_ascii=True) + "\n"


def content(result: ProbeResult) -> dict[str, Json]:
    """The document."""
    raw: dict[str, Any] = content_of(
        result.probe._replace(hosts=tuple(h.seen for h in result.hosts))
    )
    hosts = [_host(*pair, result) for pair in zip(raw["hosts"], result.hosts, strict=True)]
    domains = [
        {**one, **_judgement(judged.judgement)}
        for one, judged in zip(raw["domains"], result.domains, strict=True)
    ]
    return {
        "schema": SCHEMA,
        "status": result.status,
        "gateway": result.gateway,
        "source_server": result.sends,
        "notes": list(result.notes),
        **raw,
        "hosts": hosts,
        "domains": domains,
    }


def _host(raw: dict[str, Any], judged: JudgedHost, result: ProbeResult) -> dict[str, Any]:
    attempts = [
        _attempt(*pair, result) for pair in zip(raw["attempts"], judged.attempts, strict=True)
    ]
    return {**raw, **_judgement(judged.judgement), "attempts": attempts}


def _attempt(raw: dict[str, Any], judged: JudgedAttempt, result: ProbeResult) -> dict[str, Any]:
    found = {**raw, **_judgement(judged.judgement), "gateway_saw": judged.saw}
    if judged.seen.encryption is not None:
        chain = zip(raw["encryption"]["chain"], judged.seen.encryption.chain, strict=True)
        found["encryption"] = {
            **raw["encryption"],
            "chain": [
                {**one, "days_left": seen.days_left(result.probe.probed_at)} for one, seen in chain
            ],
        }
    return found


def _judgement(judged: Judgement) -> dict[str, Json]:
    return {
        "status": judged.status,
        "message": judged.message,
        "hint": judged.hint,
        "cautions": list(judged.cautions),
    }
