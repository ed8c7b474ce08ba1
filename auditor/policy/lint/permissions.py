"""Exemptions that are over, too wide, or there twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.policy.lint.draft import Found, place_at, said_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.model import Exemption
    from auditor.policy.lint.draft import Draft


def exemption_expired(draft: Draft) -> Iterator[Found]:
    """The last day of an exemption is over, so that it covers nothing any more."""
    for exemption, entry in draft.exemptions():
        if exemption.expires < draft.today:
            yield Found(
                f"this exemption expired on {exemption.expires}: it covers nothing any more",
                place_at(entry, ("expires",), exemption.position),
                "Have it approved again with a new date, or take it out.",
            )


def exemption_of_every_connector(draft: Draft) -> Iterator[Found]:
    """An exemption names only wildcards and has neither ``only_if`` nor ``evidence``.

    It covers every connector, also those that nobody has made yet.
    """
    for exemption, entry in draft.exemptions():
        name = exemption.connector or ""
        if exemption.expires < draft.today or _is_bound(exemption):
            continue
        if set(name) <= {"*", "?"} and "*" in name:
            yield Found(
                f"this exemption covers every connector, so {exemption.control} cannot fail "
                f"until {exemption.expires}",
                place_at(entry, ("connector",), exemption.position),
                "Name the connector, or say under only_if what must hold of it.",
            )


def exemption_twice(draft: Draft) -> Iterator[Found]:
    """Two exemptions permit the same, and one holds on all days of the other.

    The same is the same connector, control, ``only_if`` and ``evidence``. One that is expired is
    not counted: it says so itself.
    """
    live = [pair for pair in draft.exemptions() if pair[0].expires >= draft.today]
    for index, (exemption, entry) in enumerate(live):
        for other_index, (other, _) in enumerate(live):
            if other_index == index or not _permit_the_same(exemption, other):
                continue
            both = _holds_throughout(exemption, other)
            if _holds_throughout(other, exemption) and (not both or other_index < index):
                yield Found(
                    f"this exemption permits what another one ({said_at(other.position)}) permits "
                    f"until {other.expires}: it changes nothing",
                    place_at(entry, ("expires",), exemption.position),
                    "Take one of them out.",
                )
                break


def _is_bound(exemption: Exemption) -> bool:
    return bool(exemption.only_if) or exemption.evidence is not None


def _permit_the_same(one: Exemption, other: Exemption) -> bool:
    return _permission(one) == _permission(other)


def _permission(exemption: Exemption) -> tuple[object, ...]:
    guards = {guard.property: guard.matcher.expected() for guard in exemption.only_if}
    name = exemption.connector
    return (None if name is None else name.lower(), exemption.control, guards, exemption.evidence)


def _holds_throughout(one: Exemption, other: Exemption) -> bool:
    """Whether one holds on every day on which another does."""
    begins = one.starts is None or (other.starts is not None and one.starts <= other.starts)
    return begins and other.expires <= one.expires
