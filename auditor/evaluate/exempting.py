"""Exemptions: which finding each covers, why it does not, and when it ends."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from auditor.digests import actual_digest
from auditor.evaluate.requirements import Unmet, condition
from auditor.model import ExemptionUse, Undecided

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from auditor.evaluate.situation import Situation
    from auditor.model import Connector, Exemption, Finding, Policy, Status


def is_live(exemption: Exemption, today: date) -> bool:
    """Whether a day is one of those on which it holds, the last one included."""
    starts = exemption.starts
    return (starts is None or starts <= today) and today <= exemption.expires


def names(exemption: Exemption, connector: Connector | None) -> bool:
    """Whether it is for this connector; ``*`` and ``?`` are wildcards, nothing else is."""
    if connector is None or exemption.connector is None:
        return connector is None and exemption.connector is None
    # Without the brackets, fnmatch knows no other wildcards.
    pattern = exemption.connector.lower().replace("[", "[[]")
    return fnmatchcase((connector.name or "").lower(), pattern)


def named_by_live(connector: Connector, policy: Policy, today: date) -> bool:
    """Whether any exemption that holds on a day is for this connector."""
    return any(names(e, connector) and is_live(e, today) for e in policy.exemptions)


def exempted(finding: Finding, situation: Situation, *, undecided: bool) -> Finding:
    """A failed finding as the exemptions leave it; every other finding as it is.

    Args:
        finding: as its control made it.
        situation: the audit's facts.
        undecided: of a part of it nothing is known: an exemption covers what failed, never that.
    """
    if finding.status != "fail":
        return finding
    results = _results(finding, situation)
    covering = [exemption for exemption, result in results if result is None]
    if covering:
        last = max(covering, key=lambda exemption: exemption.expires)
        message = f"{finding.message} {_permission(last)}"
        if undecided:
            message += " But not all that the control is about could be read."
            return replace(finding, status="unknown", message=message)
        return replace(finding, status="exempt", exemption=last, message=message)
    said = [finding.message]
    status: Status = "fail"
    for exemption, result in results:
        if isinstance(result, Undecided):
            status = "unknown"
            said.append(f"Whether {_title(exemption)} covers it cannot be told. {result.reason}")
        elif isinstance(result, Unmet):
            said.append(f"It is not covered by {_title(exemption)}: {result.reason}.")
    return replace(finding, status=status, message=" ".join(said))


def permissions(finding: Finding, situation: Situation) -> tuple[list[Exemption], list[Exemption]]:
    """The exemptions that cover a failed finding, and those of which that cannot be told."""
    results = _results(finding, situation)
    return (
        [exemption for exemption, result in results if result is None],
        [exemption for exemption, result in results if isinstance(result, Undecided)],
    )


def _results(
    finding: Finding, situation: Situation
) -> list[tuple[Exemption, Unmet | Undecided | None]]:
    """The exemptions that address a finding, each with why it does not cover it, or None."""
    return [
        (exemption, _covers(exemption, finding, situation))
        for exemption in situation.policy.exemptions
        if _addresses(exemption, finding)
    ]


def uses(findings: Iterable[Finding], situation: Situation) -> tuple[ExemptionUse, ...]:
    """What became of each exemption of the policy, in its order.

    Args:
        findings: all of the audit, as the exemptions left them.
        situation: the audit's facts.
    """
    found = list(findings)
    return tuple(_use(exemption, found, situation) for exemption in situation.policy.exemptions)


def _use(exemption: Exemption, findings: Iterable[Finding], situation: Situation) -> ExemptionUse:
    today = situation.today
    days = (exemption.expires - today).days
    if not is_live(exemption, today):
        return ExemptionUse(exemption, "expired" if days < 0 else "not started", days)
    mine = [finding for finding in findings if _addresses(exemption, finding)]
    results = [
        _covers(exemption, finding, situation)
        for finding in mine
        if finding.status in {"fail", "exempt"}
    ]
    # That of the other connectors also permits some of their routes.
    if None in results or any(finding.exemption is exemption for finding in findings):
        return ExemptionUse(exemption, "in use", days)
    if any(isinstance(result, Undecided) for result in results) or any(
        finding.status == "unknown" for finding in mine
    ):
        return ExemptionUse(exemption, "undecided", days)
    reason = next((result.reason for result in results if isinstance(result, Unmet)), None)
    return ExemptionUse(exemption, "stale", days, reason or _why_stale(exemption, mine, situation))


def _why_stale(exemption: Exemption, mine: list[Finding], situation: Situation) -> str:
    """Why no failed finding is there that it could cover."""
    if mine:
        return f"{exemption.control} does not fail there"
    if all(control.id != exemption.control for control in situation.policy.all_controls):
        return f"the policy has no control {exemption.control}"
    if exemption.control == "OtherOutboundConnectors":
        return "no other enabled outbound connector is meant"
    return f"no finding of {exemption.control} is about it"


def _addresses(exemption: Exemption, finding: Finding) -> bool:
    return exemption.control == finding.control.id and names(exemption, finding.connector)


def _covers(
    exemption: Exemption, finding: Finding, situation: Situation
) -> Unmet | Undecided | None:
    """Why it does not cover a finding that it addresses; None if it does."""
    if exemption.starts is not None and situation.today < exemption.starts:
        return Unmet(f"it starts on {exemption.starts}")
    if exemption.expires < situation.today:
        return Unmet(f"it expired on {exemption.expires}")
    digest = actual_digest(finding)
    if exemption.evidence is not None and digest is None:
        return Undecided("The value could not be read whole, so it has no digest.")
    if exemption.evidence is not None and exemption.evidence != digest:
        return Unmet(f"the value is not the one that was approved, its digest is now {digest}")
    if finding.connector is None:
        return None
    return condition(exemption.only_if, finding.connector, situation)


def _title(exemption: Exemption) -> str:
    """Which exemption is meant, for a message."""
    file, line, _ = exemption.position
    named = exemption.ticket or f"approved by {exemption.approved_by}"
    return f"the exemption {named} ({file}, line {line})"


def _permission(exemption: Exemption) -> str:
    ticket = f" ({exemption.ticket})" if exemption.ticket else ""
    reason = exemption.reason.rstrip(".")
    return (
        f"Exempt until {exemption.expires}, approved by {exemption.approved_by}: {reason}{ticket}."
    )
