"""``audit collect``: what Exchange says, kept as a snapshot."""

from __future__ import annotations

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
    _refuse_overwriting(path, [*read_files(settings), *own], len(own))
    snapshot = read_source(settings, session)
    named = settings.text("organization")
    snapshot = replace(snapshot, organization=named) if named else snapshot
    beside: tuple[tuple[str, str], ...] = ()
    if policy is not None:
        from auditor.redact import redact

        texts = [decode(file.read_bytes(), file.name, PolicyError) for file in own]
        redacted = redact(snapshot, policy, texts, _stem(path))
        snapshot, beside = redacted.snapshot, redacted.policies
    files = [(path, write_snapshot(snapshot))]
    files += [(path.with_name(name), text.encode()) for name, text in beside]
    if [found for file, data in files if (found := save(file, data, session))]:
        return 2
    if not settings.flag("quiet"):
        session.write(render(snapshot, word, [name for name, _ in beside]))
    require_connectors(snapshot)
    return 0


def _policy(settings: Settings) -> Policy:
    """The policy whose gateway's hosts stay; the built-in one where none is named."""
    with settings.said_by("policy"):
        return load_policy(settings.text("policy") or "mimecast", settings.folder("policy"))


def _stem(path: Path) -> str:
    """What the policy's files beside a snapshot are called, but for a number."""
    return f"{path.stem}-policy"


def _refuse_overwriting(path: Path, read: Iterable[Path], policies: int) -> None:
    """Nothing that is read may be replaced by what is written."""
    written = [path, *(path.with_name(f"{_stem(path)}-{n + 1}.yaml") for n in range(policies))]
    known = {file.resolve() for file in read}
    for file in written:
        if file.resolve() in known:
            message = "this file would replace what is read"
            raise UsageError(message, Place(str(file)), "Name another.")


def _print_script(session: Session) -> int:
    from auditor import __version__
    from auditor.collect.script import script

    problem = session.write(script(__version__))
    if problem is not None:
        raise UsageError(f"standard output could not be written: {problem}")
    return 0
