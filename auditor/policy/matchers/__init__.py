"""What can be asked of a property's value. A matcher is a class, its reader a line in MATCHERS.

``help`` of each reader is what editors show, from its docstring.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.policy.matchers.base import AllOf, InapplicableError
from auditor.policy.matchers.bounds import read_max, read_min
from auditor.policy.matchers.equality import Equals, read_equals, read_one_of
from auditor.policy.matchers.pattern import read_matches
from auditor.policy.matchers.presence import read_present
from auditor.policy.matchers.region import read_region
from auditor.policy.matchers.sets import read_excludes, read_includes, read_subset_of
from auditor.policy.matchers.settings import read_equals_from
from auditor.policy.matchers.values import read_value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from auditor.errors import Place
    from auditor.kinds import Kind
    from auditor.model import Matcher
    from auditor.yamlfile import Node

__all__ = ["MATCHERS", "Equals", "read_equals", "read_matchers", "read_value"]

MATCHERS: Final[Mapping[str, Callable[[Node, str, Kind], Matcher]]] = {
    "equals": read_equals,
    "one_of": read_one_of,
    "includes": read_includes,
    "excludes": read_excludes,
    "subset_of": read_subset_of,
    "matches": read_matches,
    "min": read_min,
    "max": read_max,
    "present": read_present,
    "region": read_region,
    "equals_from": read_equals_from,
}


def read_matchers(
    entries: Mapping[str, Node], name: str, kind: Kind, keys: Mapping[str, Place] | None = None
) -> Matcher | None:
    """The matcher that the entries of a mapping ask for; None where they ask for none.

    Args:
        entries: of the mapping; what is no matcher is passed over.
        name: the property.
        kind: of its values.
        keys: where each key of the mapping stands.

    Raises:
        PolicyError: one cannot apply to the property, or its value cannot be one.
    """
    parts: dict[str, Matcher] = {}
    for key in (key for key in entries if key in MATCHERS):
        try:
            parts[key] = MATCHERS[key](entries[key], name, kind)
        except InapplicableError as error:
            error.place = (keys or {}).get(key, error.place)
            raise
    if len(parts) > 1:
        return AllOf(parts)
    return next(iter(parts.values()), None)
