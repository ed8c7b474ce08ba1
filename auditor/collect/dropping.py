"""What entries of the administrator audit log may hold of secrets, dropped before it is kept.

An entry has the parameters of a cmdlet with their values, and the properties that it modified with
their old and new ones: https://learn.microsoft.com/exchange/policy-and-compliance/
admin-audit-logging/log-structure (CmdletParameters, ModifiedProperties: Name, Value, OldValue,
NewValue).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from auditor.model import Raw

DROPPED: Final = "(dropped)"
"""What stands where a secret was."""

_HOLDERS: Final = frozenset({"cmdletparameters", "modifiedproperties"})
_NAMES: Final = frozenset({"name", "tostring"})
_DEPTH: Final = 20
_SECRET: Final = re.compile(
    r"credential|passw|passphrase|passcode|secret|pwd|token|private.?key|api.?key", re.IGNORECASE
)
# Names alone, as an export prints a list of parameters: "{Identity, AuthenticationCredential}".
_ONLY_NAMES: Final = re.compile(r"\{?\s*\w+(?:\s*[,;|]\s*\w+)*[.\u2026\s]*\}?")


def is_secret(name: str) -> bool:
    """Whether a parameter or a property of this name can hold a password or a key."""
    return _SECRET.search(name) is not None


def without_secrets(properties: dict[str, Raw]) -> dict[str, Raw]:
    """An object whose parameters and modified properties hold no secret; it may be changed."""
    for key in properties:
        if key.lower() in _HOLDERS:
            properties[key] = _cleaned(properties[key])
    return properties


def _cleaned(value: Raw, depth: int = 0) -> Raw:
    if depth > _DEPTH:
        return DROPPED
    if isinstance(value, str):
        safe = not is_secret(value) or _ONLY_NAMES.fullmatch(value.strip())
        return value if safe else DROPPED
    if isinstance(value, list | tuple):
        return [_cleaned(item, depth + 1) for item in value]
    if not isinstance(value, dict):
        return value
    named = [part for key, part in value.items() if key.lower() in _NAMES and isinstance(part, str)]
    if any(map(is_secret, named)):
        # That it was given is worth knowing; what was given is nobody's business.
        return {key: part if _is_name(key, part) else _emptied(part) for key, part in value.items()}
    return {
        key: _emptied(part) if is_secret(key) else _cleaned(part, depth + 1)
        for key, part in value.items()
    }


def _is_name(key: str, part: Raw) -> bool:
    """Whether a part of a pair is its name, and nothing besides."""
    is_named = key.lower() in _NAMES and isinstance(part, str)
    return is_named and _ONLY_NAMES.fullmatch(str(part).strip()) is not None


def _emptied(part: Raw) -> Raw:
    return part if part in (None, "") else DROPPED
