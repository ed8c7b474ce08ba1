"""What a database says when it fails, as errors of ours, in words and without a password."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from auditor.errors import AuditError, InputError, Place, UnreachableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

_ANOTHER: Final = "Name another file: --history FILE"
_RESTORE: Final = "Restore it from a backup, or begin a new one: move it away, or name another."

# https://www.sqlite.org/rescode.html: the last byte of a result code is its kind.
_SQLITE: Final[dict[int, AuditError]] = {
    3: UsageError("the history cannot be opened: permission denied", hint=_ANOTHER),
    5: UsageError("the history is in use by another program, and did not become free"),
    6: UsageError("the history is in use by another program, and did not become free"),
    8: UsageError("the history cannot be written: it is read-only", hint=_ANOTHER),
    10: UsageError("the history cannot be read or written: the disk does not do it", hint=_ANOTHER),
    11: InputError("the history is damaged", hint=_RESTORE),
    13: UsageError("the history cannot be written: the disk is full", hint="Make room, or prune."),
    14: UsageError("the history cannot be opened", hint=_ANOTHER),
    15: UsageError("the history is in use by another program, and did not become free"),
    26: InputError("this is no history: it is no SQLite file", hint=_ANOTHER),
}
# https://www.postgresql.org/docs/current/errcodes-appendix.html: two characters are the class.
_POSTGRESQL: Final = {
    "25": (UsageError, "the history cannot be written: the database is read-only"),
    "42501": (UsageError, "the history cannot be read or written: the role may not do it"),
    "42": (InputError, "the history is not as this program made it"),
    "53": (UsageError, "the history cannot be written: the server has no room for it"),
    "55": (UsageError, "the history is in use by another program, and did not become free"),
    "57": (UnreachableError, "the database of the history was stopped"),
}


def damaged(where: str, why: str) -> InputError:
    """That a history cannot be relied on; ``why`` is half a sentence."""
    return InputError(f"the history is damaged: {why}", Place(where), _RESTORE)


@contextmanager
def told(where: str) -> Iterator[None]:
    """What fails in here is said in words.

    Args:
        where: the history, as it may be shown.

    Raises:
        AuditError: the database failed.
    """
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise _in_words(error.orig, where) from error
    except sa.exc.SQLAlchemyError as error:
        raise damaged(
            where, f"it is not as this program made it ({type(error).__name__})"
        ) from error
    except UnicodeDecodeError as error:
        raise damaged(where, "a text is none") from error


def _in_words(error: BaseException | None, where: str) -> AuditError:
    """The driver's error as one of ours."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        known = _SQLITE.get(code & 0xFF)
        if known is None:
            return damaged(where, _first_line(error))
        return type(known)(known.message, Place(where), known.hint)
    state = getattr(error, "sqlstate", None)
    if state is None:
        if type(error).__module__.startswith("sqlite3"):
            return damaged(where, _first_line(error))
        why = f"the database of the history cannot be reached: {_first_line(error)}"
        return UnreachableError(why, Place(where), "Is it running, and may you use it?")
    kind, message = _POSTGRESQL.get(state) or _POSTGRESQL.get(
        state[:2], (UsageError, "the database of the history refused it")
    )
    return kind(f"{message}: {_first_line(error)}", Place(where))


def _first_line(error: BaseException | None) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
