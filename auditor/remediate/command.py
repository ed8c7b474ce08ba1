"""A planned change → one command line, and the one that puts it back.

Sources: https://learn.microsoft.com/powershell/module/exchangepowershell/set-sendconnector,
new-sendconnector, set-foreignconnector and set-deliveryagentconnector (the parameters;
``-Identity`` takes a Guid or a name; sizes in B, KB, MB, GB and TB; Basic authentication needs
``-AuthenticationCredential``, made by Get-Credential).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.errors import InputError
from auditor.properties import SETTABLE
from auditor.remediate.groups import rolled_back
from auditor.remediate.powershell import literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.model import PlannedChange, Present, Settings

_PARAMETERS: Final[Mapping[str, frozenset[str]]] = {
    "New-SendConnector": SETTABLE - {"Name"},
    "Set-SendConnector": SETTABLE,
    # They have more, but nothing else of them is ever changed.
    "Set-ForeignConnector": frozenset({"Enabled"}),
    "Set-DeliveryAgentConnector": frozenset({"Enabled"}),
}
_GUID: Final = re.compile(r"(?![0-]+\Z)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_UNITS: Final = (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10))


class Address(NamedTuple):
    """Which connector is meant.

    Attributes:
        noun: of its cmdlets: ``SendConnector``, …
        guid: the surest way to name it; None where the export has none.
        name: what it is called.
    """

    noun: str
    guid: str | None
    name: str


class Call(NamedTuple):
    """A cmdlet, on which connector, and with what.

    Attributes:
        cmdlet: its whole name.
        address: the connector that it changes or makes.
        parameters: property → its new value.
        credential: whether it needs a credential.
    """

    cmdlet: str
    address: Address
    parameters: Settings
    credential: bool

    def line(
        self,
        domain_controller: str | None,
        credential: str = "(Get-Credential)",
        *,
        preview: bool = False,
    ) -> str:
        """The command as one line.

        Args:
            domain_controller: the one to ask; None leaves that to Exchange.
            credential: what is written for the credential.
            preview: whether the variable ``$preview`` says if anything is changed.

        Raises:
            InputError: a value holds a character that no command can carry.
            ValueError: the cmdlet, or a parameter of it, is none that may ever be written.
        """
        unknown = self.parameters.keys() - _PARAMETERS.get(self.cmdlet, frozenset())
        if unknown or self.cmdlet not in _PARAMETERS:
            raise ValueError(f"not to be written: {self.cmdlet} {', '.join(sorted(unknown))}")
        words = [self.cmdlet, *self._subject()]
        words += [f"-{name} {_argument(name, value)}" for name, value in self.parameters.items()]
        if self.credential:
            words.append(f"-AuthenticationCredential {credential}")
        if domain_controller is not None:
            words.append(f"-DomainController {literal(domain_controller)}")
        if preview:
            words.append("-WhatIf:$preview")
        return " ".join(words)

    def _subject(self) -> tuple[str, ...]:
        if self.cmdlet.startswith("New-"):
            return (f"-Name {literal(self.address.name)}", "-Usage Custom")
        return (f"-Identity {literal(self.address.guid or self.address.name)}",)


def command(change: PlannedChange, domain_controller: str | None) -> str:
    """The one-line command of a change.

    Raises:
        InputError: the connector has neither Guid nor name, or a value cannot be written.
    """
    return forward(change).line(domain_controller)


def rollback_command(change: PlannedChange, domain_controller: str | None) -> str:
    """The one-line command that puts a change back; what was created is disabled.

    Raises:
        InputError: the connector has neither Guid nor name, or a value cannot be written.
    """
    return backward(change).line(domain_controller)


def forward(change: PlannedChange) -> Call:
    """What a change does.

    Raises:
        InputError: the connector has neither Guid nor name.
    """
    return Call(change.cmdlet, address_of(change), change.parameters, change.credential)


def backward(change: PlannedChange) -> Call:
    """What puts a change back.

    Raises:
        InputError: the connector has neither Guid nor name.
    """
    address = address_of(change)
    parameters = rolled_back(change)
    name = change.parameters.get("Name", address.name)
    return Call(
        f"Set-{address.noun}",
        address._replace(name=str(name)),
        parameters,
        _signs_in(parameters),
    )


def address_of(change: PlannedChange) -> Address:
    """The connector of a change, as it is before it.

    Raises:
        InputError: it has neither Guid nor name.
    """
    noun = change.cmdlet.partition("-")[2]
    if change.connector is None:
        return Address(noun, None, change.name)
    guid, name = change.connector.guid, change.connector.name
    known = guid if guid is not None and _GUID.fullmatch(guid) else None
    if known is None and name is None:
        raise InputError(
            f"{change.name} cannot be changed by a command: it has neither Guid nor name",
            hint="Export the connectors again, with Name and Guid.",
        )
    return Address(noun, known, name if name is not None else change.name)


def _signs_in(parameters: Settings) -> bool:
    return str(parameters.get("SmartHostAuthMechanism")).startswith("BasicAuth")


def _argument(name: str, value: Present | None) -> str:
    if name == "MaxMessageSize" and isinstance(value, int) and value:
        for unit, factor in _UNITS:
            if value % factor == 0:
                return literal(f"{value // factor} {unit}")
    return literal(value)
