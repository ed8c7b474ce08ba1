"""Where bundles are written to: a folder, or a file that ends in .zip."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from auditor.cli.output import write_or_refuse
from auditor.errors import UsageError
from auditor.signoff.bundle import refuse_what_is_there, write_folder, zip_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.cli.session import Session
    from auditor.cli.settings import Settings


def write_bundle(path: Path, files: Mapping[str, bytes]) -> None:
    """Write a new bundle, whole or not at all.

    Raises:
        UsageError: there is something of that name, or it cannot be written.
    """
    if path.suffix.lower() == ".zip":
        refuse_what_is_there(path)
        write_or_refuse(path, zip_bytes(files))
    else:
        write_folder(path, files)


def bundle_of(settings: Settings, session: Session, example: str) -> Path:
    """The bundle that the command line names.

    Raises:
        UsageError: it names none.
    """
    if not settings.operands:
        raise UsageError("no bundle is named", hint=f"For example: {example}")
    return session.folder / Path(settings.operands[0])
