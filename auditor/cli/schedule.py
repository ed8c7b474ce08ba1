"""``audit schedule``: what runs the audit every night, to look at or as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.cli.output import put, write_or_refuse
from auditor.cli.scheduled_job import job_of
from auditor.cli.source import path_of
from auditor.errors import Place, UsageError, did_you_mean
from auditor.report.printable import printable
from auditor.schedule import KINDS, scheduled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from auditor.cli.session import Session
    from auditor.cli.settings import Settings
    from auditor.schedule import File, Scheduled


def run(settings: Settings, session: Session) -> int:
    """Print a schedule, or write its files; returns 0.

    Raises:
        AuditError: the audit could not run like this, or a file is there already.
    """
    kind = settings.operands[0].lower()
    if kind not in KINDS:
        raise UsageError(f"there is no schedule {kind!r}", hint=did_you_mean(kind, KINDS))
    folder = path_of(settings, "output-dir")
    job = job_of(kind, settings, session)
    made = scheduled(kind, job, settings.text("output-dir") or "")
    if folder is None:
        put(_printed(made), session)
        return 0
    _write(folder, made.files)
    put("".join(f"{line}\n" for line in _said(folder, made)), session)
    return 0


def _printed(made: Scheduled) -> str:
    """All files below each other, each after a comment with its name, and what to do."""
    parts = [f"# ---- {file.name} ----\n{file.text}" for file in made.files]
    steps = "".join(f"#   {printable(step)}\n" for step in made.steps)
    return "\n".join([*parts, f"# ---- then ----\n{steps}"])


def _said(folder: Path, made: Scheduled) -> list[str]:
    written = [f"Written: {printable(str(folder / file.name))}" for file in made.files]
    return [*written, "", "Look at it, and then:", *(f"  {printable(s)}" for s in made.steps)]


def _write(folder: Path, files: Sequence[File]) -> None:
    """Write the files; one that somebody has changed is never replaced.

    Raises:
        UsageError: another file is there, or one could not be written.
    """
    for file in files:
        path = folder / file.name
        if path.exists() and not (path.is_file() and path.read_bytes() == file.data):
            raise UsageError(
                "another file is already there", Place(str(path)), "Name another --output-dir."
            )
    for file in files:
        write_or_refuse(folder / file.name, file.data)
