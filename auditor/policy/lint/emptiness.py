"""What asks for nothing: it never fails, whatever Exchange says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from auditor.errors import Place
from auditor.kinds import BOOLEAN, SIZE, UNLIMITED
from auditor.kinds.hosts import read_smart_host
from auditor.policy.lint.draft import Found
from auditor.policy.matchers.bounds import Bound
from auditor.properties import PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.kinds import Kind
    from auditor.model import Matcher, Present
    from auditor.policy.lint.draft import Draft
    from auditor.yamlfile import Node


def control_that_always_passes(draft: Draft) -> Iterator[Found]:
    """A control holds of every value that its property can have.

    For example ``max: Unlimited``, ``one_of: [true, false]``, ``min: 0`` of a list.
    """
    for control in draft.policy.controls.values():
        for name, matcher in control.requirements:
            if _always_holds(matcher, PROPERTIES[name].kind):
                yield Found(
                    f"{name} must {matcher.must(name)}: that is always so, and proves nothing",
                    draft.value_place(control),
                    "Ask for what must hold, or take it out.",
                )


def region_host_elsewhere(draft: Draft) -> Iterator[Found]:
    """A region lists a host that is under none of the gateway's domains: a typing mistake?"""
    domains = tuple(f".{domain}" for domain in draft.policy.gateway.domains)
    for region in draft.policy.regions.values():
        for host in region.smart_hosts:
            if not host.endswith(domains):
                listed = draft.node("regions", region.id, "smart_hosts")
                items = listed.value if listed and isinstance(listed.value, tuple) else ()
                node = next((item for item in items if _is_host(item, host)), listed)
                yield Found(
                    f"the smart host {host} of the region {region.id} is under none of the "
                    f"domains of {draft.policy.gateway.name}",
                    node.place if node else Place(Path(draft.policy.files[0]).name, 1, 1),
                    "Correct it, or add its domain under gateway: domains.",
                )


def _is_host(node: Node, host: str) -> bool:
    return isinstance(node.value, str) and read_smart_host(node.value) == host


def _always_holds(matcher: Matcher, kind: Kind) -> bool:
    """Whether a matcher refuses none of the values that decide it."""
    values: tuple[Present, ...]
    if kind.is_list:
        return isinstance(matcher, Bound) and not matcher.most and matcher.bound == 0
    if kind is BOOLEAN:
        values = (True, False)
    elif kind.members:
        values = kind.members
    elif kind is SIZE:
        values = (0, UNLIMITED)
    else:
        return False
    return all(matcher.holds(value) is True for value in values)
