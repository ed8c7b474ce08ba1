"""Which policy and packs the options name. The same for every command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from auditor.policy import find_pack, load_policy

if TYPE_CHECKING:
    from auditor.cli.settings import Settings
    from auditor.model import Policy


def read_policy(settings: Settings) -> Policy:
    """The policy of ``--policy`` with the packs of ``--pack``; else the built-in one.

    Raises:
        UsageError: there is no such policy or pack.
        PolicyError: one is wrong, with the place.
    """
    # What is wrong with a pack's name is said of it, not of the policy.
    with settings.said_by("pack"):
        packs = [(name, settings.folder("pack")) for name in settings.texts("pack")]
        for name, folder in packs:
            find_pack(name, folder)
    with settings.said_by("policy"):
        name = settings.text("policy") or "mimecast"
        return load_policy(name, settings.folder("policy"), packs)


def policy_files(policy: Policy) -> list[Path]:
    """All files that a policy was read from, its packs included."""
    return [Path(file) for file in (*policy.files, *(pack.file for pack in policy.packs))]
