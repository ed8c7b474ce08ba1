"""What a policy's own controls ask of its subject, tried out on values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.policy.lint.draft import Found
from auditor.policy.lint.values import clash, empties, named, right
from auditor.properties import PROPERTIES

if TYPE_CHECKING:
    from auditor.model import Control, Matcher, Present
    from auditor.policy.lint.draft import Draft

_ANY_NAME = "any-name-at-all.invalid"


def asked(draft: Draft, name: str) -> Control | None:
    """The policy's own control on a property, where it asks something in every case.

    One that does not apply, or only under a condition, does not; nor one that nothing satisfies.
    """
    control = draft.policy.controls.get(name)
    if control is None or not control.requirements:
        return None
    if control.when or control.not_applicable_because is not None:
        return None
    impossible = clash(control.requirements[0].matcher, PROPERTIES[name].kind, draft.scenes)
    return None if impossible else control


def is_controlled(draft: Draft, name: str) -> bool:
    """Whether any control looks at a property, be it a pack's, be it under a condition."""
    return any(
        requirement.property == name
        for control in draft.policy.all_controls
        if control.not_applicable_because is None
        for requirement in control.requirements
    )


def must_be(draft: Draft, name: str, value: Present) -> bool:
    """Whether a property must have this one of the values that it can have."""
    matcher = _matcher(draft, name)
    if matcher is None:
        return False
    left = right(matcher, PROPERTIES[name].kind)
    return left is not None and set(left) == {value}


def cannot_be(draft: Draft, name: str, *values: Present | None) -> bool:
    """Whether a property can have none of these values."""
    matcher = _matcher(draft, name)
    return matcher is not None and not any(_allows(matcher, value) for value in values)


def must_be_set(draft: Draft, name: str) -> bool:
    """Whether a property must have a value: neither null nor empty will do."""
    return cannot_be(draft, name, *empties(PROPERTIES[name].kind))


def must_be_empty(draft: Draft, name: str) -> bool:
    """Whether a property must have no value: null or empty, and nothing else."""
    matcher = _matcher(draft, name)
    if matcher is None:
        return False
    kind = PROPERTIES[name].kind
    some: Present = (_ANY_NAME,) if kind.is_list else _ANY_NAME
    values = [value for value in (some, *named(matcher)) if value not in (None, "", ())]
    return not must_be_set(draft, name) and not any(_allows(matcher, value) for value in values)


def tied(draft: Draft, first: str, second: str, why: str, hint: str) -> Found:
    """The finding of two settings that Exchange does not hold together.

    Args:
        draft: the policy.
        first: a property that the policy asks something of.
        second: the other one; the place is that of the later of the two.
        why: what Exchange does about it.
        hint: which of them to change.
    """
    one, other = draft.policy.controls[first], draft.policy.controls[second]
    return Found(
        f"{says(one)} and {says(other)}, but {why}",
        draft.later(draft.value_place(one), draft.value_place(other)),
        hint,
    )


def says(control: Control) -> str:
    """What a control asks, in words: ``Port must be 25``."""
    ((name, matcher),) = control.requirements
    return f"{name} must {matcher.must(name)}"


def _matcher(draft: Draft, name: str) -> Matcher | None:
    control = asked(draft, name)
    return None if control is None else control.requirements[0].matcher


def _allows(matcher: Matcher, value: Present | None) -> bool:
    """Whether a value may be right; what cannot be told is taken for so."""
    return matcher.holds(value) is not False
