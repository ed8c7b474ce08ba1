"""Settings that Exchange takes only together, and which others a change takes along.

Source: https://learn.microsoft.com/en-us/powershell/module/exchangepowershell/Set-SendConnector
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.model import is_known

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from auditor.model import Present, Value


class Tie(NamedTuple):
    """Where one setting is so, another must be so.

    Attributes:
        name: the one.
        when: its values that need the other.
        neutral: its value that needs nothing.
        needs: the other.
        value: what that must be; None where no value can be told.
        holds: whether a value of it will do.
    """

    name: str
    when: Callable[[Value], bool]
    neutral: Present | None
    needs: str
    value: Present | None
    holds: Callable[[Value], bool]


def _is(wanted: Value) -> Callable[[Value], bool]:
    return lambda value: value is wanted if isinstance(wanted, bool) else value == wanted


def _is_set(value: Value) -> bool:
    return bool(value) and is_known(value)


def _authenticates(value: Value) -> bool:
    return _is_set(value) and value != "None"


_LEVEL: Final = "DomainValidation"

TIES: Final[tuple[Tie, ...]] = (
    Tie("SmartHosts", _is_set, (), "DNSRoutingEnabled", False, _is(False)),
    Tie("SmartHostAuthMechanism", _authenticates, "None", "DNSRoutingEnabled", False, _is(False)),
    Tie("DNSRoutingEnabled", _is(False), True, "SmartHosts", None, _is_set),
    Tie("DomainSecureEnabled", _is(True), False, "DNSRoutingEnabled", True, _is(True)),
    Tie("DomainSecureEnabled", _is(True), False, "IgnoreSTARTTLS", False, _is(False)),
    Tie("RequireTLS", _is(True), False, "IgnoreSTARTTLS", False, _is(False)),
    Tie("TlsAuthLevel", _is_set, None, "RequireTLS", True, _is(True)),
    Tie("TlsAuthLevel", _is_set, None, "IgnoreSTARTTLS", False, _is(False)),
    Tie("TlsDomain", _is_set, None, "TlsAuthLevel", _LEVEL, _is(_LEVEL)),
    Tie("TlsAuthLevel", _is(_LEVEL), None, "TlsDomain", None, _is_set),
)
"""What Exchange enforces when settings change.

``DomainValidation`` needs a ``TlsDomain`` where there are smart hosts; the gateway's connector has
some.
"""


class Obstacle(NamedTuple):
    """Why a change cannot be made, and the two settings that it is about."""

    names: frozenset[str]
    reason: str


class Moved(NamedTuple):
    """What a change takes along, and what stands in its way.

    Attributes:
        values: property → its new value, the wanted ones included.
        obstacles: why it cannot be done; empty if it can.
        cautions: what is not known, and would make Exchange refuse it.
    """

    values: dict[str, Present | None]
    obstacles: list[Obstacle]
    cautions: list[str]


def taken_along(
    wanted: Mapping[str, Present | None],
    current: Callable[[str], Value],
    may_be: Callable[[str, Present | None], str | None],
) -> Moved:
    """The wanted changes with those that Exchange makes necessary.

    Args:
        wanted: property → its new value.
        current: gives what a property is now.
        may_be: why a property may not get a value; None if it may.
    """
    moved = Moved(dict(wanted), [], [])
    # Each round moves a setting that no round before has moved.
    for _ in range(len(TIES) + 1):
        if sum(_resolve(tie, moved, current, may_be) for tie in TIES) == 0:
            break
    return moved


def _resolve(
    tie: Tie,
    moved: Moved,
    current: Callable[[str], Value],
    may_be: Callable[[str, Present | None], str | None],
) -> bool:
    """Whether a tie made another setting move."""

    def now(name: str) -> Value:
        return moved.values[name] if name in moved.values else current(name)

    values = moved.values
    if tie.name not in values and tie.needs not in values and not _brings_hosts(tie, values):
        return False
    if tie.name not in values and _is_unknown(now(tie.name)):
        if not tie.holds(now(tie.needs)):
            caution = f"{tie.name} is not known: if it is in the way, Exchange refuses the command."
            moved.cautions[:] = dict.fromkeys([*moved.cautions, caution])
        return False
    if not tie.when(now(tie.name)) or tie.holds(now(tie.needs)):
        return False
    name, value = (tie.needs, tie.value) if tie.name in values else (tie.name, tie.neutral)
    problem = _problem(tie, name, value, values, now, may_be)
    if problem is not None:
        obstacle = Obstacle(frozenset({tie.name, tie.needs}), problem)
        moved.obstacles[:] = dict.fromkeys([*moved.obstacles, obstacle])
        return False
    values[name] = value
    return True


def _brings_hosts(tie: Tie, values: Mapping[str, Present | None]) -> bool:
    """Whether smart hosts come to a connector, where DomainValidation then needs a TlsDomain."""
    return tie.needs == "TlsDomain" and bool(values.get("SmartHosts"))


def _problem(
    tie: Tie,
    name: str,
    value: Present | None,
    values: Mapping[str, Present | None],
    now: Callable[[str], Value],
    may_be: Callable[[str, Present | None], str | None],
) -> str | None:
    because = f"Exchange takes {tie.name} only with {tie.needs}"
    if name in values:
        return f"{because}, and both are to be changed otherwise."
    if name == tie.needs and value is None:
        return f"{because}, and which value that must have is for a person to say."
    if _is_unknown(now(name)):
        return f"{because}, and {name} could not be read."
    forbidden = may_be(name, value)
    return None if forbidden is None else f"{because}, and {forbidden}."


def _is_unknown(value: Value) -> bool:
    return not is_known(value)
