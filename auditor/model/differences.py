"""What differs between two snapshots of one organisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from datetime import datetime

    from auditor.model.values import Json

Difference: TypeAlias = Literal["same", "different", "undecided"]


class Entity(NamedTuple):
    """One object of a snapshot.

    Attributes:
        noun: what it is: ``SendConnector``, ``AcceptedDomain``.
        name: as it was given; None where it has none.
        guid: in lower case, without braces; None where there is none.
        position: among the objects of its cmdlet, counted from 1.
    """

    noun: str
    name: str | None
    guid: str | None
    position: int

    @property
    def label(self) -> str:
        """What to call it in a message."""
        return self.name if self.name else f"(object {self.position}, which has no name)"


class ValueChange(NamedTuple):
    """A property with the value that it had, and the one that it has, as they compare."""

    property: str
    old: Json
    new: Json


class Changed(NamedTuple):
    """An object that is there before and after, and differs.

    Attributes:
        entity: as it is now.
        former: what it was called before, where it was renamed; else None.
        changes: of its other properties.
    """

    entity: Entity
    former: str | None
    changes: tuple[ValueChange, ...]


class Uncompared(NamedTuple):
    """Something that nobody can say of whether it differs.

    Attributes:
        noun: what it is about: the objects of this cmdlet.
        entity: the one object that it is about; None: all of them.
        property: the one property that it is about; None: all of them.
        why: for people; a phrase.
    """

    noun: str
    entity: Entity | None
    property: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Differences:
    """All that differs between two snapshots, and all that could not be compared.

    Attributes:
        added: what is only in the new one.
        removed: what is only in the old one.
        changed: what is in both, and renamed or changed.
        not_compared: what is missing or unreadable on a side.
        pairs: how many objects of the one were held against one of the other.
    """

    added: tuple[Entity, ...]
    removed: tuple[Entity, ...]
    changed: tuple[Changed, ...]
    not_compared: tuple[Uncompared, ...]
    pairs: int

    @property
    def renamed(self) -> tuple[Changed, ...]:
        """Those of the changed that are called otherwise now."""
        return tuple(one for one in self.changed if one.former is not None)

    @property
    def outcome(self) -> Difference:
        """What certainly differs outranks what is not known."""
        if self.added or self.removed or self.changed:
            return "different"
        return "undecided" if self.not_compared else "same"


class Side(NamedTuple):
    """One of the two snapshots that were compared.

    Attributes:
        source: the file's base name, or the run: ``run 12``.
        run: the run's number, where it was one of a history; else None.
        kind: as its provenance says: ``clixml``, ``live``, ...
        organization: its name, where the data says it.
        collected_at: when, where that is known.
        sha256: the digest of the snapshot.
        connectors: how many send connectors it holds.
    """

    source: str
    run: int | None
    kind: str
    organization: str | None
    collected_at: datetime | None
    sha256: str
    connectors: int
