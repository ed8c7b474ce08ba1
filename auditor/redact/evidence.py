"""The digests that exemptions ask for: of a value before, and of the same value after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.digests import sha256
from auditor.model import ABSENT, Unreadable
from auditor.normalise import normalise
from auditor.properties import PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from auditor.model import Connector, Json, Policy, Snapshot, Value

_OUTBOUND: Final = ("AddressSpaces", "DNSRoutingEnabled", "Enabled", "SmartHosts")


def evidence_digests(snapshot: Snapshot, redacted: Snapshot, policy: Policy) -> dict[str, str]:
    """``sha256:…`` of every value that a finding can have → that of its redacted value."""
    several = [
        [requirement.property for requirement in control.requirements]
        for control in policy.all_controls
        if len(control.requirements) > 1
    ]
    return dict(zip(_digests(snapshot, several), _digests(redacted, several), strict=True))


def _digests(snapshot: Snapshot, several: Iterable[Sequence[str]]) -> Iterator[str]:
    connectors = normalise(snapshot)
    for connector in (*connectors.send, *connectors.other):
        for name in PROPERTIES:
            yield f"sha256:{sha256(_key(name, connector))}"
        # What a control on several properties shows.
        for names in several:
            yield f"sha256:{sha256({name: _key(name, connector) for name in names})}"
        # What OtherOutboundConnectors shows of a connector.
        yield f"sha256:{sha256({name: _json(connector.properties[name]) for name in _OUTBOUND})}"


def _key(name: str, connector: Connector) -> Json:
    value = _json(connector.properties[name])
    if isinstance(value, bool | int | str | tuple):
        return PROPERTIES[name].kind.key(value)
    return value


def _json(value: Value) -> Json:
    return None if value is ABSENT or isinstance(value, Unreadable) else value
