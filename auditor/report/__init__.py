"""An Audit → one format; one module each. ``FORMATS`` is the registry."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.errors import UsageError
from auditor.report.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from auditor.errors import AuditError
    from auditor.model import Audit


class Format(NamedTuple):
    """One format of reports.

    Attributes:
        module: has ``render(audit)`` and ``render_errors(errors, evaluated_at)``, which give text
            that ends with a line end; imported only when it is asked for.
        marks: what reports of this format, and no other files, hold near their beginning; those
            of a paged format anywhere.
        begins: reports begin with a mark: words that stand in other files as well.
        paged: ``render(audit, sheet)`` gives bytes, which go to files only.
        needs: a library that is not always there.
    """

    module: str
    marks: tuple[bytes, ...]
    begins: bool = False
    paged: bool = False
    needs: str | None = None

    def wrote(self, start: bytes) -> bool:
        """Whether a file that starts so is a report of this format.

        Args:
            start: of the file, as many bytes as ``HEAD`` says; of a paged one all.
        """
        if self.begins:
            return start.startswith(self.marks)
        return any(mark in start for mark in self.marks)


FORMATS: Final[Mapping[str, Format]] = {
    "table": Format(
        "auditor.report.table",
        (
            *(b"COMPLIANT: ", b"DRIFT: ", b"INCOMPLETE: ", b"audit: "),
            *(b"FIRST RUN: ", b"CHANGED: ", b"UNCHANGED: "),
        ),
        begins=True,
    ),
    "json": Format("auditor.report.json_report", (b'"schema": "audit-report/1"',)),
    "markdown": Format("auditor.report.markdown", (b"[//]: # (audit-report/1, Markdown)",)),
    "html": Format("auditor.report.html", (b'<meta name="generator" content="connector-auditor',)),
    "pdf": Format(
        "auditor.report.pdf", (b"/Keywords(connector-auditor sign-off",), paged=True, needs="typst"
    ),
    "csv": Format(
        "auditor.report.csv_report",
        (b"evaluated_at,organization,region,policy,status,severity,control,",),
    ),
    "junit": Format("auditor.report.junit", (b'<testsuites name="connector-auditor"',)),
    "sarif": Format(
        "auditor.report.sarif", (b'"driver": {\n          "name": "connector-auditor"',)
    ),
    "ocsf": Format("auditor.report.ocsf", (b'"product": {"name": "connector-auditor"',)),
    "oscal": Format(
        "auditor.report.oscal", (b'"ns": "urn:uuid:81b9a6e7-18c5-5361-8f7b-dfa88f7a4b16"',)
    ),
    "prometheus": Format("auditor.report.prometheus", (b"# HELP connector_audit_",)),
}

HEAD: Final = 4096
"""So many bytes of a text show whether it is a report: the marks stand in them."""


def render(name: str, audit: Audit, sheet: Sheet | None = None) -> bytes:
    """An audit in a format; texts are UTF-8.

    Args:
        name: of the format.
        audit: what is reported.
        sheet: what a paged format is printed on.

    Raises:
        UsageError: the format needs a library that is not there, or a font that is none.
    """
    require(name)
    format_, module = FORMATS[name], import_module(FORMATS[name].module)
    if format_.paged:
        pages: bytes = module.render(audit, sheet or Sheet())
        return pages
    return _encoded(module.render(audit))


def render_errors(
    name: str, errors: Iterable[AuditError], evaluated_at: datetime | None = None
) -> bytes:
    """A report in a format that says that nothing was evaluated, and why."""
    made: str | bytes = import_module(FORMATS[name].module).render_errors(
        list(errors), evaluated_at
    )
    return made if isinstance(made, bytes) else _encoded(made)


def require(name: str) -> None:
    """That a format can be made here.

    Raises:
        UsageError: a library is missing; it says how to get it.
    """
    needed = FORMATS[name].needs
    if needed is not None and find_spec(needed) is None:
        raise UsageError(
            f"the format {name} needs the library {needed}, which is not installed",
            hint=f"Install it with: python -m pip install 'connector-auditor[{name}]'",
        )


def _encoded(text: str) -> bytes:
    # A lone surrogate in a name is no reason to have no report.
    return text.encode("utf-8", "backslashreplace")
