"""What only the configuration file can say: who is told, the ping, whence a password comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar, cast

from auditor.cli.configuration.references import (
    FORMS,
    KINDS,
    Reference,
    read_reference,
    secret_reference,
)
from auditor.model import SEVERITIES
from auditor.policy.fields import choice, count, fail, mapping, sequence, text

if TYPE_CHECKING:
    from pathlib import Path

    from auditor.errors import Place
    from auditor.model import Severity
    from auditor.notify.routes import Attached, When
    from auditor.yamlfile import Node

Word = TypeVar("Word", bound=str)

KEYS: Final = ("notifications", "ping", "password")
ROUTE_KEYS: Final = ("name", "to", "when", "severity", "attach", "unaudited_runs")
PING_KEYS: Final = ("start", "success", "failure")
WHENS: Final[tuple[When, ...]] = ("change", "always")
ATTACHMENTS: Final[tuple[Attached, ...]] = ("html", "pdf")
UNAUDITED_RUNS: Final = 3
MOST_RUNS: Final = 10_000
_ELSE: Final = " Without it, it comes from AUDIT_PASSWORD, the system keyring or a prompt."


class RouteSpec(NamedTuple):
    """One way to tell people, as the file says it; the address is not resolved yet."""

    name: str
    to: Reference
    when: When
    severity: Severity
    attach: tuple[Attached, ...]
    unaudited_runs: int
    place: Place


class PingSpec(NamedTuple):
    """Addresses that are called when a run begins, and how it ends.

    ``every`` is one address for all three, as healthchecks.io has it; then the others are None.
    """

    every: Reference | None = None
    start: Reference | None = None
    success: Reference | None = None
    failure: Reference | None = None


class Extras(NamedTuple):
    """What no option says; None where the file does not say it either."""

    notifications: tuple[RouteSpec, ...] | None = None
    ping: PingSpec | None = None
    password: Reference | None = None

    @property
    def references(self) -> tuple[Reference, ...]:
        """Everything that stands elsewhere."""
        found = [route.to for route in self.notifications or ()]
        return tuple(one for one in (*found, *(self.ping or ()), self.password) if one is not None)

    def over(self, other: Extras) -> Extras:
        """These, and where they say nothing the other's."""
        return Extras(
            other.notifications if self.notifications is None else self.notifications,
            self.ping or other.ping,
            self.password or other.password,
        )


def read_extras(entries: dict[str, Node], folder: Path) -> Extras:
    """What the keys of a mapping say, of those that are no option.

    Raises:
        PolicyError: something is wrong with one.
    """
    said = {key: entries[key] for key in KEYS if key in entries and entries[key].value is not None}
    routes, ping, password = (said.get(key) for key in KEYS)
    return Extras(
        _routes(routes, folder) if routes is not None else None,
        _ping(ping, folder) if ping is not None else None,
        secret_reference(password, "password", folder, _ELSE) if password is not None else None,
    )


def _routes(node: Node, folder: Path) -> tuple[RouteSpec, ...]:
    found = tuple(
        _route(item, number, folder)
        for number, item in enumerate(sequence(node, "notifications", "Begin each with a dash."), 1)
    )
    names = [route.name for route in found]
    for route in found:
        if names.count(route.name) > 1:
            fail(node, f"two notifications are named {route.name!r}", "Give each a name.")
    return found


def _route(node: Node, number: int, folder: Path) -> RouteSpec:
    what = f"notification {number}"
    entries = mapping(node, what, ROUTE_KEYS)
    if "to" not in entries:
        fail(node, f"{what} does not say to whom", f"Add to:. {FORMS}")
    when, severity, runs = (entries.get(key) for key in ("when", "severity", "unaudited_runs"))
    attach = sequence(entries["attach"], "attach") if "attach" in entries else ()
    return RouteSpec(
        name=text(entries["name"], "name") if "name" in entries else what,
        to=_address(entries["to"], f"to of {what}", folder),
        when=_one_of(when, "when", WHENS) if when else "change",
        severity=_one_of(severity, "severity", SEVERITIES) if severity else "low",
        attach=tuple(_one_of(item, "attach", ATTACHMENTS) for item in attach),
        unaudited_runs=_runs(runs) if runs else UNAUDITED_RUNS,
        place=node.place,
    )


def _one_of(node: Node, what: str, words: tuple[Word, ...]) -> Word:
    return words[words.index(cast("Word", choice(node, what, words)))]


def _runs(node: Node) -> int:
    found = count(node, "unaudited_runs is a number of runs", UNAUDITED_RUNS, MOST_RUNS)
    if not found:
        fail(node, "unaudited_runs must be 1 or more", f"Write {UNAUDITED_RUNS}.")
    return found


def _ping(node: Node, folder: Path) -> PingSpec:
    if isinstance(node.value, dict) and not set(node.value) & set(KINDS):
        entries = mapping(node, "ping", PING_KEYS)
        if not entries:
            fail(node, "ping says nothing", FORMS)
        # An address of a ping is as good as a password: whoever has it can say that all is well.
        return PingSpec(
            None, *(_optional(entries.get(key), f"ping: {key}", folder) for key in PING_KEYS)
        )
    return PingSpec(secret_reference(node, "ping", folder))


def _optional(node: Node | None, what: str, folder: Path) -> Reference | None:
    return None if node is None else secret_reference(node, what, folder)


def _address(node: Node, what: str, folder: Path) -> Reference:
    """An address of apprise; in the file itself only where there is no secret in it."""
    found = read_reference(node, what, folder)
    if found.kind == "plain":
        # Only here: a file without notifications has no need of it.
        from auditor.notify.routes import holds_secret

        if holds_secret(found.name):
            fail(node, f"{what} may be secret and must not stand in this file", FORMS)
    return found
