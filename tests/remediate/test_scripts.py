"""Both scripts do on the model of Exchange what the plan does, command by command."""

from __future__ import annotations

from following import connectors_of, differing, follow, is_same
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from interpreter import Variable, Word, carry_out, command_of, is_as, read
from organisations import cases

from auditor.remediate.command import rollback_command
from auditor.remediate.script import Head, remediate_script, rollback_script

TICKETS = st.sampled_from([None, "CHG-1", "O’Brien's #> <# $x\n'; Remove-Item"])
CONTROLLERS = st.sampled_from([None, "dc01.contoso.com", "dc’s"])


def scripts_of(followed, ticket=None, controller=None):
    head = Head.of(followed.audit, followed.plan, ticket, controller)
    return (
        read(remediate_script(followed.plan, head)),
        read(rollback_script(followed.plan, head)),
    )


def assert_same(one, other):
    left, right = connectors_of(one), connectors_of(other)
    assert left.keys() == right.keys()
    for guid, connector in left.items():
        found = differing(connector, right[guid])
        assert not found, {name: (connector.get(name), right[guid].get(name)) for name in found}


def undone(followed):
    """The changes that rollback.ps1 has something to undo of, in its order."""
    return [change for change in reversed(followed.plan.changes) if change.rollback]


@settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)
@given(cases(), TICKETS, CONTROLLERS)
def test_the_scripts_do_exactly_what_the_plan_does(case, ticket, controller):
    followed = follow(case)
    forth, back = scripts_of(followed, ticket, controller)
    event(f"{len(forth.steps)} commands")
    event(f"refused: {followed.refused is not None}")

    states, refused = carry_out(forth.steps, case.exchange)
    assert refused == (followed.refused[1] if followed.refused else None)
    assert len(states) == len(followed.states)
    for state, expected in zip(states, followed.states, strict=True):
        assert_same(state, expected)

    changes = undone(followed)
    assert len(back.steps) == len(changes)
    done = {change.order for change in followed.plan.changes[: len(states) - 1]}
    applied = [s for s, c in zip(back.steps, changes, strict=True) if c.order in done]
    returned, refused = carry_out(applied, states[-1])
    assert refused == (followed.refused_back[1] if followed.refused_back else None)
    expected = [followed.back[0]]
    for change, state in zip(
        (c for c in reversed(followed.plan.changes) if c.order in done),
        followed.back[1:],
        strict=False,
    ):
        if change.rollback:
            expected.append(state)
    assert len(returned) == len(expected)
    for state, wanted in zip(returned, expected, strict=True):
        assert_same(state, wanted)


@settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)
@given(cases(), CONTROLLERS)
def test_the_commands_of_the_scripts_are_those_of_the_plan_in_its_order(case, controller):
    followed = follow(case)
    forth, back = scripts_of(followed, None, controller)
    assert len(forth.steps) == len(followed.plan.changes)
    for step, change in zip(forth.steps, followed.plan.changes, strict=True):
        _assert_command(step, change.command, change.parameters, controller)
    for step, change in zip(back.steps, undone(followed), strict=True):
        _assert_command(step, rollback_command(change, None), change.rollback, controller)


def _assert_command(step, line, parameters, controller):
    call = command_of(line)
    given = dict(step.command.given)
    assert given.pop("WhatIf") == Variable("$preview")
    assert given.pop("DomainController", None) == controller
    if step.asked:
        assert given["AuthenticationCredential"] == Variable("$credential")
        given["AuthenticationCredential"] = Word("(Get-Credential)")
    assert step.command.name == call.name
    assert list(given.items()) == list(call.given.items())
    asked_for = set(parameters) | ({"AuthenticationCredential"} if step.asked else set())
    subject = {"Name", "Usage"} if call.name.startswith("New-") else {"Identity"}
    assert set(given) == asked_for | subject
    for name, value in parameters.items():
        assert is_same(name, given[name], value), name


@settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)
@given(cases(lens=False, twins=False))
def test_the_guards_let_pass_what_was_audited_and_what_was_changed(case):
    followed = follow(case)
    forth, back = scripts_of(followed)
    states, _ = carry_out(forth.steps, case.exchange)
    for step, before, after in zip(forth.steps, states, states[1:], strict=False):
        if step.guard.name == "Assert-Audited":
            assert is_as(before, step.guard, "Audited"), step.guard
        assert is_as(after, step.held, "Wanted"), step.held

    # What was applied is undone, and what was not is skipped.
    done = {change.order for change in followed.plan.changes[: len(states) - 1]}
    state = states[-1]
    for step, change in zip(back.steps, undone(followed), strict=True):
        audited, changed = (is_as(state, step.guard, t) for t in ("Audited", "Changed"))
        assert (changed, audited) == ((True, False) if change.order in done else (False, audited))
        if changed:
            (*_, state), refused = carry_out([step], state)
            if refused is not None:
                return
            assert is_as(state, step.held, "Wanted"), step.held
            assert is_as(state, step.guard, "Audited"), step.guard
