"""The audit that is to be scheduled, from the options and the configuration at hand."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from auditor.cli.commands import COMMANDS
from auditor.cli.histories import history_of
from auditor.cli.options import GENERAL, SCHEDULE
from auditor.cli.outputs import outputs_of
from auditor.cli.policy_options import read_policy
from auditor.cli.settings import CONFIG_NAME
from auditor.cli.source import path_of, require_source
from auditor.errors import UsageError
from auditor.policy import builtin_names, builtin_packs, find_region, own_files, own_packs
from auditor.report.printable import printable
from auditor.schedule import Job, job_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from auditor.cli.options import Option
    from auditor.cli.session import Session
    from auditor.cli.settings import Settings
    from auditor.model import Policy

_SPARE: Final = 900
"""Seconds for all that is not the collection: evaluating, reports, notifications."""

_HERE: Final = frozenset(option.name for option in (*SCHEDULE, *GENERAL[:1]))
_FILES: Final = frozenset({"FILE", "PEM", "PATH"})
_KERBEROS: Final = frozenset({"kerberos", "negotiate"})


def job_of(kind: str, settings: Settings, session: Session) -> Job:
    """The audit of the options, as a job that needs nothing of this shell.

    What the command line and variables say goes into its command; what the configuration file says
    stays there.

    Raises:
        AuditError: such an audit could not run: no source, no such policy or region.
    """
    audits = settings.several or (settings,)
    policies = [_checked(one) for one in audits]
    config = _config(settings, session)
    title = settings.text("name") or settings.text("organization")
    hour, minute = _at(settings.text("at") or "")
    in_container = kind == "kubernetes"
    own = (file for policy in policies for file in (*own_files(policy), *own_packs(policy)))
    files = dict.fromkeys([*([config] if config else []), *own])
    return Job(
        name=job_name(title),
        title=printable(title or "Exchange"),
        program=("audit",) if in_container else _program(),
        arguments=tuple(_arguments(config, settings)),
        folder=str(config.parent if config else session.folder.resolve()),
        writes=tuple(_outermost(path for one in audits for path in _written(one))),
        hour=hour,
        minute=minute,
        weekdays=settings.flag("weekdays"),
        user=settings.text("user") or (_myself() if kind == "systemd" else None),
        seconds=sum(int(float(one.text("timeout") or 60)) for one in audits) + _SPARE,
        metrics=any(output.format == "prometheus" for one in audits for output in outputs_of(one)),
        files=tuple((str(file), _text(file)) for file in files) if in_container else (),
        image=settings.text("image") or "",
        extras=tuple(sorted({extra for one in audits for extra in _extras(one)})),
    )


def _checked(settings: Settings) -> Policy:
    """The policy of an audit that can run unattended.

    Raises:
        AuditError: it cannot.
    """
    require_source(settings)
    if "-" in settings.texts("snapshot"):
        raise UsageError("standard input cannot be scheduled", hint="Give --snapshot FILE.")
    policy = read_policy(settings)
    with settings.said_by("region"):
        find_region(policy, settings.text("region"))
    return policy


def _at(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text, re.ASCII)
    if not found:
        raise UsageError(f"--at cannot be {text!r}", hint="Give a time of day: --at 02:30")
    return int(found[1]), int(found[2])


def _program() -> tuple[str, ...]:
    """What starts this program without a shell: its own script, or the interpreter."""
    name = "audit.exe" if os.name == "nt" else "audit"
    # Not resolved: the interpreter of a virtual environment is a link out of it.
    script = Path(sys.executable).absolute().with_name(name)
    return (str(script),) if script.is_file() else (sys.executable, "-m", "auditor")


def _myself() -> str | None:
    """Who is at work; None where that is root, as no audit needs to be."""
    from getpass import getuser

    try:
        name = getuser()
    except (KeyError, OSError, ImportError):
        return None
    return None if name == "root" else name


def _config(settings: Settings, session: Session) -> Path | None:
    named = path_of(settings, "config")
    path = named if named is not None else session.folder / CONFIG_NAME
    return path.resolve() if path.is_file() else None


def _arguments(config: Path | None, settings: Settings) -> Iterator[str]:
    yield "check"
    if config is not None:
        yield f"--config={config}"
    for option in COMMANDS["check"].options:
        if option.name not in _HERE and settings.layer(option.name) == "run":
            yield from _words(option, settings)
    if settings.layer("log-format") == "default":
        yield "--log-format=json"


def _words(option: Option, settings: Settings) -> Iterator[str]:
    """An option as it is given on a command line that may be run in any folder."""
    if option.kind == "flag":
        yield from [f"--{option.name}"] if settings.flag(option.name) else []
        return
    texts = settings.texts(option.name) or (settings.text(option.name) or "",)
    folder = settings.folder(option.name).resolve()
    for text in texts:
        yield f"--{option.name}={_anywhere(option, text, folder)}"


def _anywhere(option: Option, text: str, folder: Path) -> str:
    """The value of an option, with its path made absolute where it is one."""
    if option.metavar == "FORMAT=PATH":
        name, _, path = text.partition("=")
        return f"{name}={folder / path}"
    if option.metavar == "NAME|FILE":
        known = builtin_packs() if option.name == "pack" else builtin_names()
        return text if text in known else str(folder / text)
    if option.metavar == "FILE|URL":
        return text if "://" in text else str(folder / text)
    return str(folder / text) if option.metavar in _FILES else text


def _written(settings: Settings) -> Iterator[Path]:
    """The folders that a run writes; of names with fields, what is before the first of these."""
    history = history_of(settings)
    if history is not None and "://" not in history:
        yield _parent(Path(history))
    kept = path_of(settings, "save-snapshot")
    if kept is not None:
        yield _parent(kept)
    for output in outputs_of(settings):
        yield _parent(output.folder / output.word)


def _parent(path: Path) -> Path:
    fixed = path.parent
    while "{" in str(fixed):
        fixed = fixed.parent
    return fixed.resolve()


def _outermost(folders: Iterable[Path]) -> list[str]:
    """Each folder once, without those that are in another of them."""
    found = {*folders}
    return sorted(str(path) for path in found if not found & {*path.parents})


def _extras(settings: Settings) -> Iterator[str]:
    """The optional parts of this program that such a run loads."""
    if settings.text("server") and settings.text("auth") in _KERBEROS:
        yield "kerberos"
    routes = (settings.extras and settings.extras.notifications) or ()
    attached = {name for route in routes for name in route.attach}
    if "pdf" in attached or any(output.format == "pdf" for output in outputs_of(settings)):
        yield "pdf"
    if routes:
        yield "notifications"
    if (settings.text("history") or "").startswith("postgresql"):
        yield "postgresql"


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "surrogateescape")
