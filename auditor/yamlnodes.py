"""What a YAML text says, and where it says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from auditor.errors import shortened
from auditor.yamlwords.signs import lookalike

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.errors import Place

Scalar: TypeAlias = "str | int | bool | None"


@dataclass(frozen=True, slots=True)
class Node:
    """A YAML value and its place. ``value`` is a scalar, a tuple of nodes or a dict of nodes.

    ``blank`` tells a key with nothing after it from one with a null. The place of what an alias
    stands for is the alias's.
    """

    value: Scalar | tuple[Node, ...] | dict[str, Node]
    place: Place
    keys: Mapping[str, Place] | None = None
    blank: bool = False

    def describe(self) -> str:
        """What it is, for a message: ``the number 3``, ``a list``."""
        if isinstance(self.value, dict):
            return "a mapping"
        if isinstance(self.value, tuple):
            return "a list"
        if self.value is None:
            return "nothing"
        if isinstance(self.value, bool):
            return f"the boolean {str(self.value).lower()}"
        if isinstance(self.value, int):
            return f"the number {self.value}"
        sign = lookalike(self.value)
        return f"the text {shortened(self.value)}{f', with {sign}' if sign else ''}"
