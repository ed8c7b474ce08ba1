"""``--output FORMAT=PATH``: report files, whose names may have fields that a run fills in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from auditor.cli.output import refuse_overwriting, save
from auditor.cli.patterns import fields_of, filled, values_for
from auditor.errors import UsageError, did_you_mean
from auditor.report import FORMATS, HEAD, render, render_errors, require

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from auditor.cli.session import Session
    from auditor.cli.settings import Settings
    from auditor.errors import AuditError
    from auditor.model import Audit
    from auditor.report.sheet import Sheet


class Output(NamedTuple):
    """One report file: its format, the folder that its name is relative to, the name."""

    format: str
    folder: Path
    word: str
    fields: frozenset[str] = frozenset()

    def path(self, values: Mapping[str, str]) -> Path:
        """Where it is written, with the fields filled in."""
        return self.folder / filled(self.word, values)


def outputs_of(settings: Settings) -> list[Output]:
    """Report files, checked before anything is read.

    Raises:
        UsageError: one is not as it should be, or cannot be made here.
    """
    with settings.said_by("output"):
        return [_output(text, settings.folder("output")) for text in settings.texts("output")]


def _output(text: str, folder: Path) -> Output:
    name, equals, word = text.partition("=")
    if not equals or not word:
        raise UsageError(
            f"--output {text!r} is not of the form FORMAT=PATH",
            hint="For example: --output json=report.json",
        )
    if name not in FORMATS:
        raise UsageError(f"--output has no format {name!r}", hint=did_you_mean(name, FORMATS))
    if word == "-":
        paged = FORMATS[name].paged
        hint = "Name a file." if paged else f"For standard output: --format {name}"
        raise UsageError("--output writes files", hint=hint)
    require(name)
    return Output(name, folder, word, fields_of(word, "--output"))


def fixed_paths(outputs: Sequence[Output]) -> list[Path]:
    """The files whose names are known before a run."""
    return [output.path({}) for output in outputs if not output.fields]


def values_of(audit: Audit, settings: Settings) -> dict[str, str]:
    """What the fields stand for in an audit."""
    return values_for(
        settings.text("name"),
        audit.organization,
        audit.region.id if audit.region else None,
        audit.evaluated_at,
        audit.verdict,
    )


def write_reports(
    audit: Audit,
    outputs: Sequence[Output],
    read: Sequence[Path],
    sheet: Sheet,
    settings: Settings,
    session: Session,
) -> str | None:
    """Write report files; returns what could not be written, or None.

    Args:
        audit: what is reported.
        outputs: the files.
        read: what none of them may replace.
        sheet: what a paged format is printed on.
        settings: the options.
        session: the world.
    """
    values, unwritten, done = values_of(audit, settings), None, list[Path]()
    for output in outputs:
        path = output.path(values)
        try:
            # Of names with fields it is known only now what they would replace.
            refuse_overwriting([*done, path], read)
            data = render(output.format, audit, sheet)
        except UsageError as error:
            # One that cannot be made here keeps nobody from the others.
            session.report(error)
            unwritten = f"{error.message} ({path.name})"
            continue
        done.append(path)
        unwritten = save(path, data, session) or unwritten
    return unwritten


def write_failure(
    error: AuditError, outputs: Sequence[Output], settings: Settings, session: Session
) -> None:
    """No report of an earlier run may stand for one that failed; nothing else is replaced."""
    values = values_for(
        settings.text("name"),
        settings.text("organization"),
        settings.text("region"),
        session.now(),
        "none",
    )
    for output in outputs:
        path = output.path(values)
        if _is_report(path, output.format):
            save(path, render_errors(output.format, [error], session.now()), session)


def _is_report(path: Path, name: str) -> bool:
    """Whether a file is one that this program wrote as a report of a format."""
    # A PDF's metadata stand near its end.
    size = -1 if FORMATS[name].paged else HEAD
    try:
        with path.open("rb") as file:
            start = file.read(size) if path.is_file() else b""
    except OSError:
        return False
    return FORMATS[name].wrote(start)
