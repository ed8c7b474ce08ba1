"""``includes``, ``excludes`` and ``subset_of``: what a list must and must not hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from auditor.policy.matchers.base import Everywhere, Uncompared, Uncounted, cannot_apply
from auditor.policy.matchers.values import read_items

if TYPE_CHECKING:
    from auditor.kinds import Kind
    from auditor.model import Json, Matcher, Present
    from auditor.yamlfile import Node

_HINT = "It is for lists; for a single value: equals, one_of or matches."


@dataclass(frozen=True, slots=True)
class Includes(Everywhere, Uncompared):
    """The list holds at least these; each stands for one item only."""

    kind: Kind
    items: tuple[str, ...]

    def holds(self, actual: Present | None) -> bool:
        """Whether each has an item of its own."""
        return isinstance(actual, tuple) and not self.kind.lacking(self.items, actual)

    def without(self, items: tuple[str, ...]) -> Includes:
        """The same without them."""
        return replace(self, items=self.kind.lacking(self.items, items))

    def expected(self) -> Json:
        """The matcher as an object."""
        return {"includes": list(self.items)}

    def must(self, name: str) -> str:  # noqa: ARG002
        """``hold at least: …``."""
        return f"hold at least: {', '.join(self.items)}"


@dataclass(frozen=True, slots=True)
class Excludes(Everywhere, Uncompared, Uncounted):
    """The list holds none of these."""

    kind: Kind
    items: tuple[str, ...]

    def holds(self, actual: Present | None) -> bool:
        """Whether no item may be one of them."""
        return isinstance(actual, tuple) and not self.kind.shared(actual, self.items)

    def expected(self) -> Json:
        """The matcher as an object."""
        return {"excludes": list(self.items)}

    def must(self, name: str) -> str:  # noqa: ARG002
        """``hold none of: …``."""
        return f"hold none of: {', '.join(self.items)}"


@dataclass(frozen=True, slots=True)
class SubsetOf(Everywhere, Uncompared, Uncounted):
    """The list holds something, and nothing but these."""

    kind: Kind
    items: tuple[str, ...]

    def holds(self, actual: Present | None) -> bool:
        """Whether it is not empty, and each item is one of them."""
        return (
            isinstance(actual, tuple) and bool(actual) and not self.kind.lacking(actual, self.items)
        )

    def expected(self) -> Json:
        """The matcher as an object."""
        return {"subset_of": list(self.items)}

    def must(self, name: str) -> str:  # noqa: ARG002
        """``hold something, and nothing but: …``."""
        return f"hold something, and nothing but: {', '.join(self.items)}"


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
