"""What is taken out of a policy, so that a pass proves less than it seems to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.policy.lint.draft import Found, at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from auditor.policy.lint.draft import Draft
    from auditor.yamlfile import Node

UNPROVEN: Final[Mapping[str, str]] = {
    "ConnectorPresent": "whether any connector leads to the gateway",
    "OtherOutboundConnectors": "whether another connector takes mail around the gateway",
    "AddressSpaces": "whether the connector is the route to every domain",
    "DNSRoutingEnabled": "whether mail goes through the smart hosts or straight to each recipient",
    "SmartHosts": "whether mail goes to the gateway or somewhere else",
}
"""The controls that together prove where mail goes, and what nobody looks at without each."""


def proof_ignored(draft: Draft) -> Iterator[Found]:
    """A control is ignored without which a pass does not prove that mail leaves by the gateway.

    These are ConnectorPresent, OtherOutboundConnectors, AddressSpaces, DNSRoutingEnabled and
    SmartHosts.
    """
    for name, unproven in UNPROVEN.items():
        ignored = _ignored(draft, name)
        if ignored is not None and name not in draft.policy.controls:
            beside = ", though SmartHosts is under control" if _is_beside_hosts(draft, name) else ""
            yield Found(
                f"{name} is ignored{beside}: nobody looks at {unproven}, and a pass no longer "
                "proves that all mail leaves through the gateway",
                ignored.place,
                "Take the line out; an exemption permits one connector for a time, with a reason.",
            )


def _ignored(draft: Draft, name: str) -> Node | None:
    node = draft.property_node(name) or draft.node("controls", name)
    return at(node, "ignore")


def _is_beside_hosts(draft: Draft, name: str) -> bool:
    return name == "DNSRoutingEnabled" and "SmartHosts" in draft.policy.controls
