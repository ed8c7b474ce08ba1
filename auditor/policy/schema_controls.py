"""Controls, in policies and packs, and what ``when`` and ``only_if`` ask, as JSON Schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.model import SEVERITIES
from auditor.policy.controls import DEFAULT_SEVERITY, DETAILS, SPECIAL_KEYS
from auditor.policy.matchers import MATCHERS
from auditor.policy.packs import CONTROL_KEYS, SCOPES
from auditor.policy.regions import STATES
from auditor.policy.requirements import NEVER
from auditor.policy.schema_kinds import (
    TEXT,
    about,
    described,
    group_of,
    groups,
    matcher_schemas,
    types_of,
    value_schema,
)
from auditor.properties import PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from auditor.policy.schema_kinds import Schema

TEXTS: Final[Schema] = {"type": "array", "items": TEXT}
NUMBERED: Final[Schema] = {"type": ["string", "number"], "pattern": r"\S"}
"""A text that may look like a number: ``1.0`` is text to this program, a number to an editor."""

STATE: Final[Schema] = {
    "description": f"Whether this is certain; {STATES[0]} where nothing is said.",
    "enum": list(STATES),
}
REQUIREMENTS: Final[Schema] = {"$ref": "#/definitions/requirements"}
_IGNORE: Final[Schema] = {"description": "Drops what was inherited.", "const": True}

_BESIDE: Final[Mapping[str, Schema]] = {
    "ignore": _IGNORE,
    "severity": {
        "description": f"How much it matters; {DEFAULT_SEVERITY} where nothing is said.",
        "enum": list(SEVERITIES),
    },
    "why": {"description": "Why this must hold, for the reader of a report.", **TEXT},
    "references": {"description": "Where that is written: documents, pages, rules.", **TEXTS},
    "when": {
        "description": "Only while all of this is so; else the control is not applicable.",
        "$ref": "#/definitions/conditions",
    },
    NEVER: {"description": "Why the control is always not applicable.", **TEXT},
}
"""What stands beside matchers, and is the same for every property."""


def strict(properties: Mapping[str, object], required: Sequence[str] = ()) -> Schema:
    """A mapping with these keys and no others."""
    return {
        "type": "object",
        **({"required": list(required)} if required else {}),
        "properties": dict(properties),
        "additionalProperties": False,
    }


def requirements() -> dict[str, Schema]:
    """The definitions that policies and packs share: values, and what can be asked of them.

    A condition is a requirement that a child can drop.
    """
    shared: dict[str, Schema] = {}
    for group, names in groups().items():
        asked = matcher_schemas(names[0])
        shared[group] = value_schema(names[0])
        shared[f"{group}-requirement"] = _asked(asked, names[0])
        shared[f"{group}-condition"] = _asked({**asked, "ignore": _IGNORE}, names[0])
    return {"requirements": _of_each("requirement"), "conditions": _of_each("condition"), **shared}


def _asked(matchers: Schema, name: str) -> Schema:
    return {**_value_or(strict(matchers), name), "minProperties": 1}


def _of_each(what: str) -> Schema:
    return {**strict({name: _property(name, what) for name in PROPERTIES}), "minProperties": 1}


def controls() -> dict[str, Schema]:
    """The definitions of the controls of a policy, by what the property holds."""
    return {f"{group}-control": _control(names[0]) for group, names in groups().items()}


def property_controls() -> Schema:
    """``properties`` of a policy's connector."""
    return strict({name: _property(name, "control") for name in PROPERTIES})


def special_control() -> Schema:
    """A control that is no property."""
    return strict({key: _BESIDE[key] for key in SPECIAL_KEYS})


def pack_control() -> Schema:
    """A control of a pack: what its matchers may be given depends on its property."""
    keys: dict[str, Schema] = {
        "id": {"description": "The identifier under which it was published.", **NUMBERED},
        "title": {"description": "What the published rule says, in one line.", **TEXT},
        "property": {"description": "The property that it judges.", "enum": list(PROPERTIES)},
        "properties": {"description": "Several that must all hold.", **REQUIREMENTS},
        "scope": {
            "description": "The one connector that must carry all mail, or every connector.",
            "enum": list(SCOPES),
        },
        "state": STATE,
        **{word: {"description": described(reader)} for word, reader in MATCHERS.items()},
        **{key: _BESIDE[key] for key in DETAILS},
    }
    several = {"properties": dict.fromkeys(("property", *MATCHERS), False)}
    return {
        **strict({key: keys[key] for key in CONTROL_KEYS}, ["id"]),
        "anyOf": [{"required": [key]} for key in ("property", "properties", NEVER)],
        "allOf": [
            {"if": {"required": ["properties"]}, "then": several},
            *(_of_property(names) for names in groups().values()),
        ],
    }


def _property(name: str, what: str) -> Schema:
    return {"description": about(name), "$ref": f"#/definitions/{group_of(name)}-{what}"}


def _control(name: str) -> Schema:
    beside = {key: _BESIDE[key] for key in ("ignore", *DETAILS)}
    return _value_or(strict({**matcher_schemas(name), **beside}), name)


def _value_or(matchers: Schema, name: str) -> Schema:
    """A plain value, or a mapping; in one, so that an editor need not guess which was meant."""
    value = value_schema(name)
    return {**matchers, **value, "type": [*types_of(value), "object"]}


def _of_property(names: list[str]) -> Schema:
    """The matchers of a pack's control on one of these properties, and none that cannot apply."""
    return {
        "if": {"required": ["property"], "properties": {"property": {"enum": names}}},
        "then": {"properties": {**dict.fromkeys(MATCHERS, False), **matcher_schemas(names[0])}},
    }
