"""Which connector is the subject: the one that must carry all outbound mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from auditor.evaluate.gateway_hosts import routes_to_gateway
from auditor.kinds.address_spaces import INBOUND_MARKER, domain_of
from auditor.model import ABSENT, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from auditor.model import Connector, Connectors, Policy, Region


class Choice(NamedTuple):
    """The subject (None: there is none), and the connectors that may be it instead.

    ``candidates`` is not empty only where the smart hosts of an enabled connector could not be
    read and nothing better is there: then nothing is known of the subject.
    """

    subject: Connector | None
    candidates: tuple[Connector, ...] = ()
    named: bool = False


def choose_subject(connectors: Connectors, policy: Policy, region: Region | None) -> Choice:
    """The subject by the rules of the contract, first that gives one wins."""
    send = connectors.send
    if policy.connector_name is not None:
        wanted = policy.connector_name.lower()
        named = [c for c in send if c.name is not None and c.name.lower() == wanted]
        if named:
            return Choice(_best(named, policy, region), named=True)
    listed = {host for known in policy.regions.values() for host in known.smart_hosts}
    subject = _first(send, policy, region, lambda c: _has_listed(c, listed))
    if subject is not None and subject.properties["Enabled"] is True:
        return Choice(subject)
    unread = tuple(c for c in send if _may_be_subject(c))
    if subject is None:
        subject = _first(
            send, policy, region, lambda c: routes_to_gateway(c.properties["SmartHosts"], policy)
        )
    return Choice(subject, unread)


def is_inbound(connector: Connector) -> bool | None:
    """Whether every address space is the inbound marker; None where that cannot be known."""
    spaces = connector.properties["AddressSpaces"]
    if not isinstance(spaces, tuple):
        return None
    return bool(spaces) and all(domain_of(space) == INBOUND_MARKER for space in spaces)


def _may_be_subject(connector: Connector) -> bool:
    hosts = connector.properties["SmartHosts"]
    unread = hosts is ABSENT or isinstance(hosts, Unreadable)
    return unread and connector.properties["Enabled"] is not False and not is_inbound(connector)


def _has_listed(connector: Connector, listed: set[str]) -> bool:
    hosts = connector.properties["SmartHosts"]
    return isinstance(hosts, tuple) and not listed.isdisjoint(hosts)


def _first(
    send: Iterable[Connector],
    policy: Policy,
    region: Region | None,
    fits: Callable[[Connector], bool],
) -> Connector | None:
    """The best of those that fit; the disabled are looked at only if no enabled one fits."""
    enabled = [c for c in send if c.properties["Enabled"] is True and fits(c)]
    found = enabled or [c for c in send if c.properties["Enabled"] is not True and fits(c)]
    return _best(found, policy, region) if found else None


def _best(found: list[Connector], policy: Policy, region: Region | None) -> Connector:
    if len(found) == 1:
        return found[0]

    def order(connector: Connector) -> tuple[int, int, str, int]:
        enabled = connector.properties["Enabled"]
        return (
            0 if enabled is True else 2 if enabled is False else 1,
            _failures(connector, policy, region),
            (connector.name or "").lower(),
            connector.position,
        )

    return min(found, key=order)


def _failures(connector: Connector, policy: Policy, region: Region | None) -> int:
    """How many of the policy's own property controls do not hold; unknown counts as failed."""
    count = 0
    for control in policy.controls.values():
        if control.property is None or control.matcher is None:
            continue
        value = connector.properties[control.property]
        if (
            value is ABSENT
            or isinstance(value, Unreadable)
            or not control.matcher.for_region(region).holds(value)
        ):
            count += 1
    return count
