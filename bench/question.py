"""The question that everybody is asked, in the words that several peers share.

One connector is enabled. Its address spaces are SMTP:*;1, its smart hosts are the region's two,
DNS routing is off, it does not authenticate, has a source server, is not scoped, and uses port
25. Every other connector is disabled. Letter case, order and a left-out cost of 1 do not matter.
"""

from __future__ import annotations

import re
from typing import Final

from data import HOSTS

ASKED: Final = (
    "Enabled",
    "AddressSpaces",
    "SmartHosts",
    "DNSRoutingEnabled",
    "SmartHostAuthMechanism",
    "SourceTransportServers",
    "IsScopedConnector",
    "Port",
)
CONSTANTS: Final[dict[str, object]] = {
    "DNSRoutingEnabled": False,
    "SmartHostAuthMechanism": "None",
    "IsScopedConnector": False,
    "Port": 25,
}
SPACES: Final = ("smtp:*;1", "smtp:*", "*;1", "*")
SPACE_PATTERN: Final = r"(?i)^(smtp:)?\*(;1)?$"
HOST_PATTERNS: Final = tuple(f"(?i)^{re.escape(host)}$" for host in HOSTS)

_DISABLED: Final = {"properties": {"Enabled": {"const": False}}}
_GATEWAY: Final = {
    "required": list(ASKED),
    "properties": {
        "Enabled": {"const": True},
        "AddressSpaces": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "string", "pattern": SPACE_PATTERN},
        },
        "SmartHosts": {
            "type": "array",
            "items": {"type": "string", "pattern": "|".join(HOST_PATTERNS).replace("|(?i)", "|")},
            "allOf": [{"contains": {"type": "string", "pattern": p}} for p in HOST_PATTERNS],
        },
        "SourceTransportServers": {"type": "array", "minItems": 1},
        **{name: {"const": value} for name, value in CONSTANTS.items()},
    },
}
# if/else was the fastest of three formulations that were tried (anyOf; if/then/else).
SCHEMA: Final[dict[str, object]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "array",
    "items": {"type": "object", "required": ["Enabled"], "if": _DISABLED, "else": _GATEWAY},
    "contains": {"properties": {"Enabled": {"const": True}}},
    "maxContains": 1,
}
