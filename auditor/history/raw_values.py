"""Values of properties that are not in the table, brought into a form that can be compared.

Exports write one value in several ways: an enumeration as a name, a number or both, an identity as
what it prints or as its parts, a list of one item as the item. So a value is read in every form
that it has, and two values compare in a form that both have.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.digests import canonical
from auditor.kinds import SIZE, TIME_SPAN, UNLIMITED
from auditor.kinds.base import (
    CUT_REASON,
    TWICE_REASON,
    TYPE_NAME_REASON,
    is_cut,
    is_type_name,
    text_of,
    whole,
)
from auditor.model import CONTRADICTION, Unreadable, is_known
from auditor.normalise.moments import read_moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from auditor.model import Json, Raw

FORMS: Final = ("boolean", "number", "span", "moment", "list", "text", "name", "object", "null")
"""In this order: the first form that two values share decides."""

_BOOLEANS: Final = {"true": True, "$true": True, "false": False, "$false": False}
_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})", re.ASCII)
_BYTES: Final = re.compile(r"[0-9].*\([0-9][^()]*\)")
_SPAN: Final = re.compile(r"-?(?:[0-9]+\.)?[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,7})?", re.ASCII)
_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|[+-][0-9:]+)|/Date\(.*\)/")
_NOTES: Final = frozenset({"pscomputername", "psshowcomputername", "runspaceid"})
_DEPTH: Final = 20


class RawValue(NamedTuple):
    """A raw value: as it is shown, and what it compares as in each form that it has.

    A list is there as the values of its items, an object as those of its parts by name.
    """

    shown: Json
    forms: Mapping[str, object]


def read_raw(raw: Raw, depth: int = 0) -> RawValue | Unreadable:
    """A raw value of any source; never raises."""
    if depth > _DEPTH:
        return Unreadable("the export nests it too deep")
    if raw is None:
        return RawValue(None, {"null": None})
    if isinstance(raw, bool):
        return RawValue(raw, {"boolean": raw, "text": str(raw)})
    if isinstance(raw, str):
        return _of_text(raw.strip(), depth)
    if isinstance(raw, list | tuple):
        return _of_list(raw, depth)
    if isinstance(raw, dict):
        return _of_object(raw, depth)
    number = whole(raw)
    return RawValue(raw, {"number": raw if number is None else number})


def same(one: RawValue, other: RawValue) -> bool | None:
    """Whether two values are the same; None where they share no form to tell by."""
    for form in FORMS:
        if form in one.forms and form in other.forms:
            return _same_form(one.forms[form], other.forms[form])
    # Nothing is no other thing, in whatever form that is.
    return False if "null" in one.forms or "null" in other.forms else None


def _same_form(one: object, other: object) -> bool | None:
    if isinstance(one, list) and isinstance(other, list):
        return _same_items(one, other)
    if isinstance(one, dict) and isinstance(other, dict):
        if one.keys() != other.keys():
            return False
        return _all(same(part, other[name]) for name, part in one.items())
    return type(one) is type(other) and one == other


def _same_items(one: list[RawValue], other: list[RawValue]) -> bool | None:
    """Lists as sets: each item has its like on the other side."""
    mine, theirs = ({canonical(value.shown): value for value in side} for side in (one, other))
    left = [value for key, value in mine.items() if key not in theirs]
    right = [value for key, value in theirs.items() if key not in mine]
    return _all([*(_has_like(v, other) for v in left), *(_has_like(v, one) for v in right)])


def _has_like(value: RawValue, others: list[RawValue]) -> bool | None:
    found = [same(value, other) for other in others]
    return True if True in found else None if None in found else False


def _all(found: Iterable[bool | None]) -> bool | None:
    """Whether all hold: what certainly does not outranks what is not known."""
    answers = set(found)
    return False if False in answers else None if None in answers else True


def _of_text(text: str, depth: int) -> RawValue | Unreadable:
    if is_type_name(text):
        return Unreadable(TYPE_NAME_REASON)
    if text.startswith("{") and text.endswith("}"):
        inside = text[1:-1].strip()
        if is_cut(inside):
            return Unreadable(CUT_REASON)
        return _of_list(re.split(r",\s*", inside) if inside else [], depth)
    forms: dict[str, object] = {"text": text, "name": _leaf(text)}
    if text.lower() in _BOOLEANS:
        forms["boolean"] = _BOOLEANS[text.lower()]
    elif _INTEGER.fullmatch(text):
        forms["number"] = int(text)
    elif text == UNLIMITED:
        # Where the other is a number, it is a limit.
        forms["number"] = text
    elif _BYTES.fullmatch(text) and isinstance(size := SIZE.read(text), int):
        forms["number"] = size
    elif _SPAN.fullmatch(text) and isinstance(span := TIME_SPAN.read(text), str):
        forms["span"] = span
    elif _MOMENT.fullmatch(text) and (moment := read_moment(text)) is not None:
        forms["moment"] = moment.at.isoformat()
    return RawValue(text, forms)


def _leaf(text: str) -> str:
    """What a directory's name ends with: ``EX01`` of ``contoso.com/…/Servers/EX01``."""
    first = re.match(r"CN=([^,\\]+),", text, re.IGNORECASE)
    return (first[1] if first else text.rpartition("/")[2]).lower()


def _of_list(items: list[Raw] | tuple[Raw, ...], depth: int) -> RawValue | Unreadable:
    """A list, whose order and repetitions do not count; a list of one may be its item."""
    found: list[RawValue] = []
    for item in items:
        if isinstance(item, str) and is_cut(item.strip()):
            return Unreadable(CUT_REASON)
        value = read_raw(item, depth + 1)
        if isinstance(value, Unreadable):
            return value
        found.append(value)
    forms: dict[str, object] = dict(found[0].forms) if len(found) == 1 else {}
    forms |= {"list": found} if found else {"list": found, "null": None}
    shown = {canonical(value.shown): value.shown for value in found}
    return RawValue([shown[key] for key in sorted(shown)], forms)


def _of_object(raw: dict[str, Raw], depth: int) -> RawValue | Unreadable:
    if CONTRADICTION in raw:
        return Unreadable(TWICE_REASON)
    inner = raw.get("value")
    if isinstance(inner, list):
        cut = raw.get("Count", len(inner)) != len(inner)
        return Unreadable(CUT_REASON) if cut else _of_list(inner, depth)
    for mark, kind, form in (("IsUnlimited", SIZE, "number"), ("Ticks", TIME_SPAN, "span")):
        measured = kind.read(raw) if mark in raw else None
        if measured is not None and is_known(measured):
            return RawValue(measured, {form: measured})
    forms = _printed(raw) | _numbered(raw)
    if not forms:
        return _of_parts(raw, depth)
    named = raw.get("Name") if "name" in forms else forms.get("number")
    return RawValue(forms.get("text", named), forms)


def _printed(raw: dict[str, Raw]) -> dict[str, object]:
    """What an object prints as, by whatever it says that; and the name of an identity."""
    candidates = (text_of(raw), raw.get("Value"), raw.get("IPAddressToString"))
    texts = (text for text in candidates if isinstance(text, str))
    text = next((text.strip() for text in texts if not is_type_name(text.strip())), None)
    name = raw.get("Name")
    forms: dict[str, object] = {} if text is None else {"text": text, "name": _leaf(text)}
    if isinstance(name, str) and name.strip():
        forms["name"] = name.strip().lower()
    return forms


def _numbered(raw: dict[str, Raw]) -> dict[str, object]:
    """The number of an enumeration: ``{"ToString": "Verbose", "Value": 1}``."""
    parts = {key.lower(): part for key, part in raw.items()}
    number = whole(parts.get("value"))
    only = parts.keys() <= {"value", "tostring", *_NOTES}
    return {} if number is None or not only else {"number": number}


def _of_parts(raw: dict[str, Raw], depth: int) -> RawValue | Unreadable:
    """An object that says nothing of itself as a whole."""
    parts: dict[str, RawValue] = {}
    for name, part in raw.items():
        if name.lower() in _NOTES:
            continue
        value = read_raw(part, depth + 1)
        if isinstance(value, Unreadable):
            return value
        parts[name.lower()] = value
    names = {name.lower(): name for name in raw}
    return RawValue({names[key]: value.shown for key, value in parts.items()}, {"object": parts})
