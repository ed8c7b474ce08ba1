"""What a plan must bring about, whatever the organisation: it converges, and can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exchange import carries_all
from following import audited, connectors_of, differing, key_of, truth_of

from auditor.evaluate.gateway_hosts import routes_to_gateway
from auditor.normalise import LazyProperties
from auditor.remediate import make_plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exchange import Exchange, Settings
    from following import Followed

    from auditor.model import Connector, Finding, PlannedChange

OTHERS = "OtherOutboundConnectors"


def exchange_takes_every_command(followed: Followed) -> None:
    if followed.refused is None or followed.is_warned_of:
        return
    change, said = followed.refused
    raise AssertionError(f"{said}: {change.cmdlet} {dict(change.parameters)}")


def what_a_change_answers_passes_or_is_gone(followed: Followed) -> None:
    if followed.refused is not None:
        return
    before = followed.marks()
    after = {key_of(finding): finding for finding in followed.after.findings}
    for change in followed.plan.changes:
        for mark in change.findings:
            finding = after.get(key_of(before[mark]))
            allowed = {"pass", "not-applicable"}
            if before[mark].actual_state in {"absent", "unreadable"}:
                # Of several properties one failed, and another cannot be read.
                allowed.add("unknown")
            if finding is not None and finding.status not in allowed:
                raise AssertionError(f"{finding.control.id} is {finding.status}: {finding.message}")


def nothing_fails_then_but_what_is_left_to_a_person(followed: Followed) -> None:
    if followed.refused is not None:
        return
    before = followed.marks()
    manual = {key_of(before[mark]) for step in followed.plan.manual for mark in step.findings}
    failed = [f for f in followed.after.findings if f.status == "fail"]
    # Whoever does what is left to a person with a connector mends its routes as well.
    manual |= {("BypassRoutes", *about) for control, *about in manual if control == OTHERS}
    left = [f for f in failed if key_of(f) not in manual and not _is_told_of(followed, f)]
    for finding in left:
        connector = finding.connector
        made = "made" if connector and _is_made(followed, connector) else "changed"
        raise AssertionError(f"{finding.control.id} fails on what is {made}: {finding.message}")


def every_failed_finding_is_answered_once(followed: Followed) -> None:
    statuses = {mark: finding.status for mark, finding in followed.marks().items()}
    answered = [m for change in followed.plan.changes for m in change.findings]
    manual = [m for step in followed.plan.manual for m in step.findings]
    found = [*answered, *manual]
    assert len(set(found)) == len(found), "answered twice"
    assert {mark for mark, status in statuses.items() if status == "fail"} <= set(found)
    # A control that only applies once the others hold may be answered with them.
    assert {statuses[mark] for mark in found} <= {"fail", "not-applicable"}


def exchange_takes_every_rollback(followed: Followed) -> None:
    if followed.refused_back is not None:
        change, said = followed.refused_back
        raise AssertionError(f"back: {said}: {change.cmdlet} {dict(change.rollback)}")


def the_rollback_restores_what_was(followed: Followed) -> None:
    if followed.refused_back is not None:
        return
    before, then = connectors_of(followed.states[0]), connectors_of(followed.back[-1])
    changed = {guid: found for guid in before if (found := _lasting(before[guid], then[guid]))}
    assert not changed, [
        {n: (before[guid].get(n), then[guid].get(n)) for n in found}
        for guid, found in changed.items()
    ]
    made = [then[guid] for guid in then.keys() - before.keys()]
    assert all(connector["Enabled"] is False for connector in made)


def mail_for_every_domain_always_has_a_way(followed: Followed) -> None:
    if not _has_way(followed.states[0]):
        return
    for number, state in enumerate([*followed.states, *followed.back]):
        assert _has_way(state), f"none after step {number} of {len(followed.states) - 1}"


def others_are_switched_off_only_when_the_gateway_has_all_mail(followed: Followed) -> None:
    policy = followed.case.policy
    for change, before, state in _steps(followed):
        if change.connector is None or change.parameters.get("Enabled") is not False:
            continue
        if not truth_of(before, change.connector)["Enabled"]:
            continue
        ways = [
            connector
            for connector in state.objects["SendConnector"]
            if carries_all(connector)
            and connector["DNSRoutingEnabled"] is False
            and routes_to_gateway(LazyProperties(connector)["SmartHosts"], policy)
        ]
        assert ways, f"{change.name} is switched off, and nothing leads to the gateway"


def what_is_exempt_or_unknown_is_let_be(followed: Followed) -> None:
    for change, before, state in _steps(followed):
        if change.connector is None:
            statuses = {
                f.status for f in followed.audit.findings if f.control.id == "ConnectorPresent"
            }
            assert statuses == {"fail"}
            continue
        found = differing(truth_of(before, change.connector), truth_of(state, change.connector))
        for finding in followed.audit.findings:
            if finding.connector is not change.connector:
                continue
            if finding.status in {"exempt", "unknown"}:
                about = {name for name, _ in finding.control.requirements}
                if finding.control.id == OTHERS:
                    about = {"Enabled"}
                assert not about & found, (finding.status, finding.control.id, about & found)


def only_what_failed_is_touched(followed: Followed) -> None:
    for change in followed.plan.changes:
        assert change.findings, change
        assert change.parameters, change
        if change.connector is not None:
            assert change.before.keys() == change.parameters.keys()


def dns_routing_is_never_switched_on_and_nothing_removed(followed: Followed) -> None:
    for change in followed.plan.changes:
        assert change.parameters.get("DNSRoutingEnabled") is not True, change
        assert change.cmdlet.partition("-")[0] in {"Set", "New"}


def what_edge_sync_owns_is_left_to_a_person(followed: Followed) -> None:
    for change in followed.plan.changes:
        if change.connector and change.name.startswith("EdgeSync - "):
            raise AssertionError(f"{change.cmdlet} {change.name} {sorted(change.parameters)}")


def a_second_plan_changes_nothing(followed: Followed) -> None:
    if followed.refused is None:
        again = make_plan(audited(followed.case, followed.states[-1]))
        # What was left to a person can be told by now: a connector shows what its version has.
        left = " ".join(step.advice for step in followed.plan.manual)
        for change in again.changes:
            values = change.parameters.items()
            names = [name for name, value in values if value != change.before.get(name)]
            if not all(name in left for name in names):
                raise AssertionError(f"{change.cmdlet} {names} again: {change}")


def a_connector_is_changed_by_one_command(followed: Followed) -> None:
    changes = followed.plan.changes
    assert [change.order for change in changes] == list(range(1, len(changes) + 1))
    touched = [
        change.connector and (change.connector.cmdlet, change.connector.position)
        for change in changes
    ]
    assert len(set(touched)) == len(touched)


LAWS = (
    exchange_takes_every_command,
    what_a_change_answers_passes_or_is_gone,
    nothing_fails_then_but_what_is_left_to_a_person,
    every_failed_finding_is_answered_once,
    exchange_takes_every_rollback,
    the_rollback_restores_what_was,
    mail_for_every_domain_always_has_a_way,
    others_are_switched_off_only_when_the_gateway_has_all_mail,
    what_is_exempt_or_unknown_is_let_be,
    only_what_failed_is_touched,
    dns_routing_is_never_switched_on_and_nothing_removed,
    what_edge_sync_owns_is_left_to_a_person,
    a_second_plan_changes_nothing,
    a_connector_is_changed_by_one_command,
)


def _is_made(followed: Followed, connector: Connector) -> bool:
    """Whether the plan has made it: there are more than there were."""
    return connector.position > len(followed.states[0].objects.get(connector.cmdlet, ()))


def _is_told_of(followed: Followed, finding: Finding) -> bool:
    """Whether the plan says that a connector will not be all that it must."""
    connector = finding.connector
    if connector is None:
        return False
    made = [change for change in followed.plan.changes if change.connector is None]
    names = {c.name for c in made} if _is_made(followed, connector) else {connector.label}
    said = [change.caution or "" for change in made if change.name in names]
    said += [s.advice for s in followed.plan.manual if s.connector in names]
    return any(finding.control.id in text for text in said)


def _steps(followed: Followed) -> Iterator[tuple[PlannedChange, Exchange, Exchange]]:
    yield from zip(followed.plan.changes, followed.states, followed.states[1:], strict=False)


def _lasting(before: Settings, then: Settings) -> set[str]:
    """What a rollback left otherwise; a credential that nothing uses is not counted."""
    unused = not str(before.get("SmartHostAuthMechanism")).startswith("BasicAuth")
    return differing(before, then) - ({"AuthenticationCredential"} if unused else set())


def _has_way(exchange: Exchange) -> bool:
    return any(carries_all(c) for found in exchange.objects.values() for c in found)
