"""Being stopped is being interrupted: whatever is open gets closed."""

from __future__ import annotations

import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIGNALS: Final = ("SIGTERM", "SIGHUP", "SIGBREAK")
"""What a scheduler, a terminal that closes, and Ctrl-Break send; no system has all of them."""


@contextmanager
def stopped_as_interrupted() -> Iterator[None]:
    """In here a signal to stop raises KeyboardInterrupt, as Ctrl-C does."""
    before = {}
    for name in _SIGNALS:
        number = getattr(signal, name, None)
        # Only the main thread may; what is ignored (nohup) stays ignored.
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            with suppress(ValueError):
                before[number] = signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
