"""What a reader must know of an audit besides its findings; the same words in every format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from auditor.model import Audit, ExemptionUse

_CAUTIONS: Final = {
    "insecure": "The server's certificate was NOT verified (--insecure): nothing proves that this "
    "is the Exchange organisation's own server.",
    "cleartext": "The answers came over plain http, unencrypted: they could have been read and "
    "changed on their way.",
}
_OPEN_ENDED: Final = frozenset({"csv", "format-list"})


def claim(audit: Audit) -> str:
    """What a compliant audit proves: of all mail only where all that decides it was looked at."""
    good = {f.control.id for f in audit.findings if f.status in {"pass", "exempt"}}
    but = ", but for what is exempt" if audit.summary["exempt"] else ""
    if {"ConnectorPresent", "OtherOutboundConnectors"} <= good:
        return f"all outbound mail leaves through {audit.policy.gateway.name}{but}"
    return f"everything that this policy asks holds{but}"


def _age(audit: Audit) -> list[str]:
    """How far apart collection and evaluation are, where that is more than a day."""
    collected = audit.snapshot.provenance.collected_at
    days = 0 if collected is None else (audit.evaluated_at - collected).days
    if days >= 1:
        return [f"The evidence is {days} day{'' if days == 1 else 's'} older than this evaluation."]
    # A negative timedelta counts its days down from -1.
    return ["This evaluation is as of a time before the evidence was collected."] * (days < -1)


def cautions(audit: Audit) -> list[str]:
    """What weakens the evidence that a live server gave."""
    return [_CAUTIONS.get(code, code) for code in audit.snapshot.provenance.cautions]


def not_collected(audit: Audit) -> list[str]:
    """What was asked for and did not come, or not all of it."""
    whole = audit.snapshot.objects
    said = {True: "did not return everything", False: "was not collected"}
    return [f"Get-{e.noun} {said[e.noun in whole]}: {e.reason}" for e in audit.snapshot.errors]


def exemption_notes(audit: Audit) -> list[str]:
    """Which exemptions end soon, have ended, or cover nothing."""
    said = (_exemption_note(use, audit.policy.warn_days) for use in audit.exemptions)
    return [note for note in said if note]


def _exemption_note(use: ExemptionUse, warn_days: int) -> str | None:
    exemption, days = use.exemption, use.days_left
    about = f" for '{exemption.connector}'" if exemption.connector else ""
    named = f" ({exemption.ticket})" if exemption.ticket else ""
    title = f"The exemption of {exemption.control}{about}{named}"
    if use.state == "expired":
        return f"{title} ended on {exemption.expires}."
    if use.state == "stale":
        return f"{title} covers nothing: {use.because}."
    if use.state == "not started" or days > warn_days:
        return None
    when = "today" if days == 0 else f"in {days} day{'' if days == 1 else 's'}"
    return f"{title} ends {when}, on {exemption.expires}. Ask {exemption.owner} what comes then."


def notes(audit: Audit) -> list[str]:
    """Sentences for people; empty where there is nothing to say."""
    found = exemption_notes(audit)
    kinds = set(audit.snapshot.provenance.kind.split("+"))
    if kinds & _OPEN_ENDED:
        count = f"{audit.connectors} send connector{'' if audit.connectors == 1 else 's'}"
        found.append(
            f"A text export does not show whether connectors are missing at its end. It holds "
            f"{count}: compare with @(Get-SendConnector).Count."
        )
    found.extend(_age(audit))
    found.extend(cautions(audit))
    found.extend(not_collected(audit))
    if any(f.status == "unknown" and f.actual_state != "present" for f in audit.findings):
        found.append(
            "What could not be read is whole in this export: "
            "Get-SendConnector | Export-Clixml connectors.xml"
        )
    return found
