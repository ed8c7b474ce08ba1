"""The administrator audit log, from exports of every kind; nothing of it is lost, no secret kept."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from auditor.collect import read_snapshots
from auditor.errors import InputError
from auditor.model import ABSENT, CollectionError, Connector, Provenance, Snapshot
from auditor.normalise import LazyProperties
from auditor.normalise.admin_log import admin_changes, last_changed
from auditor.normalise.moments import read_moment
from auditor.policy import load_policy
from auditor.redact import redact
from auditor.snapshot import write_snapshot
from tests.conftest import connector, export
from tests.live.entries import CALLER, entry

HEAD = '<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">'
ENTRY = {
    "CmdletName": "Set-SendConnector",
    "ObjectModified": "Outbound",
    "CmdletParameters": [{"Name": "Port", "Value": "587"}],
    "Caller": "CONTOSO\\anna",
    "Succeeded": True,
    "RunDate": "2026-11-22T08:30:00Z",
}
AT = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


def changes(*entries, collected=None):
    objects = {"SendConnector": (), "AdminAuditLog": entries}
    return admin_changes(Snapshot(None, Provenance("json", "f", collected), objects))


def change(**values):
    (found,) = changes({k: v for k, v in {**ENTRY, **values}.items() if v is not ABSENT})
    return found


def read(*files: tuple[str, bytes]) -> Snapshot:
    return read_snapshots([("c.json", export(connector())), *files])


CLIXML = f"{HEAD}{entry()}</Objs>".encode()
JSON = json.dumps([ENTRY]).encode()
# RunDate as it prints where Get-Culture is en-US.
TEXT = b"""\nRunDate        : 11/22/2026 8:30:00 AM
Caller         : CONTOSO\\anna
CmdletName     : Set-SendConnector
ObjectModified : Outbound
CmdletParameters : {Identity, Port}
Succeeded      : True\n\n"""
CSV = (
    b'"Caller","CmdletName","ObjectModified","RunDate","Succeeded","CmdletParameters"\r\n'
    b'"CONTOSO\\anna","Set-SendConnector","Outbound","11/22/2026 8:30:00 AM","True",'
    b'"System.Collections.ArrayList"\r\n'
)


@pytest.mark.parametrize(
    ("data", "parameters"),
    [
        (CLIXML, (("Identity", "Outbound Mail to Mimecast"), ("Port", "587"))),
        (JSON, (("Port", "587"),)),
        (TEXT, (("Identity", "(its value is not in the export)"),)),
        (CSV, (("CmdletParameters", "could not be read"),)),
    ],
    ids=["clixml", "json", "format-list", "csv"],
)
def test_an_export_of_any_kind_is_recognised_and_read(data, parameters):
    snapshot = read(("log", data))
    assert snapshot.objects.keys() == {"SendConnector", "AdminAuditLog"}
    (found,) = admin_changes(snapshot)
    assert found.caller in {CALLER, "CONTOSO\\anna"}
    assert found.at.replace(microsecond=0) == AT
    assert found.cmdlet == "Set-SendConnector"
    assert found.parameters[: len(parameters)] == parameters
    assert found.succeeded is True


def test_without_the_log_nobody_is_known_and_an_empty_one_is_nobody():
    assert admin_changes(read()) is None
    assert changes() == ()


def test_a_log_alone_is_no_organisation():
    with pytest.raises(InputError, match="only Search-AdminAuditLog"):
        read_snapshots([("log.json", JSON)])


def test_entries_are_oldest_first_and_other_cmdlets_are_left_out():
    found = changes(
        {**ENTRY, "RunDate": "2026-11-23T00:00:00Z"},
        {**ENTRY, "CmdletName": "Set-Mailbox"},
        {**ENTRY, "CmdletName": "remove-SENDconnector"},
    )
    assert [one.cmdlet for one in found] == ["Remove-SendConnector", "Set-SendConnector"]


@pytest.mark.parametrize("name", [None, "", ABSENT, 5, {"a": 1}, "System.Collections.ArrayList"])
def test_an_entry_whose_cmdlet_cannot_be_read_is_not_dropped(name):
    assert "could not be read" in change(CmdletName=name).cmdlet


@pytest.mark.parametrize("caller", [None, "", ABSENT, 5, ["x"]])
def test_a_caller_who_cannot_be_read_is_said(caller):
    assert "could not be read" in change(Caller=caller).caller


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2026-11-22T09:30:00.1234567+01:00", AT.replace(microsecond=123_456)),
        ("/Date(1795336200000)/", AT),
        ({"value": "/Date(1795336200000)/", "DateTime": "Sunday"}, AT),
        ("2026-11-22 08:30", AT),
        ("22.11.2026 08:30:00", AT),
        ("22/11/2026 8:30", AT),
        ("11/22/2026 8:30:00\u202fAM", AT),
    ],
)
def test_times_of_every_form_are_read(raw, expected):
    assert change(RunDate=raw).at == expected
    assert read_moment(raw).has_zone == ("RunDate" not in dict(change(RunDate=raw).parameters))


@pytest.mark.parametrize("raw", ["03/04/2026 08:30:00", "soon", "", None, 5, "/Date(9" + 14 * "9",
                                 "31/31/2026 08:00", "02/30/2026 08:00", "11/22/2026 25:00"])  # fmt: skip
def test_a_time_that_cannot_be_read_is_said_and_stands_where_it_was_collected(raw):
    collected = datetime(2026, 11, 23, tzinfo=UTC)
    (one,) = changes({**ENTRY, "RunDate": raw}, collected=collected)
    assert one.at == collected
    assert "could not be read" in dict(one.parameters)["RunDate"]
    assert {found.at for found in changes({**ENTRY, "RunDate": raw}, ENTRY)} == {AT}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ([], ()),
        (None, ()),
        ({"Name": "Port", "Value": 587}, (("Port", "587"),)),
        ({"value": [{"Name": "Port", "Value": "587"}], "Count": 1}, (("Port", "587"),)),
        ([{"Name": "AddressSpaces", "Value": ["*", "a.b"]}], (("AddressSpaces", "*, a.b"),)),
        (["Port=587"], (("Port", "587"),)),
        ([{"Name": "Comment", "Value": None}], (("Comment", ""),)),
        ([{"Value": "x"}], (("CmdletParameters", "could not be read"),)),
        ([5], (("CmdletParameters", "could not be read"),)),
        ([{"Name": "Port", "Value": {"a": 1}}], (("Port", "could not be read"),)),
        ("System.Object[]", (("CmdletParameters", "could not be read"),)),
        ("{Identity, Po...", (("CmdletParameters", "could not be read"),)),
    ],
    ids=str,
)
def test_parameters_of_every_form(raw, expected):
    assert change(CmdletParameters=raw).parameters == expected


def test_a_value_without_end_is_shortened():
    long = change(CmdletParameters=[{"Name": "Comment", "Value": "x" * 9_999}]).parameters[0][1]
    assert len(long) == 500


def test_what_was_changed_is_the_identity_where_the_log_does_not_say_it():
    parameters = [{"Name": "Identity", "Value": "Outbound"}]
    assert change(ObjectModified=None, CmdletParameters=parameters).connector == "Outbound"
    assert "could not be read" in change(ObjectModified="").connector


@pytest.mark.parametrize(("raw", "succeeded"), [("True", True), (False, False), (None, None)])
def test_whether_it_worked(raw, succeeded):
    assert change(Succeeded=raw).succeeded is succeeded


SECRET = "Winter-is-long-42"
LEAKS = [
    [{"Name": "AuthenticationCredential", "Value": SECRET}],
    [{"name": "authenticationcredential", "value": SECRET, "more": SECRET}],
    [{"ToString": "AuthenticationCredential", "Value": {"UserName": SECRET}}],
    [{"ToString": f"AuthenticationCredential={SECRET}", "Name": "AuthenticationCredential"}],
    [f"AuthenticationCredential={SECRET}"],
    f"Identity=x;AuthenticationCredential={SECRET}",
    f"{{Identity=x, Password: {SECRET}}}",
    [{"Name": "X", "Value": {"Password": SECRET}}],
    {"value": [{"Name": "AdminPwd", "Value": SECRET}], "Count": 1},
    [{"Name": "ApiKey", "Value": [SECRET]}],
    [{"Name": "X", "Value": [[{"Token": SECRET}]]}],
]


@pytest.mark.parametrize("raw", LEAKS, ids=str)
@pytest.mark.parametrize("name", ["CmdletParameters", "modifiedProperties"])
def test_no_secret_is_kept_in_a_snapshot_or_shown(raw, name):
    log = json.dumps([{**ENTRY, name: raw}]).encode()
    snapshot = read(("log.json", log))
    assert SECRET not in write_snapshot(snapshot).decode()
    # What was written by somebody else's hand is cleaned as well.
    assert SECRET not in str(changes({**ENTRY, name: raw}))


def test_what_is_no_secret_stays_also_beside_one():
    raw = [{"Name": "Port", "Value": "25"}, {"Name": "AuthenticationCredential", "Value": "x"}]
    log = json.dumps([{**ENTRY, "CmdletParameters": raw}]).encode()
    (found,) = admin_changes(read(("log.json", log)))
    assert found.parameters == (("Port", "25"), ("AuthenticationCredential", "(dropped)"))
    kept = {**ENTRY, "CmdletParameters": "{Identity, AuthenticationCredential}"}
    snapshot = read(("log.json", json.dumps([kept]).encode()))
    assert snapshot.objects["AdminAuditLog"][0]["CmdletParameters"] == kept["CmdletParameters"]


def test_a_redacted_snapshot_holds_no_log_and_says_so(tmp_path):
    word = "Quzzle"
    log = {**ENTRY, "Caller": f"{word}\\anna", "ObjectModified": word, "Error": word}
    log["CmdletParameters"] = [{"Name": "Comment", "Value": word}]
    snapshot = read(("log.json", json.dumps([log]).encode()))
    policy = load_policy("mimecast", tmp_path)
    redacted = redact(snapshot, policy)
    text = write_snapshot(redacted.snapshot).decode() + str(redacted.names)
    assert word.lower() not in text.lower()
    assert "AdminAuditLog" not in redacted.snapshot.objects
    (error,) = redacted.snapshot.errors
    assert error.cmdlet == "Search-AdminAuditLog"
    assert "left out" in error.reason
    assert redact(redacted.snapshot, policy).snapshot.errors == (error,)


def test_a_refusal_that_names_somebody_is_redacted(tmp_path):
    refusal = CollectionError("Search-AdminAuditLog", "refused to CONTOSO\\quzzle", True)
    snapshot = replace(read(), errors=(refusal,))
    (error,) = redact(snapshot, load_policy("mimecast", tmp_path)).snapshot.errors
    assert error.cmdlet == "Search-AdminAuditLog"
    assert "quzzle" not in error.reason


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"WhenChangedUTC": "2026-11-22T08:30:00Z", "WhenChanged": "x"}, "2026-11-22T08:30:00Z"),
        ({"WhenChangedUTC": "2026-11-22T08:30:00"}, "2026-11-22T08:30:00Z"),
        ({"WhenChangedUTC": "11/22/2026 8:30:00 AM"}, "2026-11-22T08:30:00Z"),
        ({"WhenChangedUTC": "/Date(1795336200000)/"}, "2026-11-22T08:30:00Z"),
        ({"WhenChanged": "2026-11-22T03:30:00-05:00"}, "2026-11-22T08:30:00Z"),
        ({"WhenChanged": "11/22/2026 8:30:00 AM"}, "11/22/2026 8:30:00 AM"),
        ({"WhenChangedUTC": "03/04/2026 8:30:00"}, "03/04/2026 8:30:00"),
        ({"WhenChangedUTC": None, "WhenChanged": "yesterday"}, "yesterday"),
        ({"WhenChangedUTC": {"a": 1}}, None),
        ({}, None),
    ],
)
def test_when_a_connector_was_last_changed(properties, expected):
    assert last_changed(Connector(LazyProperties(properties))) == expected
