"""The gateway's connector, where there is none: what New-SendConnector must say.

Source: https://learn.microsoft.com/en-us/powershell/module/exchangepowershell/New-SendConnector
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.model import Undecided
from auditor.properties import PROPERTIES
from auditor.remediate.settable import refused_value, refused_versions
from auditor.remediate.ties import taken_along

if TYPE_CHECKING:
    from auditor.model import Audit, Connectors, Control, Present, Scene
    from auditor.remediate.draft import Wanted

CAUTION: Final = (
    "Before mail can leave this way, the gateway must have authorised the addresses that the "
    "servers send from."
)
SERVERS: Final = "It sends from the Exchange server that the shell is connected to: add the others."


def created_name(audit: Audit) -> str:
    """What the connector is to be called."""
    return audit.policy.connector_name or f"Outbound to {audit.policy.gateway.name}"


def created_values(audit: Audit, inventory: Connectors, versions: frozenset[str]) -> Wanted | str:
    """What the policy's own controls say of it; or why no command can be told."""
    name = created_name(audit)
    everything = (*inventory.send, *inventory.other)
    if any((connector.name or "").lower() == name.lower() for connector in everything):
        return (
            f"the gateway's connector is to be called '{name}', and another one is: rename that "
            "one, or name another in the policy"
        )
    values: Wanted = {"DNSRoutingEnabled": False}
    scene = audit.scene
    for control in audit.policy.controls.values():
        wanted = _wanted(control, scene)
        property_name = control.property
        if property_name is None or isinstance(wanted, Undecided):
            continue
        if refused_value(property_name, wanted) or refused_versions(property_name, versions):
            continue
        values[property_name] = wanted
    for needed in ("AddressSpaces", "SmartHosts"):
        if not values.get(needed):
            return f"the policy does not say which {needed} it must have"
    values.pop("Name", None)
    moved = taken_along(values, values.get, lambda _, __: None)
    if moved.obstacles:
        return moved.obstacles[0].reason.rstrip(".")
    return {"Name": name, **moved.values}


def _wanted(control: Control, scene: Scene) -> Present | Undecided | None:
    """What a control wants of a connector that is not there yet."""
    if len(control.requirements) != 1 or control.not_applicable_because or control.when:
        return Undecided("it does not always apply")
    ((name, matcher),) = control.requirements
    start = () if PROPERTIES[name].kind.is_list else None
    return matcher.within(scene).mended(start)
