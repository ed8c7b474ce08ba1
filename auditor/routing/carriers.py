"""Connectors as routing sees them: what each takes, up to which size, and from where it sends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.kinds.address_spaces import INBOUND_MARKER, domain_of, typed_pattern
from auditor.kinds.quantities import UNLIMITED, bytes_of
from auditor.model import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from auditor.model import Connector, Connectors, Value
    from auditor.routing.topology import Topology

LARGEST: Final = bytes_of(UNLIMITED)
"""The size in bytes that no message has; a connector without a limit takes all up to it."""


@dataclass(frozen=True, slots=True, eq=False)
class Carrier:
    """An enabled connector, or one that may be enabled.

    Attributes:
        connector: the one.
        enabled: True, or None where it cannot be read.
        limit: the largest message in bytes; None where it is not known.
        scoped: whether only its own site uses it; None where that is not known.
        hosts: its source servers by their keys; empty where they are not known.
        nodes: where these are, as the topology names it.
        linked: the receive connector all of whose mail it sends on (2010 only); else None.
        is_linked: whether that is sure; else the connector's name could not be read.
        spaces: its address spaces; None where they are not known, and it may take any mail.
    """

    connector: Connector
    enabled: bool | None
    limit: int | None
    scoped: bool | None
    hosts: frozenset[str]
    nodes: frozenset[str]
    linked: str | None = None
    is_linked: bool = False
    spaces: tuple[str, ...] | None = None

    @property
    def is_certain(self) -> bool:
        """Whether it is enabled and takes what it is listed for, and that is known."""
        return self.enabled is True and self.spaces is not None

    @property
    def is_plain(self) -> bool:
        """Whether every server may use it, and that is known."""
        return self.enabled is True and self.scoped is False


class Offer(NamedTuple):
    """A connector's address space, at its cost. ``pattern`` is what it covers: ``*.contoso.com``.

    Of a space that is not SMTP, ``pattern`` is type and address: ``X400:c=us``.
    """

    carrier: Carrier
    pattern: str
    cost: int
    space: str


def carriers_of(connectors: Connectors, topology: Topology) -> tuple[Carrier, ...]:
    """All connectors that are not disabled, in the order of the export."""
    everything = (*connectors.send, *connectors.other)
    return tuple(
        _carrier(connector, topology)
        for connector in everything
        if connector.properties["Enabled"] is not False
    )


def _carrier(connector: Connector, topology: Topology) -> Carrier:
    read = connector.properties
    spaces = _spaces(connector)
    local = any(space.startswith("Local:") for space in spaces or ())
    hosts = topology.hosts(read["SourceTransportServers"])
    return Carrier(
        connector=connector,
        enabled=True if read["Enabled"] is True else None,
        limit=_limit(read["MaxMessageSize"]),
        scoped=True if local else _flag(read["IsScopedConnector"]),
        hosts=hosts,
        nodes=topology.nodes(hosts, connector),
        linked=_linked(read["LinkedReceiveConnector"]),
        is_linked=isinstance(read["LinkedReceiveConnector"], str),
        spaces=spaces,
    )


def _spaces(connector: Connector) -> tuple[str, ...] | None:
    spaces = connector.properties["AddressSpaces"]
    if not isinstance(spaces, tuple):
        return None
    # A foreign or delivery-agent connector is never without: an empty list was not read.
    return spaces if spaces or connector.cmdlet == "SendConnector" else None


def _limit(value: Value) -> int | None:
    """The size in bytes; nothing is known of a limit that is not there."""
    if isinstance(value, int) or value == UNLIMITED:
        return bytes_of(value)
    return None


def _flag(value: Value) -> bool | None:
    return value if isinstance(value, bool) else None


def _linked(value: Value) -> str | None:
    """The receive connector whose mail skips all other rules (Exchange 2010).

    Source: https://technet.microsoft.com/library/bb201724(v=exchg.141).aspx
    """
    if isinstance(value, Unreadable):
        return "(not readable)"
    return value if isinstance(value, str) and value else None


def offers_of(carriers: Iterable[Carrier]) -> dict[str, list[Offer]]:
    """What the connectors take, by pattern; of one connector's equal patterns the cheapest.

    The marker of inbound connectors is no pattern: only Edge servers use it.
    Source: https://learn.microsoft.com/exchange/mail-flow/connectors/send-connectors
    """
    found: dict[str, list[Offer]] = {}
    for carrier in carriers:
        mine: dict[str, Offer] = {}
        for space in carrier.spaces or ():
            offer = _offer(carrier, space)
            known = mine.get(offer.pattern)
            if offer.pattern != INBOUND_MARKER and (known is None or offer.cost < known.cost):
                mine[offer.pattern] = offer
        for pattern, offer in mine.items():
            found.setdefault(pattern, []).append(offer)
    return found


def _offer(carrier: Carrier, space: str) -> Offer:
    address, _, cost = space.removeprefix("Local:").rpartition(";")
    domain = domain_of(space)
    pattern = typed_pattern(*address.split(":", 1)) if domain is None else domain
    return Offer(carrier, pattern, int(cost), space)
