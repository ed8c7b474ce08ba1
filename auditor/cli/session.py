"""What a command gets from the world: streams, clock, environment, folder. Passed in, not read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from auditor.cli.log import Level, Log
    from auditor.errors import AuditError


@dataclass(frozen=True, slots=True)
class Session:
    """The world as a command sees it.

    Attributes:
        read_input: so many bytes of standard input, or all that there are.
        write: text to standard output; gives why it could not be written, or None.
        log: lines to standard error.
        environ: the environment.
        now: the clock, in UTC.
        folder: what paths are relative to: the working directory.
        terminal: whether standard output is a terminal.
        ask_secret: asks for a password with a prompt; None where nobody could answer.
        ask: asks for a line with a prompt; None likewise.
    """

    read_input: Callable[[int], bytes]
    write: Callable[[str], str | None]
    log: Log
    environ: Mapping[str, str]
    now: Callable[[], datetime]
    folder: Path
    terminal: bool
    ask_secret: Callable[[str], str] | None = None
    ask: Callable[[str], str] | None = None

    def tell(self, message: str, level: Level = "info", *, marked: bool = True) -> None:
        """A line to standard error; see ``Log.tell``."""
        self.log.tell(message, level, marked=marked)

    def report(self, error: AuditError) -> None:
        """What went wrong, to standard error."""
        self.log.report(error)
