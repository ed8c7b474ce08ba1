"""What a finding means for mail, in one or two sentences that a person understands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.evaluate.gateway_hosts import ROLES, recognise
from auditor.kinds.address_spaces import domain_of
from auditor.properties import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from auditor.evaluate.gateway_hosts import GatewayHost
    from auditor.model import Connector, Json, Policy, Present, Region


def region_name(region: Region) -> str:
    """``North America (na)``."""
    return f"{region.title} ({region.id})"


def unconfirmed_note(hosts: tuple[str, ...], policy: Policy) -> str:
    """A sentence where hosts that only one source knows decide a finding; else nothing."""
    regions = [
        region
        for region in policy.regions.values()
        if region.state == "unconfirmed" and not set(hosts).isdisjoint(region.smart_hosts)
    ]
    if not regions:
        return ""
    names = ", ".join(region_name(region) for region in regions)
    return f" The host names of {names} are unconfirmed: have {policy.gateway.name} confirm them."


def pass_message(
    name: str, connector: Connector, value: Present | None, policy: Policy, gone: tuple[str, ...]
) -> str:
    """Why a property is right."""
    text = f"{name} of '{connector.label}' is {shown(name, value)}."
    if gone:
        text += f" {_gone_note(gone)}"
    if name == "SmartHosts" and isinstance(value, tuple):
        text += unconfirmed_note(value, policy)
    return text


def fail_message(
    name: str,
    connector: Connector,
    value: Present | None,
    expected: Json,
    policy: Policy,
    region: Region | None,
    gone: tuple[str, ...],
) -> str:
    """What is wrong with a property, and what that does to mail."""
    if name == "SmartHosts" and isinstance(value, tuple) and region is not None:
        return _smart_hosts(connector, value, expected, policy, region)
    if name == "AddressSpaces" and isinstance(value, tuple):
        return _address_spaces(connector, value, expected)
    if gone:
        return f"{name} of '{connector.label}': {_gone_note(gone)} Too few are left."
    meaning = _MEANINGS.get(name)
    text = f"{name} of '{connector.label}' is {shown(name, value)}"
    return f"{text}: {meaning(value)}." if meaning else f"{text}, not {_wanted(name, expected)}."


def _wanted(name: str, expected: Json) -> str:
    if isinstance(expected, dict):
        return ", ".join(f"{key}: {value}" for key, value in expected.items())
    if isinstance(expected, list):
        expected = tuple(str(item) for item in expected)
    return shown(name, expected) if isinstance(expected, bool | int | str | tuple) else "(not set)"


def _gone_note(gone: tuple[str, ...]) -> str:
    names = ", ".join(f"'{server}'" for server in gone)
    what = "does" if len(gone) == 1 else "do"
    return f"{names} {what} not count: no such server carries transport."


_MEANINGS: Final[Mapping[str, Callable[[Present | None], str]]] = {
    "Enabled": lambda _: "a connector that is not enabled carries no mail to the gateway",
    "DNSRoutingEnabled": lambda _: (
        "mail goes straight to each recipient's own mail server, around the gateway"
    ),
    "SmartHostAuthMechanism": lambda value: (
        "the servers try to authenticate, but the gateway knows them by their addresses; "
        "the session can fail and mail waits in the queue"
        if value is not None
        else "it must be None"
    ),
    "SourceTransportServers": lambda value: (
        "no server sends for this connector, so mail waits in the queue"
        if not value
        else "these are not the servers that the policy lists"
    ),
    "IsScopedConnector": lambda _: (
        "only servers of its own Active Directory site use it; "
        "mail from other sites takes another way"
    ),
    "Port": lambda _: "the gateway's outbound hosts take mail from servers on port 25",
    "Name": lambda _: "it is not the connector that the policy names",
}


def _address_spaces(connector: Connector, value: tuple[str, ...], expected: Json) -> str:
    head = f"AddressSpaces of '{connector.label}' is {shown('AddressSpaces', value)}: "
    domains = {domain_of(space) for space in value}
    if not value:
        return head + "it takes no mail at all."
    if "*" not in domains:
        return head + "mail for every other domain does not go to the gateway."
    costs = [int(space.rpartition(";")[2]) for space in value if domain_of(space) == "*"]
    wanted = ", ".join(str(item) for item in expected) if isinstance(expected, list) else "*"
    if domains == {"*"} and min(costs) > 1:
        return head + (
            f"at cost {min(costs)} any other connector for * with a lower cost takes the mail."
        )
    return head + f"it must be {wanted} and nothing else, so that one rule holds for all mail."


def _smart_hosts(
    connector: Connector, value: tuple[str, ...], expected: Json, policy: Policy, region: Region
) -> str:
    label = f"'{connector.label}'"
    if not value:
        return f"{label} has no smart host: mail does not go to the gateway."
    wanted = expected if isinstance(expected, list) else []
    wrong = [host for host in value if host not in wanted]
    missing = [str(host) for host in wanted if host not in value]
    text = " ".join(_wrong_hosts(label, wrong, len(wrong) == len(value), policy, region))
    if not wrong:
        text = (
            f"{label} lacks {', '.join(missing)}: when the other host does not answer, "
            "mail waits in the queue."
        )
    elif missing and len(wrong) < len(value):
        text += f" Missing: {', '.join(missing)}."
    return text + unconfirmed_note((*value, *region.smart_hosts), policy)


def _wrong_hosts(
    label: str, wrong: list[str], everything: bool, policy: Policy, region: Region
) -> list[str]:
    """One sentence for each kind of wrong host."""
    gateway = policy.gateway.name
    elsewhere: dict[str, list[str]] = {}
    sentences = []
    for host in wrong:
        known = recognise(host, policy)
        if known is not None and known.role == "outbound" and known.region not in {None, region}:
            other = region_name(known.region) if known.region else ""
            elsewhere.setdefault(other, []).append(host)
        else:
            sentences.append(_wrong_host(host, known, gateway, region))
    amount = "all" if everything and len(elsewhere) == 1 and not sentences else "some"
    grids = [
        f"{label} sends {amount} mail through {gateway}'s grid of {other} "
        f"({', '.join(hosts)}), not of {region_name(region)}."
        for other, hosts in elsewhere.items()
    ]
    return grids + [f"{label}: {sentence}" for sentence in sentences]


def _wrong_host(host: str, known: GatewayHost | None, gateway: str, region: Region) -> str:
    if host.startswith("["):
        return (
            f"{host} is an address, not a name: it is not known to be {gateway}'s, and may change."
        )
    if known is None:
        return f"{host} is not a host of {gateway}: mail sent there goes around the gateway."
    if known.role is None or known.role not in ROLES:
        return f"{host} is under {gateway}'s domain but is not recognised as an outbound host."
    if known.region is None:
        where = "an unknown region"
    else:
        where = "the right region" if known.region == region else region_name(known.region)
    role = known.role.removesuffix("-outbound")
    return f"{host} is the {role} host of {where}: it {ROLES[known.role]}."


def bypass_message(connector: Connector, policy: Policy) -> str:
    """How another connector takes mail, which mail, and where to."""
    spaces, hosts = connector.properties["AddressSpaces"], connector.properties["SmartHosts"]
    does = _which_mail(spaces if isinstance(spaces, tuple) else ())
    label = f"'{connector.label}'"
    if connector.cmdlet != "SendConnector":
        return f"The {connector.cmdlet} {label} {does} around the gateway."
    if isinstance(hosts, tuple) and hosts:
        found = [recognise(host, policy) for host in hosts]
        if all(host is not None and host.role == "outbound" for host in found):
            return (
                f"{label} also {does} to {policy.gateway.name} ({', '.join(hosts)}), beside the "
                "connector that must carry all mail."
            )
        return f"{label} {does} around the gateway, through {', '.join(hosts)}."
    if connector.properties["DNSRoutingEnabled"] is True:
        return f"{label} {does} around the gateway, by DNS to each recipient's own server."
    return f"{label} {does} around the gateway."


def _which_mail(spaces: tuple[str, ...]) -> str:
    """What a connector does by its address spaces.

    A space of its own always wins over ``*``; between two ``*``, cost, size and site decide.
    """
    names = [domain_of(space) or space.rpartition(";")[0] for space in spaces]
    if "*" in names:
        return "can send mail for every domain"
    some = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return f"sends mail for {some}" if names else "can send mail"
