"""Controls on one property of the subject."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.evaluate.messages import Found, fail_message, pass_message
from auditor.evaluate.outcome import Outcome
from auditor.evaluate.presence import one_or_none, why_unknown
from auditor.kinds import same_server
from auditor.model import ABSENT, Change, Unreadable
from auditor.normalise import proven_versions
from auditor.properties import PROPERTIES

if TYPE_CHECKING:
    from auditor.evaluate.subject import Choice
    from auditor.model import Connectors, Control, Json, Matcher, Policy, Present, Region


def judge_property(
    control: Control,
    choice: Choice,
    connectors: Connectors,
    policy: Policy,
    region: Region | None,
) -> Outcome:
    """Whether the subject's property is as the policy wants it."""
    name = control.property or ""
    if control.matcher is None:
        raise AssertionError(f"the control {control.id} has no matcher")
    matcher = control.matcher.for_region(region)
    expected, subject = matcher.expected(), choice.subject
    if choice.candidates:
        return Outcome("unknown", one_or_none(choice.candidates), why_unknown(choice), expected)
    if subject is None:
        return Outcome(
            "not-applicable", None, "There is no connector to the gateway to look at.", expected
        )
    value = subject.properties[name]
    if value is ABSENT:
        return _missing(name, choice, connectors, expected)
    if isinstance(value, Unreadable):
        message = f"{name} of '{subject.label}' could not be read: {value.reason}."
        return Outcome("unknown", subject, message, expected, value)
    gone = _gone(name, value, connectors)
    found = Found(name, subject, value, expected, policy, region, gone)
    if _holds(matcher, value, gone):
        return Outcome("pass", subject, pass_message(found), expected, value)
    return Outcome(
        "fail", subject, fail_message(found), expected, value, _changes(name, matcher, value)
    )


def _missing(name: str, choice: Choice, connectors: Connectors, expected: object) -> Outcome:
    subject = choice.subject
    versions = proven_versions(connectors)
    if versions and not any(PROPERTIES[name].in_version(version) for version in versions):
        message = f"Exchange {', '.join(sorted(versions))} has no property {name}."
        return Outcome("not-applicable", subject, message, expected)
    label = subject.label if subject else ""
    message = f"The export does not hold {name} of '{label}': export all properties."
    return Outcome("unknown", subject, message, expected)


def _gone(name: str, value: Present | None, connectors: Connectors) -> tuple[str, ...]:
    """Source servers that are known not to exist, or not to carry transport."""
    servers = connectors.servers
    if name != "SourceTransportServers" or servers is None or not isinstance(value, tuple):
        return ()
    sending: dict[str, list[str]] = {}
    for known, carries in servers.items():
        if carries:
            sending.setdefault(known.partition(".")[0], []).append(known)
    return tuple(
        server
        for server in value
        if not any(
            same_server(server, known)
            for known in sending.get(server.lower().partition(".")[0], ())
        )
    )


def _holds(matcher: Matcher, value: Present | None, gone: tuple[str, ...]) -> bool:
    if not gone or not isinstance(value, tuple):
        return matcher.holds(value)
    left = tuple(server for server in value if server not in gone)
    return bool(left) and (matcher.holds(left) or matcher.holds(value))


def _changes(name: str, matcher: Matcher, value: Present | None) -> tuple[Change, ...]:
    """What differs, in the spelling and at the places of the values that are reported."""
    expected = matcher.expected()
    pair = matcher.compared(value)
    if pair is None or pair[0] == pair[1] or isinstance(expected, dict):
        return (Change("changed", "", expected, _json(value)),)
    # Only what differs pays for importing deepdiff.
    from auditor.evaluate.compare import changes

    found = changes(*pair)
    if not isinstance(value, tuple) or not isinstance(expected, list):
        return tuple(change._replace(expected=expected, actual=_json(value)) for change in found)
    return tuple(_placed(change, name, expected, value) for change in found)


def _placed(change: Change, name: str, expected: list[Json], actual: tuple[str, ...]) -> Change:
    kind = PROPERTIES[name].kind
    items = expected if change.change == "removed" else list(actual)
    key = change.expected if change.change == "removed" else change.actual
    position = next(i for i, item in enumerate(items) if kind.key((str(item),)) == (key,))
    item = items[position]
    if change.change == "removed":
        return Change("removed", f"/{position}", item, None)
    return Change("added", f"/{position}", None, item)


def _json(value: Present | None) -> Json:
    return list(value) if isinstance(value, tuple) else value
