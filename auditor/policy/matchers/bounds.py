"""``min`` and ``max``: how large a value may be, or how long a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.model import Undecided
from auditor.policy.fields import count, fail
from auditor.policy.matchers.base import Everywhere, Uncompared, Uncounted, cannot_apply
from auditor.policy.matchers.values import read_value
from auditor.properties import shown

if TYPE_CHECKING:
    from auditor.kinds import Kind
    from auditor.model import Json, Matcher, Present
    from auditor.yamlfile import Node

_HINT = "It is for numbers, sizes, time spans and the length of lists."


@dataclass(frozen=True, slots=True)
class Bound(Everywhere, Uncompared, Uncounted):
    """A value is at least, or at most, another; of a list its length. Null is neither."""

    kind: Kind
    bound: Present
    most: bool

    def holds(self, actual: Present | None) -> bool:
        """Whether the value is on the right side of the bound, or on it."""
        if actual is None:
            return False
        size, bound = self._measured(actual), self._measured(self.bound)
        return size <= bound if self.most else size >= bound

    def mended(self, actual: Present | None) -> Present | Undecided:  # noqa: ARG002
        """The bound; which items of a list to add or to take out, nobody has said."""
        if self.kind.is_list:
            return Undecided("which items the list must have is for a person to say")
        return self.bound

    def expected(self) -> Json:
        """The matcher as an object."""
        return {"max" if self.most else "min": self.bound}

    def must(self, name: str) -> str:
        """``be at most 50 MB``, ``hold at least 2 items``."""
        amount = f"at {'most' if self.most else 'least'} {shown(name, self.bound)}"
        if not self.kind.is_list:
            return f"be {amount}"
        return f"hold {amount} item{'' if self.bound == 1 else 's'}"

    def _measured(self, value: Present) -> int:
        if isinstance(value, tuple):
            # EX01 and ex01 are one.
            keys = self.kind.key(value)
            return len(keys) if isinstance(keys, tuple) else len(value)
        if self.kind.measure is None:
            return int(value)
        return self.kind.measure(value)


def read_min(node: Node, name: str, kind: Kind) -> Matcher:
    """The value is at least this; a list has at least so many items."""
    return _read(node, name, kind, most=False)


def read_max(node: Node, name: str, kind: Kind) -> Matcher:
    """The value is at most this; a list has at most so many items."""
    return _read(node, name, kind, most=True)


def _read(node: Node, name: str, kind: Kind, *, most: bool) -> Matcher:
    word = "max" if most else "min"
    if kind.is_list:
        length = count(
            node, f"{word!r} of {name} is the length of a list, a number from 0 up", example=2
        )
        return Bound(kind, length, most)
    if kind.measure is None:
        cannot_apply(node, word, name, kind, _HINT)
    if node.value is None:
        fail(node, f"{word!r} of {name} needs a value", f"For example: {kind.example}")
    bound = read_value(node, name, kind)
    assert bound is not None  # noqa: S101 - for mypy: only null is read as nothing
    return Bound(kind, bound, most)
