"""Why a route cannot be told, and what to export so that it can."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.evaluate.messages import not_known
from auditor.model import Unreadable, is_known

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from auditor.evaluate.subject import Choice
    from auditor.routing import Carrier, Stretch

_FACTS: Final = (
    ("Enabled", "enabled"),
    ("AddressSpaces", "spaces"),
    ("IsScopedConnector", "scoped"),
)
"""Properties, and what routing makes of them: None where nothing is known."""

_LIMIT: Final = (("MaxMessageSize", "limit"),)

_MOST: Final = 3
_SITES: Final = (
    "It depends on the sites of the servers and on what the links between them cost, and these are "
    "not all known (Get-ExchangeServer, Get-AdSiteLink)."
)


def doubts(stretches: Sequence[Stretch], choice: Choice, *, guarded: bool) -> list[str]:
    """The reasons, a sentence each.

    Args:
        stretches: the mail whose route is not known.
        choice: the subject.
        guarded: an exemption may cover it, whose guard could not be read.
    """
    said: list[str] = []
    if choice.candidates:
        said.append("Which connector leads to the gateway is not known.")
    if guarded:
        said.append("Whether an exemption covers it is not known either: its guard asks for that.")
    if any(stretch.inside is None for stretch in stretches):
        said.append("The DomainType of an accepted domain could not be read.")
    if said:
        return said
    carriers = [*dict.fromkeys(offer.carrier for s in stretches for offer in s.step.possible)]
    said = [text for carrier in carriers for text in _unknown(carrier, _FACTS)]
    if not said and any(stretch.above >= 0 for stretch in stretches):
        said = [text for carrier in carriers for text in _unknown(carrier, _LIMIT)]
    return said[:_MOST] or [_SITES]


def _unknown(carrier: Carrier, facts: Sequence[tuple[str, str]]) -> Iterator[str]:
    connector = carrier.connector
    linked = connector.properties["LinkedReceiveConnector"]
    if isinstance(linked, Unreadable):
        yield f"LinkedReceiveConnector of '{connector.label}' {not_known(linked)}."
    for name, fact in facts:
        value = connector.properties[name]
        if getattr(carrier, fact) is None and (value is None or not is_known(value)):
            yield f"{name} of '{connector.label}' {not_known(value)}."
