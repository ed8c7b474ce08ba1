"""Booleans, numbers, text, names and enumerations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from auditor.kinds.base import Kind, agreed, forms, is_type_name, text_of, unexpected, whole
from auditor.model import CONTRADICTION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.model import Present, Raw, Unreadable, Value

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
    if isinstance(raw, dict) and CONTRADICTION not in raw:
        return agreed("boolean", [_one_boolean(form) for form in forms(raw)])
    return _one_boolean(raw)


def _one_boolean(raw: Raw) -> Value:
    if isinstance(raw, bool):
        return raw
    value = _BOOLEANS.get(raw.strip().lower()) if isinstance(raw, str) else None
    return unexpected("boolean", raw) if value is None else value


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


def enumeration(name: str, members: Mapping[str, int], *, closed: bool = True) -> Kind:
    """A kind whose values have a name and a number; either, or both as a pair, is read.

    A name or a number that is not a member is kept as it is: it differs from every member.
    ``closed`` says that there are no other members, so that a policy cannot name one.
    """
    by_lower = {member.lower(): member for member in members}
    by_number = {number: member for member, number in members.items()}

    def one(raw: Raw) -> str | Unreadable:
        number = whole(raw)
        if number is not None and abs(number) < 1 << 32:
            return by_number.get(number, str(number))
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
        if not isinstance(raw, dict) or CONTRADICTION in raw:
            return one(raw)
        # A pair: {"value": 0, "Value": "None"} in JSON, ToString with Value in CLIXML.
        return agreed(name, [one(form) for form in forms(raw)])

    return Kind(
        name=name,
        read=read,
        key=lowered,
        textual=True,
        ignores_case=True,
        example=next(iter(members)),
        members=tuple(members) if closed else (),
        names=tuple(members),
    )


BOOLEAN: Final = Kind("boolean", read_boolean, example="true")
INTEGER: Final = Kind("whole number", read_integer, measure=measured, example="25")
TEXT: Final = Kind("text", read_text, textual=True, example='"text"')
NAME: Final = Kind(
    "name",
    read_name,
    key=lowered,
    textual=True,
    ignores_case=True,
    example='"Outbound Mail to Mimecast"',
)
