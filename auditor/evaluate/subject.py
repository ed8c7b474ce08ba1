"""Which connector is the subject: the one that must carry all outbound mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from auditor.evaluate.exempting import named_by_live
from auditor.evaluate.gateway_hosts import routes_to_gateway
from auditor.evaluate.requirements import status_on
from auditor.kinds.address_spaces import is_inbound_only
from auditor.model import is_known

if TYPE_CHECKING:
    from collections.abc import Callable

    from auditor.evaluate.situation import Situation
    from auditor.model import Connector


class Choice(NamedTuple):
    """The subject (None: there is none), and the connectors that may be it instead.

    ``candidates`` is not empty only where the smart hosts of an enabled connector could not be
    read and nothing better is there: then nothing is known of the subject.
    """

    subject: Connector | None
    candidates: tuple[Connector, ...] = ()
    named: bool = False


def choose_subject(situation: Situation) -> Choice:
    """The subject by the rules of the contract, first that gives one wins."""
    send, policy = situation.connectors.send, situation.policy
    if policy.connector_name is not None:
        wanted = policy.connector_name.lower()
        named = [c for c in send if c.name is not None and c.name.lower() == wanted]
        if named:
            return Choice(_best(named, situation), named=True)
    listed = {host for known in policy.regions.values() for host in known.smart_hosts}
    subject = _first(situation, lambda c: _has_listed(c, listed))
    if subject is not None and subject.properties["Enabled"] is True:
        return Choice(subject)
    unread = tuple(c for c in send if _may_be_subject(c))
    if subject is None:
        subject = _first(situation, lambda c: routes_to_gateway(c.properties["SmartHosts"], policy))
    return Choice(subject, unread)


def is_inbound(connector: Connector) -> bool | None:
    """Whether every address space is the inbound marker; None where that cannot be known."""
    spaces = connector.properties["AddressSpaces"]
    return is_inbound_only(spaces) if isinstance(spaces, tuple) else None


def _may_be_subject(connector: Connector) -> bool:
    hosts = connector.properties["SmartHosts"]
    unread = not is_known(hosts)
    return unread and connector.properties["Enabled"] is not False and not is_inbound(connector)


def _has_listed(connector: Connector, listed: set[str]) -> bool:
    hosts = connector.properties["SmartHosts"]
    return isinstance(hosts, tuple) and not listed.isdisjoint(hosts)


def _first(situation: Situation, fits: Callable[[Connector], bool]) -> Connector | None:
    """The best of those that fit; the disabled are looked at only if no enabled one fits."""
    send = situation.connectors.send
    enabled = [c for c in send if c.properties["Enabled"] is True and fits(c)]
    found = enabled or [c for c in send if c.properties["Enabled"] is not True and fits(c)]
    return _best(found, situation) if found else None


def _best(found: list[Connector], situation: Situation) -> Connector:
    if len(found) == 1:
        return found[0]

    def order(connector: Connector) -> tuple[int, bool, int, str, int]:
        enabled = connector.properties["Enabled"]
        return (
            0 if enabled is True else 2 if enabled is False else 1,
            named_by_live(connector, situation.policy, situation.today),
            _failures(connector, situation),
            (connector.name or "").lower(),
            connector.position,
        )

    return min(found, key=order)


def _failures(connector: Connector, situation: Situation) -> int:
    """How many of the policy's own property controls do not hold; unknown counts as failed."""
    return sum(
        status_on(control, connector, situation) in {"fail", "unknown"}
        for control in situation.policy.controls.values()
        if control.requirements and control.not_applicable_because is None
    )
