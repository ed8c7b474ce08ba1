"""``audit policy regions``: the gateway's regions with their hosts and their state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.cli.output import put, put_document
from auditor.cli.policy_options import read_policy
from auditor.report.columns import columns

if TYPE_CHECKING:
    from auditor.cli.session import Session
    from auditor.cli.settings import Settings
    from auditor.model import Json, Region


def run(settings: Settings, session: Session) -> int:
    """Print the regions of a policy.

    Raises:
        AuditError: there is no such policy, or it is wrong.
    """
    policy = read_policy(settings)
    regions = list(policy.regions.values())
    if settings.text("format") == "json":
        put_document("audit-regions/1", {"regions": [_entry(one) for one in regions]}, session)
        return 0
    rows = [(one.id, _about(one), ", ".join(one.smart_hosts)) for one in regions]
    put(columns(rows, ("Region", "Title", "Smart hosts"), (8, 22, 46)) + "\n", session)
    if any(region.state == "unconfirmed" for region in regions):
        put(f"\nUnconfirmed: have {policy.gateway.name} confirm these before go-live.\n", session)
    return 0


def _about(region: Region) -> str:
    also = f"also {', '.join(region.aliases)}; " if region.aliases else ""
    return f"{region.title}; {also}{region.state}"


def _entry(region: Region) -> dict[str, Json]:
    return {
        "id": region.id,
        "title": region.title,
        "aliases": list(region.aliases),
        "smart_hosts": list(region.smart_hosts),
        "state": region.state,
        "spf_include": region.spf_include,
    }
