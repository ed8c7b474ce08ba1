"""Control packs (``audit-pack/1``): further controls with published identifiers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from auditor.errors import PolicyError
from auditor.model import Pack, Requirement
from auditor.policy.controls import DETAILS, make_control
from auditor.policy.fields import choice, fail, key_place, mapping, sequence, text
from auditor.policy.matchers import MATCHERS, read_matchers
from auditor.policy.regions import STATES
from auditor.policy.requirements import NEVER, kind_of, read_requirements, some_matcher

if TYPE_CHECKING:
    from auditor.model import Control
    from auditor.yamlfile import Node

SCHEMA: Final = "audit-pack/1"
KEYS: Final = ("schema", "name", "version", "title", "controls")
CONTROL_KEYS: Final = (
    "id", "title", "property", "properties", *MATCHERS, *DETAILS, "scope", "state"
)  # fmt: skip
SCOPES: Final = ("subject", "all")


def read_pack(node: Node, file: str) -> Pack:
    """A pack from its document.

    Args:
        node: the root.
        file: where it was read from.

    Raises:
        PolicyError: it is wrong, with the place.
    """
    entries = mapping(node, "a pack", KEYS)
    for key in ("name", "controls"):
        if key not in entries:
            fail(node, f"a pack needs {key}")
    controls: dict[str, Control] = {}
    for item in sequence(entries["controls"], "controls"):
        control = _control(item)
        if control.id in controls:
            first = controls[control.id].position.line
            message = f"the control {control.id!r} is already there in line {first}"
            raise PolicyError(message, control.position)
        controls[control.id] = control
    if not controls:
        fail(entries["controls"], "a pack needs at least one control")
    return Pack(
        name=text(entries["name"], "name"),
        version=text(entries["version"], "version") if "version" in entries else None,
        title=text(entries["title"], "title") if "title" in entries else None,
        controls=controls,
        file=file,
    )


def _control(node: Node) -> Control:
    entries = mapping(node, "a control of a pack", CONTROL_KEYS)
    if "id" not in entries:
        fail(node, "a control of a pack needs its published id")
    identifier = text(entries["id"], "id").strip()
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
    matcher = read_matchers(entries, name, kind_of(name, entries["property"].place))
    if matcher is None and NEVER not in entries:
        fail(node, f"nothing would be checked of {name}", some_matcher())
    return () if matcher is None else (Requirement(name, matcher),)
