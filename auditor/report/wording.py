"""An audit in words: what it means, what it was, what its values are. The same in every format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.model import ABSENT, Unreadable
from auditor.moments import instant
from auditor.properties import shown
from auditor.report.notes import claim, disproved

if TYPE_CHECKING:
    from auditor.model import Audit, Control, Exemption, Finding, Json, Present


def meaning(audit: Audit) -> str:
    """The verdict as a sentence: what it means for mail."""
    gateway = audit.policy.gateway.name
    if audit.verdict == "compliant":
        return f"{claim(audit)}."
    if audit.verdict == "incomplete":
        unknown, total = audit.summary["unknown"], len(audit.findings)
        return f"nothing failed, but {unknown} of {total} findings could not be decided."
    failed = [finding for finding in audit.findings if finding.status == "fail"]
    grave = any(finding.severity in {"critical", "high"} for finding in failed)
    # Whatever severities a policy gives, the facts may say more.
    if grave or disproved(audit):
        return f"outbound mail does not safely leave through {gateway}."
    return "not all is as the policy wants it, but nothing critical or high."


def facts(audit: Audit) -> dict[str, str]:
    """What was audited, by what, and when: a name and a text each."""
    policy, region, origin = audit.policy, audit.region, audit.snapshot.provenance
    plural = "" if audit.connectors == 1 else "s"
    packs = [pack.name for pack in policy.packs]
    files = ", ".join(origin.files) or origin.location
    collected = {}
    if origin.collected_at is not None:
        by = f", by {origin.account}" if origin.account else ""
        collected = {"Collected at": f"{instant(origin.collected_at)}{by}"}
    return {
        "Organization": audit.organization or "(not named in the data)",
        "Region": f"{region.title} ({region.id})" if region else "(none)",
        "Policy": " + ".join([f"{policy.name} {policy.version}", *packs]),
        "Source": f"{files} ({origin.kind}, {audit.connectors} send connector{plural})",
        **collected,
        "Evaluated at": instant(audit.evaluated_at),
        "Findings": counts(audit),
    }


def counts(audit: Audit) -> str:
    """How many findings have each status: ``7 pass, 5 fail``."""
    return ", ".join(f"{count} {status}" for status, count in audit.summary.items() if count)


def title(finding: Finding) -> str:
    """A finding in a phrase: its control, and where."""
    control, connector = finding.control, finding.connector
    name = f"{control.id}: {control.title}" if control.title else control.id
    return f"{name} ({connector.label})" if connector else name


def requirements(control: Control, audit: Audit) -> list[str]:
    """What a control asks of properties, a sentence each; empty where it asks something else."""
    return [
        f"{asked.property} must {asked.matcher.within(audit.scene).must(asked.property)}."
        for asked in control.requirements
    ]


def permission(exemption: Exemption) -> str:
    """Who permitted a finding until when, and why."""
    ticket = f", {exemption.ticket}" if exemption.ticket else ""
    return (
        f"Exempt until the end of {exemption.expires} (UTC), approved by {exemption.approved_by}"
        f"{ticket}, owned by {exemption.owner}: {exemption.reason}"
    )


def in_short(finding: Finding) -> str:
    """Of a property that passed, the value; the message where it says more than that."""
    name = finding.control.property
    if finding.status != "pass" or name is None or finding.control.everywhere:
        return finding.message
    value = value_text(name, finding.actual)
    _, is_value, more = finding.message.partition(f" is {value}.")
    return value + ("." + more if more else "") if is_value else finding.message


def value_text(name: str, value: object) -> str:
    """An expected or actual value of a property, as Exchange prints it, or why there is none."""
    if value is ABSENT:
        return "(not in the export)"
    if isinstance(value, Unreadable):
        return f"(not readable: {value.reason})"
    if value == {"present": True}:
        return "(anything that is set)"
    if isinstance(value, dict):
        return "; ".join(f"{key}: {value_text(name, part)}" for key, part in value.items())
    return shown(name, _present(value))


def _present(value: Json) -> Present | None:
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    return value if value is None or isinstance(value, bool | int | tuple) else str(value)
