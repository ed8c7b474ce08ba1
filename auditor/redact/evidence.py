"""The digests that exemptions ask for: of a value before, and of the same value after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from auditor.digests import actual_digest
from auditor.model import Finding, is_known
from auditor.normalise import normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from auditor.model import Connector, Control, Json, Policy, Snapshot, Value

    Digests: TypeAlias = Mapping[tuple[str, str], str]

_OUTBOUND: Final = ("AddressSpaces", "DNSRoutingEnabled", "Enabled", "SmartHosts")


def evidence_digests(snapshot: Snapshot, redacted: Snapshot, policy: Policy) -> Digests:
    """Control's id and ``sha256:…`` of a value that fails it → that of its redacted value.

    Only of controls for which an exemption asks for a digest.
    """
    asked = {exemption.control for exemption in policy.exemptions if exemption.evidence}
    before, after = _connectors(snapshot), _connectors(redacted)
    found: dict[tuple[str, str], str] = {}
    for control in policy.all_controls:
        if control.id in asked:
            pairs = zip(_digests(control, before), _digests(control, after), strict=True)
            found |= {(control.id, one): other for one, other in pairs if one and other}
    return found


def _connectors(snapshot: Snapshot) -> Sequence[Connector]:
    connectors = normalise(snapshot)
    return (*connectors.send, *connectors.other)


def _digests(control: Control, connectors: Sequence[Connector]) -> Iterator[str | None]:
    """Of what the control's findings can show, in the order of the connectors."""
    for actual in _actual(control, connectors):
        yield actual_digest(Finding(control, "fail", None, None, actual, ""))


def _actual(
    control: Control, connectors: Sequence[Connector]
) -> Iterator[Value | dict[str, Value | Json]]:
    if control.id == "ConnectorPresent":
        yield False
        return
    for connector in connectors:
        if control.id == "OtherOutboundConnectors":
            yield {name: _json(connector.properties[name]) for name in _OUTBOUND}
        elif control.property is not None:
            yield connector.properties[control.property]
        else:
            yield {name: connector.properties[name] for name, _ in control.requirements}


def _json(value: Value) -> Json:
    """A value as OtherOutboundConnectors shows it."""
    if not is_known(value):
        return None
    return list(value) if isinstance(value, tuple) else value
