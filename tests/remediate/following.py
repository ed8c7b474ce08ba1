"""A plan carried out on the model, step by step, forward and back, and what an audit says then."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from exchange import RefusedError

from auditor.digests import fingerprints
from auditor.evaluate.audit import evaluate
from auditor.normalise import normalise
from auditor.properties import PROPERTIES
from auditor.remediate import make_plan

if TYPE_CHECKING:
    from exchange import Exchange, Settings
    from organisations import Case

    from auditor.model import Audit, Connector, Finding, Plan, PlannedChange

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
Key = tuple[str, str | None, int]


def audited(case: Case, exchange: Exchange) -> Audit:
    """The audit of a state of the organisation, as far as its lens shows it."""
    snapshot = case.snapshot(exchange)
    return evaluate(normalise(snapshot), case.policy, case.region, NOW, snapshot)


def key_of(finding: Finding) -> Key:
    """What a finding is about, whatever the connector is called since."""
    connector = finding.connector
    if connector is None:
        return finding.control.id, None, 0
    return finding.control.id, connector.cmdlet, connector.position


@dataclass
class Followed:
    """What became of an organisation by a plan.

    Attributes:
        case: the organisation.
        audit: of it, before.
        plan: made of the audit.
        states: the organisation before, and after each change that Exchange took.
        refused: the change that it did not take, and why; None if it took all.
        after: the audit then.
        back: the organisation after each rollback, the last change's first.
        refused_back: the same of the rollback.
    """

    case: Case
    audit: Audit
    plan: Plan
    states: list[Exchange]
    refused: tuple[PlannedChange, str] | None = None
    back: list[Exchange] = field(default_factory=list)
    refused_back: tuple[PlannedChange, str] | None = None

    @property
    def after(self) -> Audit:
        return audited(self.case, self.states[-1])

    @property
    def is_warned_of(self) -> bool:
        """Whether what Exchange refused was said to be possible: a setting is not known."""
        return self.refused is not None and "is not known" in (self.refused[0].caution or "")

    def marks(self) -> dict[str, Finding]:
        """The findings before, by their fingerprints."""
        marks = fingerprints(self.audit.findings)
        return dict(zip(marks, self.audit.findings, strict=True))


def follow(case: Case) -> Followed:
    """Carry out the plan for an organisation, and then its rollback."""
    audit = audited(case, case.exchange)
    followed = Followed(case, audit, make_plan(audit), [case.exchange])
    done = []
    for change in followed.plan.changes:
        following = followed.states[-1].copy()
        try:
            apply(following, change)
        except RefusedError as error:
            followed.refused = change, str(error)
            break
        followed.states.append(following)
        done.append(change)
    followed.back.append(followed.states[-1])
    for change in reversed(done):
        following = followed.back[-1].copy()
        try:
            undo(following, change)
        except RefusedError as error:
            followed.refused_back = change, str(error)
            break
        followed.back.append(following)
    return followed


def apply(exchange: Exchange, change: PlannedChange) -> None:
    """One command of a plan, as its script addresses the connector."""
    parameters = dict(change.parameters)
    if change.connector is None:
        parameters["Name"] = change.name
        identity = None
    else:
        identity = identity_of(change.connector)
    exchange.run(change.cmdlet, identity, parameters, credential=change.credential)


def undo(exchange: Exchange, change: PlannedChange) -> None:
    """What takes one command back."""
    parameters = change.rollback
    if change.connector is None:
        exchange.run("Set-SendConnector", change.name, parameters)
        return
    identity = change.connector.guid or str(change.parameters.get("Name", change.connector.name))
    basic = str(parameters.get("SmartHostAuthMechanism")).startswith("BasicAuth")
    if parameters:
        exchange.run(change.cmdlet, identity, parameters, credential=basic)


def identity_of(connector: Connector) -> str | None:
    """Its Guid where that is known, else its name."""
    return connector.guid or connector.name


def connectors_of(exchange: Exchange) -> dict[str, Settings]:
    """All connectors by Guid."""
    return {str(c["Guid"]): c for found in exchange.objects.values() for c in found}


def is_same(name: str, one: object, other: object) -> bool:
    """Whether two raw values are one setting."""
    if name not in PROPERTIES:
        return one == other
    kind = PROPERTIES[name].kind
    left, right = kind.compared(kind.read(one), kind.read(other))  # type: ignore[arg-type]
    return type(left) is type(right) and left == right


def differing(one: Settings, other: Settings) -> set[str]:
    """The properties in which two states of a connector differ."""
    return {n for n in one.keys() | other.keys() if not is_same(n, one.get(n), other.get(n))}


def truth_of(exchange: Exchange, connector: Connector) -> Settings:
    """The true state of a connector that an audit is about."""
    return exchange.objects[connector.cmdlet][connector.position - 1]
