"""An Audit → a plan: one command a connector, the gateway's first, and what a person must do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from auditor.errors import InputError
from auditor.kinds.address_spaces import domain_of
from auditor.model import Connectors, ManualStep, Plan, PlannedChange
from auditor.remediate.cautions import cautions
from auditor.remediate.command import command
from auditor.remediate.create import CAUTION, SERVERS, created_name, created_values
from auditor.remediate.draft import Draft, Entry, key_of
from auditor.remediate.groups import BASIC, grouped, known, rolled_back
from auditor.remediate.overlay import Overlaid
from auditor.remediate.settable import refused_address

if TYPE_CHECKING:
    from auditor.model import Audit, Connector, Finding
    from auditor.remediate.draft import Key

OTHERS: Final = "OtherOutboundConnectors"
PRESENT: Final = "ConnectorPresent"
ROUTES: Final = "BypassRoutes"
EDGE_SYNC: Final = "edgesync - "
ROUTING: Final = frozenset(
    {"AddressSpaces", "DNSRoutingEnabled", "Enabled", "IsScopedConnector", "SmartHosts"}
    | {"SourceTransportServers", PRESENT}
)
"""Controls that must be right before another connector may be switched off."""

_EDGE_ADVICE: Final = (
    "EdgeSync owns this connector and would undo a change: renew the Edge subscription with "
    "New-EdgeSubscription -CreateInternetSendConnector $false, then synchronise"
)
_NOT_YET: Final = (
    "disable it only when the gateway's connector is right, for until then it may be the one way "
    "out"
)
_MEND_ROUTES: Final = "leave the connector only what it is exempt for, or disable it"
_LEADS_AWAY: Final = "the smart hosts that the policy wants do not lead to the gateway"


def make_plan(audit: Audit, domain_controller: str | None = None) -> Plan:
    """What brings the organisation back into compliance; nothing for exempt or unknown findings.

    Args:
        audit: with its inventory.
        domain_controller: the one to ask for everything; None: any.
    """
    return _Planner(audit, audit.inventory or Connectors(())).plan(domain_controller)


class _Planner:
    """Makes the gateway's connector right first, and then switches the others off."""

    def __init__(self, audit: Audit, inventory: Connectors) -> None:
        self._audit = audit
        self._inventory = inventory
        self._draft = Draft(audit, inventory)

    def plan(self, domain_controller: str | None) -> Plan:
        draft = self._draft
        self._leave_what_cannot_be_addressed()
        self._create()
        now = draft.settle(_is_special)
        self._refuse_leading_away(now)
        self._switch_off(draft.judged())
        now = draft.settle(_is_special)
        self._answer_routes(now)
        for finding in now.findings:
            if draft.is_open(finding) and finding.control.id == PRESENT:
                draft.give_up(finding, "give a connector the gateway's smart hosts")
        return self._finished(domain_controller)

    def _leave_what_cannot_be_addressed(self) -> None:
        for finding in self._audit.findings:
            connector = finding.connector
            if finding.status != "fail" or connector is None:
                continue
            if finding.control.id == ROUTES and self._draft.has_left(finding, OTHERS):
                continue
            if (connector.name or "").lower().startswith(EDGE_SYNC):
                self._draft.give_up(finding, _EDGE_ADVICE)
            elif (why := refused_address(connector, self._inventory)) is not None:
                self._draft.give_up(finding, f"no command can say which one it is: {why}")

    def _create(self) -> None:
        """Make the gateway's connector, where none is there."""
        draft = self._draft
        for finding in self._audit.findings:
            if finding.control.id == PRESENT and draft.is_open(finding) and not finding.connector:
                values = created_values(self._audit, self._inventory, draft.versions)
                if isinstance(values, str):
                    draft.give_up(finding, values)
                    continue
                draft.created = values
                draft.entries[draft.created_key] = Entry(marks=[draft.mark(finding)])
                now = draft.judged()
                if not _leads_to_gateway(now):
                    draft.undo(draft.created_key, _LEADS_AWAY)

    def _refuse_leading_away(self, now: Audit) -> None:
        """A change after which the gateway's connector is none any more is left to a person."""
        subject = self._audit.subject
        key = key_of(subject)
        if subject is None or key not in self._draft.entries or key is None:
            return
        if key_of(now.subject) == key and _leads_to_gateway(now):
            self._answer_presence(key)
            return
        self._draft.undo(key, _LEADS_AWAY)

    def _answer_presence(self, key: Key) -> None:
        """The connector that the policy names led elsewhere, and does not any more."""
        for finding in self._audit.findings:
            if finding.control.id == PRESENT and finding.status == "fail":
                self._draft.entries[key].marks.append(self._draft.mark(finding))

    def _switch_off(self, now: Audit) -> None:
        ready = _is_ready(now)
        for finding in now.findings:
            if finding.control.id != OTHERS or not self._draft.is_open(finding):
                continue
            key = key_of(finding.connector)
            if not ready or key is None or finding.connector is None:
                self._draft.give_up(finding, _NOT_YET)
                continue
            entry = self._draft.entries.setdefault(key, Entry())
            entry.values["Enabled"] = False
            entry.marks.append(self._draft.mark(finding))
            entry.cautions.append(_switched_off(finding.connector))

    def _answer_routes(self, now: Audit) -> None:
        """Routes are mended by what changes their connector, or else the gateway's."""
        draft, subject = self._draft, key_of(self._audit.subject)
        left = {
            key_of(finding.connector)
            for finding in now.findings
            if finding.control.id == ROUTES and finding.status in {"fail", "unknown"}
        }
        for finding in self._audit.findings:
            if finding.control.id != ROUTES or not draft.is_open(finding):
                continue
            key = key_of(finding.connector)
            changed = (k for k in (key, subject, draft.created_key) if k in draft.entries)
            by = None if key in left else next(changed, None)
            if by is not None:
                draft.entries[by].marks.append(draft.mark(finding))
            elif not draft.has_left(finding, OTHERS):
                draft.give_up(finding, _MEND_ROUTES)
        for finding in now.findings:
            if finding.control.id == ROUTES and draft.is_new(finding):
                draft.foretell(finding, _MEND_ROUTES)

    def _finished(self, domain_controller: str | None) -> Plan:
        changes: list[PlannedChange] = []
        manual = self._draft.manual.items()
        steps = [self._step(key, advice, marks) for (key, advice), marks in manual]
        for key in self._ordered():
            change = _said(self._change(key), domain_controller)
            if isinstance(change, ManualStep):
                steps.append(change)
            elif change.parameters != change.before or change.connector is None:
                changes.append(replace(change, order=len(changes) + 1))
        return Plan(tuple(changes), tuple(steps))

    def _ordered(self) -> list[Key]:
        """The made one, the subject, others that are changed, and last those that are disabled."""
        entries, subject = self._draft.entries, key_of(self._audit.subject)
        made = self._draft.created_key

        def order(key: Key) -> tuple[bool, bool, bool, Key]:
            off = entries[key].values.get("Enabled") is False and key not in {made, subject}
            return (off, key != made, key != subject, key)

        return sorted(entries, key=order)

    def _change(self, key: Key) -> PlannedChange:
        entry, connector = self._draft.entries[key], self._draft.original(key)
        if connector is None:
            return self._creation(entry)
        parameters = grouped(entry.values, connector)
        return PlannedChange(
            order=0,
            cmdlet=f"Set-{connector.cmdlet}",
            connector=connector,
            name=connector.label,
            parameters=parameters,
            before={name: known(connector, name) for name in parameters},
            findings=tuple(entry.marks),
            credential=str(parameters.get("SmartHostAuthMechanism")).startswith(BASIC),
            caution=" ".join([*cautions(entry.values), *entry.cautions]) or None,
        )

    def _creation(self, entry: Entry) -> PlannedChange:
        values = {**(self._draft.created or {}), **entry.values}
        values.pop("Name", None)
        parameters = {name: value for name, value in values.items() if value is not None}
        unnamed = () if "SourceTransportServers" in parameters else (SERVERS,)
        return PlannedChange(
            order=0,
            cmdlet="New-SendConnector",
            connector=None,
            name=created_name(self._audit),
            parameters=parameters,
            before={},
            findings=tuple(entry.marks),
            credential=str(parameters.get("SmartHostAuthMechanism")).startswith(BASIC),
            caution=" ".join([CAUTION, *unnamed, *entry.cautions]),
        )

    def _step(self, key: Key | None, advice: str, marks: list[str]) -> ManualStep:
        if key is None:
            return ManualStep(None, tuple(marks), advice)
        connector = self._draft.original(key)
        name = connector.name if connector else created_name(self._audit)
        return ManualStep(name, tuple(marks), advice)


def _is_special(finding: Finding) -> bool:
    return not finding.control.requirements


def _leads_to_gateway(now: Audit) -> bool:
    return all(f.status in {"pass", "exempt"} for f in now.findings if f.control.id == PRESENT)


def _is_ready(now: Audit) -> bool:
    """Whether mail for every domain has its way through the gateway as things are now."""
    subject = now.subject
    if subject is None or not _leads_to_gateway(now):
        return False
    made = isinstance(subject.properties, Overlaid) and subject.properties.is_made
    wrong = (
        # One that is made sends from the server on which the script runs.
        finding.status == "fail" or (finding.status == "unknown" and not made)
        for finding in now.findings
        if finding.control.id in ROUTING and finding.connector is subject
    )
    spaces = subject.properties["AddressSpaces"]
    return (
        not any(wrong)
        and subject.properties["Enabled"] is True
        and subject.properties["DNSRoutingEnabled"] is False
        and isinstance(spaces, tuple)
        and any(domain_of(space) == "*" for space in spaces)
    )


def _switched_off(connector: Connector) -> str:
    spaces = connector.properties["AddressSpaces"]
    names = [domain_of(space) or space for space in spaces] if isinstance(spaces, tuple) else []
    which = "mail for every domain" if "*" in names else f"mail for {', '.join(names[:5])}"
    return f"From then on {which} goes through the gateway; what is queued here is routed again."


def _said(change: PlannedChange, domain_controller: str | None) -> PlannedChange | ManualStep:
    """A change with its command, and what undoes it; by hand where no command can be written."""
    change = replace(change, rollback=rolled_back(change))
    try:
        return replace(change, command=command(change, domain_controller))
    except InputError as error:
        return ManualStep(change.name, change.findings, f"By hand: {error.message}.")
