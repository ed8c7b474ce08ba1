"""One requirement on one connector: whether it holds, and if that is not known, why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.kinds import same_server
from auditor.model import ABSENT, Undecided, Unreadable, is_known
from auditor.normalise import proven_versions
from auditor.properties import PROPERTIES, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from auditor.evaluate.situation import Situation
    from auditor.model import (
        Connector,
        Control,
        Matcher,
        Present,
        Requirement,
        Server,
        Status,
        Value,
    )


_WORST_FIRST: Final[tuple[Status, ...]] = ("fail", "unknown", "pass", "not-applicable")


class Seen(NamedTuple):
    """What a look at one property gave.

    Attributes:
        name: the property.
        matcher: what must hold of it here.
        value: what it is.
        status: ``pass``, ``fail``, ``unknown`` or ``not-applicable``.
        reason: why it is one of the last two; else empty.
        gone: source servers that do not count.
    """

    name: str
    matcher: Matcher
    value: Value
    status: Status
    reason: str = ""
    gone: tuple[str, ...] = ()


class Unmet(NamedTuple):
    """A condition that does not hold, and why."""

    reason: str


def look(requirement: Requirement, connector: Connector, situation: Situation) -> Seen:
    """Whether a requirement holds of a connector."""
    name, matcher = requirement.property, requirement.matcher.within(situation.scene)
    value = connector.properties[name]
    if value is ABSENT:
        return _missing(name, matcher, connector, situation)
    if isinstance(value, Unreadable):
        reason = f"{name} of '{connector.label}' could not be read: {value.reason}."
        return Seen(name, matcher, value, "unknown", reason)
    gone = _gone(name, value, situation.connectors.servers)
    result = _holds(matcher, value, gone)
    if isinstance(result, Undecided):
        reason = f"Whether {name} of '{connector.label}' is right cannot be told: {result.reason}."
        return Seen(name, matcher, value, "unknown", reason)
    return Seen(name, matcher, value, "pass" if result else "fail", gone=gone)


def condition(
    requirements: Iterable[Requirement], connector: Connector, situation: Situation
) -> Unmet | Undecided | None:
    """Whether all of a ``when`` or an ``only_if`` holds of a connector; None if it does.

    One that does not hold decides it, whatever of the others cannot be known.
    """
    seen = [look(requirement, connector, situation) for requirement in requirements]
    for one in seen:
        if one.status in {"fail", "not-applicable"}:
            return Unmet(_unmet(one))
    unknown = next((one.reason for one in seen if one.status == "unknown"), None)
    return None if unknown is None else Undecided(unknown)


def judged(
    control: Control, connector: Connector, situation: Situation
) -> tuple[Status, str, list[Seen]]:
    """How a control judges a connector.

    Returns:
        The status, the worst of all its requirements; the reason, where it is not one of these
        that decides; and what was seen of each.
    """
    applies = condition(control.when, connector, situation)
    if isinstance(applies, Unmet):
        return "not-applicable", f"It does not apply here: {applies.reason}.", []
    if isinstance(applies, Undecided):
        return "unknown", f"Whether it applies cannot be told. {applies.reason}", []
    seen = [look(requirement, connector, situation) for requirement in control.requirements]
    statuses = {one.status for one in seen}
    return next(status for status in _WORST_FIRST if status in statuses), "", seen


def status_on(control: Control, connector: Connector, situation: Situation) -> Status:
    """How a control judges a connector, in a word."""
    return judged(control, connector, situation)[0]


def _unmet(seen: Seen) -> str:
    must = f"{seen.name} would have to {seen.matcher.must(seen.name)}"
    if not is_known(seen.value):
        return f"{must}. {seen.reason}".removesuffix(".")
    return f"{must}, and is {shown(seen.name, seen.value)}"


def _missing(name: str, matcher: Matcher, connector: Connector, situation: Situation) -> Seen:
    versions = proven_versions(situation.connectors)
    if versions and not any(PROPERTIES[name].in_version(version) for version in versions):
        reason = f"Exchange {', '.join(sorted(versions))} has no property {name}."
        return Seen(name, matcher, ABSENT, "not-applicable", reason)
    reason = f"The export does not hold {name} of '{connector.label}': export all properties."
    return Seen(name, matcher, ABSENT, "unknown", reason)


def _gone(
    name: str, value: Present | None, servers: Mapping[str, Server] | None
) -> tuple[str, ...]:
    """Source servers that are known not to exist, or not to carry transport."""
    if name != "SourceTransportServers" or servers is None or not isinstance(value, tuple):
        return ()
    sending: dict[str, list[str]] = {}
    for known, server in servers.items():
        if server.carries_transport:
            sending.setdefault(known.partition(".")[0], []).append(known)
    return tuple(
        server
        for server in value
        if not any(
            same_server(server, known)
            for known in sending.get(server.lower().partition(".")[0], ())
        )
    )


def _holds(matcher: Matcher, value: Present | None, gone: tuple[str, ...]) -> bool | Undecided:
    if not gone or not isinstance(value, tuple):
        return matcher.holds(value)
    left = tuple(server for server in value if server not in gone)
    return matcher.without(gone).holds(left) if left else False
