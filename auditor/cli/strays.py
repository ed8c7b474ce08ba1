"""What Python and the libraries say on standard error of their own accord, as lines of the log."""

from __future__ import annotations

import logging
import sys
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.cli.log import Level, Log

_WARNING: Final = logging.WARNING


class _Handler(logging.Handler):
    """Lines of Python's logging become lines of ours."""

    def __init__(self, log: Log) -> None:
        super().__init__(_WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """One line; what was raised with it is named, without its traceback."""
        try:
            text = record.getMessage()
        except (TypeError, ValueError):
            text = str(record.msg)
        raised = record.exc_info[1] if record.exc_info else None
        level: Level = "error" if record.levelno >= logging.ERROR else "warning"
        self._log.tell(f"{record.name}: {text}{_named(raised)}", level)


@contextmanager
def strays_in(log: Log) -> Iterator[None]:
    """In here warnings, lines of logging and what threads raise are lines of the log.

    Only for JSON: people read them as Python writes them, and a program that reads lines of JSON
    must meet nothing else.
    """
    before = warnings.showwarning, threading.excepthook, sys.unraisablehook
    handler = _Handler(log)

    def warned(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:  # noqa: ANN401
        log.tell(f"{category.__name__}: {message}", "warning")

    def raised(what: Any) -> None:  # noqa: ANN401 - of a thread, or of a finalizer
        log.tell(f"ignored{_named(what.exc_value)}", "warning")

    root = logging.getLogger()
    root.addHandler(handler)
    warnings.showwarning, threading.excepthook, sys.unraisablehook = warned, raised, raised
    try:
        yield
    finally:
        root.removeHandler(handler)
        warnings.showwarning, threading.excepthook, sys.unraisablehook = before


def _named(raised: BaseException | None) -> str:
    return "" if raised is None else f": {type(raised).__name__}: {raised}"
