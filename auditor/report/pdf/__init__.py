"""The sign-off document: a PDF for people, printed and signed, made with typst.

What it says is made in ``data``; how it looks is in ``*.typ``, which never varies. All
that varies goes to typst as one JSON string and is only ever a text there: typst evaluates strings
nowhere but in ``eval``, which the templates do not use.

The documents are PDF/UA-1: they have a structure that screen readers follow, and typst refuses to
leave out a character that no font has (https://typst.app/docs/reference/pdf/).
"""

from __future__ import annotations

import json
from importlib.resources import files
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import typst

from auditor.errors import FaultError, UsageError
from auditor.report.pdf import data as contents
from auditor.report.pdf.fonts import given_families
from auditor.report.pdf.glyphs import Spelling, missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from auditor.errors import AuditError
    from auditor.model import Audit, Json
    from auditor.report.sheet import Sheet

_TEMPLATES: Final = ("main", "style", "cover", "checklist", "findings", "measures", "evidence")
_PAPERS: Final = {"a4": "a4", "letter": "us-letter"}
_TRIES: Final = 5
"""So often what cannot be printed is spelled out: once is enough, but for clusters in clusters."""


def render(audit: Audit, sheet: Sheet) -> bytes:
    """The document.

    Raises:
        UsageError: a font is none, or cannot be used.
    """
    return _printed(contents.document(audit), sheet)


def render_errors(errors: Iterable[AuditError], evaluated_at: datetime | None = None) -> bytes:
    """A page that says that nothing was evaluated, and why."""
    from auditor.report.sheet import Sheet

    return _printed(contents.failure(errors, evaluated_at), Sheet())


def _printed(data: dict[str, Json], sheet: Sheet) -> bytes:
    with TemporaryDirectory(prefix="audit-") as folder:
        families = given_families(sheet.fonts, folder)
        fonts = typst.Fonts(include_system_fonts=False, font_paths=[folder])
        data |= {"paper": _PAPERS[sheet.paper], "fonts": families}
        spelling = Spelling()
        for _ in range(_TRIES):
            try:
                pages = _compiled(spelling.spelled(data), fonts)
            except typst.TypstError as error:
                found = missing(error.diagnostic)
                if not found:
                    raise _refused(error, sheet) from error
                spelling.add(found)
            else:
                if spelling.unprinted:
                    sheet.warn(spelling.warning())
                return pages
    raise FaultError(f"the PDF could not be printed: {spelling.warning()}")


def _refused(error: typst.TypstError, sheet: Sheet) -> UsageError | FaultError:
    if sheet.fonts:
        names = ", ".join(font.name for font in sheet.fonts)
        return UsageError(
            f"the PDF cannot be made with {names}: {error.message}", hint="Give another --font."
        )
    return FaultError(f"the PDF could not be made: {error.message}")


def _compiled(data: Mapping[str, Json], fonts: typst.Fonts) -> bytes:
    # Nothing but what is given here: no file, no package, no font of the system, no clock.
    # Files by name are documented, but not in the types: https://github.com/messense/typst-py
    pages: bytes = typst.compile(  # type: ignore[call-overload]
        {name + ".typ": _template(name) for name in _TEMPLATES},
        sys_inputs={"data": json.dumps(data, ensure_ascii=True)},
        font_paths=fonts,
        ignore_system_fonts=True,
        timestamp=0,
        pdf_standards="ua-1",
    )
    return pages


def _template(name: str) -> bytes:
    return files("auditor.report.pdf").joinpath(f"{name}.typ").read_bytes()
