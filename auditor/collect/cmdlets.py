"""The cmdlets that are collected, and the type that can name no cmdlet which changes anything.

One table for the live collector, the printed script and the reader of its file.
Which versions have a cmdlet: https://learn.microsoft.com/powershell/module/exchange/ (each
cmdlet's page).
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple, NoReturn, final

# ``\Z`` and not ``$``, which lets a line break follow; ASCII, so that no dash or letter of
# another script passes for these.
_READS_ONLY: Final = re.compile(r"(?:Get|Search)-[A-Za-z]+\Z", re.ASCII)


def _checked(name: object) -> str:
    # A subclass of str could say one thing here and another where it is sent.
    if type(name) is not str or not _READS_ONLY.match(name):
        raise ValueError(f"not a cmdlet that only reads: {str(name)[:60]!r}")
    return name


@final
class Cmdlet:
    """The name of a cmdlet that only reads: ``Get-`` or ``Search-`` and a noun of letters.

    The spelling is exact, though PowerShell minds no case: fewer spellings, fewer ways around.

    Raises:
        ValueError: it is any other name.
    """

    __slots__ = ("_name",)
    _name: str

    def __init__(self, name: str) -> None:
        object.__setattr__(self, "_name", _checked(name))

    def __init_subclass__(cls, **_: object) -> NoReturn:
        raise TypeError("Cmdlet has no subclasses: one could name any cmdlet")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a cmdlet's name cannot be changed ({name})")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a cmdlet's name cannot be removed ({name})")

    @property
    def name(self) -> str:
        """The whole name, ``Get-SendConnector``; checked again, whatever was done to the object."""
        return _checked(self._name)

    @property
    def noun(self) -> str:
        """What it returns, ``SendConnector``; the key of its objects in a snapshot."""
        return self.name.partition("-")[2]

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"Cmdlet({self.name!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Cmdlet) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __reduce__(self) -> tuple[type[Cmdlet], tuple[str]]:
        # Copies and pickles go through the constructor as well.
        return (Cmdlet, (self.name,))


class Wanted(NamedTuple):
    """One row of what is collected.

    Attributes:
        cmdlet: the one that is asked.
        alternatives: those that are asked, in this order, where a version has no such cmdlet.
        required: without its answer nothing can be evaluated.
    """

    cmdlet: Cmdlet
    alternatives: tuple[Cmdlet, ...] = ()
    required: bool = False

    @property
    def choices(self) -> tuple[Cmdlet, ...]:
        """The cmdlet and its alternatives, in the order in which they are tried."""
        return (self.cmdlet, *self.alternatives)


CMDLETS: Final[tuple[Wanted, ...]] = (
    Wanted(Cmdlet("Get-SendConnector"), required=True),
    # What can carry mail as well comes next: should the connection break, it is there.
    Wanted(Cmdlet("Get-ForeignConnector")),
    Wanted(Cmdlet("Get-DeliveryAgentConnector")),
    Wanted(Cmdlet("Get-ExchangeServer")),
    # 2010 has Get-TransportServer only; 2013 and later keep it for Edge and as an old name.
    Wanted(Cmdlet("Get-TransportService"), (Cmdlet("Get-TransportServer"),)),
    Wanted(Cmdlet("Get-AcceptedDomain")),
    Wanted(Cmdlet("Get-TransportConfig")),
    Wanted(Cmdlet("Get-EdgeSubscription")),
    Wanted(Cmdlet("Get-AdSite")),
    Wanted(Cmdlet("Get-AdSiteLink")),
    Wanted(Cmdlet("Get-OrganizationConfig")),
)
"""What an audit asks an organisation for, in this order.

An alternative's objects are kept under its own noun (``TransportServer``): the snapshot says
which cmdlet really answered.
"""

ADMIN_LOG_SEARCH: Final = Cmdlet("Search-AdminAuditLog")
"""Who changed what; asked last, and only by those who have an earlier audit to look back to.

Source: https://learn.microsoft.com/powershell/module/exchange/search-adminauditlog
"""

CHANGING: Final = ("Set-SendConnector", "New-SendConnector", "Remove-SendConnector")
"""The cmdlets that the log is searched for; they are values of a parameter, and never sent."""

MOST_ENTRIES: Final = 1000
"""What ``Search-AdminAuditLog`` returns at most where no ResultSize is given (same source)."""

COLLECTED_NOUNS: Final[frozenset[str]] = frozenset(
    cmdlet.noun for wanted in CMDLETS for cmdlet in wanted.choices
)
"""The nouns of all these cmdlets, alternatives included."""
