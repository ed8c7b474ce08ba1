"""The outermost place: the world comes in, an exit status goes out, no traceback does."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import auditor
from auditor.cli import argv
from auditor.cli.commands import command_of
from auditor.cli.failing import failure_of
from auditor.cli.log import JSON, Log
from auditor.cli.session import Session
from auditor.cli.settings import glimpse, resolve
from auditor.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from auditor.errors import AuditError

_LOG_FORMAT = "AUDIT_LOG_FORMAT"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status.

    Args:
        arguments: without the program's name; those of the process if None.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    session = _session()
    with ExitStack() as until_done:
        settle = partial(_settle_lines, session.log, until_done)
        settle(argv.glimpse(words, "log-format", None) or session.environ.get(_LOG_FORMAT))
        try:
            return _run(words, session, settle)
        except (Exception, KeyboardInterrupt) as error:
            # Only here: what the configuration says is read once where nothing is wrong.
            settle(_asked(words, session, "log-format", None))
            return _fail(failure_of(error), words, session)


def _settle_lines(log: Log, until_done: ExitStack, form: str | None) -> None:
    """From now on lines are of a form; where they are JSON, nothing else is on standard error."""
    if (form or "").lower() != JSON or log.as_json:
        return
    from auditor.cli.strays import strays_in

    log.as_json = True
    until_done.enter_context(strays_in(log))


def _run(words: Sequence[str], session: Session, settle: Callable[[str | None], None]) -> int:
    try:
        Path.cwd()
    except OSError as error:
        raise UsageError("the working folder is gone", hint="Change to another one.") from error
    invocation = argv.parse(words)
    if invocation is None:
        from auditor.cli import app

        parsed = app.parse(words, auditor.__version__)
        if isinstance(parsed, int):
            return parsed
        invocation = parsed
    settings = resolve(invocation, session)
    settle(settings.text("log-format"))
    status: int = import_module(invocation.command.module).run(settings, session)
    return status


def _session() -> Session:
    _prepare(sys.stdout)
    _prepare(sys.stderr)

    def now() -> datetime:
        return datetime.now(UTC)

    return Session(
        read_input=_read_input,
        write=lambda text: _write(sys.stdout, text),
        log=Log(lambda text: _write(sys.stderr, text), now, as_json=False),
        environ=os.environ,
        now=now,
        folder=Path(),
        terminal=sys.stdout is not None and sys.stdout.isatty(),
        ask_secret=_ask_secret if _is_attended() else None,
        ask=_ask if _is_attended() else None,
    )


def _is_attended() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin is not None and sys.stdin.isatty()


def _ask(prompt: str) -> str:
    # Not input(): it writes its prompt to standard output, which holds the report.
    _write(sys.stderr, prompt)
    instead = "Give the answers as an option, or in a file."
    try:
        line = sys.stdin.readline()
    except UnicodeDecodeError as error:
        why = f"what was typed is not {error.encoding}"
        raise UsageError(why, hint=instead) from error
    if not line:
        raise UsageError("nobody answered", hint=instead)
    return line.rstrip("\n")


def _ask_secret(prompt: str) -> str:
    from getpass import getpass

    try:
        return getpass(prompt, sys.stderr)
    except EOFError:
        return ""


def _read_input(most: int) -> bytes:
    if sys.stdin is None:
        raise InputError("there is no standard input", hint="Give a file: --snapshot FILE")
    return sys.stdin.buffer.read(most)


def _write(stream: TextIO | None, text: str) -> str | None:
    """Write and flush; returns why it could not be written, or None.

    Whoever closed the other end of a pipe has read enough: that is no failure. A service of
    Windows, and a shell that closed it, have no stream at all.
    """
    if stream is None:
        return "there is none"
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        # Nothing more can be written, not by the interpreter on its way out either.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        # Windows says EINVAL where others say EPIPE.
        closed = isinstance(error, BrokenPipeError) or error.errno == errno.EINVAL
        return None if closed else error.strerror or str(error)
    return None


def _prepare(stream: TextIO | None) -> None:
    """UTF-8 in pipes and files, and no character ever stops a report."""
    reconfigure = getattr(stream, "reconfigure", None)
    if stream is None or reconfigure is None:
        return
    if stream.isatty():
        reconfigure(errors="backslashreplace")
    else:
        reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


def _fail(error: AuditError, words: Sequence[str], session: Session) -> int:
    """Say what stopped the run, in the form that the caller reads."""
    status = error.exit_status
    if (_asked(words, session, "format", "-f") or "").lower() == "json":
        session.write(_error_document(error, words, session))
    elif _asked(words, session, "exit-style", None) == "nagios":
        from auditor.report.nagios import UNKNOWN, error_line

        session.write(error_line(error))
        status = UNKNOWN
    session.report(error)
    return status


def _error_document(error: AuditError, words: Sequence[str], session: Session) -> str:
    """An error in the schema of what the command would have written."""
    from auditor.report.json_report import render_errors, render_plain_errors

    command = command_of(words)
    if command is None or command.name in {"check", "signoff"}:
        return render_errors([error], session.now())
    return render_plain_errors([error])


def _asked(words: Sequence[str], session: Session, name: str, short: str | None) -> str | None:
    """An option's value, even where the command line or the configuration is wrong."""
    command = command_of(words)
    if command is not None and name not in {option.name for option in command.options}:
        return None
    found = argv.glimpse(words, name, short)
    if found is not None:
        return found
    variable = f"AUDIT_{name.replace('-', '_').upper()}"
    named = argv.glimpse(words, "config", None)
    return session.environ.get(variable) or glimpse(session, named, name)
