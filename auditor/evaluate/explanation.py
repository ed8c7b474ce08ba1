"""What a control checks, why, and how to put it right, in the words that reports use."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.evaluate.messages import MEANINGS
from auditor.properties import PROPERTIES, SETTABLE, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from auditor.model import Control, Json, Policy, Requirement, Scene


class Explanation(NamedTuple):
    """A control for people.

    Attributes:
        checks: what must hold, a sentence each.
        applies: to what, and when.
        otherwise: what it does to mail where it does not hold; empty where that is not known.
        fix: how to put it right, a command or a sentence each; empty where there is nothing to do.
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
        () if control.not_applicable_because else tuple(_fix(control, scene)),
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


def _fix(control: Control, scene: Scene) -> Iterator[str]:
    """One command with all parameters, then what is to be known of each."""
    asked = {r.property: r.matcher.within(scene).expected() for r in control.requirements}
    given = [
        f"-{name} {argument(name, wanted)}"
        for name, wanted in asked.items()
        if name in SETTABLE and not _goes_around(name, wanted)
    ]
    if given:
        yield f'Set-SendConnector "<name>" {" ".join(given)}'
    yield from dict.fromkeys(text for name in asked for text in _to_know(name))
    if any(_goes_around(name, wanted) for name, wanted in asked.items()):
        yield "No command is given for what would send mail around the gateway."


def _to_know(name: str) -> Iterator[str]:
    known = PROPERTIES[name]
    if name not in SETTABLE:
        yield f"Exchange sets {name} itself: no parameter of Set-SendConnector changes it."
    elif known.since or known.until:
        years = f"{known.until} only" if known.until else f"{known.since} and later"
        yield f"Set-SendConnector has the parameter -{name} in Exchange {years}."
    yield from _TOGETHER.get(name, ())


def _goes_around(name: str, wanted: Json) -> bool:
    """Whether a setting is one for sending by DNS, to each recipient's own server."""
    if name == "SmartHosts":
        return wanted in (None, [], {"present": False})
    return name in {"DNSRoutingEnabled", "DomainSecureEnabled"} and wanted is True


_VALUE: Final = "VALUE"
"""Stands for a value where the policy means no single one."""

# PowerShell takes typographic quotation marks for quotation marks.
_SPECIAL_SIGNS: Final = re.compile('[`$"\u201c\u201d\u201e]')


def argument(name: str, wanted: Json) -> str:
    """What a matcher asks for as PowerShell's argument: ``$true``, ``25MB``, ``"a","b"``.

    Args:
        name: the property.
        wanted: what the matcher expects; ``VALUE`` where that is no single value.
    """
    if wanted == {"present": False} or wanted is None or wanted == []:
        return "$null"
    if isinstance(wanted, bool):
        return f"${str(wanted).lower()}"
    if isinstance(wanted, int):
        return _number(name, wanted)
    if isinstance(wanted, list):
        return ",".join(_quoted(str(item)) for item in wanted)
    if not isinstance(wanted, str):
        return _VALUE
    kind = PROPERTIES[name].kind
    return wanted if kind.measure or kind.names else _quoted(wanted)


def _number(name: str, number: int) -> str:
    """A size with its unit where it is a whole number of these."""
    said = shown(name, number)
    return said.replace(" ", "") if said.endswith(("KB", "MB", "GB")) else str(number)


def _quoted(text: str) -> str:
    return f'"{_SPECIAL_SIGNS.sub(lambda sign: f"`{sign[0]}", text)}"'


_ROUTING: Final = "Give -DNSRoutingEnabled $false and -SmartHosts in one command."
_TLS: Final = (
    "Give the TLS settings in one command: RequireTLS cannot be true while IgnoreSTARTTLS is; "
    "TlsAuthLevel needs RequireTLS; TlsDomain goes with TlsAuthLevel DomainValidation only."
)
_WHOLE: Final = "The list is replaced whole."
_TOGETHER: Final[Mapping[str, tuple[str, ...]]] = {
    "AddressSpaces": ('The list is replaced whole, and must be in quotes: "SMTP:*;1".',),
    "SourceTransportServers": (_WHOLE,),
    "DNSRoutingEnabled": (_ROUTING,),
    "SmartHosts": (_ROUTING, _WHOLE),
    "SmartHostAuthMechanism": ("A Basic mechanism also needs -AuthenticationCredential.",),
    "RequireTLS": (_TLS,),
    "IgnoreSTARTTLS": (_TLS,),
    "TlsAuthLevel": (_TLS,),
    "TlsDomain": (_TLS,),
    "DomainSecureEnabled": ("It needs DNS routing, which cannot be had with a gateway.",),
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
    "BypassRoutes": (
        (
            "Mail for every recipient, of every size and from every server must take the connector "
            "to the gateway, or go as an exemption says; audit route shows the route of one.",
        ),
        (
            "Disable the connector that takes the mail with Set-SendConnector -Enabled $false, "
            "once the connector to the gateway is right.",
            "Or leave it only the address spaces that something needs, and exempt it from "
            "OtherOutboundConnectors: that covers its specific address spaces, or those that the "
            "exemption lists in only_if, but never every other domain.",
        ),
    ),
}
"""Controls that are no property → what must hold, and how to put it right."""
