"""A bundle as a folder: every file in it counts, hidden ones too, and no link is followed."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from auditor.errors import AlteredError, Place, UndecidedError, UsageError, shortened
from auditor.signoff.archive import MOST_BYTES, MOST_FILES
from auditor.signoff.manifest import MANIFEST
from auditor.signoff.names import check_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LINKS: Final = frozenset({0xA000000C, 0xA0000003})
"""IO_REPARSE_TAG_SYMLINK and IO_REPARSE_TAG_MOUNT_POINT of Windows.

Source: https://learn.microsoft.com/windows/win32/fileio/reparse-point-tags
"""
_TAKE_OUT: Final = "A bundle has plain files only: take it out, or get the bundle again."
# Not everywhere; what is no plain file was refused before.
_OPEN: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def read_folder(folder: Path) -> dict[str, bytes]:
    """All files in a folder, by their names in it.

    Raises:
        AlteredError: there is a link in it, or something else that no bundle has.
        UndecidedError: a file cannot be read.
    """
    found: dict[str, bytes] = {}
    try:
        paths = {path.relative_to(folder).as_posix(): path for path in _files(folder, folder)}
        check_names(paths, str(folder))
        left = MOST_BYTES
        for name in sorted(paths):
            found[name] = _read(paths[name], left + 1)
            left -= len(found[name])
            if left < 0:
                raise AlteredError("the folder holds more than any bundle", Place(str(folder)))
    except OSError as error:
        why = f"the bundle cannot be read: {error.strerror or error}"
        raise UndecidedError(why, Place(str(error.filename or folder))) from error
    return found


def _files(folder: Path, top: Path) -> Iterator[Path]:
    """The plain files in a folder and those below it."""
    pending, seen = [folder], 0
    while pending:
        inside = pending.pop()
        before = seen
        with os.scandir(inside) as entries:
            for entry in entries:
                seen += 1
                if seen > MOST_FILES:
                    raise AlteredError("the folder holds more than any bundle", Place(str(top)))
                path, status = Path(entry.path), entry.stat(follow_symlinks=False)
                if _leads_elsewhere(status):
                    name = shortened(path.relative_to(top).as_posix())
                    raise AlteredError(f"{name} is a symbolic link", Place(str(top)), _TAKE_OUT)
                if stat.S_ISDIR(status.st_mode):
                    pending.append(path)
                elif stat.S_ISREG(status.st_mode):
                    yield path
                else:
                    name = shortened(path.relative_to(top).as_posix())
                    raise AlteredError(f"{name} is no regular file", Place(str(top)), _TAKE_OUT)
        if seen == before and inside != top:
            name = shortened(inside.relative_to(top).as_posix())
            raise AlteredError(f"{name} is an empty folder", Place(str(top)), _TAKE_OUT)


def _leads_elsewhere(status: os.stat_result) -> bool:
    """A symbolic link, or what Windows has besides (junctions, mount points)."""
    # Other tags are on ordinary files: those of volumes with deduplication have one.
    return stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) in _LINKS


def _read(path: Path, most: int) -> bytes:
    with os.fdopen(os.open(path, _OPEN), "rb") as file:
        return file.read(most)


def write_folder(path: Path, files: Mapping[str, bytes]) -> None:
    """Write a bundle as a new folder; what makes it a bundle is written last.

    Raises:
        UsageError: there is something of that name, or it cannot be written.
    """
    refuse_what_is_there(path)
    try:
        path.mkdir(parents=True)
        for name in sorted(files, key=lambda name: (name == MANIFEST, name)):
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            with (path / name).open("xb") as file:
                file.write(files[name])
    except OSError as error:
        if not isinstance(error, FileExistsError):
            shutil.rmtree(path, ignore_errors=True)
        why = f"the bundle could not be written: {error.strerror or error}"
        raise UsageError(why, Place(str(path))) from error


def refuse_what_is_there(path: Path) -> None:
    """A bundle that may have been signed is never replaced by another one.

    Raises:
        UsageError: there is something of that name.
    """
    if os.path.lexists(path):
        raise UsageError("it is already there", Place(str(path)), "Name another bundle.")
