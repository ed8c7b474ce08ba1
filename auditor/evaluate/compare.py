"""The one door to deepdiff: two normalised values → what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from deepdiff import DeepDiff

from auditor.model import Change

if TYPE_CHECKING:
    from collections.abc import Mapping

    from deepdiff.model import DiffLevel

    from auditor.model import Json

_KINDS: Final[Mapping[str, Literal["added", "removed", "changed"]]] = {
    "values_changed": "changed",
    "type_changes": "changed",
    "set_item_added": "added",
    "set_item_removed": "removed",
    "dictionary_item_added": "added",
    "dictionary_item_removed": "removed",
}
"""Every kind of change that normalised values can have; another one is a fault of ours."""


def changes(expected: Json, actual: Json) -> tuple[Change, ...]:
    """The differences of two normalised values; lists are sets.

    Args:
        expected: a scalar, a sorted tuple of texts, or a mapping of scalars.
        actual: likewise.

    Returns:
        Removed first, then added, then changed, each by path. The path of a removed item points
        into ``expected``, that of an added one into ``actual``.

    Raises:
        ValueError: deepdiff reports a kind of change that is not known here.
    """
    difference = DeepDiff(
        _as_set(expected), _as_set(actual), view="tree", threshold_to_diff_deeper=0
    )
    found: list[Change] = []
    for kind, levels in difference.items():
        if kind not in _KINDS:
            raise ValueError(f"deepdiff reports {kind!r}, which nothing here expects")
        found.extend(_change(kind, level, expected, actual) for level in levels)
    return tuple(sorted(found, key=lambda c: (c.change != "removed", c.change, c.path)))


def _as_set(value: Json) -> Json:
    return frozenset(value) if isinstance(value, tuple) else value


def _change(kind: str, level: DiffLevel, expected: Json, actual: Json) -> Change:
    change = _KINDS[kind]
    if kind.startswith("set_item"):
        item = level.t1 if change == "removed" else level.t2
        items = expected if change == "removed" else actual
        position = items.index(item) if isinstance(items, tuple) else 0
        return _one_sided(change, f"/{position}", item)
    path = "".join(f"/{_escaped(part)}" for part in level.path(output_format="list"))
    if change == "changed":
        return Change("changed", path, _listed(level.t1), _listed(level.t2))
    return _one_sided(change, path, _listed(level.t1 if change == "removed" else level.t2))


def _one_sided(change: Literal["added", "removed", "changed"], path: str, item: Json) -> Change:
    if change == "removed":
        return Change("removed", path, item, None)
    return Change("added", path, None, item)


def _listed(value: Json) -> Json:
    return sorted(value) if isinstance(value, frozenset | tuple) else value


def _escaped(part: object) -> str:
    """A part of a JSON pointer (RFC 6901)."""
    return str(part).replace("~", "~0").replace("/", "~1")
