"""The lines on standard error: as people read them, or as JSON, an object a line.

As JSON a line has ``time`` (RFC 3339, UTC), ``level`` (``info``, ``warning``, ``error``),
``message``, ``audit`` where one of several is at work, and of an error what the report would say of
it as well: ``code``, ``file``, ``line``, ``column``, ``hint`` (null where there is none). Keys may
be added. A prompt is no line, and stays as it is.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Literal

from auditor.report.error_text import in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from auditor.errors import AuditError
    from auditor.model import Json

Level = Literal["info", "warning", "error"]
JSON: Final = "json"
_MARKS: Final = {"info": "", "warning": "WARNING: ", "error": ""}


class Log:
    """Where the lines of a run go, and in which form.

    Attributes:
        write: text to standard error; gives why it could not be written, or None.
        as_json: whether lines are JSON.
    """

    def __init__(
        self, write: Callable[[str], str | None], now: Callable[[], datetime], *, as_json: bool
    ) -> None:
        """The lines of a run.

        Args:
            write: text to standard error.
            now: the clock, in UTC.
            as_json: whether lines are JSON.
        """
        self.write = write
        self.as_json = as_json
        self._now = now
        self._audit: str | None = None

    @contextmanager
    def about(self, audit: str) -> Iterator[None]:
        """In here lines are about one of several audits; as JSON they say so."""
        before, self._audit = self._audit, audit
        try:
            yield
        finally:
            self._audit = before

    def tell(self, message: str, level: Level = "info", *, marked: bool = True) -> None:
        """A line; ``message`` says neither whose line it is nor its level.

        Args:
            message: a sentence, made printable.
            level: how grave it is.
            marked: whether people are shown the level too.
        """
        if self.as_json:
            self._put(level, message)
        else:
            self.write(f"audit: {_MARKS[level] if marked else ''}{message}\n")

    def report(self, error: AuditError) -> None:
        """What went wrong, where, and what to do; as people read it on lines of their own."""
        if not self.as_json:
            self.write(in_words(error) + "\n")
            return
        place = error.place
        where: dict[str, Json] = {"file": place.file, "line": place.line, "column": place.column}
        self._put("error", error.message, {"code": error.code, **where, "hint": error.hint})

    def _put(self, level: Level, message: str, more: dict[str, Json] | None = None) -> None:
        import json

        from auditor.report.printable import visible

        time = self._now().replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
        line: dict[str, Json] = {"time": time, "level": level, "message": message, **(more or {})}
        if self._audit is not None:
            line["audit"] = self._audit
        self.write(json.dumps(visible(line), ensure_ascii=True) + "\n")
