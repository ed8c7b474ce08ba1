"""Whether Exchange takes a value for a property at all, before it is asked to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.properties import PROPERTIES, SETTABLE, possible, shown
from auditor.remediate.powershell import unspeakable

if TYPE_CHECKING:
    from auditor.model import Connector, Connectors, Present, Value

NULLABLE: Final = frozenset(
    {"Comment", "Fqdn", "LinkedReceiveConnector", "TlsAuthLevel", "TlsCertificateName", "TlsDomain"}
)
"""Parameters with one value that take $null; the others are of types that have none.

Source: https://learn.microsoft.com/en-us/powershell/module/exchangepowershell/Set-SendConnector
"""

LARGEST: Final = 2_147_483_647
"""The largest MaxMessageSize in bytes, beside Unlimited; same source."""


_WILD: Final = frozenset("*?[]")


def refused_value(name: str, value: Present | None) -> str | None:
    """Why a property can never get a value; None if it can."""
    if name not in SETTABLE:
        return f"Exchange sets {name} itself"
    if value is None and name not in NULLABLE:
        return f"{name} cannot be without a value"
    if name == "MaxMessageSize" and isinstance(value, int) and value > LARGEST:
        return f"{name} cannot be {shown(name, value)}: Exchange has a limit of 2 GB"
    if value is not None and not possible(name, value):
        return f"{name} cannot be {shown(name, value)}"
    if name == "DNSRoutingEnabled" and value is True:
        return "with DNS routing mail would go around the gateway"
    if name == "SmartHosts" and not value:
        return "without smart hosts mail would go around the gateway"
    return None


def refused_versions(name: str, versions: frozenset[str]) -> bool:
    """Whether some server may not know a property; where no version is proved, any may be there."""
    known = PROPERTIES[name]
    if not versions:
        return known.since is not None or known.until is not None
    return not all(known.in_version(version) for version in versions)


def refused_address(connector: Connector, inventory: Connectors) -> str | None:
    """Why no command can say which connector is meant; None if one can."""
    if connector.name is not None and unspeakable(connector.name):
        return f"its name holds {unspeakable(connector.name)}, which no command can carry"
    if connector.guid is not None:
        return None
    if connector.name is None:
        return "it has neither a Guid nor a name"
    if not _WILD.isdisjoint(connector.name):
        return "it has no Guid, and its name holds a wildcard"
    alike = [c for c in (*inventory.send, *inventory.other) if _same_name(c, connector)]
    return None if len(alike) == 1 else "another connector has the same name"


def refused_text(value: Value) -> str | None:
    """Why a value that is there can neither be compared nor put back by a script."""
    texts = value if isinstance(value, tuple) else (value,)
    odd = next((unspeakable(t) for t in texts if isinstance(t, str) and unspeakable(t)), None)
    return f"what it is now holds {odd}, which no command can carry" if odd else None


def refused_name(connector: Connector | None, name: str, inventory: Connectors) -> str | None:
    """Why a connector cannot get a name; None if it can."""
    others = (c for c in (*inventory.send, *inventory.other) if c is not connector)
    if any((other.name or "").lower() == name.lower() for other in others):
        return f"another connector is called '{name}'"
    return None


def _same_name(one: Connector, other: Connector) -> bool:
    return one.cmdlet == other.cmdlet and (one.name or "").lower() == (other.name or "").lower()
