"""The digests that exemptions ask for: of a value before, and of the same value after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.digests import sha256
from auditor.model import ABSENT, Unreadable
from auditor.normalise import normalise
from auditor.properties import PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.model import Json, Snapshot, Value

_OUTBOUND: Final = ("AddressSpaces", "DNSRoutingEnabled", "Enabled", "SmartHosts")


def evidence_digests(snapshot: Snapshot, redacted: Snapshot) -> dict[str, str]:
    """``sha256:…`` of every value that a finding can have → that of its redacted value."""
    return dict(zip(_digests(snapshot), _digests(redacted), strict=True))


def _digests(snapshot: Snapshot) -> Iterator[str]:
    connectors = normalise(snapshot)
    for connector in (*connectors.send, *connectors.other):
        for name, known in PROPERTIES.items():
            value = _json(connector.properties[name])
            key = known.kind.key(value) if isinstance(value, bool | int | str | tuple) else value
            yield f"sha256:{sha256(key)}"
        # What OtherOutboundConnectors shows of a connector.
        yield f"sha256:{sha256({name: _json(connector.properties[name]) for name in _OUTBOUND})}"


def _json(value: Value) -> Json:
    return None if value is ABSENT or isinstance(value, Unreadable) else value
