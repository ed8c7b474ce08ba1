"""A policy's properties and matchers with stand-ins, by each property's own kind."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from auditor.normalise import normalise
from auditor.policy.matchers.pattern import matches_whole, pattern_problem
from auditor.properties import PROPERTIES
from auditor.redact.documents import entries
from auditor.redact.properties import redacted_property
from auditor.redact.texts import redacted_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.model import Json, Policy, Snapshot
    from auditor.redact.names import Names

_NOTHING: Final = "(?!)"
"""A regular expression that matches nothing."""

_WITHOUT_END: Final = rf"\Z{'(?:|)' * 64}(?!)"
"""What takes longer than any limit at the end of a text: 2**64 ways to match nothing, and fail."""

_WORDS: Final = frozenset({"severity", "region", "equals_from"})
_VALUES: Final = frozenset({"equals", "one_of", "includes", "excludes", "subset_of"})
_BOUNDS: Final = frozenset({"min", "max"})


class Matchers:
    """Properties of a policy.

    Args:
        snapshot: whose values its regular expressions are about.
        policy: the effective one, of which they may be about the connector's name.
        names: the mapping.

    Attributes:
        names: as given.
    """

    def __init__(self, snapshot: Snapshot, policy: Policy, names: Names) -> None:
        self._connectors = normalise(snapshot)
        self._policy = policy
        self.names = names

    def properties(self, value: Json) -> dict[str, Json]:
        """Property → value or matchers, as under ``properties``, ``when`` and ``only_if``."""
        return {
            name: self._matchers(name, item)
            for name, item in entries(value).items()
            if name in PROPERTIES
        }

    def texts(self, value: Json) -> Json:
        """A text or a list of texts of which nothing is known."""
        if isinstance(value, list):
            return [self.texts(item) for item in value]
        return redacted_text(value, self.names) if isinstance(value, str) else value

    def _matchers(self, name: str, value: Json) -> Json:
        if not isinstance(value, dict):
            return self._value(name, value)
        return {key: self.matcher(name, key, item) for key, item in value.items()}

    def matcher(self, name: str, key: str, value: Json) -> Json:
        """One entry of a property's mapping: a matcher, or a detail beside it."""
        if key in _VALUES:
            return self._value(name, value)
        if key in _BOUNDS:
            # Of a list it is its length.
            return self._value(name, value) if isinstance(value, str) else value
        if key == "matches":
            return self._pattern(name, value)
        if key == "when":
            return self.properties(value)
        # The rest are booleans, numbers and words of the policy language.
        return value if key in _WORDS else self.texts(value)

    def _value(self, name: str, value: Json) -> Json:
        """A value, or several of a kind that holds one; a text in a list's place is one item."""
        is_list = PROPERTIES[name].kind.is_list
        if isinstance(value, list) and not is_list:
            return [self._value(name, item) for item in value]
        alone = is_list and isinstance(value, str)
        return redacted_property(name, [value] if alone else value, self.names)

    def _pattern(self, name: str, value: Json) -> str:
        """A regular expression → one that the stand-ins of the same values match.

        Where it never came to an end, the other one does not either.
        """
        pattern, ignores_case = str(value), PROPERTIES[name].kind.ignores_case
        if pattern_problem(pattern) is not None:
            return _NOTHING
        found: set[str] = set()
        for text in set(filter(None, self._values(name))):
            result = matches_whole(pattern, ignores_case, text)
            if result is not False:
                end = _WITHOUT_END if result is None else ""
                found.add(re.escape(self._stand_in(name, text)) + end)
        return "|".join(sorted(found)) or _NOTHING

    def _stand_in(self, name: str, text: str) -> str:
        """The stand-in of a value, or of one item of a list."""
        raw = [text] if PROPERTIES[name].kind.is_list else text
        found = redacted_property(name, raw, self.names)
        return str(found[0] if isinstance(found, list) else found)

    def _values(self, name: str) -> Iterator[str]:
        """All values that a pattern may be asked about."""
        if name == "Name":
            yield self._policy.connector_name or ""
        for connector in (*self._connectors.send, *self._connectors.other):
            value = connector.properties[name]
            yield from value if isinstance(value, tuple) else ()
            if isinstance(value, str):
                yield value
