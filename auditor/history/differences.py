"""Two snapshots, property by property, whatever a policy says. Pure: snapshots in, result out."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from auditor.history.comparing import Comparer, is_renamed
from auditor.history.matching import items_of, match
from auditor.model import ADMIN_LOG, Changed, Differences, Uncompared

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from auditor.history.comparing import Doubt
    from auditor.history.matching import Item
    from auditor.model import CollectionError, Entity, Raw, Snapshot

_OTHER_NAMES: Final = {"TransportServer": "TransportService"}
"""Exchange 2010 has only the first, which later versions keep as an old name of the second."""

_TEXT_KINDS: Final = frozenset({"csv", "format-list"})
_SIDES: Final = ("old", "new")


def differences(old: Snapshot, new: Snapshot) -> Differences:
    """What differs between two snapshots, and what cannot be compared.

    The administrator audit log is no part of it: it says what was done, and not what there is.
    """
    kinds = {*old.provenance.kind.split("+"), *new.provenance.kind.split("+")}
    comparer = Comparer(blank=not kinds.isdisjoint(_TEXT_KINDS))
    found = _Found(comparer)
    sides = (_Side(old), _Side(new))
    for noun in dict.fromkeys((*sides[0].nouns, *sides[1].nouns)):
        found.compare(noun, *sides)
    return Differences(
        added=tuple(found.added),
        removed=tuple(found.removed),
        changed=tuple(found.changed),
        not_compared=tuple(found.doubts),
        pairs=found.pairs,
    )


class _Side:
    """One snapshot: its objects and errors by noun."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._objects: dict[str, tuple[Mapping[str, Raw], ...]] = {}
        self._errors: dict[str, list[CollectionError]] = {}
        for noun, objects in snapshot.objects.items():
            name = _OTHER_NAMES.get(noun, noun)
            self._objects[name] = (*self._objects.get(name, ()), *objects)
        for error in snapshot.errors:
            self._errors.setdefault(_OTHER_NAMES.get(error.noun, error.noun), []).append(error)

    @property
    def nouns(self) -> list[str]:
        """Whatever was asked for, in the order of the snapshot."""
        return [noun for noun in (*self._objects, *self._errors) if noun != ADMIN_LOG]

    def items(self, noun: str) -> list[Item] | None:
        """The objects of a cmdlet; None where it was not collected."""
        objects = self._objects.get(noun)
        return None if objects is None else items_of(noun, objects)

    def why(self, noun: str) -> str | None:
        """What went wrong with a cmdlet, in its own words; None where nothing did."""
        return "; ".join(error.reason for error in self._errors.get(noun, ())) or None

    def lost(self, noun: str) -> bool:
        """Whether something was begun and lost; what was refused never was."""
        return any(not error.refused for error in self._errors.get(noun, ()))


class _Found:
    """What has been found so far."""

    def __init__(self, comparer: Comparer) -> None:
        self.added: list[Entity] = []
        self.removed: list[Entity] = []
        self.changed: list[Changed] = []
        self.doubts: list[Uncompared] = []
        self.pairs = 0
        self._comparer = comparer

    def compare(self, noun: str, *sides: _Side) -> None:
        """The objects of one cmdlet."""
        old, new = (side.items(noun) for side in sides)
        if old is None or new is None:
            self._doubt_all(noun, sides, [items is None for items in (old, new)])
            return
        for word, side in zip(_SIDES, sides, strict=True):
            if (why := side.why(noun)) is not None:
                self._doubt(noun, None, None, f"the {word} snapshot may not hold all: {why}")
        found = match(old, new, self._comparer.distance)
        self._alone(found.removed, sides[1], "new", self.removed)
        self._alone(found.added, sides[0], "old", self.added)
        self.pairs += len(found.pairs)
        self._compare_pairs(noun, found.pairs)

    def _doubt_all(self, noun: str, sides: Sequence[_Side], missing: Sequence[bool]) -> None:
        """A cmdlet that a side lacks; where both do, only what was lost is worth a word."""
        whys = [side.why(noun) for side in sides]
        if all(missing) and not any(side.lost(noun) for side in sides):
            return
        words = "neither snapshot has it"
        if not all(missing):
            words = f"only the {_SIDES[missing.index(False)]} snapshot has it"
        reason = "; ".join(dict.fromkeys(why for why in whys if why))
        self._doubt(noun, None, None, f"{words}: {reason}" if reason else words)

    def _alone(self, items: Sequence[Item], other: _Side, word: str, found: list[Entity]) -> None:
        """Objects without a partner; where the other side is not whole, nobody knows."""
        for item in items:
            noun = item.entity.noun
            if other.why(noun) is None:
                found.append(item.entity)
            else:
                why = f"it is not among what the {word} snapshot holds, which may not be all"
                self._doubt(noun, item.entity, None, why)

    def _compare_pairs(self, noun: str, pairs: Sequence[tuple[Item, Item]]) -> None:
        doubts: list[tuple[Entity, Doubt]] = []
        for old, new in pairs:
            changes, doubted = self._comparer.compare(old, new)
            doubts += [(new.entity, doubt) for doubt in doubted]
            former = old.entity.name if is_renamed(old, new) else None
            if changes or former is not None:
                self.changed.append(Changed(new.entity, former, tuple(changes)))
        # What is so of all of them is said once: a file of few columns lacks each of the others.
        counts = Counter(doubt for _, doubt in doubts)
        everywhere = {doubt for doubt, count in counts.items() if count == len(pairs)}
        for doubt in dict.fromkeys(doubt for _, doubt in doubts if doubt in everywhere):
            alone = pairs[0][1].entity if len(pairs) == 1 else None
            self._doubt(noun, alone, doubt.property, doubt.why)
        for entity, doubt in doubts:
            if doubt not in everywhere:
                self._doubt(noun, entity, doubt.property, doubt.why)

    def _doubt(self, noun: str, entity: Entity | None, name: str | None, why: str) -> None:
        self.doubts.append(Uncompared(noun, entity, name, why))
