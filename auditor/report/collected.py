"""A snapshot in short, for people: what was collected, and what was not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.digests import sha256
from auditor.model import cmdlet_of
from auditor.report.printable import printable
from auditor.snapshot import document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.model import Snapshot


def render(snapshot: Snapshot, kept_in: str, notes: Sequence[str] = ()) -> str:
    """One line a cmdlet, then where it was kept and its digest.

    Args:
        snapshot: what was collected.
        kept_in: the file's name, as the user gave it.
        notes: further lines: what was written beside it, and what is called otherwise there.
    """
    failed: dict[str, list[str]] = {}
    for error in snapshot.errors:
        failed.setdefault(error.noun, []).append(error.reason)
    nouns = list(dict.fromkeys((*snapshot.objects, *failed)))
    width = max((len(cmdlet_of(noun)) for noun in nouns), default=0)
    lines = []
    for noun in nouns:
        found = snapshot.objects.get(noun)
        said = [] if found is None else [f"{len(found)} object{'' if len(found) == 1 else 's'}"]
        said += [f"not {'all ' if found else ''}collected: {why}" for why in failed.get(noun, ())]
        lines.append(f"{printable(cmdlet_of(noun)):{width}}  {printable('; '.join(said))}")
    digest = sha256(document(snapshot))
    kept = [f"Kept in {printable(kept_in)}", f"SHA-256 {digest}"]
    kept += [printable(note) for note in notes]
    return "\n".join([*lines, "", *kept, ""])
