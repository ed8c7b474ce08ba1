"""Where bundles are written to: a folder, or a file that ends in .zip."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Final

from auditor.errors import Place, UsageError
from auditor.report.printable import printable
from auditor.signoff.attestations import written_attestations
from auditor.signoff.bundle import refuse_what_is_there, write_folder, zip_bytes
from auditor.signoff.contents import ATTESTATIONS, SNAPSHOT
from auditor.snapshot import write_snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from auditor.cli.session import Session
    from auditor.cli.settings import Settings
    from auditor.model import Attestation, Snapshot

_ELSEWHERE: Final = "Name another place: --bundle PATH"


def write_bundle(path: Path, files: Mapping[str, bytes]) -> None:
    """Write a new bundle, whole or not at all.

    Raises:
        UsageError: there is something of that name, or it cannot be written.
    """
    if path.suffix.lower() == ".zip":
        _write_new(path, zip_bytes(files))
    else:
        write_folder(path, files)


def _write_new(path: Path, data: bytes) -> None:
    """Write a file that is not there yet, even where somebody else makes one at this moment."""
    refuse_what_is_there(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(data)
    except OSError as error:
        if not isinstance(error, FileExistsError):
            path.unlink(missing_ok=True)
        why = f"the bundle could not be written: {error.strerror or error}"
        raise UsageError(why, Place(str(path))) from error


def require_room(path: Path) -> None:
    """That something can be written at a place, before there is anything to write.

    Raises:
        UsageError: what is there of its folders is no folder, or lets nobody write.
    """
    for parent in path.absolute().parents:
        if os.path.lexists(parent):
            if parent.is_dir() and os.access(parent, os.W_OK):
                return
            why = "it may not be written to" if parent.is_dir() else "it is no folder"
            raise UsageError(f"nothing can be put there: {why}", Place(str(parent)), _ELSEWHERE)


def keep_unfinished(
    snapshot: Snapshot | None, said: Sequence[Attestation], session: Session
) -> None:
    """Keep what was collected and said where the sign-off stops, and say where it is.

    Args:
        snapshot: what was collected; None where it is kept already.
        said: what people answered.
        session: the world.
    """
    files = {}
    if snapshot is not None:
        files[SNAPSHOT] = write_snapshot(snapshot)
    if said:
        files[ATTESTATIONS] = written_attestations(said).encode("utf-8", "backslashreplace")
    for parent in (session.folder, None) if files else ():
        try:
            folder = Path(mkdtemp(prefix="signoff-unfinished-", dir=parent))
            for name, data in files.items():
                (folder / name).write_bytes(data)
        except OSError:
            continue
        session.tell(f"{' and '.join(files)} of this run: kept in {printable(str(folder))}")
        return


def bundle_of(settings: Settings, session: Session, example: str) -> Path:
    """The bundle that the command line names.

    Raises:
        UsageError: it names none.
    """
    if not settings.operands:
        raise UsageError("no bundle is named", hint=f"For example: {example}")
    return session.folder / Path(settings.operands[0])
