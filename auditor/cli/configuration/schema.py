"""JSON Schema of configuration files, for editors; made from the table of options.

What a schema cannot say (whether a file is there, an address is one) is left to the reader. The
draft is 07, as for policies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.cli.configuration.extras import (
    ATTACHMENTS,
    KEYS,
    MOST_RUNS,
    PING_KEYS,
    ROUTE_KEYS,
    UNAUDITED_RUNS,
    WHENS,
)
from auditor.cli.configuration.file import NOT_OF_ONE, SCHEMA, known_options
from auditor.cli.configuration.references import KINDS
from auditor.model import SEVERITIES
from auditor.policy.schema import DRAFT
from auditor.policy.schema_controls import strict
from auditor.policy.schema_kinds import TEXT

if TYPE_CHECKING:
    from auditor.cli.options import Option
    from auditor.policy.schema_kinds import Schema

_SECRET: Final[Schema] = {"$ref": "#/definitions/secret"}


def config_schema() -> Schema:
    """The schema of ``audit-config/1``."""
    options = {name: _option(option) for name, option in known_options().items()}
    own = {name: schema for name, schema in options.items() if name not in NOT_OF_ONE}
    head: dict[str, Schema] = {"schema": {"description": "What this file is.", "const": SCHEMA}}
    audits: Schema = {
        "description": "Several audits, by name. Each has keys of its own, and those of the file.",
        "type": "object",
        "additionalProperties": strict({**own, **_extras()}),
    }
    return {
        "$schema": DRAFT,
        "title": SCHEMA,
        "description": "What is audited, against what, and who is told.",
        **strict({**head, **options, **_extras(), "audits": audits}),
        "definitions": {"secret": _reference(), "route": _route()},
    }


def _option(option: Option) -> Schema:
    said: Schema = {"description": option.help}
    if option.kind == "flag":
        return {**said, "type": ["boolean", "null"]}
    word: Schema = {"enum": list(option.choices)} if option.choices else dict(TEXT)
    if option.metavar == "SECONDS":
        word = {"type": ["number", "string"]}
    if option.kind == "list":
        return {**said, "anyOf": [word, {"type": "array", "items": word}, {"type": "null"}]}
    return {**said, "anyOf": [word, {"type": "null"}]}


def _extras() -> dict[str, Schema]:
    ping = strict(dict.fromkeys(PING_KEYS, _SECRET))
    found: dict[str, Schema] = {
        "notifications": {
            "description": "Who is told, by which way, and when.",
            "type": "array",
            "items": {"$ref": "#/definitions/route"},
        },
        "ping": {
            "description": "Addresses that are called at the start, on success and on failure.",
            "anyOf": [_SECRET, {**ping, "minProperties": 1}],
        },
        "password": {"description": "Where the password of username stands.", **_SECRET},
    }
    return {key: found[key] for key in KEYS}


def _reference() -> Schema:
    return {
        **strict({kind: dict(TEXT) for kind in KINDS}),
        "minProperties": 1,
        "maxProperties": 1,
    }


def _route() -> Schema:
    keys: dict[str, Schema] = {
        "name": {"description": "What it is called in messages.", **TEXT},
        "to": {
            "description": "An address as apprise knows it; secret ones by reference.",
            "anyOf": [dict(TEXT), _SECRET],
        },
        "when": {"description": "On change, or after every run.", "enum": list(WHENS)},
        "severity": {"description": "The least that it is told of.", "enum": list(SEVERITIES)},
        "attach": {
            "description": "Reports that come with the message.",
            "type": "array",
            "items": {"enum": list(ATTACHMENTS)},
        },
        "unaudited_runs": {
            "description": "After so many runs that could not be evaluated it is told of that.",
            "type": "integer",
            "minimum": 1,
            "maximum": MOST_RUNS,
            "default": UNAUDITED_RUNS,
        },
    }
    return strict({key: keys[key] for key in ROUTE_KEYS}, ("to",))
