"""``audit collect``: what Exchange says, kept as a snapshot."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.cli.output import put, refuse_overwriting, save
from auditor.cli.policy_options import read_policy
from auditor.cli.source import path_of, read_files, read_source
from auditor.collect import require_connectors
from auditor.errors import PolicyError, UsageError
from auditor.policy import own_files, own_packs
from auditor.report.collected import render
from auditor.snapshot import write_snapshot
from auditor.textfile import decode

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from auditor.cli.session import Session
    from auditor.cli.settings import Settings
    from auditor.model import Snapshot
    from auditor.redact import Redacted


def run(settings: Settings, session: Session) -> int:
    """Collect from one organisation; returns the exit status.

    Raises:
        AuditError: nothing could be collected, or not all send connectors.
    """
    if settings.flag("script"):
        return _print_script(session)
    path = path_of(settings, "save-snapshot")
    if path is None:
        raise UsageError(
            "audit collect needs to know where to keep what it collects",
            hint="For example: --save-snapshot snapshot.json",
        )
    redaction = _Redaction(settings, path) if settings.flag("redact") else None
    beside, read = (redaction.written, redaction.read) if redaction else ([], [])
    refuse_overwriting([path, *beside], [*read_files(settings), *read])
    snapshot = read_source(settings, session)
    named = settings.text("organization")
    snapshot = replace(snapshot, organization=named) if named else snapshot
    files: list[tuple[Path, bytes]] = []
    notes: list[str] = []
    if redaction is not None:
        snapshot, files, notes = redaction.apply(snapshot)
    files = [(path, write_snapshot(snapshot)), *files]
    if [found for file, data in files if (found := save(file, data, session))]:
        return 2
    if not settings.flag("quiet"):
        session.write(render(snapshot, settings.text("save-snapshot") or "", notes))
    require_connectors(snapshot)
    return 0


class _Redaction:
    """What ``--redact`` does, and which files it reads and writes beside the snapshot."""

    def __init__(self, settings: Settings, snapshot_path: Path) -> None:
        # Without one that is named, the hosts of the built-in policy's gateway stay.
        self._policy = read_policy(settings)
        files, packs = own_files(self._policy), own_packs(self._policy)
        self._texts, self._pack_texts = _texts(files), _texts(packs)
        self._beside = _beside(snapshot_path, "policy")
        self._packs = [_beside(snapshot_path, f"pack-{n}") for n in range(1, len(packs) + 1)]
        self._key = path_of(settings, "redaction-key")
        self.read = [*files, *packs]
        self.written = [self._beside, *self._packs] if self.read else []
        self.written += [self._key] if self._key else []

    def apply(self, snapshot: Snapshot) -> tuple[Snapshot, list[tuple[Path, bytes]], list[str]]:
        """The redacted snapshot, the files that go beside it, and what to say of all that."""
        from auditor.redact import redact

        names = [path.name for path in self._packs]
        packs = list(zip(names, self._pack_texts, strict=True))
        redacted = redact(snapshot, self._policy, self._texts, packs)
        files: list[tuple[Path, bytes]] = []
        notes = ["Redacted: names are replaced by stand-ins"]
        if self._key is not None:
            key = json.dumps(dict(redacted.names), indent=1, ensure_ascii=False) + "\n"
            files.append((self._key, key.encode("utf-8", "backslashreplace")))
            notes.append(f"The key to them, not to be handed on: {self._key}")
        if redacted.policy is not None:
            beside = [redacted.policy, *redacted.packs.values()]
            paths = [self._beside, *self._packs]
            files += [(path, text.encode()) for path, text in zip(paths, beside, strict=True)]
            notes += [*(f"Beside it {path}" for path in paths), *_renamed_regions(redacted)]
        return redacted.snapshot, files, notes


def _beside(snapshot_path: Path, what: str) -> Path:
    """The file beside a snapshot that says what it is held against."""
    return snapshot_path.with_name(f"{snapshot_path.stem}-{what}.yaml")


def _texts(files: Iterable[Path]) -> list[str]:
    return [decode(file.read_bytes(), file.name, PolicyError) for file in files]


def _renamed_regions(redacted: Redacted) -> list[str]:
    """What to give as --region with the redacted policy, where it is another word."""
    return [
        f"Region {original} is {stand_in} there"
        for stand_in, original in redacted.names.items()
        if stand_in.startswith("region-")
    ]


def _print_script(session: Session) -> int:
    from auditor import __version__
    from auditor.collect.script import script

    put(script(__version__), session)
    return 0
