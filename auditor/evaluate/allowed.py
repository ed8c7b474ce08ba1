"""What exemptions of ``OtherOutboundConnectors`` permit of the routes.

A connector that is exempt there is exempt here for the address spaces that the guard lists, or
without a list for its specific ones; never for "any other domain".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.errors import NOWHERE
from auditor.evaluate.exempting import permissions
from auditor.evaluate.other_outbound import CONTROL, finding_of
from auditor.kinds.address_spaces import domain_of
from auditor.model import Control

if TYPE_CHECKING:
    from collections.abc import Iterable

    from auditor.evaluate.situation import Situation
    from auditor.evaluate.subject import Choice
    from auditor.model import Connector, Exemption, Scene
    from auditor.routing import Carrier, Offer

_LISTS: Final = ("equals", "includes", "subset_of")
"""The matchers that list what there may be."""


class Allowance(NamedTuple):
    """The address spaces of a connector that exemptions cover.

    Attributes:
        spaces: those that are covered.
        unsure: those of which it cannot be told, because a guard could not be read.
        exemption: the one of those that cover something which ends last.
        exempt: it is exempt from ``OtherOutboundConnectors``, whatever of its routes that covers.
    """

    spaces: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()
    exemption: Exemption | None = None
    exempt: bool = False

    def covers(self, offer: Offer) -> bool:
        """Whether mail for an address space is permitted."""
        return offer.space in self.spaces

    def may_cover(self, offer: Offer) -> bool:
        """Whether that cannot be told."""
        return offer.space in self.unsure


def allowances(choice: Choice, situation: Situation) -> dict[Carrier, Allowance]:
    """What is permitted of every connector that is not disabled."""
    return {
        carrier: _allowance(carrier.connector, choice, situation)
        for carrier in situation.traffic.network.carriers
    }


def _allowance(connector: Connector, choice: Choice, situation: Situation) -> Allowance:
    if not situation.policy.exemptions:
        return _NONE
    control = situation.policy.controls.get(CONTROL, _STAND_IN)
    finding = finding_of(connector, control, choice)
    if finding is None:
        return _NONE
    covering, unsure = permissions(finding, situation)
    listed = [(exemption, _listed(exemption, connector, situation.scene)) for exemption in covering]
    useful = [exemption for exemption, spaces in listed if spaces]
    return Allowance(
        _union(spaces for _, spaces in listed),
        _union(_listed(exemption, connector, situation.scene) for exemption in unsure),
        max(useful, key=lambda exemption: exemption.expires) if useful else None,
        bool(covering),
    )


_NONE: Final = Allowance()
_STAND_IN: Final = Control(CONTROL, (), "critical", None, (), NOWHERE)
"""Where a policy does not look at the other connectors, its exemptions still say what may be."""


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)


def _listed(exemption: Exemption, connector: Connector, scene: Scene) -> frozenset[str]:
    """The specific address spaces of a connector that an exemption is about."""
    spaces = connector.properties["AddressSpaces"]
    specific = frozenset(
        space for space in (spaces if isinstance(spaces, tuple) else ()) if domain_of(space) != "*"
    )
    for name, matcher in exemption.only_if:
        if name == "AddressSpaces":
            said = matcher.within(scene).expected()
            lists = said if isinstance(said, dict) else {"equals": said}
            for key in _LISTS:
                items = lists.get(key, [*specific])
                specific &= frozenset(map(str, items)) if isinstance(items, list) else frozenset()
    return specific
