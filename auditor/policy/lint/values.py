"""Which values matchers leave possible, as far as that can be tried out.

Where a property can only have so many values, or a matcher names the ones that it allows, they
are tried. Of the rest, only what is certain counts: what cannot be told is taken for possible.
"""

from __future__ import annotations

from itertools import combinations
from operator import eq
from typing import TYPE_CHECKING, TypeAlias

from auditor.kinds import BOOLEAN
from auditor.policy.matchers.base import AllOf
from auditor.policy.matchers.bounds import Bound
from auditor.policy.matchers.equality import Equals, OneOf
from auditor.policy.matchers.pattern import Matches
from auditor.policy.matchers.presence import IsPresent
from auditor.policy.matchers.sets import Excludes, Includes, SubsetOf

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from auditor.kinds import Kind
    from auditor.model import Matcher, Present, Scene

Values: TypeAlias = "tuple[Present | None, ...]"


def parts_of(matcher: Matcher) -> Mapping[str, Matcher]:
    """The matchers of a mapping by their words, also where there is only one."""
    if isinstance(matcher, AllOf):
        return matcher.parts
    said = matcher.expected()
    return {next(iter(said)) if isinstance(said, dict) else "equals": matcher}


def within(matcher: Matcher, scenes: Iterable[Scene]) -> list[Matcher]:
    """A matcher wherever it is applied; nowhere, if it needs a region and there is none."""
    if not matcher.needs_region:
        return [matcher]
    return [matcher.within(scene) for scene in scenes if scene.region is not None]


def empties(kind: Kind) -> Values:
    """The values of a kind that are none: null and empty."""
    if kind.is_list:
        return ((),)
    return (None, "") if kind.textual and not kind.members else (None,)


def named(matcher: Matcher) -> Values:
    """The values that a matcher names as right."""
    found: list[Present | None] = []
    for part in parts_of(matcher).values():
        if isinstance(part, Equals):
            found.append(part.value)
        elif isinstance(part, OneOf):
            found += [option.value for option in part.options]
    return tuple(found)


def choices(matcher: Matcher, kind: Kind) -> Values | None:
    """All values among which the right ones are; None where they cannot be counted."""
    for part in parts_of(matcher).values():
        if isinstance(part, Equals | OneOf):
            return named(part)
        if isinstance(part, IsPresent) and not part.wanted:
            return empties(kind)
        if isinstance(part, Bound) and kind.is_list and part.most and part.bound == 0:
            return ((),)
    if kind is BOOLEAN:
        return (True, False, None)
    return (*kind.members, None) if kind.members else None


def right(matcher: Matcher, kind: Kind) -> Values | None:
    """Those of the choices that the matcher does not refuse; None where they are not known."""
    values = choices(matcher, kind)
    if values is None:
        return None
    return tuple(value for value in values if matcher.holds(value) is not False)


def clash(matcher: Matcher, kind: Kind, scenes: Sequence[Scene]) -> dict[str, Matcher] | None:
    """The fewest matchers of a mapping that no value can satisfy together; None if one can.

    Args:
        matcher: what the mapping asks.
        kind: of the property's values.
        scenes: where it is applied; it must be impossible in all of them.
    """
    parts = dict(parts_of(matcher))
    for size in (*range(1, min(3, len(parts))), len(parts)):
        for some in combinations(parts.items(), size):
            together = AllOf(dict(some))
            places = within(together, scenes)
            if places and all(_is_impossible(one, kind) for one in places):
                return dict(some)
    return None


def _is_impossible(matcher: Matcher, kind: Kind) -> bool:
    values = right(matcher, kind)
    if values is not None:
        return not values
    parts = tuple(parts_of(matcher).values())
    return _bounds_cross(parts) or (kind.is_list and _list_is_impossible(parts, kind))


def _bounds_cross(parts: Iterable[Matcher]) -> bool:
    bounds = [part for part in parts if isinstance(part, Bound)]
    least = [bound for bound in bounds if not bound.most]
    most = [bound for bound in bounds if bound.most]
    return any(not upper.holds(lower.bound) for upper in most for lower in least)


def _list_is_impossible(parts: tuple[Matcher, ...], kind: Kind) -> bool:
    """Whether no list has all that it must, nothing that it must not, and the right length."""
    wanted = {i for part in parts if isinstance(part, Includes) for i in _keys(kind, part.items)}
    if any(_is_refused(item, part, kind) for item in wanted for part in parts):
        return True
    pools = [_keys(kind, part.items) for part in parts if isinstance(part, SubsetOf)]
    left = [
        item
        for pool in pools
        for item in pool
        if not any(_is_refused(item, part, kind) for part in parts)
    ]
    bounds = [part for part in parts if isinstance(part, Bound)]
    too_many = any(b.most and not b.holds(len(wanted)) for b in bounds)
    too_few = any(not b.most and not b.holds(len(left)) for b in bounds)
    return too_many or bool(pools and (too_few or not left))


def _is_refused(item: str, part: Matcher, kind: Kind) -> bool:
    """Whether a list with this item can never be right; a server may have another spelling."""
    if isinstance(part, Excludes):
        return item in _keys(kind, part.items)
    if isinstance(part, SubsetOf):
        # A server may stand there by its bare name, which goes for any full one.
        spelled = item if kind.alike is eq else item.partition(".")[0]
        return bool(kind.lacking((spelled,), part.items))
    return isinstance(part, Matches) and kind.alike is eq and part.holds((item,)) is False


def _keys(kind: Kind, items: Sequence[str]) -> tuple[str, ...]:
    keys = kind.key(tuple(items))
    return keys if isinstance(keys, tuple) else ()
