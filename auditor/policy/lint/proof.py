"""What is taken out of a policy, so that a pass proves less than it seems to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.kinds.address_spaces import domain_of
from auditor.policy.lint.draft import Found, at
from auditor.policy.lint.values import named
from auditor.policy.requirements import NEVER
from auditor.properties import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from auditor.errors import Place
    from auditor.model import Control, Matcher, Present
    from auditor.policy.lint.draft import Draft
    from auditor.yamlfile import Node

_ELSEWHERE: Final = "mail.elsewhere.invalid"

UNPROVEN: Final[Mapping[str, str]] = {
    "ConnectorPresent": "whether any connector leads to the gateway",
    "OtherOutboundConnectors": "whether another connector takes mail around the gateway",
    "Enabled": "whether the connector carries mail at all",
    "IsScopedConnector": "whether every site uses the connector",
    "AddressSpaces": "whether the connector is the route to every domain",
    "DNSRoutingEnabled": "whether mail goes through the smart hosts or straight to each recipient",
    "SmartHosts": "whether mail goes to the gateway or somewhere else",
}
"""The controls that together prove where mail goes, and what nobody looks at without each."""


def proof_ignored(draft: Draft) -> Iterator[Found]:
    """A control is ignored without which a pass does not prove that mail leaves by the gateway.

    These are ConnectorPresent, OtherOutboundConnectors, Enabled, IsScopedConnector, AddressSpaces,
    DNSRoutingEnabled and SmartHosts.
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


def proof_weakened(draft: Draft) -> Iterator[Found]:
    """A control is asked for less than proves that mail leaves by the gateway.

    For example DNSRoutingEnabled may be true as well, AddressSpaces need not hold ``*``, SmartHosts
    may hold a host that is not the gateway's, or one of these applies only sometimes.
    """
    for name, unproven in UNPROVEN.items():
        control = draft.policy.controls.get(name)
        why = None if control is None else _weakness(control, draft)
        if control is not None and why is not None:
            yield Found(
                f"{name} {why}: then nobody looks at {unproven}, and a pass no longer proves that "
                "all mail leaves through the gateway",
                _place(draft, control),
                "Leave it as it is inherited; an exemption permits something for a time.",
            )


def _place(draft: Draft, control: Control) -> Place:
    """Where that is said which makes a control prove less."""
    node = draft.property_node(control.id) or draft.node("controls", control.id)
    why = at(node, NEVER) or at(node, "when")
    return draft.value_place(control) if why is None else why.place


def _weakness(control: Control, draft: Draft) -> str | None:
    """Why a control does not prove its part; None if it does."""
    if control.not_applicable_because is not None:
        return "is never applicable"
    if control.when:
        return "applies only sometimes"
    if not control.requirements:
        return None
    ((name, matcher),) = control.requirements
    for scene in draft.scenes:
        inside = matcher.within(scene)
        for value in _wrong_values(name, matcher, draft):
            if inside.holds(value) is not False:
                example = (
                    ", for example" if isinstance(value, tuple) and _ELSEWHERE in value else ""
                )
                return f"may be{example} {shown(name, value)}"
    return None


def _wrong_values(name: str, matcher: Matcher, draft: Draft) -> Iterator[Present]:
    """Values with which mail does not leave through the gateway, those that are named first."""
    asked = [value for value in named(matcher) if isinstance(value, bool | tuple)]
    if name == "AddressSpaces":
        yield from (value for value in asked if isinstance(value, tuple) and not _has_star(value))
        yield ("SMTP:contoso.com;1",)
    elif name == "SmartHosts":
        yield from (
            value for value in asked if isinstance(value, tuple) and _leads_away(value, draft)
        )
        regions = draft.policy.regions.values()
        yield from ((*region.smart_hosts, _ELSEWHERE) for region in regions)
        yield (_ELSEWHERE,)
    else:
        yield name != "Enabled"


def _has_star(spaces: tuple[str, ...]) -> bool:
    return any(domain_of(space) == "*" for space in spaces)


def _leads_away(hosts: tuple[str, ...], draft: Draft) -> bool:
    """Whether one of some hosts is not the gateway's, or not of the policy's own region."""
    policy = draft.policy
    own = policy.regions.get(policy.default_region or "")
    listed = {host for region in policy.regions.values() for host in region.smart_hosts}
    right = set(own.smart_hosts) if own is not None and listed & set(hosts) else listed
    return any(
        host not in right
        and (host in listed or not any(host.endswith(f".{d}") for d in policy.gateway.domains))
        for host in hosts
    )


def _ignored(draft: Draft, name: str) -> Node | None:
    node = draft.property_node(name) or draft.node("controls", name)
    return at(node, "ignore")


def _is_beside_hosts(draft: Draft, name: str) -> bool:
    return name == "DNSRoutingEnabled" and "SmartHosts" in draft.policy.controls
