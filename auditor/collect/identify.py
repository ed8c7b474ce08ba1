"""Which cmdlet returned an object: by its .NET type, else by properties that only it has."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from auditor.collect.cmdlets import COLLECTED_NOUNS
from auditor.errors import InputError, Place
from auditor.model import CONTRADICTION
from auditor.properties import BY_LOWER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.collect.exported import Exported
    from auditor.model import Raw

_TYPES: Final[Mapping[str, str]] = {
    "SmtpSendConnectorConfig": "SendConnector",
    "SendConnector": "SendConnector",
    "TransportConfig": "TransportConfig",
    "ForeignConnector": "ForeignConnector",
    "DeliveryAgentConnector": "DeliveryAgentConnector",
    "ExchangeServer": "ExchangeServer",
    "AcceptedDomain": "AcceptedDomain",
    "ReceiveConnector": "ReceiveConnector",
    # Both Get-TransportService and Get-TransportServer return it.
    "TransportServer": "TransportService",
    "EdgeSubscription": "EdgeSubscription",
    "ADSite": "AdSite",
    "ADSiteLink": "AdSiteLink",
    "OrganizationConfig": "OrganizationConfig",
    "AdminAuditLogEvent": "AdminAuditLog",
}

# The first row all of whose properties are there decides; the order matters.
# Source of the properties: https://learn.microsoft.com/powershell/module/exchange/ (each cmdlet,
# with the parameters of its Set-), and for the site link's printed output
# http://tutorial.programming4.us/windows_server/Microsoft-Exchange-Server-2010 (example 3).
# An Edge subscription has no properties that a server has not: only its type tells.
_SHAPES: Final[tuple[tuple[str, frozenset[str]], ...]] = (
    ("OutboundConnector", frozenset({"recipientdomains"})),
    ("InboundConnector", frozenset({"senderdomains", "senderipaddresses"})),
    ("ReceiveConnector", frozenset({"bindings", "remoteipranges"})),
    ("ForeignConnector", frozenset({"addressspaces", "dropdirectory"})),
    ("DeliveryAgentConnector", frozenset({"addressspaces", "deliveryprotocol"})),
    ("SendConnector", frozenset({"dnsroutingenabled"})),
    ("SendConnector", frozenset({"smarthostauthmechanism"})),
    ("SendConnector", frozenset({"addressspaces", "smarthosts"})),
    ("SendConnector", frozenset({"addressspaces", "smarthostsstring"})),
    ("SendConnector", frozenset({"addressspaces", "sourcetransportservers"})),
    ("SendConnector", frozenset({"addressspaces", "enabled"})),
    ("SendConnector", frozenset({"smarthosts", "enabled"})),
    ("ExchangeServer", frozenset({"admindisplayversion", "serverrole"})),
    ("AcceptedDomain", frozenset({"domainname", "domaintype"})),
    ("TransportConfig", frozenset({"maxsendsize", "internalsmtpservers"})),
    ("TransportService", frozenset({"pickupdirectorypath", "replaydirectorypath"})),
    ("AdSiteLink", frozenset({"adcost", "exchangecost"})),
    ("AdSite", frozenset({"hubsiteenabled"})),
    ("OrganizationConfig", frozenset({"mailtipsalltipsenabled"})),
    ("AdminAuditLog", frozenset({"cmdletname", "caller"})),
    ("AdminAuditLog", frozenset({"cmdletname", "objectmodified"})),
)

_FOREIGN: Final[Mapping[str, str]] = {
    "OutboundConnector": (
        "these are Exchange Online connectors (Get-OutboundConnector), not send connectors of an "
        "Exchange server"
    ),
    "InboundConnector": (
        "these are Exchange Online connectors (Get-InboundConnector), not send connectors of an "
        "Exchange server"
    ),
    "ReceiveConnector": "these are receive connectors (Get-ReceiveConnector), not send connectors",
}


NOUNS: Final = frozenset(noun for noun, _ in _SHAPES) - frozenset(_FOREIGN) | COLLECTED_NOUNS
"""The nouns of all cmdlets whose objects are read."""

KNOWN_NAMES: Final = frozenset(BY_LOWER).union(*(needed for _, needed in _SHAPES))
"""Names of properties, in lower case, by which an export is told from other text."""


class Shape(NamedTuple):
    """What the type and the property names of an object say of it.

    ``noun`` is that of the cmdlet (``SendConnector``), None where it is nothing that is read here;
    ``foreign`` says what it is then, if that is known. ``plain``: every property is spelled as
    Exchange spells it.
    """

    noun: str | None
    foreign: str | None
    plain: bool


@lru_cache(maxsize=512)
def shape_of(type_name: str | None, names: tuple[str, ...]) -> Shape:
    """The shape of an object; all objects of an export have the same, so it is kept."""
    lowered = {name.lower() for name in names}
    stated = _TYPES.get((type_name or "").rsplit(".", 1)[-1])
    shown = next((noun for noun, needed in _SHAPES if needed <= lowered), None)
    noun = stated or shown
    plain = len(lowered) == len(names) and all(_known(name) == name for name in names)
    # Connectors of other kinds share most properties: with few of them, the type alone tells.
    alike = (
        shown == "SendConnector"
        and stated in {"ForeignConnector", "DeliveryAgentConnector"}
        and not lowered & {"dnsroutingenabled", "smarthostauthmechanism", "smarthosts"}
    )
    if stated and shown and stated != shown and not alike:
        return Shape(None, f"the type of an object says {stated}, its properties {shown}", plain)
    if noun is not None and noun in _FOREIGN:
        return Shape(None, _FOREIGN[noun], plain)
    return Shape(noun, None, plain)


def contradicts(shape: Shape, noun: str) -> bool:
    """Whether an object's shape says that another cmdlet than this returned it.

    What has no shape that is known contradicts nothing.
    """
    if noun == "TransportServer":
        noun = "TransportService"
    return shape.foreign is not None or shape.noun not in (None, noun)


def respelled(properties: dict[str, Raw]) -> dict[str, Raw]:
    """The properties under Exchange's own spelling of their names.

    ``Select-Object name, smarthosts`` writes names as they were typed. A property that is there
    twice, in different letter case, has no value that could be trusted.
    """
    found: dict[str, Raw] = {}
    for name, value in properties.items():
        known = _known(name)
        found[known] = {CONTRADICTION: True} if known in found else value
    return found


def _known(name: str) -> str:
    return BY_LOWER.get(name.lower(), name)


def refuse(item: Exported, shape: Shape, file: str) -> NoReturn:
    """Say what an object is that is no connector of an Exchange server.

    Raises:
        InputError: always; Exchange Online data is named as such.
    """
    place = Place(file, item.line)
    if shape.foreign is not None:
        raise InputError(
            shape.foreign,
            place,
            "Run Get-SendConnector on an Exchange server of the organisation and export that.",
        )
    if CONTRADICTION in item.properties:
        raise InputError("an object contradicts itself", place, "Export it again.")
    some = ", ".join(list(item.properties)[:5]) or "none"
    raise InputError(
        f"this is not an export of send connectors (properties: {some}, ...)",
        place,
        "Export with: Get-SendConnector | Export-Clixml connectors.xml, and give that file.",
    )
