"""A bundle: evidence, all that follows from it, and a manifest that lists each file's SHA-256.

Bytes in, bytes out; ``read_bundle`` and ``printing_with`` look at files. As a folder or as a zip
file it holds the same files, and signatures over its manifest hold for both.
"""

from __future__ import annotations

from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final

import auditor
from auditor.errors import AlteredError, InputError, Place, UsageError
from auditor.signoff.archive import MOST_BYTES, unzipped, zip_bytes
from auditor.signoff.contents import ATTESTATIONS, REPORTS, SNAPSHOT
from auditor.signoff.folder import read_folder, refuse_what_is_there, write_folder
from auditor.signoff.manifest import (
    MANIFEST,
    SIGNATURES,
    Font,
    Manifest,
    Printing,
    listed,
    written_manifest,
)
from auditor.signoff.names import check_names

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from auditor.report.sheet import Sheet
    from auditor.signoff.contents import Contents, Inputs

__all__ = [
    "make_bundle",
    "printing_with",
    "read_bundle",
    "refuse_what_is_there",
    "typst_version",
    "write_folder",
    "zip_bytes",
]

_NO_BUNDLE: Final = "Name the folder or the zip file that audit signoff wrote."


def make_bundle(
    evidence: Mapping[str, bytes], contents: Contents, inputs: Inputs, printing: Printing
) -> dict[str, bytes]:
    """All files of a bundle, its manifest with them; the same arguments give the same bytes.

    Args:
        evidence: the snapshot, the policy with its packs, and the attestations, by their names.
        contents: what follows from them.
        inputs: what else that was made with.
        printing: what the PDF was made with; see ``printing_with``.
    """
    files = {**evidence, **contents.files}
    check_names(files, "the bundle")
    audit = contents.audit
    if REPORTS["pdf"] not in files:
        printing = printing._replace(typst=None, fonts=())
    manifest = Manifest(
        version=auditor.__version__,
        inputs=inputs,
        verdict=audit.verdict,
        go_live=audit.go_live.state if audit.go_live else "undecided",
        printing=printing,
        files=listed(files),
    )
    return {**files, MANIFEST: written_manifest(manifest)}


def printing_with(sheet: Sheet) -> Printing:
    """What a PDF on this sheet is made with here.

    Raises:
        UsageError: a font cannot be read.
    """
    fonts = []
    for path in sheet.fonts:
        try:
            fonts.append(Font(path.name, sha256(path.read_bytes()).hexdigest()))
        except OSError as error:
            why = f"the font cannot be read: {error.strerror or error}"
            raise UsageError(why, Place(str(path))) from error
    return Printing(sheet.paper, typst_version(), tuple(fonts))


def typst_version() -> str | None:
    """The version of the library that makes the PDF; None where it is not there."""
    try:
        return version("typst")
    except PackageNotFoundError:
        return None


def read_bundle(path: Path) -> dict[str, bytes]:
    """All files of a bundle, by their names, from a folder or a zip file.

    Raises:
        InputError: there is nothing there, or what is there is no bundle.
        AlteredError: it is not as this program writes it, or could do harm.
        UndecidedError: a file cannot be read.
    """
    if path.is_dir():
        files = read_folder(path)
        if not files.keys() & {MANIFEST, SNAPSHOT, ATTESTATIONS} and not any(
            name.startswith(SIGNATURES) for name in files
        ):
            raise InputError("this folder is no bundle", Place(str(path)), _NO_BUNDLE)
    else:
        files = unzipped(_archive(path), path.name)
    if MANIFEST not in files:
        raise AlteredError(f"{MANIFEST} was removed", Place(str(path)))
    return files


def _archive(path: Path) -> bytes:
    """The bytes of what may be an archive of ours, even of a damaged one."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        why = f"the bundle cannot be read: {getattr(error, 'strerror', None) or error}"
        raise InputError(why, Place(str(path)), _NO_BUNDLE) from error
    # The name stands in it twice: one that is damaged does not make it something else.
    if MANIFEST.encode() not in data and not data.startswith(b"PK"):
        raise InputError("this file is no bundle", Place(str(path)), _NO_BUNDLE)
    return data
