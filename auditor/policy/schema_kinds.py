"""A property's values and matchers as JSON Schema, out of the tables that read them.

What is accepted here is a little more than what is read: in an editor, a false error is worse
than silence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from auditor.errors import NOWHERE, PolicyError
from auditor.kinds import BOOLEAN, INTEGER, SIZE, SMART_HOSTS, TIME_SPAN, UNLIMITED
from auditor.policy.matchers import MATCHERS, read_value
from auditor.properties import PROPERTIES, SETTINGS
from auditor.yamlfile import Node, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from auditor.kinds import Kind

Schema: TypeAlias = "dict[str, object]"

TEXT: Final[Schema] = {"type": "string", "pattern": r"\S"}
"""A text that says something."""

_TEXTS: Final[Schema] = {"type": "array", "minItems": 1, "items": {"type": "string"}}
_NUMBERS: Final = range(64)
"""Among these are all numbers that members of enumerations have, and possible ports."""


def whole(pattern: str) -> str:
    """A pattern for the whole of a text, blanks around it aside."""
    return rf"^\s*({pattern})\s*$"


def _in_any_case(words: Iterable[str]) -> str:
    """A pattern for some words in any letter case: JSON Schema's patterns have no flags."""
    return "|".join(
        "".join(f"[{sign.upper()}{sign.lower()}]" if sign.isalpha() else sign for sign in word)
        for word in words
    )


_FORMS: Final[Mapping[Kind, Schema]] = {
    BOOLEAN: {"pattern": whole(rf"\$?({_in_any_case(['true', 'false'])})")},
    INTEGER: {"pattern": whole("[+-]?[0-9]+")},
    SIZE: {
        "minimum": 0,
        "pattern": whole(rf"{_in_any_case([UNLIMITED])}|[0-9]+\s*([KkMmGgTt]?[Bb])?|[0-9].*\(.*\)"),
    },
    TIME_SPAN: {
        "pattern": whole(
            r"-?([0-9]+\.)?[0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,7})?|-?P[0-9DTHMS.]+"
        )
    },
}
"""What the values of a kind look like, where that can be said."""


def group_of(name: str) -> str:
    """The name of what properties with the same values share: their kind, or their own bounds."""
    known = PROPERTIES[name]
    bounded = isinstance(known.least, int) or isinstance(known.most, int)
    return name if bounded else known.kind.name.replace(" ", "-")


def groups() -> dict[str, list[str]]:
    """The properties of each group, in the order of the table."""
    found: dict[str, list[str]] = {}
    for name in PROPERTIES:
        found.setdefault(group_of(name), []).append(name)
    return found


def about(name: str) -> str:
    """What a property is, as an editor shows it."""
    known = PROPERTIES[name]
    said = f"Holds {known.kind.phrase}"
    if known.least is not None and known.most is not None:
        said += f", from {known.least} to {known.most}"
    if known.since is not None:
        said += f"; Exchange {known.since} and later"
    if known.until is not None:
        said += f"; up to Exchange {known.until}"
    return f"{said}. A plain value means equals."


def value_schema(name: str) -> Schema:
    """What a policy can give as a property's value, null included."""
    known = PROPERTIES[name]
    kind = known.kind
    if kind.is_list:
        return {"type": ["array", "string", "null"], "items": {"type": "string"}, **_example(kind)}
    numbers = [number for number in _NUMBERS if _reads(number, name)]
    if kind.members:
        return _enumeration(kind.members, numbers)
    types = ["boolean"] if _reads(True, name) else ["integer"] if numbers else []
    schema: Schema = {"type": [*types, "string", "null"], **_FORMS.get(kind, {})}
    if "pattern" in schema:
        schema["patternErrorMessage"] = f"This is not {kind.phrase}, such as {kind.example}."
    if isinstance(known.least, int):
        schema["minimum"] = known.least
    if isinstance(known.most, int):
        schema["maximum"] = known.most
    return {**schema, **_example(kind)}


def _reads(value: bool | int, name: str) -> bool:
    """Whether the reader takes a value that is no text."""
    try:
        read_value(Node(value, NOWHERE), name, PROPERTIES[name].kind)
    except PolicyError:
        return False
    return True


def _enumeration(members: Sequence[str], numbers: Sequence[int]) -> Schema:
    """Its members by name in any letter case, or by number; editors offer the names."""
    words = _in_any_case(members) + "".join(f"|{number}" for number in numbers)
    return {
        "type": ["string", "integer", "null"],
        "pattern": whole(words),
        "patternErrorMessage": f"It is one of: {', '.join(members)}.",
        "minimum": min(numbers, default=0),
        "maximum": max(numbers, default=0),
        "anyOf": [{"enum": [*members, None]}, {}],
    }


def _example(kind: Kind) -> Schema:
    if not kind.example:
        return {}
    node = parse(kind.example, "example", PolicyError)
    items = node.value
    plain = [item.value for item in items] if isinstance(items, tuple) else items
    return {"examples": [plain]}


def matcher_schemas(name: str) -> Schema:
    """The matchers that can apply to a property, and what each may be given."""
    found: Schema = {}
    for word, reader in MATCHERS.items():
        shape = _SHAPES[word](name, PROPERTIES[name].kind) if word in _SHAPES else {}
        if shape is not None:
            found[word] = {"description": described(reader), **shape}
    return found


def described(reader: Callable[..., object]) -> str:
    """What a matcher asks, as its reader says."""
    return (reader.__doc__ or "").partition("\n")[0]


def types_of(schema: Schema) -> list[str]:
    """The types that a schema names."""
    types = schema["type"]
    return list(types) if isinstance(types, list) else [str(types)]


def value_ref(name: str) -> Schema:
    """The values of a property, where the schema defines them."""
    return {"$ref": f"#/definitions/{group_of(name)}"}


def _one_of(name: str, kind: Kind) -> Schema | None:
    return None if kind.is_list else {"type": "array", "minItems": 1, "items": value_ref(name)}


def _items(name: str, kind: Kind) -> Schema | None:  # noqa: ARG001 - the same for the kind
    return {**_TEXTS, **_example(kind)} if kind.is_list else None


def _matches(name: str, kind: Kind) -> Schema | None:  # noqa: ARG001 - the same for all texts
    return {**TEXT, "examples": [r"mail[0-9]+\.contoso\.com"]} if kind.textual else None


def _bound(name: str, kind: Kind) -> Schema | None:
    """The length of a list, or a value but null."""
    if kind.is_list:
        return {"type": "integer", "minimum": 0}
    if kind.measure is None:
        return None
    value = value_schema(name)
    return {**value, "type": [word for word in types_of(value) if word != "null"]}


def _region(name: str, kind: Kind) -> Schema | None:  # noqa: ARG001 - the same for all of the kind
    return {"enum": ["smart_hosts"]} if kind is SMART_HOSTS else None


def _settings(name: str, kind: Kind) -> Schema | None:  # noqa: ARG001 - the same for the kind
    settings = [setting for setting, theirs in SETTINGS.items() if theirs is kind]
    return {"enum": settings} if settings else None


_SHAPES: Final[Mapping[str, Callable[[str, Kind], Schema | None]]] = {
    "equals": lambda name, _: value_ref(name),
    "one_of": _one_of,
    "includes": _items,
    "excludes": _items,
    "subset_of": _items,
    "matches": _matches,
    "min": _bound,
    "max": _bound,
    "present": lambda *_: {"type": "boolean"},
    "region": _region,
    "equals_from": _settings,
}
"""Matcher → what it may be given for a property, or None; any value where it is not here."""
