"""What a control checks, why, and how to put it right, in the words that reports use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.evaluate.messages import MEANINGS
from auditor.properties import PROPERTIES, SETTABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.model import Control, Policy, Requirement, Scene


class Explanation(NamedTuple):
    """A control for people.

    Attributes:
        checks: what must hold, a sentence each.
        applies: to what, and when.
        otherwise: what it does to mail where it does not hold; empty where that is not known.
        fix: how to put it right, a sentence each.
    """

    checks: tuple[str, ...]
    applies: str
    otherwise: str
    fix: tuple[str, ...]


def explain(control: Control, policy: Policy, scene: Scene) -> Explanation:
    """A control of a policy or a pack, in a region or in none."""
    if not control.requirements:
        checks, fix = _SPECIAL.get(control.id, ((), ()))
        gateway = policy.gateway.name
        return Explanation(
            tuple(text.format(gateway=gateway) for text in checks), _applies(control), "", fix
        )
    return Explanation(
        tuple(_must(requirement, scene) for requirement in control.requirements),
        _applies(control),
        _otherwise(control, scene),
        tuple(dict.fromkeys(text for r in control.requirements for text in _fix(r.property))),
    )


def _must(requirement: Requirement, scene: Scene) -> str:
    matcher = requirement.matcher.within(scene)
    return f"{requirement.property} must {matcher.must(requirement.property)}."


def _applies(control: Control) -> str:
    if control.not_applicable_because:
        return f"Never: {control.not_applicable_because}"
    if not control.requirements:
        return "To the whole organisation."
    where = "every send connector" if control.everywhere else "the connector to the gateway"
    conditions = [f"{name} must {matcher.must(name)}" for name, matcher in control.when]
    only = f", only where this holds of it: {'; '.join(conditions)}" if conditions else ""
    return f"To {where}{only}."


def _otherwise(control: Control, scene: Scene) -> str:
    """What other values do to mail, where the policy asks for what that is known of."""
    name = control.property
    wanted, meaning = MEANINGS.get(name or "", (None, ""))
    if not meaning or control.requirements[0].matcher.within(scene).expected() != wanted:
        return ""
    return f"{meaning[0].upper()}{meaning[1:]}."


def _fix(name: str) -> list[str]:
    if name not in SETTABLE:
        return [f"Exchange sets {name} itself: no parameter of Set-SendConnector changes it."]
    known = PROPERTIES[name]
    years = f" (Exchange {known.since} and later)" if known.since else ""
    years = f" (Exchange {known.until} only)" if known.until else years
    together = [_TOGETHER[name]] if name in _TOGETHER else []
    return [f"Set-SendConnector has the parameter -{name}{years}.", *together]


_ROUTING: Final = "Give -DNSRoutingEnabled $false and -SmartHosts in one command."
_TLS: Final = (
    "Give the TLS settings in one command: RequireTLS cannot be true while IgnoreSTARTTLS is; "
    "TlsAuthLevel needs RequireTLS; TlsDomain goes with TlsAuthLevel DomainValidation only."
)
_TOGETHER: Final[Mapping[str, str]] = {
    "AddressSpaces": 'The list is replaced whole, and must be in quotes: "SMTP:*;1".',
    "SourceTransportServers": "The list is replaced whole.",
    "DNSRoutingEnabled": _ROUTING,
    "SmartHosts": f"{_ROUTING} The list is replaced whole.",
    "SmartHostAuthMechanism": "A Basic mechanism also needs -AuthenticationCredential.",
    "RequireTLS": _TLS,
    "IgnoreSTARTTLS": _TLS,
    "TlsAuthLevel": _TLS,
    "TlsDomain": _TLS,
    "DomainSecureEnabled": "It needs DNS routing, which cannot be had with a gateway.",
}
"""Settings that Exchange takes only with others.

Source: https://learn.microsoft.com/en-us/powershell/module/exchangepowershell/Set-SendConnector
"""

_SPECIAL: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "ConnectorPresent": (
        ("There must be a send connector with a smart host of {gateway}.",),
        (
            "Create one with New-SendConnector, or correct the smart hosts of the one that is "
            "meant with Set-SendConnector.",
        ),
    ),
    "OtherOutboundConnectors": (
        (
            "Every other enabled connector that takes outbound mail must be exempt; connectors "
            "that only take mail in, from an Edge server, do not count.",
        ),
        (
            "Disable it with Set-SendConnector -Enabled $false, once the connector to the gateway "
            "is right.",
            "Where something needs it, write an exemption with an owner, an approver and an end "
            "into the policy.",
        ),
    ),
}
"""Controls that are no property → what must hold, and how to put it right."""
