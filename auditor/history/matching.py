"""Which object of one snapshot is which of another: by Guid, else by name; none is hidden."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auditor.model import Connector, Entity
from auditor.normalise import LazyProperties

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from auditor.model import Raw

_MOST_TRIED = 2_500
"""So many pairs at most are tried for the nearest, where several have one name."""


@dataclass(frozen=True, slots=True)
class Item:
    """An object with what it is known by.

    Attributes:
        entity: what it is called.
        raw: its properties.
        read: its properties, as far as they are in the table of connectors' properties.
    """

    entity: Entity
    raw: Mapping[str, Raw]
    read: LazyProperties


@dataclass(slots=True)
class Matches:
    """Pairs of old and new, and what has no partner."""

    pairs: list[tuple[Item, Item]] = field(default_factory=list)
    removed: list[Item] = field(default_factory=list)
    added: list[Item] = field(default_factory=list)


def items_of(noun: str, objects: Iterable[Mapping[str, Raw]]) -> list[Item]:
    """The objects of a cmdlet; one that an export gives twice with the same Guid is one."""
    found: list[Item] = []
    seen: set[tuple[str, str]] = set()
    for position, raw in enumerate(objects, start=1):
        read = LazyProperties(raw)
        # Every object of a directory has a name and a Guid as a connector has them.
        known = Connector(read, noun, position)
        entity = Entity(noun, known.name, known.guid, position)
        if entity.guid is not None:
            copy = (entity.guid, _whole(raw))
            if copy in seen:
                continue
            seen.add(copy)
        found.append(Item(entity, raw, read))
    return found


def match(
    old: Sequence[Item], new: Sequence[Item], distance: Callable[[Item, Item], int]
) -> Matches:
    """Match the objects of a cmdlet.

    Two with a Guid are one if that is the same, whatever they are called. Where one of them has no
    Guid, the name decides, and where neither has a name either, what they hold.

    Args:
        old: the objects of the old snapshot.
        new: those of the new one.
        distance: in how many properties two differ; for those that cannot be told apart.
    """
    found = Matches()
    left_old, left_new = _by(old, new, _guid, found, distance)
    left_old, left_new = _by(left_old, left_new, _name, found, distance, guids_differ=True)
    # What is left without a name and without a Guid may be anything.
    left_old, left_new = _by(left_old, left_new, _nameless, found, distance)
    found.removed, found.added = left_old, left_new
    found.pairs.sort(key=lambda pair: pair[1].entity.position)
    return found


def _guid(item: Item) -> str | None:
    return item.entity.guid


def _name(item: Item) -> str | None:
    return None if item.entity.name is None else lowered(item.entity.name)


def lowered(name: str) -> str:
    """A name as it compares: letter case is ignored."""
    return name.strip().lower()


def _nameless(item: Item) -> str | None:
    return "" if item.entity.name is None and item.entity.guid is None else None


def _by(
    old: Iterable[Item],
    new: Iterable[Item],
    key: Callable[[Item], str | None],
    found: Matches,
    distance: Callable[[Item, Item], int],
    *,
    guids_differ: bool = False,
) -> tuple[list[Item], list[Item]]:
    """Match what has the same key; gives what is left of both.

    ``guids_differ``: two that both have a Guid are two objects, for it is not the same.
    """
    groups: dict[str, tuple[list[Item], list[Item]]] = defaultdict(lambda: ([], []))
    left: tuple[list[Item], list[Item]] = ([], [])
    for side, items in enumerate((old, new)):
        for item in items:
            name = key(item)
            (left if name is None else groups[name])[side].append(item)
    for mine, theirs in groups.values():
        pairs = _nearest(mine, theirs, distance, guids_differ=guids_differ)
        found.pairs += pairs
        # By identity: two objects may be equal in all that they hold.
        matched = {id(item) for pair in pairs for item in pair}
        for side, items in enumerate((mine, theirs)):
            left[side].extend(item for item in items if id(item) not in matched)
    for items in left:
        items.sort(key=lambda item: item.entity.position)
    return left


def _nearest(
    mine: list[Item],
    theirs: list[Item],
    distance: Callable[[Item, Item], int],
    *,
    guids_differ: bool,
) -> list[tuple[Item, Item]]:
    """Pairs of those that have one key, each of them once: the same first, then the most alike."""
    if len(mine) == len(theirs) == 1 and not guids_differ:
        return [(mine[0], theirs[0])]
    pairs, mine, theirs = _twins(mine, theirs)
    if len(mine) * len(theirs) > _MOST_TRIED:
        return pairs + _in_order(mine, theirs, guids_differ=guids_differ)
    possible = [
        (one, other)
        for one in mine
        for other in theirs
        if not (guids_differ and one.entity.guid and other.entity.guid)
    ]
    possible.sort(key=lambda pair: distance(*pair))
    taken = set[int]()
    for one, other in possible:
        if id(one) not in taken and id(other) not in taken:
            pairs.append((one, other))
            taken |= {id(one), id(other)}
    return pairs


def _twins(
    mine: list[Item], theirs: list[Item]
) -> tuple[list[tuple[Item, Item]], list[Item], list[Item]]:
    """Pairs of those that hold exactly the same, and what is left of both."""
    known: dict[str, list[Item]] = defaultdict(list)
    for item in reversed(theirs):
        known[_whole(item.raw)].append(item)
    pairs, left = [], []
    for item in mine:
        twins = known[_whole(item.raw)]
        if twins:
            pairs.append((item, twins.pop()))
        else:
            left.append(item)
    matched = {id(other) for _, other in pairs}
    return pairs, left, [item for item in theirs if id(item) not in matched]


def _in_order(
    mine: list[Item], theirs: list[Item], *, guids_differ: bool
) -> list[tuple[Item, Item]]:
    """Pairs in the order of the exports, where there are too many to try each with each."""
    if not guids_differ:
        return list(zip(mine, theirs, strict=False))
    # One of a pair has no Guid.
    with_guid, without = ([i for i in mine if bool(i.entity.guid) is has] for has in (True, False))
    bare = [item for item in theirs if not item.entity.guid]
    pairs = list(zip(with_guid, bare, strict=False))
    rest = [*(item for item in theirs if item.entity.guid), *bare[len(pairs) :]]
    return [*pairs, *zip(without, rest, strict=False)]


def _whole(raw: Mapping[str, Raw]) -> str:
    """All that an object holds, as text. Not by ==: to Python, False and 0 are one."""
    return repr(sorted(raw.items(), key=lambda pair: pair[0]))
