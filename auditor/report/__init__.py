"""An Audit → one format; one module each. ``FORMATS`` is the registry."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.model import Audit

FORMATS: Final[Mapping[str, str]] = {
    "table": "auditor.report.table",
    "json": "auditor.report.json_report",
}
"""Format → the module with ``render(audit) -> str``, imported only when it is asked for."""


def render(name: str, audit: Audit) -> str:
    """An audit in a format, as text that ends with a line end."""
    text: str = import_module(FORMATS[name]).render(audit)
    return text
