"""What files in a bundle can be called: names that mean the same wherever the bundle is taken.

Bundles come from anywhere. A name that another system reads as another place, another file or a
device (``..``, ``C:``, ``NUL``, two that differ by their letter case only) is refused, not mended.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from auditor.errors import AlteredError, Place, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST: Final = 200
_PLAIN: Final = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)
_DRIVE: Final = re.compile(r"[A-Za-z]:")
# https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file
_DEVICE: Final = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_HINT: Final = "No bundle of this program has it: ask for the bundle again from who made it."


def check_names(names: Iterable[str], bundle: str, kind: str = "bundle") -> None:
    """That files with these names can be written anywhere, side by side.

    Args:
        names: with ``/`` between folder and file.
        bundle: what holds them, for messages.
        kind: what that is.

    Raises:
        AlteredError: one is refused; it says which and why.
    """
    seen: dict[str, str] = {}
    for name in names:
        why = why_refused(name)
        if why is not None:
            raise AlteredError(f"{shortened(name)} in the {kind}: {why}", Place(bundle), _HINT)
        same = unicodedata.normalize("NFKC", name).lower()
        if same in seen:
            other = "twice" if seen[same] == name else f"beside {shortened(seen[same])}"
            raise AlteredError(f"{shortened(name)} is in the {kind} {other}", Place(bundle), _HINT)
        seen[same] = name
    for name in seen:
        folder = next((one for one in _folders(name) if one in seen), None)
        if folder is not None:
            what = f"{shortened(folder)} in the {kind} is a file and a folder"
            raise AlteredError(what, Place(bundle), _HINT)


def _folders(name: str) -> list[str]:
    """The folders that a file is in."""
    parts = name.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def why_refused(name: str) -> str | None:
    """Why a file in a bundle cannot have a name; None where it can."""
    if not name or len(name) > _LONGEST:
        return "no file of a bundle has so long a name" if name else "a file without a name"
    if name.startswith("/") or _DRIVE.match(name):
        return "the path is absolute"
    if "\\" in name:
        return "there is a backslash in the path"
    return next(filter(None, map(_why_part, name.split("/"))), None)


def _why_part(part: str) -> str | None:
    if part == "..":
        return "the path leads out of the bundle"
    if part in {"", "."}:
        return "the path has a part without a name"
    if _PLAIN.fullmatch(part) is None:
        return "the name has other characters than letters, digits, dots and dashes"
    if part.endswith("."):
        return "the name ends with a dot, which Windows drops"
    return "Windows takes the name for a device" if _DEVICE.fullmatch(part) else None
