"""What a finding means for mail, in one or two sentences that a person understands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.evaluate.gateway_hosts import unconfirmed_note
from auditor.evaluate.host_messages import wrong_smart_hosts
from auditor.kinds.address_spaces import domain_of
from auditor.properties import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from auditor.model import Connector, Json, Policy, Present, Region


class Found(NamedTuple):
    """A property's value, and all that a message about it may need.

    ``gone`` are source servers that do not count.
    """

    name: str
    connector: Connector
    value: Present | None
    expected: Json
    policy: Policy
    region: Region | None
    gone: tuple[str, ...]


def pass_message(found: Found) -> str:
    """Why a property is right."""
    text = f"{found.name} of '{found.connector.label}' is {shown(found.name, found.value)}."
    if found.gone:
        text += f" {_gone_note(found.gone)}"
    if found.name == "SmartHosts" and isinstance(found.value, tuple):
        text += unconfirmed_note(found.value, found.policy)
    return text


def fail_message(found: Found) -> str:
    """What is wrong with a property, and what that does to mail."""
    name, value, label = found.name, found.value, found.connector.label
    if name == "SmartHosts" and isinstance(value, tuple) and found.region is not None:
        wanted = found.expected if isinstance(found.expected, list) else []
        return wrong_smart_hosts(f"'{label}'", value, wanted, found.policy, found.region)
    if name == "AddressSpaces" and isinstance(value, tuple):
        return _address_spaces(label, value, found.expected)
    if found.gone:
        return f"{name} of '{label}': {_gone_note(found.gone)} No other source server is right."
    meaning = _MEANINGS.get(name)
    text = f"{name} of '{label}' is {shown(name, value)}"
    wanted_text = _wanted(name, found.expected)
    return f"{text}: {meaning(value)}." if meaning else f"{text}; it must be {wanted_text}."


def _wanted(name: str, expected: Json) -> str:
    if isinstance(expected, dict):
        if expected == {"present": True}:
            return "set to something"
        if expected == {"present": False}:
            return "left empty"
        return ", ".join(f"{key}: {value}" for key, value in expected.items())
    if isinstance(expected, list):
        expected = tuple(str(item) for item in expected)
    return shown(name, expected) if isinstance(expected, bool | int | str | tuple) else "(not set)"


def _gone_note(gone: tuple[str, ...]) -> str:
    names = ", ".join(f"'{server}'" for server in gone)
    if len(gone) == 1:
        return f"{names} does not count: there is no such server, or it does not carry transport."
    return f"{names} do not count: there are no such servers, or they do not carry transport."


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
}


def _address_spaces(label: str, value: tuple[str, ...], expected: Json) -> str:
    head = f"AddressSpaces of '{label}' is {shown('AddressSpaces', value)}: "
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
