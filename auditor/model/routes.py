"""Where mail goes: the map of an organisation's routes, and the route of one recipient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from auditor.model.inventory import Connector

Fate: TypeAlias = Literal["sent", "inside", "unreachable", "returned"]
"""What becomes of mail: a connector takes it, it is delivered in the organisation, it waits in the
Unreachable queue because no connector covers it, or it is returned as too large for all that do."""

Reason: TypeAlias = Literal[
    "chosen",
    "possible",
    "higher name",
    "farther",
    "dearer",
    "less specific",
    "too small",
    "out of scope",
    "no match",
    "inbound",
    "disabled",
]
"""Why a connector carries a message, or what it is out of it for; what comes closest first."""


class Route(NamedTuple):
    """One way out, and the mail that takes it.

    Attributes:
        mail: phrases: ``mail to partner.example and all below it``.
        fate: what becomes of it.
        connectors: the one that carries it; several, where it is not known which.
        next_hops: smart hosts, or ``("dns",)``; None where they are not known.
        through_gateway: whether every next hop is a host of the region; None: not known.
        exempt: an exemption permits it.
    """

    mail: tuple[str, ...]
    fate: Fate
    connectors: tuple[Connector, ...] = ()
    next_hops: tuple[str, ...] | None = ()
    through_gateway: bool | None = False
    exempt: bool = False


class RecipientRoute(NamedTuple):
    """The route of one message to one recipient.

    Attributes:
        recipient: as it was given.
        domain: what decides its route.
        inside: it is delivered in the organisation; None where nobody knows.
        connector: the one that carries it; None where none does, or it is not known which.
        possible: all that may carry it.
        next_hops: smart hosts, or ``("dns",)``; None where they are not known.
        through_gateway: whether every next hop is a host of the region; None: not known.
        exempt: an exemption permits it.
        is_right: it goes through the gateway, or is exempt, or stays inside; None: not known.
        why: for people.
    """

    recipient: str
    domain: str
    inside: bool | None
    connector: Connector | None
    possible: tuple[Connector, ...]
    next_hops: tuple[str, ...] | None
    through_gateway: bool | None
    exempt: bool
    is_right: bool | None
    why: str


class Rung(NamedTuple):
    """One connector on the ladder: taken, or out of it for a reason.

    Attributes:
        connector: the one.
        space: its address space that covers the recipient; None where none does.
        reason: in a word or two.
        text: the reason for people.
    """

    connector: Connector
    space: str | None
    reason: Reason
    text: str


class Ladder(NamedTuple):
    """Every connector for a recipient, from the servers of some places."""

    servers: tuple[str, ...]
    rungs: tuple[Rung, ...]


class RouteMap(NamedTuple):
    """All routes, that of most mail first, and what is to be known of them: a sentence each."""

    routes: tuple[Route, ...] = ()
    notes: tuple[str, ...] = ()
