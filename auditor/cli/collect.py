"""``audit collect``: what Exchange says, kept as a snapshot."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.cli.output import save
from auditor.cli.source import read_files, read_source
from auditor.collect import require_connectors
from auditor.errors import Place, PolicyError, UsageError
from auditor.policy import load_policy, own_files
from auditor.report.collected import render
from auditor.snapshot import write_snapshot
from auditor.textfile import decode

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from auditor.cli.session import Session
    from auditor.cli.settings import Settings
    from auditor.model import Policy
    from auditor.redact import Redacted


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
    policy = _policy(settings) if settings.flag("redact") else None
    own = [] if policy is None else own_files(policy)
    beside = path.with_name(f"{path.stem}-policy.yaml")
    key = settings.text("redaction-key")
    key_path = settings.folder("redaction-key") / key if key and policy else None
    written = [path, *([beside] if own else []), *([key_path] if key_path else [])]
    _refuse_overwriting(written, [*read_files(settings), *own])
    snapshot = read_source(settings, session)
    named = settings.text("organization")
    snapshot = replace(snapshot, organization=named) if named else snapshot
    files: list[tuple[Path, bytes]] = []
    notes: list[str] = []
    if policy is not None:
        from auditor.redact import redact

        texts = [decode(file.read_bytes(), file.name, PolicyError) for file in own]
        redacted = redact(snapshot, policy, texts)
        snapshot = redacted.snapshot
        notes = ["Redacted: names are replaced by stand-ins"]
        if key_path is not None:
            names = json.dumps(dict(redacted.names), indent=1, ensure_ascii=False) + "\n"
            files.append((key_path, names.encode("utf-8", "backslashreplace")))
            notes.append(f"The key to them, not to be handed on: {key_path}")
        if redacted.policy is not None:
            files.append((beside, redacted.policy.encode()))
            notes += [f"Beside it {beside}", *_renamed_regions(redacted)]
    files.insert(0, (path, write_snapshot(snapshot)))
    if [found for file, data in files if (found := save(file, data, session))]:
        return 2
    if not settings.flag("quiet"):
        session.write(render(snapshot, word, notes))
    require_connectors(snapshot)
    return 0


def _policy(settings: Settings) -> Policy:
    """The policy whose gateway's hosts stay; the built-in one where none is named."""
    with settings.said_by("policy"):
        return load_policy(settings.text("policy") or "mimecast", settings.folder("policy"))


def _renamed_regions(redacted: Redacted) -> list[str]:
    """What to give as --region with the redacted policy, where it is another word."""
    return [
        f"Region {original} is {stand_in} there"
        for stand_in, original in redacted.names.items()
        if stand_in.startswith("region-")
    ]


def _refuse_overwriting(written: Iterable[Path], read: Iterable[Path]) -> None:
    """Nothing that is read may be replaced by what is written, nor one file by another."""
    known = {file.resolve() for file in read}
    for file in written:
        if file.resolve() in known:
            message = "this file would replace another, or what is read"
            raise UsageError(message, Place(str(file)), "Name another.")
        known.add(file.resolve())


def _print_script(session: Session) -> int:
    from auditor import __version__
    from auditor.collect.script import script

    problem = session.write(script(__version__))
    if problem is not None:
        raise UsageError(f"standard output could not be written: {problem}")
    return 0
