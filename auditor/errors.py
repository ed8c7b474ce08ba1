"""What stops a run. Non-compliance is a value, never an exception.

::

    AuditError
    ├── UsageError        exit 2  an option, a variable or a configuration entry is wrong
    ├── PolicyError       exit 2  a policy is wrong; always with its place
    ├── InputError        exit 2  a file is not what it should be
    ├── AlteredError      exit 1  a bundle is not as it was made or signed
    ├── UndecidedError    exit 3  nothing could be evaluated
    │   ├── CutOffError       exit 3  an export ends in the middle
    │   └── UnreachableError  exit 3  a live server could not be asked
    └── FaultError        exit 4  this program is wrong
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, ClassVar, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Place(NamedTuple):
    """A place in a text: the file's name, and line and column counted from 1."""

    file: str | None
    line: int | None = None
    column: int | None = None


NOWHERE = Place(None)


class AuditError(Exception):
    """What happened, where, and what to do about it, in words for people.

    Args:
        message: one sentence on what happened.
        place: where; ``NOWHERE`` if it has no place.
        hint: one sentence on what to do, or None.
    """

    code: ClassVar[str] = "error"
    exit_status: ClassVar[int] = 2

    def __init__(self, message: str, place: Place = NOWHERE, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.hint = hint


class UsageError(AuditError):
    """An option, an environment variable or a configuration entry is wrong."""

    code = "usage"


class PolicyError(AuditError):
    """A policy is wrong."""

    code = "policy"


class InputError(AuditError):
    """A file is not what it should be."""

    code = "input"


class AlteredError(AuditError):
    """A bundle is not as it was made or signed, or could do harm where it is read."""

    code = "altered"
    exit_status = 1


class UndecidedError(AuditError):
    """Nothing could be evaluated, and nothing is known to be wrong."""

    code = "undecided"
    exit_status = 3


class CutOffError(UndecidedError):
    """An export ends in the middle, so what is missing cannot be known."""

    code = "cut-off"


class UnreachableError(UndecidedError):
    """A live server could not be asked, or did not answer as a server does."""

    code = "unreachable"


class FaultError(AuditError):
    """This program is wrong; made at the outermost place, of any other exception."""

    code = "fault"
    exit_status = 4


def shortened(text: str, limit: int = 60, *, quoted: bool = True) -> str:
    """A text for a message, however long it is."""
    short = text if len(text) <= limit else text[: limit - 1] + "…"
    return repr(short) if quoted else short


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, or None."""
    lowered = {candidate.lower(): candidate for candidate in known}
    close = difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    return lowered[close[0]] if close else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint: the nearest known word, and all of them where they are few or none is near."""
    words = list(known)
    best = nearest(word, words)
    meant = f"Did you mean {best!r}? " if best else ""
    return f"{meant}Known: {', '.join(words)}." if not best or len(words) < 8 else meant.strip()
