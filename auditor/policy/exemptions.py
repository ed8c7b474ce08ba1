"""Exemptions: an approved, dated, narrow permission for one finding."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from auditor.errors import nearest, shortened
from auditor.model import Exemption
from auditor.policy.controls import SPECIAL
from auditor.policy.fields import (
    DASHES,
    day,
    fail,
    mapping,
    name_of,
    refuse_blank,
    sequence,
    text,
)
from auditor.policy.requirements import read_requirements
from auditor.policy.words import hint_for
from auditor.properties import PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Container

    from auditor.yamlfile import Node

DEFAULT_CONTROL: Final = "OtherOutboundConnectors"
REQUIRED: Final = ("connector", "reason", "owner", "approved_by", "expires")
KEYS: Final = (*REQUIRED, "control", "ticket", "starts", "only_if", "evidence")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_CONTROLS: Final = (
    f"It is {', '.join(SPECIAL)}, a property of send connectors, or the id of a pack's control."
)
_MEANT: Final = {
    "connector": "the connector's name, or null for a finding that is about no connector",
    "reason": "why this may stay as it is",
    "owner": "who answers for it (messaging@contoso.com)",
    "approved_by": "who approved it (ciso@contoso.com)",
    "expires": "the last day on which it holds (2027-01-31)",
}


def read_exemptions(node: Node, known: Container[str] | None = None) -> tuple[Exemption, ...]:
    """The exemptions of a policy, in their order.

    Args:
        node: the list.
        known: the ids of all controls that there can be; None while they are not known yet.

    Raises:
        PolicyError: one is wrong, with the place.
    """
    return tuple(_exemption(item, known) for item in sequence(node, "exemptions", DASHES))


def _exemption(node: Node, known: Container[str] | None) -> Exemption:
    entries = mapping(node, "an exemption", KEYS)
    for key in REQUIRED:
        if key not in entries:
            fail(node, f"an exemption needs {key!r}", f"Say {_MEANT[key]}.")
        _refuse_nothing(entries[key], key)
    starts = day(entries["starts"], "starts") if "starts" in entries else None
    expires = day(entries["expires"], "expires")
    if starts is not None and expires < starts:
        fail(entries["expires"], f"it expires on {expires}, before it starts on {starts}")
    connector = _connector(entries["connector"])
    if connector is None and "only_if" in entries:
        fail(
            entries["only_if"],
            "only_if asks about a connector, and this exemption is for a finding about none",
            "Name the connector, or leave only_if out.",
        )
    return Exemption(
        connector=connector,
        control=_control(entries.get("control"), known),
        reason=_said(entries["reason"], "reason"),
        owner=_said(entries["owner"], "owner"),
        approved_by=_said(entries["approved_by"], "approved_by"),
        ticket=_said(entries["ticket"], "ticket") if "ticket" in entries else None,
        starts=starts,
        expires=expires,
        only_if=read_requirements(entries["only_if"], "only_if") if "only_if" in entries else (),
        evidence=_digest(entries["evidence"]) if "evidence" in entries else None,
        position=node.place,
    )


def _refuse_nothing(node: Node, key: str) -> None:
    """Refuse a value that says nothing, in the words that are said where its key is missing."""
    value, hint = node.value, f"Say {_MEANT[key]}."
    refuse_blank(node, key, hint)
    if (isinstance(value, str) and value.strip()) or (value is None and key == "connector"):
        return
    if isinstance(value, str):
        fail(node, f"{key} must not be empty", hint)
    is_day = key == "expires"
    if isinstance(value, bool | int) and not is_day:
        hint += f' A text like this one is put in quotes: "{str(value).lower()}".'
    fail(node, f"{key} must be {'a day' if is_day else 'text'}, not {node.describe()}", hint)


def _connector(node: Node) -> str | None:
    return None if node.value is None else name_of(node, "connector")


def _said(node: Node, what: str) -> str:
    return text(node, what).strip()


def _control(node: Node | None, known: Container[str] | None) -> str:
    if node is None:
        return DEFAULT_CONTROL
    name = text(node, "control")
    if known is not None and name not in known:
        words = [*SPECIAL, *PROPERTIES]
        hint = hint_for(name, words) if nearest(name, words) else _CONTROLS
        fail(node, f"there is no control {shortened(name)}", hint)
    return name


def _digest(node: Node) -> str:
    word = _said(node, "evidence")
    if _DIGEST.fullmatch(word) is None:
        fail(
            node,
            f"evidence cannot be {shortened(word)}",
            "It is the actual_sha256 of the finding in the JSON report: sha256: and 64 digits, "
            "lower-case.",
        )
    return word
