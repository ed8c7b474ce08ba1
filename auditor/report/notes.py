"""What a reader must know of an audit besides its findings; the same words in every format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.kinds.address_spaces import domain_of
from auditor.model import ABSENT, ADMIN_LOG, cmdlet_of, is_known
from auditor.properties import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from auditor.model import Audit, ExemptionUse, Value

_CAUTIONS: Final = {
    "insecure": "The server's certificate was NOT verified (--insecure): nothing proves that this "
    "is the Exchange organisation's own server.",
    "cleartext": "The answers came over plain http, unencrypted: they could have been read and "
    "changed on their way.",
}
_OPEN_ENDED: Final = frozenset({"csv", "format-list"})


def claim(audit: Audit) -> str:
    """What a compliant audit proves: of all mail only where the facts say so, not the policy."""
    gateway = audit.policy.gateway.name
    but = ", but for what is exempt" if audit.summary["exempt"] else ""
    holds = f"everything that this policy asks holds{but}"
    mail = f"all outbound mail leaves through {gateway}"
    wrong = disproved(audit)
    if wrong:
        return f"{holds}. But not {mail}: {wrong}"
    missing = unproven(audit)
    return f"{holds}. That does not prove that {mail}: {missing}" if missing else f"{mail}{but}"


def disproved(audit: Audit) -> str:
    """What shows that not all mail leaves through the gateway; empty where nothing does."""
    subject = audit.subject
    for name, holds in _FACTS.items():
        value = ABSENT if subject is None else subject.properties[name]
        if subject is None or not is_known(value):
            continue
        if not holds(value, audit):
            return f"{name} of '{subject.label}' is {shown(name, value)}"
    return ""


def unproven(audit: Audit) -> str:
    """What is missing to say that all mail leaves through the gateway; empty if nothing is."""
    good = {f.control.id for f in audit.findings if f.status in {"pass", "exempt"}}
    if "ConnectorPresent" not in good or audit.subject is None:
        return "nobody looked at whether a connector leads there"
    if "OtherOutboundConnectors" not in good:
        return "nobody looked at the other connectors"
    if "BypassRoutes" not in good:
        return "nobody looked at the routes"
    for name in _FACTS:
        value = audit.subject.properties[name]
        if not is_known(value):
            return f"{name} of '{audit.subject.label}' is not known"
    return ""


def _has_star(value: Value, _: Audit) -> bool:
    return isinstance(value, tuple) and any(domain_of(space) == "*" for space in value)


def _is_gateway(value: Value, audit: Audit) -> bool:
    """Whether all smart hosts are the gateway's: under its domains, and listed where any are."""
    listed = {host for region in audit.policy.regions.values() for host in region.smart_hosts}
    domains = tuple(f".{domain}" for domain in audit.policy.gateway.domains)
    return (
        isinstance(value, tuple)
        and bool(value)
        and (listed.issuperset(value) or not listed)
        and all(host.endswith(domains) for host in value)
    )


def _is_some(value: Value, _: Audit) -> bool:
    return isinstance(value, tuple) and bool(value)


_FACTS: Final[Mapping[str, Callable[[Value, Audit], bool]]] = {
    "Enabled": lambda value, _: value is True,
    "AddressSpaces": _has_star,
    "DNSRoutingEnabled": lambda value, _: value is False,
    "SmartHosts": _is_gateway,
    "SourceTransportServers": _is_some,
    "IsScopedConnector": lambda value, _: value is False,
}
"""What the subject must be, whatever a policy asks, for mail to leave through the gateway."""


def _region(audit: Audit) -> list[str]:
    """That another region was asked for than the policy has by itself."""
    own, region = audit.policy.default_region, audit.region
    if own is None or region is None or own == region.id:
        return []
    return [f"The policy is for the region {own}; this audit was asked to be for {region.id}."]


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


def weaknesses(audit: Audit) -> list[str]:
    """What keeps evidence from proving anything, however good what it says is."""
    found = cautions(audit)
    if set(audit.snapshot.provenance.kind.split("+")) & _OPEN_ENDED:
        found.append(
            "A text export does not show whether connectors are missing at its end: export with "
            "Get-SendConnector | Export-Clixml connectors.xml"
        )
    return found


def not_collected(audit: Audit) -> list[str]:
    """What was asked for and did not come, or not all of it.

    Not the administrator audit log: no control looks at it, and most accounts may not read it.
    """
    whole = audit.snapshot.objects
    said = {True: "did not return everything", False: "was not collected"}
    return [
        f"{cmdlet_of(e.noun)} {said[e.noun in whole]}: {e.reason}"
        for e in audit.snapshot.errors
        if e.noun != ADMIN_LOG
    ]


def _who(audit: Audit) -> list[str]:
    """That it is not known who changed connectors, where that was asked; one sentence at most.

    Where nothing has changed nobody needs to know: it would be said every night.
    """
    if audit.drift is not None and not audit.drift.is_change:
        return []
    for error in audit.snapshot.errors:
        if error.noun == ADMIN_LOG:
            known = "not wholly known" if ADMIN_LOG in audit.snapshot.objects else "not known"
            return [f"Who changed connectors is {known}. {cmdlet_of(error.noun)}: {error.reason}"]
    return []


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
    found = [*_region(audit), *exemption_notes(audit)]
    found.extend(audit.routes.notes if audit.routes else ())
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
    found.extend(_who(audit))
    if any(f.status == "unknown" and f.actual_state != "present" for f in audit.findings):
        found.append(
            "What could not be read is whole in this export: "
            "Get-SendConnector | Export-Clixml connectors.xml"
        )
    return found
