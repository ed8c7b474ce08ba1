"""``includes``, ``excludes`` and ``subset_of``: what a list must and must not hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from auditor.policy.matchers.base import Everywhere, Uncompared, Uncounted, cannot_apply
from auditor.policy.matchers.values import read_items

if TYPE_CHECKING:
    from auditor.kinds import Kind
    from auditor.model import Json, Matcher, Present
    from auditor.yamlfile import Node

_HINT = "It is for lists; for a single value: equals, one_of or matches."


@dataclass(frozen=True, slots=True)
class _Items(Everywhere, Uncompared, Uncounted):
    """What a list is compared with; ``word`` is its name in a policy, ``phrase`` what it asks."""

    word: ClassVar[str] = ""
    phrase: ClassVar[str] = ""

    kind: Kind
    items: tuple[str, ...]

    def expected(self) -> Json:
        """The matcher as an object."""
        return {self.word: list(self.items)}

    def must(self, name: str) -> str:  # noqa: ARG002 - the same for all
        """What it asks, with the items."""
        return f"{self.phrase}: {', '.join(self.items)}"


class Includes(_Items):
    """The list holds at least these; each stands for one item only."""

    __slots__ = ()
    word = "includes"
    phrase = "hold at least"

    def holds(self, actual: Present | None) -> bool:
        """Whether each has an item of its own."""
        return isinstance(actual, tuple) and not self.kind.lacking(self.items, actual)

    def mended(self, actual: Present | None) -> tuple[str, ...]:
        """The list, and what it lacks."""
        found = actual if isinstance(actual, tuple) else ()
        return tuple(sorted({*found, *self.kind.lacking(self.items, found)}))

    def without(self, items: tuple[str, ...]) -> Includes:
        """The same without them."""
        return Includes(self.kind, self.kind.lacking(self.items, items))


class Excludes(_Items):
    """The list holds none of these."""

    __slots__ = ()
    word = "excludes"
    phrase = "hold none of"

    def holds(self, actual: Present | None) -> bool:
        """Whether no item may be one of them."""
        return isinstance(actual, tuple) and not self.kind.shared(actual, self.items)

    def mended(self, actual: Present | None) -> tuple[str, ...]:
        """The list without them."""
        found = actual if isinstance(actual, tuple) else ()
        return tuple(item for item in found if not self.kind.shared((item,), self.items))


class SubsetOf(_Items):
    """The list holds something, and nothing but these."""

    __slots__ = ()
    word = "subset_of"
    phrase = "hold something, and nothing but"

    def holds(self, actual: Present | None) -> bool:
        """Whether it is not empty, and each item is one of them."""
        if not isinstance(actual, tuple) or not actual:
            return False
        return not self.kind.lacking(actual, self.items)

    def mended(self, actual: Present | None) -> tuple[str, ...]:
        """What of the list is among them; all of them, if nothing is."""
        found = actual if isinstance(actual, tuple) else ()
        wrong = self.kind.lacking(found, self.items)
        return tuple(i for i in found if not self.kind.shared((i,), wrong)) or self.items


def read_includes(node: Node, name: str, kind: Kind) -> Matcher:
    """The list holds at least these. For properties that are lists."""
    return Includes(kind, _items(node, "includes", name, kind))


def read_excludes(node: Node, name: str, kind: Kind) -> Matcher:
    """The list holds none of these. For properties that are lists."""
    return Excludes(kind, _items(node, "excludes", name, kind))


def read_subset_of(node: Node, name: str, kind: Kind) -> Matcher:
    """The list holds nothing but these, and something. For properties that are lists."""
    return SubsetOf(kind, _items(node, "subset_of", name, kind))


def _items(node: Node, matcher: str, name: str, kind: Kind) -> tuple[str, ...]:
    if not kind.is_list:
        cannot_apply(node, matcher, name, kind, _HINT)
    return read_items(node, matcher, name, kind)
