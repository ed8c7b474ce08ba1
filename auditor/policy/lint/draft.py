"""What the rules look at, what they find, and where in the files that stands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from auditor.errors import NOWHERE, Place
from auditor.model import Scene
from auditor.policy.matchers import MATCHERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from auditor.model import Control, Exemption, Policy
    from auditor.policy.documents import Document
    from auditor.yamlfile import Node

Level: TypeAlias = Literal["error", "warning"]


class Remark(NamedTuple):
    """What is wrong with a policy that can be loaded.

    Attributes:
        level: ``error`` where it asks for what can never be, else ``warning``.
        message: what is so, and what that means.
        place: of the value that is meant.
        hint: one sentence on what to do, or None.
    """

    level: Level
    message: str
    place: Place
    hint: str | None = None


class Found(NamedTuple):
    """A remark as its rule makes it: the level belongs to the rule."""

    message: str
    place: Place
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A policy that is looked over.

    Attributes:
        policy: the effective one.
        document: the same as YAML nodes; None where there is none, then places are less exact.
        today: the day on which it is looked over.
    """

    policy: Policy
    document: Document | None
    today: date

    @property
    def scenes(self) -> tuple[Scene, ...]:
        """Wherever the policy can be applied: in each of its regions."""
        return tuple(Scene(region) for region in self.policy.regions.values()) or (Scene(),)

    def node(self, *path: str) -> Node | None:
        """The node under some keys, from the root of the effective document."""
        return None if self.document is None else at(self.document.root, *path)

    def property_node(self, name: str) -> Node | None:
        """What the policy says of a property."""
        return self.node("connector", "properties", name)

    def exemptions(self) -> Iterator[tuple[Exemption, Node | None]]:
        """Each exemption with its node."""
        listed = self.node("exemptions")
        nodes = listed.value if listed is not None and isinstance(listed.value, tuple) else ()
        for index, exemption in enumerate(self.policy.exemptions):
            yield exemption, nodes[index] if index < len(nodes) else None

    def value_place(self, control: Control) -> Place:
        """Where the value stands that one of the policy's own controls asks for."""
        return asked_place(self.property_node(control.id), control.position)

    def later(self, one: Place, other: Place) -> Place:
        """Of two places the one that is read later: a child comes after what it extends."""
        return max(one, other, key=lambda place: (-self.rank(place), *position(place)))

    def overrides(self, place: Place, inherited: Place) -> bool:
        """Whether a place is in a file that extends, maybe by way of others, another's file."""
        return self.rank(place) < self.rank(inherited)

    def rank(self, place: Place) -> int:
        """How far up the line of ``extends`` a file is, from 0."""
        names = [Path(file).name for file in self.policy.files]
        return names.index(place.file) if place.file in names else len(names)


def at(node: Node | None, *path: str) -> Node | None:
    """The node under some keys; None where there is none."""
    for key in path:
        if node is None or not isinstance(node.value, dict):
            return None
        node = node.value.get(key)
    return node


def place_at(node: Node | None, path: tuple[str, ...], otherwise: Place) -> Place:
    """The place of the node under some keys; another where there is none."""
    found = at(node, *path)
    return otherwise if found is None else found.place


def asked_place(node: Node | None, otherwise: Place) -> Place:
    """The place of the value that a property's node asks for: its own, or its first matcher's."""
    if node is None:
        return otherwise
    if not isinstance(node.value, dict):
        return node.place
    return next((child.place for key, child in node.value.items() if key in MATCHERS), otherwise)


def position(place: Place) -> tuple[int, int]:
    """Line and column, to be sorted."""
    return place.line or 0, place.column or 0


def said_at(place: Place) -> str:
    """A place for a message: ``contoso.yaml, line 12``."""
    return "the defaults" if place == NOWHERE else f"{place.file}, line {place.line}"
