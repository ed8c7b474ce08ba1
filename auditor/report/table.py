"""The report for a terminal: verdict first, failures before passes, 80 columns wide.

Its own words are ASCII, so that no console code page spoils them.
"""

from __future__ import annotations

import textwrap
from datetime import UTC
from typing import TYPE_CHECKING, Final

from auditor.model import ABSENT, SEVERITIES, Unreadable
from auditor.properties import shown
from auditor.report import routes_text
from auditor.report.columns import WIDTH, columns, pairs, wrapped
from auditor.report.notes import claim, disproved, notes
from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.model import Audit, Finding, Json, Present, Provenance

_WORDS: Final = {"fail": "FAIL", "unknown": "UNKNOWN", "not-applicable": "n/a"}
_REST: Final = ("exempt", "pass", "not-applicable")


def render(audit: Audit) -> str:
    """The whole report, without colour."""
    said = [wrapped(printable(note), WIDTH) for note in notes(audit)]
    routes = routes_text.render(audit.routes) if audit.routes else ""
    parts = [_verdict(audit), _head(audit), *_problems(audit), _rest(audit), routes]
    parts += [*said, _next(audit)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _next(audit: Audit) -> str:
    """What to do, where commands can put something right."""
    if audit.plan is None or not audit.plan.changes:
        return ""
    return "To put it right: audit plan shows the changes, audit remediate writes scripts."


def _verdict(audit: Audit) -> str:
    """The first line: what it all means."""
    gateway = printable(audit.policy.gateway.name)
    if audit.verdict == "compliant":
        return wrapped(f"COMPLIANT: {printable(claim(audit))}.", WIDTH)
    if audit.verdict == "incomplete":
        unknown, total = audit.summary["unknown"], len(audit.findings)
        return (
            f"INCOMPLETE: nothing failed, but {unknown} of {total} findings could not be decided."
        )
    failed = [finding for finding in audit.findings if finding.status == "fail"]
    grave = any(finding.severity in {"critical", "high"} for finding in failed)
    # Whatever severities a policy gives, the facts may say more.
    if grave or disproved(audit):
        return f"DRIFT: outbound mail does not safely leave through {gateway}."
    return "DRIFT: not all is as the policy wants it, but nothing critical or high."


def _head(audit: Audit) -> str:
    policy, region, origin = audit.policy, audit.region, audit.snapshot.provenance
    plural = "" if audit.connectors == 1 else "s"
    packs = [pack.name for pack in policy.packs]
    files = ", ".join(origin.files) or origin.location
    counts = [f"{count} {status}" for status, count in audit.summary.items() if count]
    return pairs(
        {
            "Organization": audit.organization or "(not named in the data)",
            "Region": f"{region.title} ({region.id})" if region else "(none)",
            "Policy": " + ".join([f"{policy.name} {policy.version}", *packs]),
            "Source": f"{files} ({origin.kind}, {audit.connectors} send connector{plural})",
            **_collected(origin),
            "Evaluated at": f"{audit.evaluated_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
            "Findings": ", ".join(counts),
        }
    )


def _collected(origin: Provenance) -> dict[str, str]:
    """When and by whom, where the source says so."""
    if origin.collected_at is None:
        return {}
    by = f", by {origin.account}" if origin.account else ""
    return {"Collected at": f"{origin.collected_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC{by}"}


def _problems(audit: Audit) -> Iterator[str]:
    """What failed, then what is not known; the worst first, what has one cause together."""
    for status in ("fail", "unknown"):
        found = [finding for finding in audit.findings if finding.status == status]
        blocks: dict[tuple[str, str, str], list[Finding]] = {}
        for finding in sorted(found, key=lambda one: SEVERITIES.index(one.severity)):
            where = finding.connector.label if finding.connector else ""
            key = (finding.message, where, finding.severity if status == "fail" else "")
            blocks.setdefault(key, []).append(finding)
        yield from (_problem(together) for together in blocks.values())


def _problem(together: list[Finding]) -> str:
    first = together[0]
    where = f" - {printable(first.connector.label)}" if first.connector else ""
    controls = ", ".join(finding.control.id for finding in together)
    head = f"{_WORDS[first.status]} ({first.severity}) {controls}{where}"
    lines = textwrap.wrap(head, WIDTH, subsequent_indent="     ", break_on_hyphens=False)
    text = "\n".join(lines)
    if first.control.title:
        text += "\n" + textwrap.indent(wrapped(printable(first.control.title), WIDTH - 2), "  ")
    text += "\n" + textwrap.indent(wrapped(printable(first.message), WIDTH - 2), "  ")
    name = first.control.property
    if first.status != "fail" or name is None:
        return text
    both = {"expected": _text(name, first.expected), "actual": _text(name, first.actual)}
    return text + "\n" + textwrap.indent(pairs(both, WIDTH - 2), "  ")


def _rest(audit: Audit) -> str:
    """What needs nobody: one row each, alike ones together."""
    rows: dict[tuple[str, str], list[str]] = {}
    for status in _REST:
        for finding in audit.findings:
            if finding.status == status:
                row = (_WORDS.get(status, status), _in_short(finding))
                rows.setdefault(row, []).append(finding.control.id)
    if not rows:
        return ""
    cells = [(status, ", ".join(controls), text) for (status, text), controls in rows.items()]
    # Exchange's longest names are not to be broken.
    longest = max(len(name) for controls in rows.values() for name in controls)
    room = min(max(longest + 1, 24), 30)
    return columns(cells, ("Status", "Control", "Found"), (WIDTH, room, 70 - room))


def _in_short(finding: Finding) -> str:
    """Of a property that passed, the value; the message where it says more than that."""
    name = finding.control.property
    if finding.status != "pass" or name is None or finding.control.everywhere:
        return finding.message
    _, is_value, more = finding.message.partition(f" is {_text(name, finding.actual)}.")
    return (
        _text(name, finding.actual) + ("." + more if more else "") if is_value else finding.message
    )


def _text(name: str, value: object) -> str:
    if value is ABSENT:
        return "(not in the export)"
    if isinstance(value, Unreadable):
        return f"(not readable: {value.reason})"
    if value == {"present": True}:
        return "(anything that is set)"
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_text(name, part)}" for key, part in value.items())
    return shown(name, _present(value))


def _present(value: Json) -> Present | None:
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    return value if value is None or isinstance(value, bool | int | tuple) else str(value)
