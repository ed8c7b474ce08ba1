"""Fonts that a user gives, for what those that come along cannot print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typst

from auditor.errors import Place, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence


def given_families(fonts: Sequence[Path], folder: str) -> list[str]:
    """The families of fonts, in the order given; copies of the files are put into a folder.

    Args:
        fonts: files; only these are taken, not what lies beside them.
        folder: an empty one, which typst searches.

    Raises:
        UsageError: a file cannot be read, or is no font.
    """
    families: list[str] = []
    for number, font in enumerate(fonts):
        own = Path(folder) / str(number)
        own.mkdir()
        # typst looks into files with such names only; what they hold it sees by itself.
        (own / "font.ttc").write_bytes(_content(font))
        found = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(own)]
        ).families()
        if not found:
            raise UsageError("this is no font", Place(str(font)), "Give a .ttf, .otf or .ttc file.")
        families.extend(found)
    return families


def _content(font: Path) -> bytes:
    try:
        return font.read_bytes()
    except OSError as error:
        message = f"the font could not be read: {error.strerror or error}"
        raise UsageError(message, Place(str(font))) from error
