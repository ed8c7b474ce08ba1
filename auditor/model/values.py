"""Values, raw and normalised: present, null, absent and unreadable are four different things."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal, TypeAlias, TypeGuard

Raw: TypeAlias = object
"""A value as a source gave it: JSON's types, nested."""

Json: TypeAlias = object
"""A value that the json module can write."""

CONTRADICTION: Final = "$contradiction"
"""The one key of what a reader puts in the place of a raw value that contradicts itself."""

State: TypeAlias = Literal["present", "null", "absent", "unreadable"]


class Absent(Enum):
    """The property is not in the data at all; not the same as null."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The property is there, but its value cannot be known; the reason is for people."""

    reason: str


Present: TypeAlias = bool | int | str | tuple[str, ...]
Value: TypeAlias = Present | Absent | Unreadable | None
"""A normalised value: present, null, absent or unreadable. Four different things."""


def state_of(value: Value) -> State:
    """Which of the four a value is."""
    if value is None:
        return "null"
    if value is ABSENT:
        return "absent"
    return "unreadable" if isinstance(value, Unreadable) else "present"


def is_known(value: object) -> TypeGuard[Present | None]:
    """Whether a value was there and could be read; null is such a value."""
    return value is not ABSENT and not isinstance(value, Unreadable)


@dataclass(frozen=True, slots=True)
class Undecided:
    """Whether something holds cannot be known; the reason is for people.

    It is neither true nor false, and using it as either is a fault: it would be a false pass.
    """

    reason: str

    def __bool__(self) -> bool:
        raise AssertionError(f"undecided is neither true nor false: {self.reason}")
