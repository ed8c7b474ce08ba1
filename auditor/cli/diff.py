"""``audit diff``: what differs between two snapshots, whatever a policy says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from auditor.cli.output import put
from auditor.cli.source import read_file
from auditor.collect import read_snapshots
from auditor.errors import UsageError, shortened
from auditor.history.differences import differences
from auditor.model import Side
from auditor.normalise import organization_of
from auditor.report import diff_json, diff_text
from auditor.snapshot import digest

if TYPE_CHECKING:
    from auditor.cli.session import Session
    from auditor.cli.settings import Settings
    from auditor.model import Snapshot

_STATUS: Final = {"same": 0, "different": 1, "undecided": 3}
_EXAMPLE: Final = "For example: audit diff monday.json tuesday.json"
_RUN: Final = re.compile(r"#?([0-9]+)", re.ASCII)
_LONGEST: Final = 18
"""Digits of a run's number; no database counts further."""


def run(settings: Settings, session: Session) -> int:
    """Compare two snapshots; returns 0 where nothing differs, 1 where something does, 3 unknown.

    Raises:
        AuditError: there are not two, or one cannot be read.
    """
    words = settings.operands
    if len(words) != 2:
        given = "one is given" if len(words) == 1 else f"{len(words)} are given"
        raise UsageError(f"two snapshots are compared, and {given}", hint=_EXAMPLE)
    if words == ("-", "-"):
        raise UsageError("standard input (-) can be read only once", hint=_EXAMPLE)
    (old, old_side), (new, new_side) = (_read(word, settings, session) for word in words)
    found = differences(old, new)
    report = diff_json if settings.text("format") == "json" else diff_text
    put(report.render(found, old_side, new_side), session)
    return _STATUS[found.outcome]


def _read(word: str, settings: Settings, session: Session) -> tuple[Snapshot, Side]:
    """A file of the name, else the run of the number."""
    number = _RUN.fullmatch(word)
    if number is not None and not (session.folder / word).exists():
        return _of_run(number[1], word, settings)
    name, data = read_file(session.folder, word, session)
    snapshot = read_snapshots([(name, data)])
    return snapshot, _side(snapshot, name, None)


def _of_run(digits: str, word: str, settings: Settings) -> tuple[Snapshot, Side]:
    """The snapshot of a run in the history; the store is loaded only here."""
    where = settings.text("history")
    if where is None:
        raise UsageError(
            f"there is no file {shortened(word)}, and no history to look up a run in",
            hint=f"Name a file, or a history: audit diff {shortened(word, quoted=False)} 2 "
            "--history audits.sqlite",
        )
    if len(digits) > _LONGEST:
        raise UsageError(f"there is no run {shortened(digits, quoted=False)} in the history")
    from auditor.history.store import open_store

    place = where if "://" in where else str(settings.folder("history") / where)
    with settings.said_by("history"), open_store(place, create=False) as store:
        kept = store.run(int(digits))
        snapshot = store.snapshot(kept)
    return snapshot, _side(snapshot, f"run {kept.id}", kept.id)


def _side(snapshot: Snapshot, source: str, number: int | None) -> Side:
    return Side(
        source=source,
        run=number,
        kind=snapshot.provenance.kind,
        organization=organization_of(snapshot),
        collected_at=snapshot.provenance.collected_at,
        sha256=digest(snapshot),
        connectors=len(snapshot.objects.get("SendConnector", ())),
    )
