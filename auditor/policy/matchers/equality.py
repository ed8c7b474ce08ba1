"""``equals`` and ``one_of``: the value is this one, or one of these."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from auditor.policy.fields import fail, sequence
from auditor.policy.matchers.base import Everywhere, Uncompared, Uncounted, cannot_apply
from auditor.policy.matchers.values import read_value
from auditor.properties import shown

if TYPE_CHECKING:
    from auditor.kinds import Kind
    from auditor.model import Json, Matcher, Present
    from auditor.yamlfile import Node


@dataclass(frozen=True, slots=True)
class Equals(Everywhere):
    """The value is this one. Lists are sets; null equals only null.

    ``source`` says where the value comes from, where that is not the policy itself.
    """

    kind: Kind
    value: Present | None
    source: str | None = None

    def holds(self, actual: Present | None) -> bool:
        """Whether the settings are the same, however they are spelled."""
        expected, found = self.kind.compared(self.value, actual)
        # True == 1 in Python, but they are two settings.
        return type(expected) is type(found) and expected == found

    def expected(self) -> Json:
        """The value itself."""
        return list(self.value) if isinstance(self.value, tuple) else self.value

    def must(self, name: str) -> str:
        """``be 25``."""
        text = f"be {shown(name, self.value)}"
        return f"{text}, as {self.source} is" if self.source else text

    def compared(self, actual: Present | None) -> tuple[Present | None, Present | None]:
        """Both values, spelled comparably."""
        return self.kind.compared(self.value, actual)

    def mended(self, actual: Present | None) -> Present | None:  # noqa: ARG002 - whatever it is
        """The value itself."""
        return self.value

    def without(self, items: tuple[str, ...]) -> Equals:
        """The same list without them."""
        if not isinstance(self.value, tuple):
            return self
        return replace(self, value=self.kind.lacking(self.value, items))


@dataclass(frozen=True, slots=True)
class OneOf(Everywhere, Uncompared, Uncounted):
    """The value is one of these."""

    options: tuple[Equals, ...]

    def holds(self, actual: Present | None) -> bool:
        """Whether it is any of them."""
        return any(option.holds(actual) for option in self.options)

    def expected(self) -> Json:
        """The matcher as an object."""
        return {"one_of": [option.expected() for option in self.options]}

    def mended(self, actual: Present | None) -> Present | None:  # noqa: ARG002 - whatever it is
        """The first of them."""
        return self.options[0].value

    def must(self, name: str) -> str:
        """``be one of: …``."""
        return f"be one of: {', '.join(shown(name, option.value) for option in self.options)}"


def read_equals(node: Node, name: str, kind: Kind) -> Matcher:
    """The value is this one, however it is spelled; a list has these items and no others."""
    return Equals(kind, read_value(node, name, kind))


def read_one_of(node: Node, name: str, kind: Kind) -> Matcher:
    """The value is one of these. For properties with a single value."""
    if kind.is_list:
        cannot_apply(node, "one_of", name, kind, "For a list: equals, includes or subset_of.")
    items = sequence(node, f"'one_of' of {name}")
    if not items:
        fail(node, f"'one_of' of {name} must name at least one value")
    return OneOf(tuple(Equals(kind, read_value(item, name, kind)) for item in items))
