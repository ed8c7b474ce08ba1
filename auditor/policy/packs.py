"""Control packs (``audit-pack/1``): further controls with published identifiers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from auditor.errors import PolicyError, shortened
from auditor.model import Pack, Requirement
from auditor.policy.controls import DETAILS, make_control
from auditor.policy.fields import DASHES, choice, fail, key_place, mapping, sequence, text
from auditor.policy.matchers import MATCHERS, read_matchers
from auditor.policy.regions import STATES
from auditor.policy.requirements import NEVER, kind_of, read_requirements, some_matcher
from auditor.policy.words import SPECIAL
from auditor.properties import PROPERTIES

if TYPE_CHECKING:
    from auditor.model import Control
    from auditor.yamlfile import Node

SCHEMA: Final = "audit-pack/1"
KEYS: Final = ("schema", "name", "version", "title", "controls")
CONTROL_KEYS: Final = (
    "id", "title", "property", "properties", *MATCHERS, *DETAILS, "scope", "state"
)  # fmt: skip
SCOPES: Final = ("subject", "all")
PUBLISHED: Final = "Give the control the identifier under which it was published."

_OF_POLICIES: Final = {
    **{name.lower(): f"the property {name}" for name in PROPERTIES},
    **{name.lower(): f"the control {name}" for name in SPECIAL},
}
"""Ids in lower case that policies use themselves, and for what."""


def read_pack(node: Node, file: str) -> Pack:
    """A pack from its document.

    Args:
        node: the root.
        file: where it was read from.

    Raises:
        PolicyError: it is wrong, with the place.
    """
    entries = mapping(node, "a pack")
    if "controls" not in entries:
        fail(node, "a pack needs controls", "Write: controls: with at least one control below it.")
    controls = _controls(entries["controls"])
    return Pack(
        name=text(entries["name"], "name"),
        version=text(entries["version"], "version") if "version" in entries else None,
        title=text(entries["title"], "title") if "title" in entries else None,
        controls=controls,
        file=file,
    )


def _controls(node: Node) -> dict[str, Control]:
    """The controls by id; ids that differ by letter case only are one to most readers."""
    controls: dict[str, Control] = {}
    first: dict[str, Control] = {}
    for item in sequence(node, "controls", DASHES):
        control = _control(item)
        known = first.setdefault(control.id.lower(), control)
        if known is not control:
            raise PolicyError(
                f"the control {shortened(control.id)} is already there in line "
                f"{known.position.line}{_as(known.id, control.id)}",
                control.position,
            )
        controls[control.id] = control
    if not controls:
        fail(node, "a pack needs at least one control", DASHES)
    return controls


def _as(known: str, identifier: str) -> str:
    """What is said of an id that differs from a known one by letter case."""
    return "" if known == identifier else f" as {shortened(known)}"


def _published_id(node: Node) -> str:
    """An id that stands for no control of policies: exemptions and histories go by it."""
    identifier = text(node, "id").strip()
    owner = _OF_POLICIES.get(identifier.lower())
    if owner is not None:
        message = f"the id {shortened(identifier)} is already used by policies, for {owner}"
        fail(node, message, PUBLISHED)
    return identifier


def _control(node: Node) -> Control:
    entries = mapping(node, "a control of a pack", CONTROL_KEYS)
    if "id" not in entries:
        fail(node, "a control of a pack needs its published id")
    identifier = _published_id(entries["id"])
    control = make_control(identifier, _requirements(node, entries), entries, entries["id"].place)
    scope = choice(entries["scope"], "scope", SCOPES) if "scope" in entries else SCOPES[0]
    state = choice(entries["state"], "state", STATES) if "state" in entries else STATES[0]
    return replace(
        control,
        title=text(entries["title"], "title").strip() if "title" in entries else None,
        everywhere=scope == "all",
        unconfirmed=state == "unconfirmed",
    )


def _requirements(node: Node, entries: dict[str, Node]) -> tuple[Requirement, ...]:
    asked = [key for key in entries if key in MATCHERS]
    if "properties" in entries:
        beside = [*asked, *(["property"] if "property" in entries else [])]
        if beside:
            place = key_place(node, beside[0])
            raise PolicyError(f"{beside[0]!r} stands beside 'properties', which says it all", place)
        return read_requirements(entries["properties"], "properties")
    if "property" not in entries:
        if NEVER in entries and not asked:
            return ()
        fail(node, "a control of a pack needs its property", "For several: properties.")
    name = text(entries["property"], "property")
    matcher = read_matchers(entries, name, kind_of(name, entries["property"].place), node.keys)
    if matcher is None and NEVER not in entries:
        fail(node, f"nothing would be checked of {name}", some_matcher())
    return () if matcher is None else (Requirement(name, matcher),)
