"""Findings as the page shows them: the worst first, each with its values side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.digests import fingerprints
from auditor.model import SEVERITIES, STATUSES
from auditor.report.answers import NO_ANSWER, answers
from auditor.report.html.marks import Marked, marked
from auditor.report.wording import in_short, permission

if TYPE_CHECKING:
    from auditor.model import Audit, Finding

_ORDER: Final = ("fail", "unknown", "exempt", "pass", "not-applicable")
WORDS: Final = {
    "fail": "Failed",
    "unknown": "Unknown",
    "exempt": "Exempt",
    "pass": "Passed",
    "not-applicable": "Not applicable",
}


class Entry(NamedTuple):
    """One finding on the page.

    Attributes:
        finding: the one.
        word: its status for people.
        short: one line that says it all.
        connector: what its connector is called; None where it is about none.
        number: of its connector among all of them; -1 where it is about none.
        expected: what must hold, with what is missing marked; None where nothing is compared.
        actual: what is there, with what is too much marked.
        command: what puts it right, where a command does.
        caution: what to think of before.
        permission: who permitted it until when, and why; None where nobody did.
        fingerprint: as in every other format.
    """

    finding: Finding
    word: str
    short: str
    connector: str | None
    number: int
    expected: Marked | None
    actual: Marked | None
    command: str | None
    caution: str | None
    permission: str | None
    fingerprint: str


def entries(audit: Audit) -> list[Entry]:
    """All findings, in the order in which somebody should read them."""
    planned = answers(audit.plan)
    numbers: dict[str, int] = {}
    found = []
    for finding, fingerprint in zip(audit.findings, fingerprints(audit.findings), strict=True):
        label = finding.connector.label if finding.connector else None
        both = _compared(finding)
        answer = planned.get(fingerprint, NO_ANSWER)
        found.append(
            Entry(
                finding=finding,
                word=WORDS[finding.status],
                short=in_short(finding),
                connector=label,
                number=-1 if label is None else numbers.setdefault(label, len(numbers)),
                expected=both[0] if both else None,
                actual=both[1] if both else None,
                command=answer.shown,
                caution=answer.caution,
                permission=permission(finding.exemption) if finding.exemption else None,
                fingerprint=fingerprint,
            )
        )
    return sorted(found, key=_place)


def _place(entry: Entry) -> tuple[int, int]:
    finding = entry.finding
    return _ORDER.index(finding.status), SEVERITIES.index(finding.severity)


def _compared(finding: Finding) -> tuple[Marked, Marked] | None:
    """Expected and actual, where a property was compared and did not pass."""
    name = finding.control.property
    if name is None or finding.status in {"pass", "not-applicable"}:
        return None
    return marked(name, finding)


def connectors_of(found: list[Entry]) -> list[tuple[int, str]]:
    """The connectors that findings are about, by their numbers."""
    named = {entry.number: entry.connector for entry in found if entry.connector is not None}
    return sorted(named.items(), key=lambda item: item[1].lower())


assert set(_ORDER) == set(STATUSES)  # noqa: S101 - a new status must have its place
