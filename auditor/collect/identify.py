"""Which cmdlet returned an object: by its .NET type, else by properties that only it has."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NoReturn

from auditor.errors import InputError, Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.collect.exported import Exported

_TYPES: Final[Mapping[str, str]] = {
    "SmtpSendConnectorConfig": "SendConnector",
    "ForeignConnector": "ForeignConnector",
    "DeliveryAgentConnector": "DeliveryAgentConnector",
    "ExchangeServer": "ExchangeServer",
    "AcceptedDomain": "AcceptedDomain",
    "ReceiveConnector": "ReceiveConnector",
}

# The first row all of whose properties are there decides; the order matters.
# Source of the properties: https://learn.microsoft.com/powershell/module/exchange/ (each cmdlet).
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


def noun_of(item: Exported, file: str) -> str:
    """The noun of the cmdlet that returned an object: ``SendConnector`` and the like.

    Raises:
        InputError: it is nothing that this program reads; Exchange Online data is named as such.
    """
    noun = _noun_of_type(item.type_name) or _noun_of_shape(tuple(item.properties))
    if noun is None or noun in _FOREIGN:
        _refuse(noun, item, file)
    return noun


@lru_cache(maxsize=256)
def _noun_of_type(type_name: str | None) -> str | None:
    return None if type_name is None else _TYPES.get(type_name.rsplit(".", 1)[-1])


@lru_cache(maxsize=256)
def _noun_of_shape(names: tuple[str, ...]) -> str | None:
    lowered = {name.lower() for name in names}
    return next((noun for noun, needed in _SHAPES if needed <= lowered), None)


def _refuse(noun: str | None, item: Exported, file: str) -> NoReturn:
    place = Place(file, item.line)
    if noun is not None:
        raise InputError(
            _FOREIGN[noun],
            place,
            "Run Get-SendConnector on an Exchange server of the organisation and export that.",
        )
    some = ", ".join(list(item.properties)[:5]) or "none"
    raise InputError(
        f"this is not an export of send connectors (properties: {some}…)",
        place,
        "Export with: Get-SendConnector | Export-Clixml connectors.xml, and give that file.",
    )
