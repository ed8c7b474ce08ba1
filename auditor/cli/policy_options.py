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
    name, folder, packs = policy_words(settings)
    # What is wrong with a pack's name is said of it, not of the policy.
    with settings.said_by("pack"):
        for pack, where in packs:
            find_pack(pack, where)
    with settings.said_by("policy"):
        return load_policy(name, folder, packs)


def policy_words(settings: Settings) -> tuple[str, Path, list[tuple[str, Path]]]:
    """What names the policy and further packs, each with the folder that it is relative to."""
    packs = [(name, settings.folder("pack")) for name in settings.texts("pack")]
    return settings.text("policy") or "mimecast", settings.folder("policy"), packs


def policy_files(policy: Policy) -> list[Path]:
    """All files that a policy was read from, its packs included."""
    return [Path(file) for file in (*policy.files, *(pack.file for pack in policy.packs))]
