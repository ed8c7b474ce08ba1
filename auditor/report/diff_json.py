"""``audit-diff/1``: what differs between two snapshots, for machines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import auditor
from auditor.model import cmdlet_of
from auditor.moments import rfc3339

if TYPE_CHECKING:
    from auditor.model import Changed, Differences, Entity, Json, Side, Uncompared

SCHEMA: Final = "audit-diff/1"


def render(found: Differences, old: Side, new: Side) -> str:
    """The differences as one JSON document."""
    return json.dumps(document(found, old, new), indent=2, ensure_ascii=True) + "\n"


def document(found: Differences, old: Side, new: Side) -> dict[str, Json]:
    """The differences as JSON values."""
    changed = [one for one in found.changed if one.changes]
    return {
        "schema": SCHEMA,
        "outcome": found.outcome,
        "old": _side(old),
        "new": _side(new),
        "objects_compared": found.pairs,
        "summary": {
            "added": len(found.added),
            "removed": len(found.removed),
            "renamed": len(found.renamed),
            "changed": len(changed),
            "not_compared": len(found.not_compared),
        },
        "added": [_entity(one) for one in found.added],
        "removed": [_entity(one) for one in found.removed],
        "renamed": [{**_entity(one.entity), "old_name": one.former} for one in found.renamed],
        "changed": [_changed(one) for one in changed],
        "not_compared": [_uncompared(one) for one in found.not_compared],
        "tool": {"name": "audit", "version": auditor.__version__},
        "errors": [],
    }


def _side(side: Side) -> dict[str, Json]:
    collected = None if side.collected_at is None else rfc3339(side.collected_at)
    return {**side._asdict(), "collected_at": collected}


def _entity(entity: Entity) -> dict[str, Json]:
    return {"cmdlet": cmdlet_of(entity.noun), "name": entity.name, "guid": entity.guid}


def _changed(one: Changed) -> dict[str, Json]:
    return {**_entity(one.entity), "changes": [change._asdict() for change in one.changes]}


def _uncompared(one: Uncompared) -> dict[str, Json]:
    """What could not be compared; without a name and a Guid it is about all objects."""
    about = {"cmdlet": cmdlet_of(one.noun), "name": None, "guid": None}
    return {
        **(about if one.entity is None else _entity(one.entity)),
        "property": one.property,
        "why": one.why,
    }
