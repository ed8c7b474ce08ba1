"""What every kind has, and how raw values of any source are taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from operator import eq
from typing import TYPE_CHECKING, Final

from auditor.errors import shortened
from auditor.model import CONTRADICTION, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from auditor.model import Present, Raw, Value

TYPE_NAME_REASON: Final = "the export holds the name of a type instead of the value"
CUT_REASON: Final = "the export has cut the value short"
TWICE_REASON: Final = "the export gives it twice, and not alike"
TWO_FORMS_REASON: Final = "the export gives an item in two forms that differ"
CONTRADICTIONS: Final = frozenset({TWICE_REASON, TWO_FORMS_REASON})
"""Reasons that say more than that a value is missing: nothing else may stand in for it."""

# Case-sensitive on purpose: .NET's own spelling, which no domain name in the field has.
_TYPE_NAME = re.compile(
    r"(?:Deserialized\.)?(?:System\.(?:Collections\.|Object|String|Management\.)"
    r"|Microsoft\.Exchange\.)[^\s,;|]*|[^\s`]{1,300}`[0-9]{1,3}\[[^\n]*"
)
_NOTES: Final = frozenset(
    {"value", "Count", "Length", "PSComputerName", "RunspaceId", "PSShowComputerName"}
)
_CUT_MARKS: Final = ("...", "…")


def same(value: Present) -> Present:
    """The comparable form of a value that is comparable as it is."""
    return value


def paired(expected: Present, actual: Present) -> tuple[Present, Present]:
    """Expected and actual of a kind whose values compare one by one."""
    return expected, actual


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of value is read, compared and shown.

    Attributes:
        name: for messages: ``size``, ``address spaces``, …
        read: raw value → normalised value; never raises.
        is_list: whether it is a set of items.
        key: normalised value → what is compared and hashed (letter case gone where it is ignored).
        align: (expected, actual) keys → the same with equal things spelled alike.
        measure: value → what is compared where size counts (bytes, ticks); None if none does.
        alike: (item, item) as keys → whether they may be one thing, though spelled unlike.
        textual: whether its values, or the items of its lists, are text to match a pattern.
        ignores_case: whether letter case counts for nothing in them.
        example: a value as a policy would write it, for hints.
        members: the names of an enumeration that is known whole; else empty.
        names: the names of an enumeration as far as they are known.
    """

    name: str
    read: Callable[[Raw], Value]
    is_list: bool = False
    key: Callable[[Present], Present] = same
    align: Callable[[Present, Present], tuple[Present, Present]] = paired
    measure: Callable[[Present], int] | None = None
    alike: Callable[[str, str], bool] = eq
    textual: bool = False
    ignores_case: bool = False
    example: str = ""
    members: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def phrase(self) -> str:
        """What a property of this kind holds, with its article: ``a size``, ``address spaces``."""
        return self.name if self.is_list else f"{_article(self.name)} {self.name}"

    def compared(
        self, expected: Present | None, actual: Present | None
    ) -> tuple[Present | None, Present | None]:
        """Expected and actual as comparable forms: they are equal if the settings are."""
        if expected is None or actual is None:
            return (
                None if expected is None else self.key(expected),
                None if actual is None else self.key(actual),
            )
        return self.align(self.key(expected), self.key(actual))

    def lacking(self, items: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
        """Items without a partner among the others, of which each is the partner of one only."""
        mine, theirs = self._keys(items), self._keys(others)
        left = [other for other in theirs if other not in mine]
        return tuple(
            item for item in mine if item not in theirs and not self._take_partner(item, left)
        )

    def shared(self, items: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
        """Items that may be one of the others; an item that several could be counts as well."""
        mine, theirs = self._keys(items), self._keys(others)
        return tuple(
            item for item in mine if any(item == one or self.alike(item, one) for one in theirs)
        )

    def _keys(self, items: Sequence[str]) -> tuple[str, ...]:
        keys = self.key(tuple(items))
        return keys if isinstance(keys, tuple) else ()

    def _take_partner(self, item: str, left: list[str]) -> bool:
        """Whether an item has a partner, which is then taken."""
        partner = next((other for other in left if self.alike(item, other)), None)
        if partner is not None:
            left.remove(partner)
        return partner is not None


def text_of(raw: Raw) -> str | None:
    """The text of a raw value: a string, or the printed form of a rich object; else None."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, dict):
        printed = raw.get("ToString", raw.get("value") if _is_wrapped(raw) else None)
        return printed if isinstance(printed, str) else None
    return None


def _is_wrapped(raw: dict[str, Raw]) -> bool:
    """Whether an object is only a value with the notes that remoting puts on it.

    Windows PowerShell writes such a value as ``{"value": …, "PSComputerName": …}``, and an array
    that carries its own Count as ``{"value": […], "Count": n}``
    (https://stackoverflow.com/q/58617070).
    """
    return "value" in raw and raw.keys() <= _NOTES


def whole(raw: Raw) -> int | None:
    """A number of JSON that is whole, also where it was written as 25.0; else None."""
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1 << 53:
        return int(raw)
    return raw if isinstance(raw, int) and not isinstance(raw, bool) else None


def is_type_name(text: str) -> bool:
    """Whether a text is what PowerShell prints for a list past its depth.

    Source: https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/export-csv
    (objects in properties are written as the name of their type).
    """
    return _TYPE_NAME.fullmatch(text) is not None


def is_cut(text: str) -> bool:
    """Whether a text ends as Format-List ends what it cuts ($FormatEnumerationLimit)."""
    return text.endswith(_CUT_MARKS)


def unexpected(kind: str, raw: Raw) -> Unreadable:
    """The value of a raw thing that is nothing of this kind."""
    if isinstance(raw, str) and is_type_name(raw.strip()):
        return Unreadable(TYPE_NAME_REASON)
    if isinstance(raw, dict) and CONTRADICTION in raw:
        return Unreadable(TWICE_REASON)
    article = _article(kind)
    if isinstance(raw, dict | list):
        return Unreadable(f"the export holds an object where {article} {kind} is expected")
    if isinstance(raw, bool):
        return Unreadable(f"{str(raw).lower()} is not {article} {kind}")
    shown = shortened(raw) if isinstance(raw, str) else repr(raw)
    return Unreadable(f"{shown} is not {article} {kind}")


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiouI" else "a"


def agreed(kind: str, readings: Iterable[Value]) -> Value:
    """The value of an object that gives it in several forms: what all of them say."""
    found = list(readings)
    if found and all(reading == found[0] for reading in found):
        return found[0]
    return Unreadable(f"the export gives the {kind} as an object without one clear value")


def forms(raw: dict[str, Raw]) -> list[Raw]:
    """The forms in which an object gives its value: printed, by name, by number."""
    return [value for key, value in raw.items() if key.lower() in {"value", "name", "tostring"}]


def read_item(
    kind: str,
    raw: Raw,
    rich: Callable[[dict[str, Raw]], str | None],
    read: Callable[[str], str | Unreadable],
) -> str | Unreadable:
    """One item of a list, printed or as a rich object; where it is both, they must agree.

    Args:
        kind: its name, for messages.
        raw: the item.
        rich: takes the text out of an object's own properties, or gives None.
        read: text → normalised item.
    """
    texts = (text_of(raw), rich(raw) if isinstance(raw, dict) else None)
    readings = {read(text) for text in texts if text is not None}
    if len(readings) > 1:
        return Unreadable(TWO_FORMS_REASON)
    return readings.pop() if readings else unexpected(kind, raw)


def as_set(items: Sequence[str]) -> tuple[str, ...]:
    """A list as Exchange means it: order and repetition do not count."""
    return tuple(sorted(set(items))) if len(items) > 1 else tuple(items)


def list_reader(
    kind: str,
    item: Callable[[Raw], str | Unreadable],
    split: Callable[[str], Sequence[str] | Unreadable],
) -> Callable[[Raw], Value]:
    """A reader of lists in every shape that exports have.

    Args:
        kind: the name of one item, for messages.
        item: reads one raw item.
        split: takes a joined text apart; gives Unreadable where that leaves doubt.
    """

    def read(raw: Raw) -> Value:
        if raw is None:
            return ()
        if isinstance(raw, str):
            parts: Sequence[Raw] | Unreadable = _split_text(raw, split)
        elif isinstance(raw, dict):
            parts = _unwrapped(raw)
        elif isinstance(raw, list | tuple):
            parts = raw
        else:
            return unexpected(f"list of {kind}s", raw)
        if isinstance(parts, Unreadable):
            return parts
        return _read_items(parts, item)

    return read


def _read_items(parts: Sequence[Raw], item: Callable[[Raw], str | Unreadable]) -> Value:
    items: list[str] = []
    for part in parts:
        text = (text_of(part) or "").strip()
        if is_type_name(text):
            return Unreadable(TYPE_NAME_REASON)
        if is_cut(text):
            return Unreadable(CUT_REASON)
        value = item(part)
        if isinstance(value, Unreadable):
            # One item that cannot be read makes the whole list unknown.
            return value
        items.append(value)
    return as_set(items)


def _split_text(
    text: str, split: Callable[[str], Sequence[str] | Unreadable]
) -> Sequence[str] | Unreadable:
    text = text.strip()
    if not text:
        return ()
    if is_type_name(text):
        return Unreadable(TYPE_NAME_REASON)
    if text.startswith("{") or text.endswith("}"):
        if not (text.startswith("{") and text.endswith("}")):
            return Unreadable(CUT_REASON)
        inside = text[1:-1].strip()
        if is_cut(inside):
            return Unreadable(CUT_REASON)
        return re.split(r",\s*", inside) if inside else ()
    if is_cut(text):
        return Unreadable(CUT_REASON)
    return split(text)


def _unwrapped(raw: dict[str, Raw]) -> Sequence[Raw] | Unreadable:
    """The items of a list that ConvertTo-Json wrapped, or the one item that PowerShell unrolled."""
    items = raw.get("value")
    if isinstance(items, list) and _is_wrapped(raw):
        return items if raw.get("Count", len(items)) == len(items) else Unreadable(CUT_REASON)
    return (raw,)
