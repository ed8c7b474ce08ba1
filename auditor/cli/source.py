"""Where Exchange's state comes from: files, or a live server. The same for every command."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Final

from auditor.cli.output import save
from auditor.collect import MAX_BYTES, read_snapshots
from auditor.errors import InputError, Place, UsageError
from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from auditor.cli.session import Session
    from auditor.cli.settings import Settings
    from auditor.collect.live import Target
    from auditor.model import Probe, Snapshot

_LONGEST: Final = 24 * 60 * 60


def read_source(
    settings: Settings,
    session: Session,
    files: str = "snapshot",
    changes_since: datetime | None = None,
) -> Snapshot:
    """What the files hold, or what the server says; it may be incomplete, and then says so.

    Args:
        settings: the options.
        session: the world.
        files: the option that names the files.
        changes_since: where given, a live server is asked who changed send connectors since then.

    Raises:
        AuditError: there is nothing that could be read.
    """
    require_source(settings, files)
    words = settings.texts(files)
    if not words:
        return _collect(settings, session, changes_since)
    if words.count("-") > 1:
        raise UsageError("standard input (-) can be read only once")
    return read_snapshots([read_file(settings.folder(files), word, session) for word in words])


def require_source(settings: Settings, files: str = "snapshot") -> None:
    """Ask for a source where there is none; ``files`` is the option that names exports.

    Raises:
        UsageError: neither files nor a server are named.
    """
    if not settings.texts(files) and settings.text("server") is None:
        raise UsageError(
            "there is nothing to read",
            hint=f"Give an export of Get-SendConnector (--{files} connectors.xml) or a live "
            "server (--server ex01.contoso.com).",
        )


def save_snapshot(snapshot: Snapshot, settings: Settings, session: Session) -> str | None:
    """Write the snapshot where that was asked for; why it could not be written, or None."""
    path = path_of(settings, "save-snapshot")
    if path is None:
        return None
    from auditor.snapshot import write_snapshot

    return save(path, write_snapshot(snapshot), session)


def read_files(settings: Settings, files: str = "snapshot") -> list[Path]:
    """The paths of all files that are read; ``files`` is the option that names exports."""
    found = [settings.folder(files) / word for word in settings.texts(files)]
    for name in ("ca-file", "certificate", "certificate-key"):
        path = path_of(settings, name)
        found += [path] if path is not None else []
    return [*found, settings.folder("config") / (settings.text("config") or "audit.yaml")]


def read_file(folder: Path, word: str, session: Session) -> tuple[str, bytes]:
    """Base name and bytes of a file that a user names, where ``-`` is standard input.

    Raises:
        InputError: it cannot be read.
    """
    if word == "-":
        return "stdin", session.read_input(MAX_BYTES + 1)
    path = folder / word
    place = Place(word if folder == session.folder else str(path))
    hint = "Export with: Get-SendConnector | Export-Clixml connectors.xml"
    return path.name, bytes_of(path, MAX_BYTES + 1, place, hint)


def bytes_of(path: Path, most: int, place: Place, hint: str) -> bytes:
    """So many bytes of a file at the most.

    Raises:
        InputError: it cannot be read; ``place`` is what the user calls it.
    """
    try:
        with path.open("rb") as file:
            return file.read(most)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"the file cannot be read: {reason}", place, hint) from error


def read_result(path: Path) -> Probe:
    """What ``audit probe`` or its script has kept.

    Raises:
        InputError: it cannot be read, or is no probe.
    """
    from auditor.probefile import HINT, MOST_BYTES, read_probe

    return read_probe(bytes_of(path, MOST_BYTES + 1, Place(str(path)), HINT), path.name)


def _collect(
    settings: Settings, session: Session, changes_since: datetime | None = None
) -> Snapshot:
    """Ask the live server; the libraries for it are loaded only here."""
    target = make_target(settings, session)
    from auditor import __version__
    from auditor.cli.interruption import stopped_as_interrupted
    from auditor.collect.live.collector import collect

    verbose = settings.flag("verbose")
    with stopped_as_interrupted():
        return collect(
            target,
            session.now,
            f"audit {__version__}",
            (lambda text: session.tell(printable(text))) if verbose else lambda _: None,
            changes_since,
        )


def make_target(settings: Settings, session: Session, *, strict: bool = True) -> Target:
    """The server that the options name, and as whom it is asked; nothing is sent.

    Args:
        settings: the options.
        session: the world.
        strict: whether what this machine lacks is an error at once.

    Raises:
        UsageError: an option is wrong or missing, or there is no password where one is needed.
    """
    from auditor.cli.password import find_password
    from auditor.collect.live import SPN_SERVICE, Login, Target, check_target, parse_endpoint
    from auditor.collect.live.tickets import require_kerberos

    with settings.said_by("server"):
        endpoint = parse_endpoint(settings.text("server") or "")
    auth = settings.text("auth") or "kerberos"
    login = Login(
        auth=auth,
        username=settings.text("username"),
        certificate=path_of(settings, "certificate"),
        certificate_key=path_of(settings, "certificate-key"),
        spn_service=settings.text("spn-service") or SPN_SERVICE,
        spn_host=settings.text("spn-host"),
    )
    target = Target(
        endpoint=endpoint,
        login=login,
        ca_file=path_of(settings, "ca-file"),
        insecure=settings.flag("insecure"),
        allow_cleartext=settings.flag("allow-cleartext"),
        encryption=settings.text("message-encryption") or "auto",
        domain_controller=settings.text("domain-controller"),
        timeout=seconds_of(settings),
    )
    # What must not be sent is refused before anyone is asked for a password.
    check_target(target, password_known=False)
    if strict:
        require_kerberos(auth)
    target = target.with_password(find_password(login, session, _said(settings, session)))
    check_target(target)
    if target.insecure:
        session.tell("the server's certificate is not verified (--insecure)", "warning")
    return target


def _said(settings: Settings, session: Session) -> Callable[[], str] | None:
    """What gives the password that the configuration file names; None where it names none."""
    reference = settings.extras.password if settings.extras else None
    if reference is None:
        return None
    from auditor.cli.configuration import resolved

    return lambda: resolved(reference, session)


def path_of(settings: Settings, name: str) -> Path | None:
    """The path that an option names, relative to where it was said; None where it is not given."""
    word = settings.text(name)
    return None if word is None else settings.folder(name) / word


def seconds_of(settings: Settings) -> float:
    """What ``--timeout`` says.

    Raises:
        UsageError: it is no time that can be.
    """
    text = settings.text("timeout") or ""
    with settings.said_by("timeout"):
        try:
            seconds = float(text)
        except ValueError:
            seconds = math.nan
        if not 1 <= seconds <= _LONGEST:
            raise UsageError(
                f"--timeout cannot be {text!r}", hint="Give seconds, from 1 to 86400: --timeout 120"
            )
    return seconds
