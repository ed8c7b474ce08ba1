"""Booleans, numbers, text, names and enumerations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from auditor.kinds.base import Kind, is_type_name, text_of, unexpected, whole
from auditor.model import Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.model import Present, Raw, Value

_BOOLEANS: Final = {"true": True, "$true": True, "false": False, "$false": False}
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)


def lowered(value: Present) -> Present:
    """A name as it compares: letter case is ignored (lower case, not case folding)."""
    return value.lower() if isinstance(value, str) else value


def measured(value: Present) -> int:
    """A number as what it is; other values have no size."""
    return value if isinstance(value, int) else 0


def read_boolean(raw: Raw) -> Value:
    """``True``, ``true`` and ``$true`` are one boolean."""
    if raw is None or isinstance(raw, bool):
        return raw
    text = text_of(raw)
    if text is not None:
        value = _BOOLEANS.get(text.strip().lower())
        if value is not None:
            return value
    return unexpected("boolean", raw)


def read_integer(raw: Raw) -> Value:
    """A whole number, as a number or as its digits."""
    if raw is None:
        return None
    number = whole(raw)
    if number is not None:
        return number
    text = text_of(raw)
    if text is not None and _INTEGER.fullmatch(text.strip()):
        return int(text)
    return unexpected("whole number", raw)


def read_text(raw: Raw) -> Value:
    """Any text, kept as it is; the printed form where the source has an object."""
    if raw is None:
        return None
    text = text_of(raw)
    if text is not None:
        return unexpected("text", text) if is_type_name(text.strip()) else text
    if isinstance(raw, bool | int | float):
        return str(raw)
    return unexpected("text", raw)


def read_name(raw: Raw) -> Value:
    """The name of an object; of a rich identity, its Name."""
    if isinstance(raw, dict) and isinstance(raw.get("Name"), str):
        raw = raw["Name"]
    value = read_text(raw)
    return value.strip() if isinstance(value, str) else value


def enumeration(name: str, members: Mapping[str, int], *, whole: bool = True) -> Kind:
    """A kind whose values have a name and a number; either, or both as a pair, is read.

    A name or a number that is not a member is kept as it is: it differs from every member.
    ``whole`` says that there are no other members, so that a policy cannot name one.
    """
    by_lower = {member.lower(): member for member in members}
    by_number = {number: member for member, number in members.items()}

    def one(raw: Raw) -> str | Unreadable:
        if isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) < 1 << 32:
            return by_number.get(raw, str(raw))
        if isinstance(raw, str) and raw.strip():
            text = raw.strip()
            if _INTEGER.fullmatch(text):
                return by_number.get(int(text), str(int(text)))
            if re.fullmatch(r"\w+(, ?\w+)*", text):
                return by_lower.get(text.lower(), text)
        return unexpected(name, raw)

    def read(raw: Raw) -> Value:
        if raw is None:
            return None
        if not isinstance(raw, dict):
            return one(raw)
        # A pair: {"value": 0, "Value": "None"} in JSON, ToString with Value in CLIXML.
        given = [v for k, v in raw.items() if k.lower() in {"value", "name", "tostring"}]
        values = {one(part) for part in given}
        if len(values) != 1:
            return Unreadable(f"the export gives the {name} as an object without one clear value")
        return values.pop()

    return Kind(
        name=name,
        read=read,
        key=lowered,
        example=next(iter(members)),
        members=tuple(members) if whole else (),
    )


BOOLEAN: Final = Kind("boolean", read_boolean, example="true")
INTEGER: Final = Kind("whole number", read_integer, measure=measured, example="25")
TEXT: Final = Kind("text", read_text, example='"text"')
NAME: Final = Kind("name", read_name, key=lowered, example='"Outbound Mail to Mimecast"')
