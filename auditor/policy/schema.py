"""JSON Schema of policies and packs, for editors: completion, help and first errors.

Made from the tables that the readers use. What a schema cannot say (whether a day exists, a host
is valid, matchers contradict each other) is left to the readers. The draft is 07, which all
editors know; validators ignore what editors show: ``patternErrorMessage``, and ``description``
beside ``$ref``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.policy.controls import SPECIAL
from auditor.policy.documents import KEYS, SCHEMA, builtin_names, builtin_packs
from auditor.policy.exemptions import DEFAULT_CONTROL, REQUIRED
from auditor.policy.exemptions import KEYS as EXEMPTION_KEYS
from auditor.policy.load import MOST_DAYS, WARN_DAYS
from auditor.policy.packs import KEYS as PACK_KEYS
from auditor.policy.packs import SCHEMA as PACK_SCHEMA
from auditor.policy.regions import KEYS as REGION_KEYS
from auditor.policy.schema_controls import (
    NUMBERED,
    REQUIREMENTS,
    STATE,
    TEXTS,
    controls,
    pack_control,
    property_controls,
    requirements,
    special_control,
    strict,
)
from auditor.policy.schema_kinds import TEXT, whole
from auditor.properties import PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.policy.schema_kinds import Schema

DRAFT: Final = "http://json-schema.org/draft-07/schema#"

_NAME: Final[Schema] = {"type": ["string", "null"], "pattern": r"\S"}
_DATE: Final[Schema] = {
    "type": "string",
    "pattern": whole("[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "examples": ["2027-01-31"],
    "patternErrorMessage": "A day is written 2027-01-31.",
}
_ALONE: Final[Schema] = {
    "required": ["gateway", "regions"],
    "properties": {
        "gateway": {"required": ["name", "domains"]},
        "regions": {"additionalProperties": {"required": ["smart_hosts"]}},
    },
}
"""What a policy needs that inherits nothing."""

_SPECIAL: Final[Mapping[str, str]] = {
    "ConnectorPresent": "There is a connector that routes to the gateway.",
    "OtherOutboundConnectors": "Every other enabled outbound connector is exempt.",
}


def policy_schema() -> Schema:
    """The schema of ``audit-policy/1``."""
    keys = _policy()
    return {
        "$schema": DRAFT,
        "title": SCHEMA,
        "description": "What must hold of the send connectors of an Exchange organisation.",
        **strict({key: keys[key] for key in KEYS}, ("schema", "name", "version")),
        "if": {"required": ["extends"]},
        "else": _ALONE,
        "definitions": {
            "connector": strict(_connector()),
            "special": special_control(),
            "exemption": _exemption(),
            "region": _region(),
            **controls(),
            **requirements(),
        },
    }


def pack_schema() -> Schema:
    """The schema of ``audit-pack/1``."""
    keys: dict[str, Schema] = {
        "schema": {"description": "What this file is.", "const": PACK_SCHEMA},
        "name": {"description": "The pack's name in reports.", **TEXT},
        "version": {"description": "The pack's version, in quotes.", **NUMBERED},
        "title": {"description": "What the pack holds, in one line.", **TEXT},
        "controls": {
            "description": "Controls that are added to those of the policy.",
            "type": "array",
            "minItems": 1,
            "items": {"$ref": "#/definitions/control"},
        },
    }
    return {
        "$schema": DRAFT,
        "title": PACK_SCHEMA,
        "description": "A set of further controls with published identifiers.",
        **strict({key: keys[key] for key in PACK_KEYS}, ("schema", "name", "controls")),
        "definitions": {"control": pack_control(), **requirements()},
    }


def _policy() -> dict[str, Schema]:
    return {
        "schema": {"description": "What this file is.", "const": SCHEMA},
        "name": {"description": "The policy's name in reports.", **TEXT},
        "version": {"description": "The policy's version, in quotes.", **NUMBERED},
        "extends": {
            "description": "The policy that this one changes: a built-in name, or a path.",
            **TEXT,
            "examples": builtin_names(),
        },
        "region": {
            "description": "The region where --region is not given.",
            **_NAME,
            "examples": ["na"],
        },
        "packs": {
            "description": "Packs of further controls: built-in names, or paths.",
            **_texts(builtin_packs()),
        },
        "warn_days": {
            "description": f"Days before its end that an exemption is announced: {WARN_DAYS}.",
            "type": "integer",
            "minimum": 0,
            "maximum": MOST_DAYS,
        },
        "gateway": {"description": "Whose hosts these are.", **strict(_gateway())},
        "connector": {
            "description": "The one connector that must carry all outbound mail.",
            "$ref": "#/definitions/connector",
        },
        "controls": {"description": "Controls that are not a property.", **strict(_specials())},
        "exemptions": {
            "description": "Approved, dated, narrow permissions, each for one finding.",
            "type": "array",
            "items": {"$ref": "#/definitions/exemption"},
        },
        "regions": {
            "description": "The gateway's service regions, by id.",
            "type": "object",
            "additionalProperties": {"$ref": "#/definitions/region"},
        },
    }


def _gateway() -> dict[str, Schema]:
    return {
        "name": {"description": "The gateway's name, for messages.", **TEXT},
        "domains": {
            "description": "The domains that its hosts are in.",
            **_texts(["mimecast.com"]),
            "minItems": 1,
        },
    }


def _texts(examples: list[str]) -> Schema:
    """A list of texts such as these."""
    return {"type": "array", "items": {**TEXT, "examples": examples}}


def _connector() -> dict[str, Schema]:
    return {
        "name": {"description": "Puts Name under control, and picks the connector.", **_NAME},
        "properties": {
            "description": "What must hold of its properties, by Exchange's own names.",
            **property_controls(),
        },
    }


def _specials() -> dict[str, Schema]:
    return {
        name: {"description": _SPECIAL.get(name, name), "$ref": "#/definitions/special"}
        for name in SPECIAL
    }


def _exemption() -> Schema:
    keys: dict[str, Schema] = {
        "connector": {
            "description": "A name with * and ?; null for a finding about no connector.",
            **_NAME,
        },
        "control": {
            "description": f"The control, or the id of a pack's; {DEFAULT_CONTROL} if not given.",
            "anyOf": [{"enum": [*SPECIAL, *PROPERTIES]}, TEXT],
        },
        "reason": {"description": "Why this may stay as it is.", **TEXT},
        "owner": {"description": "Who answers for it.", **TEXT},
        "approved_by": {"description": "Who approved it.", **TEXT},
        "ticket": {"description": "Where it was asked for.", **NUMBERED},
        "starts": {"description": "The first day on which it holds, in UTC.", **_DATE},
        "expires": {"description": "The last day on which it holds, in UTC.", **_DATE},
        "only_if": {"description": "It holds only while all of this is so.", **REQUIREMENTS},
        "evidence": {
            "description": "The actual_sha256 of the finding: it holds for this value only.",
            "type": "string",
            "pattern": whole("sha256:[0-9a-f]{64}"),
        },
    }
    return strict({key: keys[key] for key in EXEMPTION_KEYS}, REQUIRED)


def _region() -> Schema:
    keys: dict[str, Schema] = {
        "title": {"description": "The region's name for people.", **TEXT},
        "aliases": {"description": "Other words for --region.", **TEXTS},
        "smart_hosts": {
            "description": "The hosts that take its outbound mail.",
            **_texts(["us-smtp-outbound-1.mimecast.com", "us-smtp-outbound-2.mimecast.com"]),
            "minItems": 1,
        },
        "state": STATE,
        "spf_include": {
            "description": "What the SPF records of its customers include, for audit probe.",
            "examples": ["us._netblocks.mimecast.com"],
            **TEXT,
        },
    }
    return strict({key: keys[key] for key in REGION_KEYS})
