"""The report as one self-contained page."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from auditor.report import error_text
from auditor.report.printable import printable
from auditor.report.wording import meaning

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from auditor.errors import AuditError
    from auditor.model import Audit


def render(audit: Audit) -> str:
    """The page."""
    return _page(f"{audit.verdict}: {meaning(audit)}")


def render_errors(errors: Iterable[AuditError], _: datetime | None = None) -> str:
    """A page that says that nothing was evaluated."""
    return _page(error_text.render(errors))


def _page(text: str) -> str:
    head = '<!DOCTYPE html><html lang="en"><meta name="generator" content="connector-auditor">'
    return f"{head}<title>Audit</title><p>{escape(printable(text))}\n"
