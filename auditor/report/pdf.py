"""The sign-off document, made with typst."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typst

from auditor.report import error_text
from auditor.report.wording import meaning

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from auditor.errors import AuditError
    from auditor.model import Audit
    from auditor.report.sheet import Sheet


def render(audit: Audit, sheet: Sheet) -> bytes:
    """The document."""
    return _printed(meaning(audit), sheet.paper)


def render_errors(errors: Iterable[AuditError], _: datetime | None = None) -> bytes:
    """A page that says that nothing was evaluated."""
    return _printed(error_text.render(errors), "a4")


def _printed(text: str, paper: str) -> bytes:
    source = b"#sys.inputs.text"
    return typst.compile(source, sys_inputs={"text": text, "paper": paper}, timestamp=0)
