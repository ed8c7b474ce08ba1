"""What can be asked of a property's value. A matcher is a class here and a line in MATCHERS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from auditor.errors import did_you_mean
from auditor.kinds import NAME, SMART_HOSTS, TEXT
from auditor.model import Unreadable
from auditor.policy.fields import boolean, choice, fail
from auditor.properties import PROPERTIES, possible, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from auditor.kinds import Kind
    from auditor.model import Json, Matcher, Present, Region
    from auditor.yamlfile import Node


class _Everywhere:
    """What is the same in every region."""

    __slots__ = ()

    def for_region(self, region: Region | None) -> Self:  # noqa: ARG002 - the same everywhere
        """Itself."""
        return self

    @property
    def needs_region(self) -> bool:
        """No."""
        return False


@dataclass(frozen=True, slots=True)
class Equals(_Everywhere):
    """The value is this one. Lists are sets; null equals only null."""

    kind: Kind
    value: Present | None

    def holds(self, actual: Present | None) -> bool:
        """Whether the settings are the same, however they are spelled."""
        expected, found = self.kind.compared(self.value, actual)
        # True == 1 in Python, but they are two settings.
        return type(expected) is type(found) and expected == found

    def expected(self) -> Json:
        """The value itself."""
        return list(self.value) if isinstance(self.value, tuple) else self.value

    def compared(self, actual: Present | None) -> tuple[Present | None, Present | None]:
        """Both values, spelled comparably."""
        return self.kind.compared(self.value, actual)


@dataclass(frozen=True, slots=True)
class IsPresent(_Everywhere):
    """There is a value (or, with false, there is none): null and empty are no value."""

    wanted: bool

    def holds(self, actual: Present | None) -> bool:
        """Whether a value is there, as wanted."""
        return (actual is not None and actual != () and actual != "") is self.wanted

    def expected(self) -> Json:
        """The matcher as an object."""
        return {"present": self.wanted}

    def compared(self, actual: Present | None) -> None:  # noqa: ARG002 - nothing to compare
        """Nothing: no value is asked for."""
        return


@dataclass(frozen=True, slots=True)
class RegionSmartHosts:
    """Exactly the smart hosts of the region that the audit is for."""

    def holds(self, actual: Present | None) -> bool:  # noqa: ARG002
        """Never: without a region nothing is right."""
        return False

    def expected(self) -> Json:
        """The matcher as an object."""
        return {"region": "smart_hosts"}

    def compared(self, actual: Present | None) -> None:  # noqa: ARG002
        """Nothing, without a region."""
        return

    def for_region(self, region: Region | None) -> Matcher:
        """Equality with the region's hosts."""
        return self if region is None else Equals(SMART_HOSTS, region.smart_hosts)

    @property
    def needs_region(self) -> bool:
        """Yes."""
        return True


@dataclass(frozen=True, slots=True)
class AllOf:
    """Several matchers in one mapping: all must hold."""

    parts: Mapping[str, Matcher]

    def holds(self, actual: Present | None) -> bool:
        """Whether each of them holds."""
        return all(part.holds(actual) for part in self.parts.values())

    def expected(self) -> Json:
        """The matchers as one object."""
        found: dict[str, Json] = {}
        for name, part in self.parts.items():
            said = part.expected()
            found.update(said if isinstance(said, dict) else {name: said})
        return found

    def compared(self, actual: Present | None) -> tuple[Present | None, Present | None] | None:
        """What the first that compares values has to say."""
        pairs = (part.compared(actual) for part in self.parts.values())
        return next((pair for pair in pairs if pair is not None), None)

    def for_region(self, region: Region | None) -> Matcher:
        """The same, each in the region."""
        return AllOf({name: part.for_region(region) for name, part in self.parts.items()})

    @property
    def needs_region(self) -> bool:
        """Whether one of them does."""
        return any(part.needs_region for part in self.parts.values())


def read_equals(node: Node, name: str, kind: Kind) -> Matcher:
    """``equals: VALUE``, or the plain value."""
    return Equals(kind, read_value(node, name, kind))


def _read_present(node: Node, name: str, kind: Kind) -> Matcher:  # noqa: ARG001
    return IsPresent(boolean(node, f"'present' of {name}"))


def _read_region(node: Node, name: str, kind: Kind) -> Matcher:
    if kind is not SMART_HOSTS:
        fail(node, f"'region' gives smart hosts, and {name} holds {kind.name}")
    choice(node, f"'region' of {name}", ["smart_hosts"])
    return RegionSmartHosts()


def read_matchers(entries: Mapping[str, Node], name: str, kind: Kind) -> Matcher | None:
    """The matcher that the entries of a mapping ask for; None where they ask for none."""
    parts = {key: MATCHERS[key](entries[key], name, kind) for key in entries if key in MATCHERS}
    if len(parts) > 1:
        return AllOf(parts)
    return next(iter(parts.values()), None)


MATCHERS: Final[Mapping[str, Callable[[Node, str, Kind], Matcher]]] = {
    "equals": read_equals,
    "present": _read_present,
    "region": _read_region,
}


def read_value(node: Node, name: str, kind: Kind) -> Present | None:
    """A value that a policy gives, by the property's own kind.

    Raises:
        PolicyError: the property cannot hold it, with the place of the item that does not fit.
    """
    if kind.is_list:
        items = (
            node.value if isinstance(node.value, tuple) else () if node.value is None else (node,)
        )
        return _checked(kind.read([_item(item, name, kind) for item in items]), node, name, kind)
    if isinstance(node.value, tuple | dict):
        fail(node, f"{name} holds one {kind.name}, not {node.describe()[2:]}")
    if kind in (TEXT, NAME) and isinstance(node.value, bool | int):
        fail(node, f"{name} is text, not {node.describe()}", "Put it in quotes.")
    return _checked(kind.read(node.value), node, name, kind)


def _item(item: Node, name: str, kind: Kind) -> object:
    if not isinstance(item.value, str):
        fail(item, f"{name} holds texts, not {item.describe()}", "Put it in quotes.")
    _checked(kind.read([item.value]), item, name, kind)
    return item.value


def _checked(value: object, node: Node, name: str, kind: Kind) -> Present | None:
    meant_null = "Write null where nothing must be set." if node.value in {"None", "none"} else None
    if isinstance(value, Unreadable):
        example = f"For example: {kind.example}" if kind.example else None
        fail(node, f"{name}: {value.reason}", meant_null or example)
    if kind.members and isinstance(value, str) and value not in kind.members:
        hint = meant_null or did_you_mean(value, kind.members)
        fail(node, f"{name} cannot be {value!r}", hint)
    assert value is None or isinstance(value, bool | int | str | tuple)  # noqa: S101 - for mypy
    if value is not None and name in PROPERTIES and not possible(name, value):
        known = PROPERTIES[name]
        message = f"{name} cannot be {shown(name, value)}"
        fail(node, message, f"It is from {known.least} to {known.most}.")
    return value
