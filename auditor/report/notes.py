"""What a reader must know of an audit besides its findings; the same words in every format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from auditor.model import Audit

_OPEN_ENDED: Final = frozenset({"csv", "format-list"})


def claim(audit: Audit) -> str:
    """What a compliant audit proves: of all mail only where all that decides it was looked at."""
    passed = {finding.control.id for finding in audit.findings if finding.status == "pass"}
    if {"ConnectorPresent", "OtherOutboundConnectors"} <= passed:
        return f"all outbound mail leaves through {audit.policy.gateway.name}"
    return "everything that this policy asks holds"


def notes(audit: Audit) -> list[str]:
    """Sentences for people; empty where there is nothing to say."""
    found = []
    kinds = set(audit.snapshot.provenance.kind.split("+"))
    if kinds & _OPEN_ENDED:
        count = f"{audit.connectors} send connector{'' if audit.connectors == 1 else 's'}"
        found.append(
            f"A text export does not show whether connectors are missing at its end. It holds "
            f"{count}: compare with @(Get-SendConnector).Count."
        )
    found.extend(f"Get-{e.cmdlet} was not collected: {e.reason}" for e in audit.snapshot.errors)
    if audit.summary["unknown"]:
        found.append(
            "What could not be read is whole in this export: "
            "Get-SendConnector | Export-Clixml connectors.xml"
        )
    return found
