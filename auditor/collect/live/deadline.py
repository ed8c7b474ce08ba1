"""An end that holds whatever a server, a name service or a ticket service does."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")
_GLANCE: Final = 0.2
"""Seconds between looks at the keyboard: on Windows, waiting itself is not interrupted."""


class TooLateError(Exception):
    """The time is over."""


class Deadline:
    """So many seconds from now, and not longer than another one, where it is within that."""

    def __init__(self, seconds: float, within: Deadline | None = None) -> None:
        self._end = time.monotonic() + seconds
        self._within = within
        self._ended = False

    @property
    def left(self) -> float:
        """Seconds that are left, 0.0 at the end."""
        left = max(0.0, self._end - time.monotonic())
        return left if self._within is None else min(left, self._within.left)

    def end(self) -> None:
        """From now on nothing is left, because somebody wants it so."""
        self._ended = True
        self._end = time.monotonic()

    @property
    def was_ended(self) -> bool:
        """Whether somebody has ended it, or the one that it is within."""
        return self._ended or (self._within is not None and self._within.was_ended)

    def bound(self, call: Callable[[], Result]) -> Result:
        """The result of a call, which is left to itself if it takes longer than there is time.

        No time-out of a socket bounds the whole: a server may send a byte now and then, and
        looking up a name or asking for a ticket has none.

        Raises:
            TooLateError: the time is over.
            BaseException: what the call raised.
        """
        if not self.left:
            raise TooLateError
        results: list[Result] = []
        errors: list[BaseException] = []

        def work() -> None:
            try:
                results.append(call())
            except BaseException as error:  # carried over to the caller
                errors.append(error)

        worker = threading.Thread(target=work, daemon=True)
        worker.start()
        while worker.is_alive() and self.left:
            worker.join(min(_GLANCE, self.left))
        if errors:
            raise errors[0]
        if not results:
            raise TooLateError
        return results[0]

    def pause(self, seconds: float) -> None:
        """Wait, but not beyond the end."""
        time.sleep(min(seconds, self.left))
