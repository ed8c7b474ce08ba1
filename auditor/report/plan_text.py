"""A plan for people: what changes, from what to what, in which order, and what could go wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.properties import shown
from auditor.report.columns import WIDTH, hanging, wrapped
from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.model import Audit, Finding, ManualStep, Plan, PlannedChange

_VERBS = {"New": "Create", "Set": "Change"}


def render(plan: Plan, audit: Audit) -> str:
    """The plan of an audit, 80 columns wide."""
    parts = [_head(plan, audit), *map(_change, plan.changes)]
    if plan.manual:
        parts.append("BY HAND\n" + "\n".join(_step(step) for step in plan.manual))
    parts += _left_alone(audit)
    return "\n\n".join(parts) + "\n"


def _head(plan: Plan, audit: Audit) -> str:
    if not plan.changes and not plan.manual:
        return wrapped(f"NOTHING TO DO: no finding of {_name(audit)} failed.", WIDTH)
    changes, manual = len(plan.changes), len(plan.manual)
    order = " in this order" if changes > 1 else ""
    counts = [
        f"{changes} change{'' if changes == 1 else 's'}{order}" if changes else "",
        f"{manual} step{'' if manual == 1 else 's'} by hand" if manual else "",
    ]
    said = ", ".join(count for count in counts if count)
    return wrapped(f"PLAN for {_name(audit)}: {said}.", WIDTH)


def _name(audit: Audit) -> str:
    return printable(audit.organization or audit.snapshot.provenance.location)


def _change(change: PlannedChange) -> str:
    verb = _VERBS[change.cmdlet.partition("-")[0]]
    head = f"{change.order}. {verb} '{printable(change.name)}' ({change.cmdlet})"
    lines = [hanging(head, "", "   "), *_settings(change)]
    if change.caution:
        lines.append(hanging(printable(change.caution), "   ", "   "))
    return "\n".join(lines)


def _settings(change: PlannedChange) -> Iterator[str]:
    """What each setting is and becomes, below each other where that keeps names whole."""
    for name, value in change.parameters.items():
        to = printable(shown(name, value))
        if change.connector is None:
            line = f"   - {name}: {to}"
            short = len(line) <= WIDTH
            yield line if short else f"   - {name}\n{hanging(to, ' ' * 7, ' ' * 7)}"
            continue
        if change.before[name] == value:
            continue
        was = printable(shown(name, change.before[name]))
        line = f"   - {name}: from {was} to {to}"
        if len(line) <= WIDTH and " to " not in f"{was} {to}":
            yield line
            continue
        yield f"   - {name}"
        yield hanging(was, "       from  ", " " * 13)
        yield hanging(to, "       to    ", " " * 13)


def _step(step: ManualStep) -> str:
    about = f"'{step.connector}': " if step.connector else ""
    return hanging(printable(f"{about}{step.advice}"), "   - ", "     ")


def _left_alone(audit: Audit) -> Iterator[str]:
    """What the plan does not touch, and why."""
    for status, why in (("unknown", "could not be decided"), ("exempt", "is exempt")):
        together: dict[str, dict[str, None]] = {}
        for finding in audit.findings:
            if finding.status == status:
                together.setdefault(_where(finding, audit), {})[finding.control.id] = None
        if together:
            said = "; ".join(f"{', '.join(names)}{where}" for where, names in together.items())
            yield wrapped(f"Left alone, because it {why}: {said}.", WIDTH)


def _where(finding: Finding, audit: Audit) -> str:
    """The connector, where it is not the one that must carry the mail."""
    connector = finding.connector
    if connector is None or connector is audit.subject:
        return ""
    return f" of '{printable(connector.label)}'"
