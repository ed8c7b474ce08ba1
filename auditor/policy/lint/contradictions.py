"""Matchers in one mapping that no value can satisfy together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.model import Scene
from auditor.policy.lint.draft import Found, asked_place, at
from auditor.policy.lint.values import clash
from auditor.properties import PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from auditor.errors import Place
    from auditor.model import Pack, Requirement
    from auditor.policy.lint.draft import Draft
    from auditor.yamlfile import Node

_FAILS: Final = "the control always fails"


def impossible_control(draft: Draft) -> Iterator[Found]:
    """The matchers of a control contradict each other, so that no value is ever right.

    For example ``min`` over ``max``, ``includes`` and ``excludes`` of the same item,
    ``present: false`` beside a value.
    """
    for control in draft.policy.controls.values():
        for requirement in control.requirements:
            node = draft.property_node(control.id)
            yield from _clashes(requirement, node, control.position, draft.scenes, _FAILS)


def impossible_condition(draft: Draft) -> Iterator[Found]:
    """The matchers in a ``when`` contradict each other, so that the control never applies."""
    for control in draft.policy.controls.values():
        for requirement in control.when:
            node = at(draft.property_node(control.id), "when", requirement.property)
            yield from _clashes(
                requirement, node, control.position, draft.scenes, f"{control.id} never applies"
            )


def impossible_guard(draft: Draft) -> Iterator[Found]:
    """The matchers in an ``only_if`` contradict each other, so that it covers nothing."""
    for exemption, entry in draft.exemptions():
        for requirement in exemption.only_if:
            node = at(entry, "only_if", requirement.property)
            yield from _clashes(
                requirement,
                node,
                exemption.position,
                draft.scenes,
                "the exemption never covers anything",
            )


def impossible_in_pack(pack: Pack, root: Node | None) -> Iterator[Found]:
    """The matchers of a pack's control contradict each other, or those in its ``when``."""
    listed = at(root, "controls")
    nodes = listed.value if listed is not None and isinstance(listed.value, tuple) else ()
    for index, control in enumerate(pack.controls.values()):
        entry = nodes[index] if index < len(nodes) else None
        several = at(entry, "properties")
        for requirement in control.requirements:
            node = entry if several is None else at(several, requirement.property)
            yield from _clashes(requirement, node, control.position, (Scene(),), _FAILS)
        for requirement in control.when:
            node = at(entry, "when", requirement.property)
            yield from _clashes(
                requirement, node, control.position, (Scene(),), f"{control.id} never applies"
            )


def _clashes(
    requirement: Requirement,
    node: Node | None,
    position: Place,
    scenes: Sequence[Scene],
    therefore: str,
) -> Iterator[Found]:
    """What is wrong with one mapping of matchers.

    Args:
        requirement: the property and its matchers.
        node: the mapping, where it is known.
        position: where to point otherwise.
        scenes: where it is applied.
        therefore: what follows from it.
    """
    name, matcher = requirement
    parts = clash(matcher, PROPERTIES[name].kind, scenes)
    if parts is None:
        return
    words = list(parts)
    asked = ", and ".join(part.must(name) for part in parts.values())
    last = at(node, words[-1])
    place = asked_place(node, position) if last is None else last.place
    yield Found(
        f"no value of {name} can {asked}: {therefore}",
        place,
        f"Change or take out {' or '.join(map(repr, words))}.",
    )
