"""Exemptions that can never cover a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.errors import NOWHERE
from auditor.policy.lint.draft import Found, asked_place, at, place_at, said_at
from auditor.policy.lint.values import right
from auditor.policy.pack_files import load_builtin_packs
from auditor.properties import PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from auditor.model import Control, Exemption, Matcher, Requirement, Scene
    from auditor.policy.lint.draft import Draft
    from auditor.yamlfile import Node

ABOUT_NO_CONNECTOR: Final = "ConnectorPresent"
"""The one control that can fail without a connector that it would be about."""

OTHERS: Final = "OtherOutboundConnectors"
_TAKE_OUT: Final = "Take the exemption out."


def exemption_of_no_control(draft: Draft) -> Iterator[Found]:
    """An exemption is for a control that the policy ignores, or never had.

    One that was inherited, for a control that a child ignores, is no mistake of either.
    """
    known = {control.id for control in draft.policy.all_controls}
    for exemption, entry in draft.exemptions():
        name = exemption.control
        if name in known or _pack_with(name) is not None:
            continue
        ignored = at(draft.property_node(name) or draft.node("controls", name), "ignore")
        if ignored is not None and draft.overrides(ignored.place, exemption.position):
            continue
        state = f"is ignored ({said_at(ignored.place)})" if ignored else "is not under control"
        yield Found(
            f"this exemption can never cover anything: {name} {state}",
            place_at(entry, ("control",), exemption.position),
            f"{_TAKE_OUT} Or put {name} under control.",
        )


def exemption_of_unused_pack(draft: Draft) -> Iterator[Found]:
    """An exemption is for a control of a built-in pack that the policy does not name."""
    known = {control.id for control in draft.policy.all_controls}
    for exemption, entry in draft.exemptions():
        pack = _pack_with(exemption.control)
        if exemption.control not in known and pack is not None:
            yield Found(
                f"this exemption covers nothing unless --pack {pack} is given: {exemption.control} "
                "is a control of that pack, which the policy does not name",
                place_at(entry, ("control",), exemption.position),
                f"Write: packs: [{pack}]",
            )


def exemption_of_inapplicable_control(draft: Draft) -> Iterator[Found]:
    """An exemption is for a control that never applies, so that it never fails."""
    for exemption, entry in draft.exemptions():
        control = _control(draft, exemption.control)
        if control is None or control.not_applicable_because is None:
            continue
        if not draft.overrides(control.position, exemption.position):
            yield Found(
                f"this exemption can never cover anything: {control.id} never applies, so it "
                f"never fails ({said_at(control.position)})",
                place_at(entry, ("control",), exemption.position),
                _TAKE_OUT,
            )


def exemption_without_connector(draft: Draft) -> Iterator[Found]:
    """An exemption has ``connector: null``, and its control fails only on a connector.

    ConnectorPresent alone can fail without one.
    """
    for exemption, entry in draft.exemptions():
        if exemption.connector is None and exemption.control != ABOUT_NO_CONNECTOR:
            yield Found(
                f"this exemption can never cover anything: {exemption.control} always fails on a "
                "connector, and this is for findings without one",
                place_at(entry, ("connector",), exemption.position),
                "Name the connector. Where no connector leads to the gateway: control: "
                "ConnectorPresent.",
            )


def exemption_of_the_subject(draft: Draft) -> Iterator[Found]:
    """An exemption from OtherOutboundConnectors is for the connector that the policy names.

    That one is the subject, and never another outbound connector.
    """
    name = draft.policy.connector_name
    if name is None:
        return
    named = place_at(draft.node("connector", "name"), (), NOWHERE)
    for exemption, entry in draft.exemptions():
        if exemption.control != OTHERS or (exemption.connector or "").lower() != name.lower():
            continue
        if not draft.overrides(named, exemption.position):
            yield Found(
                f"this exemption can never cover anything: {name!r} is the connector that the "
                f"policy names as the gateway's, and {OTHERS} is about all others",
                place_at(entry, ("connector",), exemption.position),
                "Say which of its settings may differ (control: Port), or name another connector.",
            )


def guard_of_a_disabled_connector(draft: Draft) -> Iterator[Found]:
    """An exemption from OtherOutboundConnectors holds only while Enabled is not true.

    A connector that is not enabled never fails that control.
    """
    for exemption, entry in draft.exemptions():
        for name, matcher in exemption.only_if:
            if exemption.control == OTHERS and name == "Enabled" and matcher.holds(True) is False:
                yield Found(
                    f"this exemption can never cover anything: {OTHERS} fails only on connectors "
                    f"that are enabled, and here Enabled must {matcher.must(name)}",
                    asked_place(at(entry, "only_if", name), exemption.position),
                    "Take this condition out.",
                )


def guard_that_passes(draft: Draft) -> Iterator[Found]:
    """An exemption holds only while its control passes anyway.

    For example an exemption from SmartHosts, only if SmartHosts are those of the region.
    """
    for exemption, entry in draft.exemptions():
        control = _control(draft, exemption.control)
        if control is None or draft.overrides(control.position, exemption.position):
            continue
        guards = {guard.property: guard.matcher for guard in exemption.only_if}
        asked = control.requirements
        if asked and all(_is_implied(one, guards, draft.scenes) for one in asked):
            yield _passing(control, exemption, entry)


def _passing(control: Control, exemption: Exemption, entry: Node | None) -> Found:
    name = control.requirements[0].property
    return Found(
        f"this exemption can never cover anything: where {name} is as only_if wants it, "
        f"{control.id} passes ({said_at(control.position)})",
        asked_place(at(entry, "only_if", name), exemption.position),
        f"Say under only_if the value that is permitted although {control.id} fails.",
    )


def _is_implied(
    requirement: Requirement, guards: Mapping[str, Matcher], scenes: Sequence[Scene]
) -> bool:
    """Whether what a guard asks of a property is at least what a control asks, everywhere."""
    guard = guards.get(requirement.property)
    if guard is None:
        return False
    if guard.expected() == requirement.matcher.expected():
        return True
    return all(
        _passes_with(requirement, guard.within(scene), requirement.matcher.within(scene))
        for scene in scenes
    )


def _passes_with(requirement: Requirement, guard: Matcher, wanted: Matcher) -> bool:
    """Whether each of the values that a guard leaves, if they can be counted, is right."""
    values = right(guard, PROPERTIES[requirement.property].kind)
    return bool(values) and all(wanted.holds(value) is True for value in values or ())


def _control(draft: Draft, name: str) -> Control | None:
    return next((control for control in draft.policy.all_controls if control.id == name), None)


def _pack_with(name: str) -> str | None:
    """The built-in pack that has a control."""
    return next((pack.name for pack in load_builtin_packs() if name in pack.controls), None)
