"""What differs between two snapshots, in words, in 80 columns."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Final

from auditor.kinds import SIZE
from auditor.model import cmdlet_of
from auditor.moments import instant
from auditor.properties import SETTINGS, shown
from auditor.report.columns import WIDTH, columns, hanging, pairs
from auditor.report.printable import printable

if TYPE_CHECKING:
    from auditor.model import Changed, Differences, Json, Side, Uncompared

_SAME: Final = "SAME: nothing differs."
_UNDECIDED: Final = "UNDECIDED: nothing that could be compared differs, but not all could be."


def render(found: Differences, old: Side, new: Side) -> str:
    """The differences as text."""
    sides = pairs({"Old": _side(old), "New": _side(new), "Compared": _count(found)})
    parts = [hanging(_head(found), "", "  "), sides, _alone(found)]
    parts += [_changes(one) for one in found.changed if one.changes]
    parts.append(_not_compared(found))
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(found: Differences) -> str:
    """The first line: what it all means."""
    if found.outcome != "different":
        return _SAME if found.outcome == "same" else _UNDECIDED
    counts = {
        "added": len(found.added),
        "removed": len(found.removed),
        "renamed": len(found.renamed),
        "changed": sum(bool(one.changes) for one in found.changed),
        "not compared": len(found.not_compared),
    }
    said = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    return f"DIFFERENT: {said}."


def _side(side: Side) -> str:
    collected = f", collected {instant(side.collected_at)}" if side.collected_at else ""
    organization = f", {side.organization}" if side.organization else ""
    return f"{side.source} ({side.kind}{organization}{collected})"


def _count(found: Differences) -> str:
    return f"{found.pairs} object{'' if found.pairs == 1 else 's'} that both have"


def _alone(found: Differences) -> str:
    """What is there on one side only, and what has another name."""
    rows = [("added", cmdlet_of(one.noun), one.label) for one in found.added]
    rows += [("removed", cmdlet_of(one.noun), one.label) for one in found.removed]
    rows += [
        ("renamed", cmdlet_of(one.entity.noun), f"{one.former} -> {one.entity.label}")
        for one in found.renamed
    ]
    return columns(rows, ("What", "Cmdlet", "Name"), (8, 27, 45)) if rows else ""


def _changes(one: Changed) -> str:
    """One object that differs, and each of its properties."""
    head = f"{cmdlet_of(one.entity.noun)} - {printable(one.entity.label)}"
    lines = [hanging(head, "", "  ")]
    for change in one.changes:
        name = _shown_as(one.entity.noun, change.property)
        old, new = (_value(name, value) for value in (change.old, change.new))
        lines.append(f"  {printable(change.property)}")
        lines.append(textwrap.indent(pairs({"old": old, "new": new}, WIDTH - 4), "    "))
    return "\n".join(lines)


def _shown_as(noun: str, name: str) -> str:
    """The property of connectors that is shown as this one is: sizes are bytes."""
    return "MaxMessageSize" if SETTINGS.get(f"{noun}.{name}") is SIZE else name


def _value(name: str, value: Json) -> str:
    """A value as Exchange prints it; what is no such thing as JSON."""
    if value is None or isinstance(value, bool | int | str):
        return shown(name, value) or "(empty)"
    if isinstance(value, list):
        return shown(name, tuple(item if isinstance(item, str) else _json(item) for item in value))
    return _json(value)


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _not_compared(found: Differences) -> str:
    """What nobody can say of whether it differs; alike ones together."""
    together: dict[tuple[str, str], list[Uncompared]] = {}
    for one in found.not_compared:
        about = f" '{one.entity.label}'" if one.entity else ""
        together.setdefault((f"{cmdlet_of(one.noun)}{about}", one.why), []).append(one)
    lines = []
    for (about, why), doubts in together.items():
        names = ", ".join(one.property for one in doubts if one.property is not None)
        text = f"{about}: {names}: {why}" if names else f"{about}: {why}"
        lines.append(hanging(printable(text), "  - ", "    "))
    return "\n".join(["Not compared:", *lines]) if lines else ""
