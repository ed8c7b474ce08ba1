"""``audit-plan/1``: a plan for machines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from auditor.model import Json, ManualStep, Plan, PlannedChange, Present, Settings

SCHEMA: Final = "audit-plan/1"


def render(plan: Plan) -> str:
    """The plan as one JSON document, one object for each cmdlet in the order of execution."""
    content = {
        "schema": SCHEMA,
        "changes": [_change(change) for change in plan.changes],
        "manual": [_step(step) for step in plan.manual],
    }
    return json.dumps(content, indent=2, ensure_ascii=True) + "\n"


def _change(change: PlannedChange) -> dict[str, Json]:
    return {
        "order": change.order,
        "connector": change.name,
        "guid": change.guid,
        "cmdlet": change.cmdlet,
        "parameters": _settings(change.parameters),
        "before": _settings(change.before),
        "rollback": {
            "cmdlet": change.cmdlet.replace("New-", "Set-"),
            "parameters": _settings(change.rollback),
        },
        "command": change.command,
        "findings": list(change.findings),
        "caution": change.caution,
    }


def _step(step: ManualStep) -> dict[str, Json]:
    return {"connector": step.connector, "findings": list(step.findings), "advice": step.advice}


def _settings(settings: Settings) -> dict[str, Json]:
    return {name: _json(value) for name, value in settings.items()}


def _json(value: Present | None) -> Json:
    return list(value) if isinstance(value, tuple) else value
