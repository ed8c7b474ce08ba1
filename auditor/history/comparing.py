"""One object before and after, property by property, as Exchange means the values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.history.matching import lowered
from auditor.history.raw_values import RawValue, read_raw, same
from auditor.model import ABSENT, CONTRADICTION, Unreadable, ValueChange, is_known
from auditor.properties import PROPERTIES, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.history.matching import Item
    from auditor.kinds import Kind
    from auditor.model import Json, Raw, Value

CONNECTORS: Final = frozenset({"SendConnector", "ForeignConnector", "DeliveryAgentConnector"})
"""The nouns of objects whose properties are those of the table."""

# When something was changed shows in what was changed; who answered, in which session, and the
# binary copy that Exchange adds to an object say nothing of it.
_PASSING: Final = re.compile(
    r"when[a-z].*|ps[a-z].*|runspaceid|originatingserver|objectstate|serializationdata"
    r"|redactedtwin",
    re.IGNORECASE | re.DOTALL,
)
_SIDES: Final = ("old", "new")
_NO_SIDE: Final = "only the {} snapshot has it"
_UNLIKE: Final = "the two exports write it in ways that cannot be held against each other"
_BLANK: Final = "a text export does not tell what is null from what is empty"


class Doubt(NamedTuple):
    """A property that cannot be compared, and why."""

    property: str
    why: str


class Comparison(NamedTuple):
    """What differs between two, and what cannot be compared."""

    changes: list[ValueChange]
    doubts: list[Doubt]


class Comparer:
    """Compares objects of two snapshots.

    Args:
        blank: whether a text export is among them, in which null and empty look alike.
    """

    def __init__(self, *, blank: bool) -> None:
        self._blank = blank

    def compare(self, old: Item, new: Item) -> Comparison:
        """Two objects that are one; a name is not compared here where both have one."""
        before, after = _by_lower(old.raw), _by_lower(new.raw)
        left_out = _left_out(old, new)
        found = Comparison([], [])
        for key in dict.fromkeys((*before, *after)):
            name = (after.get(key) or before[key])[0]
            if name in left_out or _PASSING.fullmatch(name):
                continue
            raws = tuple(pair[1] if pair else ABSENT for pair in (before.get(key), after.get(key)))
            compared = self._property(name, old, new, *raws)
            if isinstance(compared, ValueChange):
                found.changes.append(compared)
            elif compared is not None:
                found.doubts.append(Doubt(name, compared))
        return found

    def distance(self, old: Item, new: Item) -> int:
        """In how many properties two differ."""
        return len(self.compare(old, new).changes)

    def _property(
        self, name: str, old: Item, new: Item, before: Raw, after: Raw
    ) -> ValueChange | str | None:
        """A property of two: its change, or why it cannot be compared, or None."""
        noun = new.entity.noun
        if noun in CONNECTORS and name in PROPERTIES:
            return self._known(name, PROPERTIES[name].kind, old.read[name], new.read[name])
        setting = SETTINGS.get(f"{noun}.{name}")
        if setting is not None:
            values = (ABSENT if raw is ABSENT else setting.read(raw) for raw in (before, after))
            return self._known(name, setting, *values)
        return self._raw(name, before, after)

    def _known(self, name: str, kind: Kind, old: Value, new: Value) -> ValueChange | str | None:
        """A property whose kind is known."""
        if not is_known(old) or not is_known(new):
            return _doubt(old, new)
        if self._blank and {old, new} == {None, ""}:
            return _BLANK
        before, after = kind.compared(old, new)
        if before == after and type(before) is type(after):
            return None
        if kind.names and not kind.members and _is_untold(kind, old, new):
            return _UNLIKE
        return ValueChange(name, _json(old), _json(new))

    def _raw(self, name: str, old: Raw, new: Raw) -> ValueChange | str | None:
        """A property whose kind is not known."""
        before, after = (ABSENT if raw is ABSENT else read_raw(raw) for raw in (old, new))
        if not isinstance(before, RawValue) or not isinstance(after, RawValue):
            states = [None if isinstance(value, RawValue) else value for value in (before, after)]
            return _doubt(*states)
        if self._blank and {_blank(before), _blank(after)} == {None, ""}:
            return _BLANK
        alike = same(before, after)
        if alike is None:
            return _UNLIKE
        return None if alike else ValueChange(name, before.shown, after.shown)


def _by_lower(raw: Mapping[str, Raw]) -> dict[str, tuple[str, Raw]]:
    """Properties by their names in lower case: PowerShell minds no case in them."""
    found: dict[str, tuple[str, Raw]] = {}
    for name, value in raw.items():
        key = name.lower()
        found[key] = (name, {CONTRADICTION: True} if key in found else value)
    return found


def _left_out(old: Item, new: Item) -> frozenset[str]:
    """Properties that say what others say: the name, and smart hosts as text."""
    names = frozenset({"Name", "Identity", "Id"}) if old.entity.name and new.entity.name else None
    found = names or frozenset()
    if names and is_renamed(old, new):
        found |= {"DistinguishedName"}
    hosts = (old.read["SmartHosts"], new.read["SmartHosts"])
    listed = "SmartHosts" in old.raw or "SmartHosts" in new.raw
    return found | {"SmartHostsString"} if listed and all(map(is_known, hosts)) else found


def is_renamed(old: Item, new: Item) -> bool:
    """Whether an object is called otherwise now; letter case makes no other name."""
    before, after = old.entity.name, new.entity.name
    return before is not None and after is not None and lowered(before) != lowered(after)


def _doubt(old: Value, new: Value) -> str | None:
    """Why two values cannot be compared, of which at least one is not known; None: both lack it."""
    if old is ABSENT or new is ABSENT:
        # What nobody has is no doubt.
        return None if old is new else _NO_SIDE.format("new" if old is ABSENT else "old")
    whys = [value.reason if isinstance(value, Unreadable) else None for value in (old, new)]
    if whys[0] == whys[1]:
        return f"in both snapshots: {whys[0]}"
    said = [f"in the {side} snapshot: {why}" for side, why in zip(_SIDES, whys, strict=True) if why]
    return "; ".join(said)


def _is_untold(kind: Kind, old: Value, new: Value) -> bool:
    """Whether one is a number and the other a name that may be that number's.

    Of some enumerations the documentation does not give every number.
    """
    texts = (str(old), str(new))
    return [text.isdigit() for text in texts].count(True) == 1 and not any(
        text in kind.names for text in texts
    )


def _blank(value: RawValue) -> Json:
    """None and the empty text as they are; anything else as something that is neither."""
    return value.shown if value.shown is None or value.shown == "" else True


def _json(value: Value) -> Json:
    return list(value) if isinstance(value, tuple) else value
