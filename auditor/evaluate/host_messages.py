"""Which hosts are wrong, what they are really for, and where mail goes instead."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from auditor.evaluate.gateway_hosts import ROLES, recognise, region_name, unconfirmed_note
from auditor.kinds.address_spaces import domain_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.evaluate.gateway_hosts import GatewayHost
    from auditor.model import Connector, Json, Policy, Region

_ALIKE = 0.93
"""How alike two host names must be for one to be a mistyped other; regions differ by more."""


def wrong_smart_hosts(
    label: str, value: tuple[str, ...], wanted: Sequence[Json], policy: Policy, region: Region
) -> str:
    """What is wrong with the subject's smart hosts.

    Args:
        label: the connector, in quotes.
        value: its smart hosts, normalised.
        wanted: the hosts that it must have.
        policy: for the gateway's other hosts.
        region: the effective region.
    """
    if not value:
        return f"{label} has no smart host: mail does not go to the gateway."
    wrong = [host for host in value if host not in wanted]
    missing = [str(host) for host in wanted if host not in value]
    if not wrong:
        text = (
            f"{label} lacks {', '.join(missing)}: when the other host does not answer, "
            "mail waits in the queue."
        )
    else:
        text = " ".join(_wrong_hosts(label, wrong, len(wrong) == len(value), policy, region))
        if missing and len(wrong) < len(value):
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
        if known and known.role == "outbound" and known.region and known.region != region:
            elsewhere.setdefault(region_name(known.region), []).append(host)
        else:
            sentences.append(f"{label}: {_wrong_host(host, known, policy, region)}")
    amount = "all" if everything and len(elsewhere) == 1 and not sentences else "some"
    grids = [
        f"{label} sends {amount} mail through {gateway}'s grid of {other}: {', '.join(hosts)}. "
        f"It must be {region_name(region)}."
        for other, hosts in elsewhere.items()
    ]
    return grids + sentences


def _wrong_host(host: str, known: GatewayHost | None, policy: Policy, region: Region) -> str:
    gateway = policy.gateway.name
    if host.startswith("["):
        return f"{host} is an address, not a name; it is not known to be {gateway}'s."
    if known is None:
        return (
            f"{host} is not a host of {gateway}: mail sent there goes around the gateway."
            + mistyped((host,), policy)
        )
    if known.role not in ROLES:
        return f"{host} is under {gateway}'s domain but is not recognised as an outbound host."
    if known.region is None:
        where = "an unknown region"
    else:
        where = "the right region" if known.region == region else region_name(known.region)
    role = known.role.removesuffix("-outbound") if known.role else ""
    return f"{host} is the {role} host of {where}: it {ROLES[known.role or '']}."


def mistyped(hosts: tuple[str, ...], policy: Policy) -> str:
    """A sentence where a host is almost one of the gateway's; else nothing."""
    listed = [host for region in policy.regions.values() for host in region.smart_hosts]
    for host in hosts:
        close = [] if host in listed else difflib.get_close_matches(host, listed, 1, _ALIKE)
        if close:
            return f" Was {host} meant to be {close[0]}?"
    return ""


def bypass_message(connector: Connector, subject: Connector | None, policy: Policy) -> str:
    """How another connector takes mail, which mail, and where to."""
    spaces, hosts = connector.properties["AddressSpaces"], connector.properties["SmartHosts"]
    label = f"'{connector.label}'"
    can, which = _which_mail(spaces if isinstance(spaces, tuple) else ())
    sends = "can send" if can else "sends"
    if connector.cmdlet != "SendConnector":
        return f"The {connector.cmdlet} {label} {sends} {which} around the gateway."
    if isinstance(hosts, tuple) and hosts:
        found = [recognise(host, policy) for host in hosts]
        if subject and all(host is not None and host.role == "outbound" for host in found):
            also = "can also send" if can else "also sends"
            return (
                f"{label} {also} {which} to {policy.gateway.name} ({', '.join(hosts)}), beside "
                f"'{subject.label}', which must carry all of it."
            )
        through = f"{label} {sends} {which} around the gateway, through {', '.join(hosts)}."
        return through + mistyped(hosts, policy)
    if connector.properties["DNSRoutingEnabled"] is True:
        return f"{label} {sends} {which} around the gateway, by DNS to each recipient's own server."
    return f"{label} {sends} {which} around the gateway."


def _which_mail(spaces: tuple[str, ...]) -> tuple[bool, str]:
    """Whether it is only possible that a connector takes mail, and which mail.

    A space of its own always wins over ``*``; between two ``*``, cost, size and site decide.
    """
    names = [*dict.fromkeys(domain_of(space) or space.rpartition(";")[0] for space in spaces)]
    if "*" in names:
        return True, "mail for every domain"
    some = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return not names, f"mail for {some}" if names else "mail"
