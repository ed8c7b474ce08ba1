"""What has changed, in words: a phrase for the title, and sections with every finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.errors import shortened
from auditor.model import SEVERITIES
from auditor.moments import day_in_words
from auditor.notify.layout import Section
from auditor.report.drift_words import who

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from auditor.model import Drift, Failing, Finding, KeptFinding

_NAME: Final = 60
_WORST: Final = 5
"""So many of the findings that still fail are named."""


def news(drift: Drift, now: datetime) -> str:
    """What has changed, in a phrase: ``2 new, 1 fixed since 22 November``.

    Args:
        drift: what has changed.
        now: when the run was; days of its year are said without the year.
    """
    since = f" since {day_in_words(drift.since, now)}" if drift.since else ""
    good = [*drift.fixed, *drift.newly_exempt]
    if len(good) == 1 and not drift.new and not drift.exemption_ended:
        word = "fixed" if drift.fixed else "newly exempt"
        return f"{word}: {where(good[0])}"
    ended = len(drift.exemption_ended)
    parts = [
        (len(drift.new), "new"),
        (ended, "exemption ended" if ended == 1 else "exemptions ended"),
        (len(drift.fixed), "fixed"),
        (len(drift.newly_exempt), "newly exempt"),
    ]
    said = ", ".join(f"{count} {word}" for count, word in parts if count)
    if said:
        return said + since
    rest = f"{len(drift.still)} still failing" if drift.still else "nothing fails"
    return f"nothing new{since}, {rest}"


def sections(drift: Drift, now: datetime) -> list[Section]:
    """Every finding that has changed, what still fails, and who changed connectors."""
    found = [
        *listed("New", drift.new),
        *listed("Exemption ended, and it fails", drift.exemption_ended),
        *listed("Fixed (as it was)", drift.fixed),
        *listed("Newly exempt", drift.newly_exempt),
        *_still(drift.still, now),
        *_who(drift, now),
    ]
    if drift.policy_changed:
        found.append(Section("The policy is not the one of the run before."))
    if drift.undecided_runs:
        found.append(Section(f"{runs(drift.undecided_runs)} between could not be decided."))
    return found


def listed(word: str, findings: Iterable[Finding | KeptFinding]) -> list[Section]:
    """One section of findings, the worst first; none where there is none."""
    worst = sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
    items = tuple(f"{one.severity}: {where(one)}: {one.message}" for one in worst)
    return [Section(f"{word} ({len(items)}):", items)] if items else []


def where(finding: Finding | KeptFinding) -> str:
    """A finding's control and connector, in a phrase."""
    control, connector = finding.control, finding.connector
    name = control if isinstance(control, str) else control.id
    if connector is None:
        return name
    label = connector if isinstance(connector, str) else connector.label
    return f"{name} on '{shortened(label, _NAME, quoted=False)}'"


def runs(count: int) -> str:
    """So many runs."""
    return "1 run" if count == 1 else f"{count} runs"


def _still(still: tuple[Failing, ...], now: datetime) -> list[Section]:
    if not still:
        return []
    oldest = day_in_words(min(failing.since for failing in still), now)
    worst = sorted(still, key=lambda f: (SEVERITIES.index(f.finding.severity), f.since))
    items = [
        f"{one.finding.severity}: {where(one.finding)}: since {day_in_words(one.since, now)}, "
        f"{runs(one.runs)}"
        for one in worst[:_WORST]
    ]
    if len(still) > _WORST:
        items.append(f"and {len(still) - _WORST} more")
    return [Section(f"Still failing ({len(still)}), the oldest since {oldest}:", tuple(items))]


def _who(drift: Drift, now: datetime) -> list[Section]:
    """Who changed send connectors, where the administrator audit log was read."""
    if drift.who is None:
        return []
    since = f" since {day_in_words(drift.since, now)}" if drift.since else ""
    if not drift.who:
        log = "The administrator audit log"
        return [Section(f"{log} has no change of a send connector{since}.")]
    items = tuple(who(change) for change in reversed(drift.who))
    return [Section(f"Who changed send connectors{since}, the latest first:", items)]
