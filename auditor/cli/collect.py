"""``audit collect``: what Exchange says, kept as a snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.cli.source import read_files, read_source, save_snapshot
from auditor.collect import require_connectors
from auditor.errors import Place, UsageError
from auditor.report.collected import render

if TYPE_CHECKING:
    from auditor.cli.session import Session
    from auditor.cli.settings import Settings


def run(settings: Settings, session: Session) -> int:
    """Collect from one organisation; returns the exit status.

    Raises:
        AuditError: nothing could be collected, or not all send connectors.
    """
    if settings.flag("script"):
        return _print_script(session)
    word = settings.text("save-snapshot")
    if word is None:
        raise UsageError(
            "audit collect needs to know where to keep what it collects",
            hint="For example: --save-snapshot snapshot.json",
        )
    path = settings.folder("save-snapshot") / word
    if path.resolve() in {known.resolve() for known in read_files(settings)}:
        raise UsageError("this file would replace what is read", Place(str(path)), "Name another.")
    snapshot = read_source(settings, session)
    unsaved = save_snapshot(snapshot, settings, session)
    if unsaved is not None:
        return 2
    if not settings.flag("quiet"):
        session.write(render(snapshot, word))
    require_connectors(snapshot)
    return 0


def _print_script(session: Session) -> int:
    from auditor import __version__
    from auditor.collect.script import script

    problem = session.write(script(__version__))
    if problem is not None:
        raise UsageError(f"standard output could not be written: {problem}")
    return 0
