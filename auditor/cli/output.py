"""Where text goes: colours on a terminal, files written whole or not at all."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from auditor.errors import Place, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from auditor.cli.session import Session
    from auditor.cli.settings import Settings
    from auditor.model import Json

_STYLES: Final = {
    "COMPLIANT:": "green",
    "DRIFT:": "red",
    "INCOMPLETE:": "yellow",
    "CHANGED:": "yellow",
    "UNCHANGED:": "green",
    "FAIL": "red",
    "UNKNOWN": "yellow",
    "READY:": "green",
    "NOT": "red",
    "UNDECIDED:": "yellow",
    "OK": "green",
    "WARN": "yellow",
}
"""The first word of a line → the colour it gets."""


def plain(settings: Settings, session: Session) -> bool:
    """Whether text is written without colours."""
    unwanted = settings.flag("no-color") or session.environ.get("NO_COLOR")
    return bool(unwanted) or not session.terminal


def coloured(text: str) -> str:
    """The text with its leading verdict words in colour."""
    import typer

    lines = []
    for line in text.split("\n"):
        word, blank, rest = line.partition(" ")
        if word in _STYLES:
            line = typer.style(word, fg=_STYLES[word], bold=True) + blank + rest
        lines.append(line)
    return "\n".join(lines)


def refuse_overwriting(written: Iterable[Path], read: Iterable[Path]) -> None:
    """Nothing that is read may be replaced by what is written, nor one file by another.

    Raises:
        UsageError: one would be; it names the file.
    """
    inputs = {_whole(path) for path in read}
    seen: set[Path] = set()
    for path in written:
        whole = _whole(path)
        if whole in inputs or whole in seen:
            why = "another that is written" if whole in seen else "what is read"
            raise UsageError(f"this file would replace {why}", Place(str(path)), "Name another.")
        seen.add(whole)


def _whole(path: Path) -> Path:
    """What a path leads to; of links in a circle the path itself, where Path.resolve raises."""
    return Path(os.path.realpath(path))


def put(text: str, session: Session) -> None:
    """Write what was asked for to standard output.

    Raises:
        UsageError: it could not be written.
    """
    problem = session.write(text)
    if problem is not None:
        raise UsageError(f"standard output could not be written: {problem}")


def put_document(schema: str, content: Mapping[str, Json], session: Session) -> None:
    """Write one JSON document of a schema to standard output.

    Raises:
        UsageError: it could not be written.
    """
    put(json.dumps({"schema": schema, **content}, indent=2, ensure_ascii=True) + "\n", session)


def save(path: Path, data: bytes, session: Session) -> str | None:
    """Write a file; says and returns why it could not be written, or None."""
    try:
        write_file(path, data)
    except OSError as error:
        message = f"the file could not be written: {error.strerror or error}"
        session.report(UsageError(message, Place(str(path))))
        return f"{message} ({path.name})"
    return None


def write_or_refuse(path: Path, data: bytes) -> None:
    """Write a file without which the command has done nothing.

    Raises:
        UsageError: it could not be written.
    """
    try:
        write_file(path, data)
    except OSError as error:
        message = f"the file could not be written: {error.strerror or error}"
        raise UsageError(message, Place(str(path))) from error


def write_file(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all; folders are made.

    Raises:
        OSError: it cannot be written.
    """
    if path.exists() and not path.is_file():
        # A pipe or a device is written to, never replaced; what it leads to may have no name.
        path.write_bytes(data)
        return
    path = _whole(path)  # what a link leads to is written, the link stays
    import tempfile  # most runs write no file

    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        _as_readable_as(path, Path(name))
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _as_readable_as(former: Path, path: Path) -> None:
    """Temporary files are private; a report is as readable as the one that it replaces.

    A new one is as readable as any file that the user makes.
    """
    mask = os.umask(0o022)
    os.umask(mask)
    path.chmod(stat.S_IMODE(former.stat().st_mode) if former.exists() else 0o666 & ~mask)
