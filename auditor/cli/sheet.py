"""``--paper`` and ``--font``: what a PDF is printed on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.errors import Place, UsageError
from auditor.report.printable import printable
from auditor.report.sheet import PAPERS, Sheet

if TYPE_CHECKING:
    from auditor.cli.session import Session
    from auditor.cli.settings import Settings


def require_fonts(sheet: Sheet) -> None:
    """That the fonts are some, before anything is collected.

    Raises:
        UsageError: one is none.
    """
    if sheet.fonts:
        from tempfile import TemporaryDirectory

        from auditor.report.pdf.fonts import given_families

        with TemporaryDirectory(prefix="audit-") as folder:
            given_families(sheet.fonts, folder)


def sheet_of(settings: Settings, session: Session) -> Sheet:
    """The paper and the fonts that the options name.

    Raises:
        UsageError: a font cannot be read.
    """
    paper = next((paper for paper in PAPERS if paper == settings.text("paper")), PAPERS[0])
    fonts = tuple(settings.folder("font") / word for word in settings.texts("font"))
    with settings.said_by("font"):
        for font in fonts:
            if not font.is_file():
                raise UsageError(
                    "there is no such font", Place(str(font)), "Give a .ttf, .otf or .ttc file."
                )
    return Sheet(paper, fonts, lambda text: session.tell(printable(text), "warning", marked=False))
