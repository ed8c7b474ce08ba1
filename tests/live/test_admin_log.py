"""Who changed connectors: what is asked of a live server, and that it can cost nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from auditor.collect.cmdlets import CMDLETS
from auditor.collect.live import Login, Target, parse_endpoint
from auditor.collect.live.collector import collect
from auditor.model import AdminChange
from auditor.normalise.admin_log import admin_changes
from auditor.snapshot import digest, read_snapshot, write_snapshot
from tests.live.answers import Problem
from tests.live.entries import CALLER, CREDENTIAL, entry, log, run_date
from tests.live.faults import FOREVER, Fault
from tests.live.objects import organization
from tests.live.reaching import ACCOUNT, SECRET, live

__all__ = ["live"]

LOG = "Search-AdminAuditLog"
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
SINCE = datetime(2026, 11, 22, 3, 30, 0, 250_000, tzinfo=UTC)
NOUNS = {str(wanted.cmdlet).partition("-")[2] for wanted in CMDLETS}


@pytest.fixture
def ask(live):
    """Collects from an organisation of these further answers; gives the server as well."""

    def collected(answers=None, since=SINCE, faults=(), timeout=20.0, controller=None):
        server = live(organization(connectors=2) | (answers or {}))
        server.faults.extend(faults)
        login = Login("basic", ACCOUNT, SECRET)
        target = Target(
            parse_endpoint(server.url),
            login,
            allow_cleartext=True,
            timeout=timeout,
            domain_controller=controller,
        )
        told: list[str] = []
        return collect(target, lambda: NOW, "audit 0", told.append, since), server

    return collected


def test_without_an_earlier_audit_nobody_is_asked(ask):
    snapshot, server = ask(log(entry()), since=None)
    assert LOG not in server.cmdlets
    assert snapshot.objects.keys() == NOUNS
    assert snapshot.errors == ()


@pytest.mark.parametrize("zone", [UTC, datetime.now().astimezone().tzinfo])
def test_what_is_asked_is_exactly_this_and_comes_last(ask, zone):
    _, server = ask(log(entry()), since=SINCE.astimezone(zone))
    assert server.cmdlets == [*(str(wanted.cmdlet) for wanted in CMDLETS), LOG]
    (given,) = server.parameters[LOG]
    assert given.keys() == {"Cmdlets", "StartDate", "EndDate"}
    assert list(given["Cmdlets"]) == [
        "Set-SendConnector",
        "New-SendConnector",
        "Remove-SendConnector",
    ]
    # Moments of .NET, which know no culture; psrpcore gives no text the type of a moment.
    assert isinstance(given["StartDate"], datetime)
    assert given["StartDate"] == SINCE
    assert given["EndDate"] == NOW + timedelta(minutes=5)
    assert given["StartDate"].utcoffset() == timedelta(0)
    assert [request.action for request in server.requests].count("Create") == 1


def test_the_domain_controller_is_passed_on(ask):
    _, server = ask(log(entry()), controller="DC01.contoso.test")
    assert server.parameters[LOG][0]["DomainController"] == "DC01.contoso.test"


def test_a_last_audit_in_the_future_asks_for_no_period_that_ends_before_it_begins(ask):
    _, server = ask(log(entry()), since=NOW + timedelta(days=300))
    (given,) = server.parameters[LOG]
    assert given["StartDate"] == NOW < given["EndDate"]


@pytest.mark.parametrize("shape", ["rich", "mixed"])
def test_who_did_what_is_read_oldest_first(ask, shape):
    newer = entry("Remove-SendConnector", "Old Internet", {}, run_date(23), shape)
    older = entry(shape=shape, Succeeded=False)
    snapshot, _ = ask(log(newer, older))
    assert snapshot.errors == ()
    first, second = admin_changes(snapshot)
    assert first == AdminChange(
        at=datetime(2026, 11, 22, 8, 30, 0, 123_456, tzinfo=UTC),
        caller=CALLER,
        cmdlet="Set-SendConnector",
        connector="Outbound Mail to Mimecast",
        parameters=first.parameters,
        succeeded=False,
    )
    value = "587" if shape == "rich" else "(its value is not in the export)"
    assert first.parameters[1] == ("Port", value)
    assert (second.cmdlet, second.connector) == ("Remove-SendConnector", "Old Internet")
    assert second.succeeded is True


def test_where_all_is_text_the_zone_is_missing_and_that_is_said(ask):
    (change,) = admin_changes(ask(log(entry(shape="plain")))[0])
    assert change.at == datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
    assert change.succeeded is True
    assert dict(change.parameters)["RunDate"].startswith("11/22/2026 8:30:00 AM (its time zone")


def test_nothing_done_is_known_and_not_unknown(ask):
    snapshot, _ = ask(log())
    assert admin_changes(snapshot) == ()
    assert snapshot.errors == ()


def test_a_credential_is_dropped_before_it_is_kept(ask):
    snapshot, _ = ask(log(entry(parameters=CREDENTIAL)))
    kept = write_snapshot(snapshot).decode()
    assert "Winter" not in kept
    assert "relay-account" not in kept
    (change,) = admin_changes(snapshot)
    assert change.parameters[-1] == ("AuthenticationCredential", "(dropped)")


REFUSED = {
    "no such cmdlet": ({}, "not available to this account, or not on this server", True),
    "refused": (
        log(fails=Problem("Access is denied.", "Denied")),
        "Access is denied.",
        True,
    ),
    "fails": (
        log(fails=Problem("The search timed out at the mailbox.", "AdminAuditLogSearch")),
        "The search timed out at the mailbox.",
        False,
    ),
    "no such parameter": (
        {LOG: replace(log()[LOG], parameters=())},
        "A parameter cannot be found that matches parameter name 'Cmdlets'.",
        False,
    ),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_refused_or_failed_it_is_recorded_and_nothing_else_is_lost(ask, case):
    answers, reason, refused = case
    snapshot, _ = ask(answers)
    assert snapshot.objects.keys() == NOUNS
    (error,) = snapshot.errors
    assert error == (LOG, reason, refused)
    assert error.noun == "AdminAuditLog"
    assert admin_changes(snapshot) is None


@pytest.mark.parametrize(
    ("faults", "timeout"),
    [
        ([Fault("hang", cmdlet=LOG, times=FOREVER)], 3.0),
        ([Fault("slow", "Receive", cmdlet=LOG, times=FOREVER, seconds=20)], 3.0),
        ([Fault("drop", cmdlet=LOG, times=FOREVER)], 20.0),
        ([Fault("cut", "Receive", cmdlet=LOG, times=FOREVER)], 20.0),
        ([Fault("garbage", "Receive", cmdlet=LOG, times=FOREVER)], 20.0),
        ([Fault("half_output", cmdlet=LOG, times=FOREVER)], 20.0),
        ([Fault("status", "Receive", cmdlet=LOG, times=FOREVER, status=500)], 20.0),
        ([Fault("wsman_fault", "Command", cmdlet=LOG, times=FOREVER, text="Odd.")], 20.0),
    ],
    ids=lambda value: value[0].kind if isinstance(value, list) else "",
)
def test_a_log_that_never_comes_costs_no_snapshot_and_leaves_no_session(ask, faults, timeout):
    snapshot, _ = ask(log(entry()), faults=faults, timeout=timeout)
    assert snapshot.objects.keys() == NOUNS
    (error,) = snapshot.errors
    assert error.cmdlet == LOG
    assert not error.refused


def test_a_dropped_connection_is_tried_once_more_for_the_log_alone(ask):
    snapshot, server = ask(log(entry()), faults=[Fault("drop", "Command", cmdlet=LOG)])
    assert len(admin_changes(snapshot)) == 1
    assert server.cmdlets.count("Get-SendConnector") == 1
    assert snapshot.errors == ()


def test_as_many_entries_as_it_gives_at_once_are_not_taken_for_all(ask):
    snapshot, _ = ask(log(*[entry("New-SendConnector", f"C{n}", {}) for n in range(1000)]))
    assert len(admin_changes(snapshot)) == 1000
    (error,) = snapshot.errors
    assert "some are missing" in error.reason
    fewer, _ = ask(log(*[entry() for _ in range(999)]))
    assert fewer.errors == ()


def test_entries_beside_an_error_are_kept(ask):
    snapshot, _ = ask(log(entry(), errors=(Problem("One mailbox is away.", "Away"),)))
    assert len(admin_changes(snapshot)) == 1
    assert [error.reason for error in snapshot.errors] == ["One mailbox is away."]


def test_objects_of_another_cmdlet_are_no_entries(ask):
    stray = organization(connectors=1)["Get-SendConnector"].objects
    snapshot, _ = ask(log(*stray))
    assert admin_changes(snapshot) is None
    assert "one of Get-SendConnector" in snapshot.errors[0].reason


def test_a_kept_snapshot_has_the_log_and_one_without_is_as_ever(ask):
    asked, _ = ask(log(entry()))
    again = read_snapshot(json.loads(write_snapshot(asked)), "s.json")
    assert admin_changes(again) == admin_changes(asked)
    assert digest(again) == digest(asked)
    plain, _ = ask(since=None)
    content = json.loads(write_snapshot(plain))
    assert "AdminAuditLog" not in json.dumps(content)


SAID = {
    "refused": ({}, "Who changed connectors is not known. Search-AdminAuditLog: not available"),
    "beside an error": (
        log(entry(), errors=(Problem("One mailbox is away.", "Away"),)),
        "Who changed connectors is not wholly known. Search-AdminAuditLog: One mailbox is away.",
    ),
    "read": (log(entry()), None),
}


@pytest.mark.parametrize("case", SAID.values(), ids=SAID)
def test_a_report_says_it_in_one_note_and_not_as_an_error(ask, audit, tmp_path, case):
    answers, said = case
    (tmp_path / "s.json").write_bytes(write_snapshot(ask(answers)[0]))
    result = audit("check", "-r", "na", "-s", "s.json", "-f", "json", "--as-of", "2026-11-23")
    assert result.status == 0
    assert result.report["errors"] == []
    notes = [note for note in result.report["notes"] if "AdminAuditLog" in note]
    assert len(notes) == (said is not None)
    assert all(note.startswith(said) for note in notes)
