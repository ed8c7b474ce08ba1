"""What matchers share, and several of them together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, Self

from auditor.errors import PolicyError
from auditor.model import Undecided

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.kinds import Kind
    from auditor.model import Json, Matcher, Present, Scene
    from auditor.yamlfile import Node


class InapplicableError(PolicyError):
    """A matcher says nothing about a kind of values: the mistake is the matcher's key."""


class Everywhere:
    """What is the same in every region and organisation."""

    __slots__ = ()

    def within(self, scene: Scene) -> Self:  # noqa: ARG002 - the same everywhere
        """Itself."""
        return self

    @property
    def needs_region(self) -> bool:
        """No."""
        return False


class Uncounted:
    """What no item of a list changes that does not count."""

    __slots__ = ()

    def without(self, items: tuple[str, ...]) -> Self:  # noqa: ARG002 - it names none
        """Itself."""
        return self


class Uncompared:
    """What asks for no value, so that there is nothing to compare the actual one with."""

    __slots__ = ()

    def compared(self, actual: Present | None) -> None:  # noqa: ARG002 - nothing to compare
        """Nothing."""
        return


@dataclass(frozen=True, slots=True)
class AllOf:
    """Several matchers in one mapping: all must hold."""

    parts: Mapping[str, Matcher]

    def holds(self, actual: Present | None) -> bool | Undecided:
        """Whether each of them holds; one that does not decides it."""
        results = [part.holds(actual) for part in self.parts.values()]
        if any(result is False for result in results):
            return False
        return next((result for result in results if isinstance(result, Undecided)), True)

    def expected(self) -> Json:
        """The matchers as one object."""
        found: dict[str, Json] = {}
        for part in self.parts.values():
            said = part.expected()
            # What was looked up is a value by now: ``region`` and ``equals_from`` ask for it.
            found.update(said if isinstance(said, dict) else {"equals": said})
        return found

    def must(self, name: str) -> str:
        """All of it, one after the other."""
        return ", and ".join(part.must(name) for part in self.parts.values())

    def compared(self, actual: Present | None) -> tuple[Present | None, Present | None] | None:
        """What the first that compares values has to say."""
        pairs = (part.compared(actual) for part in self.parts.values())
        return next((pair for pair in pairs if pair is not None), None)

    def within(self, scene: Scene) -> Matcher:
        """The same, each of them there."""
        return AllOf({name: part.within(scene) for name, part in self.parts.items()})

    def without(self, items: tuple[str, ...]) -> Matcher:
        """The same, each without them."""
        return AllOf({name: part.without(items) for name, part in self.parts.items()})

    def mended(self, actual: Present | None) -> Present | Undecided | None:
        """The value that all of them want, each starting from what the one before it wants."""
        value = actual
        for part in self.parts.values():
            if part.holds(value) is not True:
                wanted = part.mended(value)
                if isinstance(wanted, Undecided):
                    return wanted
                value = wanted
        return value if self.holds(value) is True else Undecided("no single value is meant")

    @property
    def needs_region(self) -> bool:
        """Whether one of them does."""
        return any(part.needs_region for part in self.parts.values())


def cannot_apply(node: Node, matcher: str, name: str, kind: Kind, hint: str) -> NoReturn:
    """Raise the policy error of a matcher that says nothing about a kind of values."""
    message = f"{matcher!r} cannot apply to {name}, which holds {kind.phrase}"
    raise InapplicableError(message, node.place, hint)
