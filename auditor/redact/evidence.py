"""The digests that exemptions ask for: of a value before, and of the same value after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from auditor.digests import actual_digest
from auditor.evaluate.bypass_routes import mail_taken
from auditor.model import ABSENT, Finding, is_known
from auditor.normalise import normalise
from auditor.routing import traffic_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from auditor.model import Connectors, Control, Json, Policy, Snapshot, Value

    Digests: TypeAlias = Mapping[tuple[str, str], str]

_OUTBOUND: Final = ("AddressSpaces", "DNSRoutingEnabled", "Enabled", "SmartHosts")


def evidence_digests(snapshot: Snapshot, redacted: Snapshot, policy: Policy) -> Digests:
    """Control's id and ``sha256:…`` of a value that fails it → that of its redacted value.

    Only of controls for which an exemption asks for a digest.
    """
    asked = {exemption.control for exemption in policy.exemptions if exemption.evidence}
    before, after = normalise(snapshot), normalise(redacted)
    found: dict[tuple[str, str], str] = {}
    for control in policy.all_controls:
        if control.id in asked:
            pairs = zip(_digests(control, before), _digests(control, after), strict=True)
            found |= {(control.id, one): other for one, other in pairs if one and other}
    return found


def _digests(control: Control, connectors: Connectors) -> Iterator[str | None]:
    """Of what the control's findings can show, in the order of the connectors."""
    for actual in _actual(control, connectors):
        yield actual_digest(Finding(control, "fail", None, None, actual, ""))


def _actual(control: Control, connectors: Connectors) -> Iterator[Value | dict[str, Value | Json]]:
    if control.id == "ConnectorPresent":
        yield False
        return
    everything = (*connectors.send, *connectors.other)
    if control.id == "BypassRoutes":
        taken = {id(c.connector): mail for c, mail in mail_taken(traffic_of(connectors)).items()}
        yield from (taken.get(id(connector), ABSENT) for connector in everything)
        return
    for connector in everything:
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
