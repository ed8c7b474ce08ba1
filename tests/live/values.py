"""Values as Exchange serialises them, and their CLIXML in three shapes.

``rich``: as a server at the full serialisation level; ``mixed``: simple values have their types,
objects are their text; ``plain``: every single value is text.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape as escape_xml

SHAPES = ("rich", "mixed", "plain")
OBJECT = "System.Object"
VALUE = ("System.ValueType", OBJECT)
ENUMERATION = ("System.Enum", *VALUE)
LIST = ("Microsoft.Exchange.Data.MultiValuedPropertyBase", OBJECT)
ARRAY = ("System.Collections.ArrayList", OBJECT)
_ESCAPED = re.compile(
    "_(?=[xX])|[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\U00010000-\U0010ffff]"
)


def escape(text: str) -> str:
    """Text as CLIXML writes it: what XML cannot hold becomes ``_xHHHH_``."""
    return escape_xml(_ESCAPED.sub(_code_units, text), {'"': "&quot;"})


def _code_units(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass").hex().upper()
    return "".join(f"_x{units[place : place + 4]}_" for place in range(0, len(units), 4))


@dataclass(frozen=True)
class Scalar:
    """A simple value that Python has no type of its own for.

    Attributes:
        tag: The element's name.
        text: Its text.
        plain: The text where everything is text, if another.
    """

    tag: str
    text: str
    plain: str | None = None


@dataclass(eq=False)
class Rich:
    """An object. The same one written twice is a reference the second time.

    Attributes:
        types: Its type names.
        text: What it prints as; None when it says nothing.
        properties: Its properties.
        items: What it holds, of a list.
        number: The number, of an enumeration.
        notes: What remoting or a type extension added.
        blob: The length of the binary form that Exchange adds; 0 for none.
    """

    types: tuple[str, ...]
    text: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    items: Sequence[Any] | None = None
    number: int | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)
    blob: int = 0


class Writer:
    """Writes one object: numbers of references start anew with each.

    Args:
        shape: One of SHAPES.
    """

    def __init__(self, shape: str) -> None:
        if shape not in SHAPES:
            raise ValueError(f"no such shape: {shape}")
        self._shape = shape
        self._objects: dict[int, int] = {}
        self._types: dict[tuple[str, ...], int] = {}
        self._count = 0

    def write(self, value: Any, name: str = "", *, top: bool = False) -> str:
        """An element.

        Args:
            value: None, a bool, int or str, a Scalar or a Rich.
            name: The property's name.
            top: The object itself, which every shape writes as an object.
        """
        named = f' N="{escape(name)}"' if name else ""
        if value is None:
            return f"<Nil{named} />"
        if isinstance(value, Rich):
            if self._shape == "rich" or top:
                return self._object(value, named)
            if value.items is not None:
                return self._list(value, named)
            return f"<S{named}>{escape(value.text or '')}</S>"
        tag, text = self._simple(value)
        return f"<{tag}{named}>{escape(text)}</{tag}>"

    def _simple(self, value: Any) -> tuple[str, str]:
        plain = self._shape == "plain"
        if isinstance(value, Scalar):
            return ("S", value.plain or value.text) if plain else (value.tag, value.text)
        if isinstance(value, bool):
            return ("S", str(value)) if plain else ("B", str(value).lower())
        if isinstance(value, int):
            return ("S" if plain else "I32", str(value))
        return "S", str(value)

    def _opening(self, named: str, types: tuple[str, ...]) -> str:
        number, self._count = self._count, self._count + 1
        opening = f'<Obj{named} RefId="{number}">'
        if types in self._types:
            return f'{opening}<TNRef RefId="{self._types[types]}" />'
        self._types[types] = len(self._types)
        names = "".join(f"<T>{escape(name)}</T>" for name in types)
        return f'{opening}<TN RefId="{self._types[types]}">{names}</TN>'

    def _object(self, value: Rich, named: str) -> str:
        if id(value) in self._objects:
            return f'<Ref{named} RefId="{self._objects[id(value)]}" />'
        self._objects[id(value)] = self._count
        parts = [self._opening(named, value.types)]
        if value.text is not None:
            parts.append(f"<ToString>{escape(value.text)}</ToString>")
        if value.number is not None:
            parts.append(f"<I32>{value.number}</I32>")
        if value.items is not None:
            items = "".join(self.write(item) for item in value.items)
            parts.append(f"<LST>{items}</LST>" if items else "<LST />")
        if value.properties:
            parts.append(f"<Props>{self._members(value.properties)}</Props>")
        notes = self._members(value.notes)
        if value.blob and self._shape == "rich":
            notes += f'<BA N="SerializationData">{_blob(value)}</BA>'
        return "".join((*parts, f"<MS>{notes}</MS>" if notes else "", "</Obj>"))

    def _list(self, value: Rich, named: str) -> str:
        types = ARRAY if self._shape == "plain" else value.types
        items = "".join(self.write(item) for item in value.items or ())
        return f"{self._opening(named, types)}<LST>{items}</LST></Obj>"

    def _members(self, members: Mapping[str, Any]) -> str:
        return "".join(self.write(value, name) for name, value in members.items())


def _blob(value: Rich) -> str:
    """Bytes like those of .NET's binary formatter, and as many; nothing can be made of them."""
    head = bytes.fromhex("0001000000ffffffff01000000000000000c02000000")
    names = f"{value.types[0]}, Version=15.0.0.0, Culture=neutral\x01\x00\x00".encode()
    data = head + names * (value.blob // len(names) + 1)
    return base64.b64encode(data[: value.blob]).decode()
