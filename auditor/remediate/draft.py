"""A plan in the making: what each connector is to become, tried out until nothing fails anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from auditor.digests import fingerprints
from auditor.evaluate import evaluate
from auditor.model import ABSENT, Undecided, is_known
from auditor.normalise import proven_versions
from auditor.properties import PROPERTIES, shown
from auditor.remediate.overlay import overlaid
from auditor.remediate.settable import refused_name, refused_text, refused_value, refused_versions
from auditor.remediate.ties import Obstacle, taken_along

if TYPE_CHECKING:
    from collections.abc import Callable

    from auditor.model import Audit, Connector, Connectors, Finding, Present, Requirement

Key: TypeAlias = "tuple[str, int]"
"""A connector: the noun of its cmdlet, and its position in the export."""

Wanted: TypeAlias = "dict[str, Present | None]"
_ROUNDS: Final = 12


@dataclass(slots=True)
class Entry:
    """What one connector is to become.

    Attributes:
        values: property → its new value.
        marks: the fingerprints of the findings that these answer.
        cautions: what to think of before.
    """

    values: Wanted = field(default_factory=dict)
    marks: list[str] = field(default_factory=list)
    cautions: list[str] = field(default_factory=list)


class Draft:
    """What every connector is to become, and what is left to a person.

    Args:
        audit: with its inventory.

    Attributes:
        entries: by connector.
        manual: connector (None: the organisation) and advice → fingerprints.
        created: the values of a connector that is made; None where none is.
    """

    def __init__(self, audit: Audit, inventory: Connectors) -> None:
        self._audit = audit
        self._inventory = inventory
        self._audited = {
            (finding.control.id, key_of(finding.connector)): (finding, mark)
            for finding, mark in zip(audit.findings, fingerprints(audit.findings), strict=True)
        }
        self._given_up: set[tuple[str, Key | None]] = set()
        self.versions = proven_versions(inventory)
        self.entries: dict[Key, Entry] = {}
        self.manual: dict[tuple[Key | None, str], list[str]] = {}
        self.created: Wanted | None = None

    @property
    def created_key(self) -> Key:
        """The key of a connector that is made."""
        return ("SendConnector", len(self._inventory.send) + 1)

    def judged(self) -> Audit:
        """The audit of the organisation as it would be now."""
        planned = {
            id(connector): self.entries[key].values
            for connector in (*self._inventory.send, *self._inventory.other)
            if (key := _key(connector)) in self.entries
        }
        audit = self._audit
        there = overlaid(self._inventory, planned, self._made())
        return evaluate(there, audit.policy, audit.region, audit.evaluated_at, audit.snapshot)

    def _made(self) -> Wanted | None:
        if self.created is None:
            return None
        entry = self.entries.get(self.created_key)
        return {**self.created, **(entry.values if entry else {})}

    def _as_audited(self, finding: Finding) -> tuple[Finding, str] | None:
        """The finding of the same control as it was audited, with its fingerprint."""
        own = self._audited.get((finding.control.id, key_of(finding.connector)))
        return own or self._audited.get((finding.control.id, None))

    def mark(self, finding: Finding) -> str:
        """The fingerprint of the finding of the same control, as it was audited."""
        found = self._as_audited(finding)
        return found[1] if found else ""

    def undo(self, key: Key | None, reason: str) -> None:
        """Take back what was planned for a connector, and leave it to a person."""
        entry = self.entries.pop(key, None) if key is not None else None
        if entry is None:
            return
        for finding, mark in self._audited.values():
            if mark in entry.marks:
                self.give_up(finding, reason)
        if key == self.created_key:
            self.created = None

    def give_up(self, finding: Finding, reason: str) -> None:
        """Leave a finding to a person."""
        key = key_of(finding.connector)
        self._given_up.add((finding.control.id, key))
        advice = f"{finding.control.id}: {finding.message} By hand: {reason}."
        self.manual.setdefault((key, advice), []).append(self.mark(finding))

    def has_left(self, finding: Finding, control: str) -> bool:
        """Leave a finding to a person together with that of another control on its connector.

        Whoever does what is to be done for that one mends this one as well.
        """
        key = key_of(finding.connector)
        for (about, advice), marks in self.manual.items():
            if about == key and advice.startswith(f"{control}:"):
                self._given_up.add((finding.control.id, key))
                marks.append(self.mark(finding))
                return True
        return False

    def is_new(self, finding: Finding) -> bool:
        """Whether a finding fails only because of what is planned."""
        own = self._audited.get((finding.control.id, key_of(finding.connector)))
        return finding.status == "fail" and (own is None or own[0].status != "fail")

    def foretell(self, finding: Finding, reason: str) -> None:
        """Say what will fail then; no finding of the audit is answered by that."""
        key = key_of(finding.connector)
        advice = f"{finding.control.id} will fail then: {finding.message} By hand: {reason}."
        self.manual.setdefault((key, advice), [])

    def is_open(self, finding: Finding) -> bool:
        """Whether a finding fails, and nobody has given it up.

        Of a connector that is made, what is not known must be said.
        """
        key = key_of(finding.connector)
        made = key == self.created_key and self.created is not None
        fails = finding.status == "fail" or (made and finding.status == "unknown")
        return fails and (finding.control.id, key) not in self._given_up

    def settle(self, skip: Callable[[Finding], bool]) -> Audit:
        """Answer what fails, then what fails because of that, until nothing does.

        Args:
            skip: findings that are not answered by settings.
        """
        for _ in range(_ROUNDS):
            now = self.judged()
            left = [f for f in now.findings if self.is_open(f) and not skip(f)]
            if not left:
                return now
            if sum(map(self._has_spoiled, left)):
                continue
            for key in dict.fromkeys(key_of(f.connector) for f in left):
                self._answer(now, [f for f in left if key_of(f.connector) == key])
        for finding in left:
            self.give_up(finding, "the settings that it needs undo each other")
        return self.judged()

    def _has_spoiled(self, finding: Finding) -> bool:
        """Whether the plan made fail what was right or exempt; then that part is taken back."""
        before = self._as_audited(finding)
        if before is not None and before[0].status in {"fail", "not-applicable"}:
            return False
        key = key_of(finding.connector)
        guilty = key if key in self.entries else key_of(self._audit.subject)
        guilty = guilty if guilty in self.entries else self.created_key
        if guilty not in self.entries:
            self.give_up(finding, "it fails because of other changes")
            return True
        self.undo(guilty, f"{finding.control.id} would fail then, which is right or exempt now")
        return True

    def _answer(self, now: Audit, findings: list[Finding]) -> None:
        """Answer the failed findings of one connector together, or give up those that cannot be."""
        connector = findings[0].connector
        key = key_of(connector)
        if connector is None or key is None:
            for finding in findings:
                self.give_up(finding, "it is about no connector")
            return
        may_be = self._permission(now, connector)
        pending: dict[int, Wanted] = {}
        for position, finding in enumerate(findings):
            wanted = self._wanted(now, connector, finding)
            if isinstance(wanted, str):
                self.give_up(finding, wanted)
            else:
                pending[position] = wanted
        self._resolve(key, connector, findings, pending, may_be)

    def _resolve(
        self,
        key: Key,
        connector: Connector,
        findings: list[Finding],
        pending: dict[int, Wanted],
        may_be: Callable[[str, Present | None], str | None],
    ) -> None:
        while pending:
            together = {n: v for wanted in pending.values() for n, v in wanted.items()}
            moved = taken_along(together, connector.properties.__getitem__, may_be)
            obstacles = [
                *moved.obstacles,
                *(
                    Obstacle(frozenset({name}), why)
                    for name, value in moved.values.items()
                    if (why := may_be(name, value)) is not None
                ),
            ]
            if not obstacles:
                entry = self.entries.setdefault(key, Entry())
                entry.values.update(moved.values)
                entry.cautions += [c for c in moved.cautions if c not in entry.cautions]
                marks = [self.mark(findings[position]) for position in pending]
                entry.marks += [mark for mark in marks if mark not in entry.marks]
                return
            # The last that is about it is given up first: the others may do without it.
            first = obstacles[0]
            about = [p for p, wanted in pending.items() if not first.names.isdisjoint(wanted)]
            position = max(about or pending)
            self.give_up(findings[position], first.reason.rstrip("."))
            del pending[position]

    def _wanted(self, now: Audit, connector: Connector, finding: Finding) -> Wanted | str:
        """The settings that answer one finding; or why nobody can tell."""
        found: Wanted = {}
        for name, matcher in finding.control.requirements:
            value = connector.properties[name]
            if value is ABSENT and key_of(connector) == self.created_key:
                value = () if PROPERTIES[name].kind.is_list else None
            elif not is_known(value):
                continue
            inside = matcher.within(now.scene)
            if inside.holds(value) is True and connector.properties[name] is not ABSENT:
                continue
            wanted = inside.mended(value)
            if isinstance(wanted, Undecided):
                return wanted.reason
            if connector.properties[name] is None and refused_value(name, None):
                return f"the export says that {name} is not set, which cannot be: export it again"
            found[name] = wanted
        return found or "no setting of the connector mends that"

    def _permission(
        self, now: Audit, connector: Connector
    ) -> Callable[[str, Present | None], str | None]:
        """Why a property of a connector must not get a value."""
        scene = now.scene
        about = [
            (finding, requirement)
            for finding in now.findings
            if finding.connector is connector and finding.status != "not-applicable"
            for requirement in finding.control.requirements
        ] + self._protected(connector)
        planned = self.entries.get(_key(connector), Entry()).values

        def refuse(name: str, value: Present | None) -> str | None:
            never = refused_value(name, value) or self._refused_here(connector, name, value)
            if never:
                return never
            if name in planned and planned[name] != value:
                return f"another control wants {name} to be {shown(name, planned[name])}"
            for finding, (property_name, matcher) in about:
                if property_name != name:
                    continue
                made = _key(connector) == self.created_key
                if finding.status in {"exempt", "unknown"} and not made:
                    return f"{finding.control.id} is {finding.status}: {name} must stay as it is"
                if matcher.within(scene).holds(value) is not True:
                    return f"{finding.control.id} wants {name} otherwise"
            return None

        return refuse

    def _refused_here(self, connector: Connector, name: str, value: Present | None) -> str | None:
        if (odd := refused_text(connector.properties[name])) is not None:
            return odd
        if refused_versions(name, self.versions):
            return f"not every Exchange version that may be here has {name}"
        if name == "Name" and isinstance(value, str):
            original = self.original(_key(connector))
            now = original.name if original else None
            back = refused_name(original, now, self._inventory) if now else None
            return back or refused_name(original, value, self._inventory)
        return None

    def _protected(self, connector: Connector) -> list[tuple[Finding, Requirement]]:
        """What was exempt or unknown when it was audited, whatever it is by now."""
        return [
            (finding, requirement)
            for finding, _ in self._audited.values()
            if finding.status in {"exempt", "unknown"}
            and finding.connector is not None
            and key_of(finding.connector) == key_of(connector)
            for requirement in finding.control.requirements
        ]

    def original(self, key: Key) -> Connector | None:
        """A connector as it was audited; None for one that is made."""
        everything = (*self._inventory.send, *self._inventory.other)
        return next((c for c in everything if _key(c) == key), None)


def key_of(connector: Connector | None) -> Key | None:
    """What tells a connector from the others, whatever it becomes."""
    return None if connector is None else _key(connector)


def _key(connector: Connector) -> Key:
    return (connector.cmdlet, connector.position)
