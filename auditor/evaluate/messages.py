"""What a finding means for mail, in one or two sentences that a person understands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.evaluate.gateway_hosts import unconfirmed_note
from auditor.evaluate.host_messages import wrong_smart_hosts
from auditor.kinds.address_spaces import domain_of
from auditor.model import ABSENT, Unreadable, is_known
from auditor.properties import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.evaluate.requirements import Seen
    from auditor.evaluate.situation import Situation
    from auditor.model import Connector, Json, Present, Value


def pass_message(seen: Seen, connector: Connector, situation: Situation) -> str:
    """Why a property is right."""
    value = _known(seen)
    text = f"{seen.name} of '{connector.label}' is {shown(seen.name, value)}."
    if seen.gone:
        text += f" {_gone_note(seen.gone)}"
    if seen.name == "SmartHosts" and isinstance(value, tuple):
        text += unconfirmed_note(value, situation.policy)
    return text


def fail_message(seen: Seen, connector: Connector, situation: Situation) -> str:
    """What is wrong with a property, and what that does to mail.

    What a value does to mail is known for the settings of the built-in policy; where a policy
    wants something else, the message says what it wants.
    """
    name, value, label = seen.name, _known(seen), connector.label
    expected, region = seen.matcher.expected(), situation.scene.region
    if name == "SmartHosts" and isinstance(value, tuple) and region and isinstance(expected, list):
        return wrong_smart_hosts(f"'{label}'", value, expected, situation.policy, region)
    if name == "AddressSpaces" and isinstance(value, tuple) and expected == ["SMTP:*;1"]:
        return _address_spaces(label, value)
    if seen.gone:
        return f"{name} of '{label}': {_gone_note(seen.gone)} No other source server is right."
    text = f"{name} of '{label}' is {shown(name, value)}"
    wanted_here, meaning = MEANINGS.get(name, (None, ""))
    if meaning and expected == wanted_here and value is not None:
        return f"{text}: {meaning}."
    return f"{text}; it must {seen.matcher.must(name)}."


def _known(seen: Seen) -> Present | None:
    """The value of a property that was judged: it could be read."""
    if not is_known(seen.value):
        raise AssertionError(f"{seen.name} has no value to speak of")
    return seen.value


def not_known(value: Value) -> str:
    """Why nothing is known of a value, as the end of a sentence."""
    if isinstance(value, Unreadable):
        return f"could not be read ({value.reason})"
    return "is not in the export" if value is ABSENT else "is not set in the export"


def _gone_note(gone: tuple[str, ...]) -> str:
    names = ", ".join(f"'{server}'" for server in gone)
    if len(gone) == 1:
        return f"{names} does not count: there is no such server, or it does not carry transport."
    return f"{names} do not count: there are no such servers, or they do not carry transport."


MEANINGS: Final[Mapping[str, tuple[Json, str]]] = {
    "Enabled": (True, "a connector that is not enabled carries no mail to the gateway"),
    "DNSRoutingEnabled": (
        False,
        "mail goes straight to each recipient's own mail server, around the gateway",
    ),
    "SmartHostAuthMechanism": (
        "None",
        "the servers try to authenticate, but the gateway knows them by their addresses; "
        "the session can fail and mail waits in the queue",
    ),
    "SourceTransportServers": (
        {"present": True},
        "no server sends for this connector, so mail waits in the queue",
    ),
    "IsScopedConnector": (
        False,
        "only servers of its own Active Directory site use it; "
        "mail from other sites takes another way",
    ),
    "Port": (25, "the gateway's outbound hosts take mail from servers on port 25"),
}
"""Property → the expected value, and what every other value does to mail."""


def _address_spaces(label: str, value: tuple[str, ...]) -> str:
    """What it does to mail that the address spaces are not ``*`` at cost 1."""
    head = f"AddressSpaces of '{label}' is {shown('AddressSpaces', value)}: "
    domains = {domain_of(space) for space in value}
    if not value:
        return head + "it takes no mail at all."
    if "*" not in domains:
        return head + "mail for every other domain does not go to the gateway."
    cost = min(int(space.rpartition(";")[2]) for space in value if domain_of(space) == "*")
    if domains == {"*"} and cost > 1:
        return head + f"at cost {cost} any other connector for * with a lower cost takes the mail."
    return head + "it must be SMTP:*;1 and nothing else, so that one rule holds for all mail."
