"""``audit policy list``: built-in policies, regions and packs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from auditor.cli.output import put, put_document
from auditor.policy import builtin_names, load_builtin_packs, load_policy
from auditor.report.columns import columns

if TYPE_CHECKING:
    from auditor.cli.session import Session
    from auditor.cli.settings import Settings
    from auditor.model import Json, Pack, Policy


def run(settings: Settings, session: Session) -> int:
    """Print what there is."""
    policies = [load_policy(name, Path()) for name in builtin_names()]
    packs = load_builtin_packs()
    if settings.text("format") == "json":
        put_document("audit-policy-list/1", _document(policies, packs), session)
        return 0
    put("\n\n".join([_policies(policies), _packs(packs), _HINT]) + "\n", session)
    return 0


_HINT = "More of one: audit policy show NAME. Hosts of the regions: audit policy regions."


def _policies(policies: list[Policy]) -> str:
    rows = [
        (policy.name, policy.version, str(len(policy.controls)), ", ".join(policy.regions))
        for policy in policies
    ]
    return columns(rows, ("Policy", "Version", "Controls", "Regions"), (20, 8, 8, 38))


def _packs(packs: tuple[Pack, ...]) -> str:
    rows = [(pack.name, str(len(pack.controls)), pack.title or "") for pack in packs]
    return columns(rows, ("Pack", "Controls", "Title"), (30, 8, 38))


def _document(policies: list[Policy], packs: tuple[Pack, ...]) -> dict[str, Json]:
    return {
        "policies": [
            {
                "name": policy.name,
                "version": policy.version,
                "controls": list(policy.controls),
                "regions": list(policy.regions),
            }
            for policy in policies
        ],
        "packs": [
            {
                "name": pack.name,
                "version": pack.version,
                "title": pack.title,
                "controls": list(pack.controls),
            }
            for pack in packs
        ],
    }
