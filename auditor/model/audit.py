"""One evaluated audit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.model.findings import STATUSES
from auditor.model.policy import Scene

if TYPE_CHECKING:
    from datetime import datetime

    from auditor.model.findings import ExemptionUse, Finding, Status, Verdict
    from auditor.model.history import Drift
    from auditor.model.inventory import Connector, Connectors, Snapshot
    from auditor.model.mail_flow import MailFlowResult
    from auditor.model.plan import Plan
    from auditor.model.policy import Policy, Region
    from auditor.model.probe import ProbeResult
    from auditor.model.routes import RouteMap
    from auditor.model.signoff import Attestation, GoLive


@dataclass(frozen=True, slots=True)
class Audit:
    """One evaluated audit: all that a report, a remediation or a history needs.

    ``attestations`` and ``go_live`` are there only where somebody signs off, ``drift`` only where
    there is a history, ``probe`` and ``mail_flow`` only where they were given; else None.
    """

    policy: Policy
    region: Region | None
    snapshot: Snapshot
    organization: str | None
    evaluated_at: datetime
    findings: tuple[Finding, ...]
    connectors: int
    subject: Connector | None = None
    inventory: Connectors | None = None
    plan: Plan | None = None
    exemptions: tuple[ExemptionUse, ...] = ()
    routes: RouteMap | None = None
    attestations: tuple[Attestation, ...] | None = None
    go_live: GoLive | None = None
    drift: Drift | None = None
    probe: ProbeResult | None = None
    mail_flow: MailFlowResult | None = None

    @property
    def scene(self) -> Scene:
        """Where the policy is applied."""
        return Scene(self.region, self.inventory.settings if self.inventory else None)

    @property
    def summary(self) -> dict[Status, int]:
        """How many findings have each status."""
        counts: dict[Status, int] = dict.fromkeys(STATUSES, 0)
        for finding in self.findings:
            counts[finding.status] += 1
        return counts

    @property
    def verdict(self) -> Verdict:
        """``drift`` if any finding failed, else ``incomplete`` if any is unknown."""
        statuses = {finding.status for finding in self.findings}
        if "fail" in statuses:
            return "drift"
        # No finding at all proves nothing.
        return "incomplete" if "unknown" in statuses or not statuses else "compliant"
