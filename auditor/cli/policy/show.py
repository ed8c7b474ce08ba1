"""``audit policy show``: the effective policy, each value with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.cli.output import put
from auditor.errors import AuditError
from auditor.policy import builtin_packs, find_pack, find_region, load_pack, load_policy
from auditor.policy.documents import is_pack, read_file
from auditor.policy.effective import effective_policy, written_pack

if TYPE_CHECKING:
    from pathlib import Path

    from auditor.cli.session import Session
    from auditor.cli.settings import Settings


def run(settings: Settings, session: Session) -> int:
    """Print a policy or a pack.

    Raises:
        UsageError: there is none of that name, or no such region.
        PolicyError: it is wrong, with the place.
    """
    name = settings.operands[0]
    pack = _pack(name, session.folder)
    if pack is not None:
        load_pack(pack)
        put(written_pack(pack), session)
        return 0
    packs = [(word, settings.folder("pack")) for word in settings.texts("pack")]
    # Loaded first: what is shown is a policy that holds.
    policy = load_policy(name, session.folder, packs)
    with settings.said_by("region"):
        wanted = settings.text("region")
        region = find_region(policy, wanted) if wanted else None
    put(effective_policy(name, session.folder, packs, region), session)
    return 0


def _pack(name: str, folder: Path) -> Path | None:
    """The file of a pack; None where the name is that of a policy, or of nothing."""
    if name in builtin_packs():
        return find_pack(name, folder)
    path = folder / name
    try:
        return path.resolve() if path.is_file() and is_pack(read_file(path)) else None
    except (AuditError, ValueError):
        return None  # what is wrong is said when it is read as a policy
