"""Controls on properties: of the subject, or of every send connector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.evaluate.messages import fail_message, pass_message
from auditor.evaluate.outcome import Outcome
from auditor.evaluate.presence import one_or_none, why_unknown
from auditor.evaluate.requirements import judged
from auditor.model import ABSENT, Change, is_known
from auditor.properties import PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.evaluate.requirements import Seen
    from auditor.evaluate.situation import Situation
    from auditor.evaluate.subject import Choice
    from auditor.model import Connector, Control, Json, Matcher, Present, Scene


def judge_control(control: Control, choice: Choice, situation: Situation) -> Iterator[Outcome]:
    """Whether the properties are as a control wants them; one outcome for each connector."""
    expected = _expected(control, situation.scene)
    if control.not_applicable_because is not None:
        about = choice.subject if control.requirements else None
        yield Outcome("not-applicable", about, control.not_applicable_because, expected)
    elif control.everywhere:
        send = situation.connectors.send
        for connector in send:
            yield _judge(control, connector, expected, situation)
        if not send:
            yield Outcome(
                "not-applicable", None, "There is no send connector to look at.", expected
            )
    elif choice.candidates:
        yield Outcome("unknown", one_or_none(choice.candidates), why_unknown(choice), expected)
    elif choice.subject is None:
        message = "There is no connector to the gateway to look at."
        yield Outcome("not-applicable", None, message, expected)
    else:
        yield _judge(control, choice.subject, expected, situation)


def _judge(control: Control, connector: Connector, expected: Json, situation: Situation) -> Outcome:
    status, message, seen = judged(control, connector, situation)
    if not message:
        write = fail_message if status == "fail" else pass_message
        said = [
            one.reason or write(one, connector, situation) for one in seen if one.status == status
        ]
        message = " ".join(said)
    if control.unconfirmed:
        message += f" The identifier {control.id} is known from one source only."
    changes = tuple(
        change
        for one in seen
        if one.status == "fail"
        for change in _changes(one, f"/{one.name}" if len(seen) > 1 else "")
    )
    values = {one.name: one.value for one in seen}
    actual = seen[0].value if len(seen) == 1 else values if seen else ABSENT
    undecided = any(one.status == "unknown" for one in seen)
    return Outcome(status, connector, message, expected, actual, changes, undecided=undecided)


def _expected(control: Control, scene: Scene) -> Json:
    """What must hold, of several properties by their names."""
    said = {name: matcher.within(scene).expected() for name, matcher in control.requirements}
    if len(said) == 1:
        return next(iter(said.values()))
    return said or None


def _changes(seen: Seen, prefix: str) -> tuple[Change, ...]:
    """What differs, in the spelling and at the places of the values that are reported."""
    matcher, value = seen.matcher, seen.value
    if not is_known(value):
        raise AssertionError(f"{seen.name} failed without a value")
    found = _compared(seen.name, matcher, value)
    return tuple(change._replace(path=prefix + change.path) for change in found)


def _compared(name: str, matcher: Matcher, value: Present | None) -> tuple[Change, ...]:
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
