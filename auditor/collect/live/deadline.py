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
    """So many seconds from now."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds that are left, 0.0 at the end."""
        return max(0.0, self._end - time.monotonic())

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
