"""The evidence file: read back alike, refused when altered, no secret in it."""

from __future__ import annotations

import json

import pytest

from auditor.collect import read_snapshots
from auditor.snapshot import digest, write_snapshot
from tests.conftest import connector, export

COMMAND = ["check", "-r", "na", "-f", "json", "--as-of", "2026-12-01"]


@pytest.fixture
def saved(audit, tmp_path):
    """A snapshot of a drifted organisation, and the report of the run that wrote it."""
    (tmp_path / "export.json").write_bytes(export(connector(Port=587, Comment="B\u00fcro \ud83d")))
    first = audit(*COMMAND, "-s", "export.json", "--save-snapshot", "snapshot.json")
    return tmp_path / "snapshot.json", first


def test_a_saved_snapshot_gives_the_same_report_byte_for_byte(audit, saved):
    path, first = saved
    assert audit(*COMMAND, "-s", path).out == first.out


def test_the_digest_is_in_the_file_and_in_the_report(saved):
    path, first = saved
    snapshot = read_snapshots([(path.name, path.read_bytes())])
    assert json.loads(path.read_text("utf-8"))["sha256"] == digest(snapshot)
    assert first.report["snapshot"]["sha256"] == digest(snapshot)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("587", "25"),
        ("Outbound", "Outbounds"),
        ("export.json", "other.json"),
        ('"sha256"', '"sha"'),
    ],
)
def test_an_altered_snapshot_is_refused(audit, saved, old, new):
    path, _ = saved
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    result = audit(*COMMAND, "-s", path)
    assert result.status == 2
    assert "altered" in result.err


@pytest.mark.parametrize(
    "change",
    [
        {"objects": []},
        {"more": [connector()]},
        {"objects": {"SendConnector": {}}},
        {"provenance": None},
        {"errors": [{}]},
        {"errors": [{"cmdlet": 5, "reason": None}]},
        *(
            {
                "provenance": {
                    "kind": "x",
                    "location": "y",
                    "collected_at": when,
                    "tool": None,
                    "files": files,
                }
            }
            for when, files in [
                ("2026-11-23T08:00:00", []),
                ("0001-01-01T00:00:00+14:00", []),
                (None, [5]),
            ]
        ),
        {
            "provenance": {
                "kind": "x",
                "location": "y",
                "collected_at": "when",
                "tool": None,
                "files": [],
            }
        },
    ],
)
def test_a_damaged_snapshot_is_refused(audit, saved, change):
    path, _ = saved
    rewrite(path, change)
    result = audit(*COMMAND, "-s", path)
    assert result.status == 2
    assert "damaged" in result.err


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"objects": {}}, 2, "holds no send connectors"),
        ({"objects": {"SendConnectors": []}}, 2, "does not know"),
        (
            {"objects": {}, "errors": [{"cmdlet": "SendConnector", "reason": "access denied"}]},
            3,
            "could not be collected: access denied",
        ),
    ],
)
def test_a_snapshot_without_send_connectors_is_no_organisation_without(
    audit, saved, change, status, words
):
    rewrite(saved[0], change)
    result = audit(*COMMAND, "-s", saved[0])
    assert result.status == status
    assert words in result.err


@pytest.mark.parametrize(
    ("noun", "raw"),
    [
        ("TransportConfig", connector()),
        ("AcceptedDomain", connector()),
        ("ForeignConnector", connector(AddressSpaces=["X400:c=us;1"])),
        ("SendConnector", {"Bindings": [], "RemoteIPRanges": []}),
    ],
)
def test_objects_of_another_cmdlet_are_refused(audit, saved, noun, raw):
    rewrite(saved[0], {"objects": {"SendConnector": [connector()], noun: [raw]}})
    result = audit(*COMMAND, "-s", saved[0])
    assert result.status == 2


def test_send_connectors_that_were_not_all_collected_are_undecided(audit, saved):
    error = {"cmdlet": "Get-SendConnector", "reason": "timed out in mid-answer"}
    rewrite(saved[0], {"errors": [error]})
    result = audit(*COMMAND, "-s", saved[0])
    assert result.status == 3
    assert "timed out in mid-answer" in result.err


def test_what_was_not_collected_is_said(audit, saved):
    rewrite(saved[0], {"errors": [{"cmdlet": "AcceptedDomain", "reason": "access denied"}]})
    assert (
        "Get-AcceptedDomain was not collected: access denied"
        in audit("check", "-r", "na", "-s", saved[0]).out
    )


def test_a_snapshot_is_held_to_what_every_export_is_held_to(audit, saved):
    bypass = {
        **connector(Name="Bypass", Guid="2", SmartHosts=[]),
        "Enabled": False,
        "enabled": True,
    }
    bypass["AuthenticationCredential"] = {"Password": "S3cret!"}
    rewrite(saved[0], {"objects": {"SendConnector": [connector(), bypass]}})
    result = audit(*COMMAND, "-s", saved[0], "--save-snapshot", "again.json")
    assert result.status == 3
    assert result.statuses["OtherOutboundConnectors"] == "unknown"
    assert "S3cret!" not in saved[0].with_name("again.json").read_text("utf-8")


def rewrite(path, change):
    """Change a snapshot and give it the digest that it then must have."""
    from auditor.digests import sha256

    content = json.loads(path.read_text("utf-8")) | change
    del content["sha256"], content["digests"]
    path.write_text(json.dumps(content | {"sha256": sha256(content)}), "utf-8")


def test_every_cut_of_a_snapshot_is_found(audit, saved):
    path, _ = saved
    data = path.read_bytes().rstrip()
    for length in range(0, len(data), 61):
        path.write_bytes(data[:length])
        assert audit(*COMMAND, "-s", path).status in {2, 3}


def test_a_credential_is_dropped_and_only_whether_it_was_set_is_kept(audit, tmp_path):
    secret = {"UserName": "relay", "Password": "S3cret!"}
    data = export(
        connector(AuthenticationCredential=secret), connector(authenticationcredential=None)
    )
    (tmp_path / "in.json").write_bytes(data)
    audit(*COMMAND, "-s", "in.json", "--save-snapshot", "out.json")
    text = (tmp_path / "out.json").read_text("utf-8")
    assert "S3cret!" not in text
    assert "relay" not in text
    objects = json.loads(text)["objects"]["SendConnector"]
    assert objects[0]["AuthenticationCredential"] == "(set; dropped)"
    assert objects[1]["AuthenticationCredential"] is None


def test_exports_of_several_cmdlets_are_one_snapshot():
    servers = b'[{"Name": "EX01", "AdminDisplayVersion": "Version 15.2", "ServerRole": "Mailbox"}]'
    snapshot = read_snapshots([("a.json", export(connector())), ("b.json", servers)])
    assert snapshot.provenance.files == ("a.json", "b.json")
    assert set(snapshot.objects) == {"SendConnector", "ExchangeServer"}
    assert read_snapshots([("s.json", write_snapshot(snapshot))]) == snapshot
