"""What is kept comes back as it was, from SQLite and from PostgreSQL."""

from __future__ import annotations

import stat
import sys
from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from auditor.digests import fingerprints
from auditor.errors import InputError, PolicyError, UnreachableError, UsageError
from auditor.history.content import content_digest
from auditor.history.store import open_store
from auditor.model import Provenance
from auditor.snapshot import digest
from tests.conftest import connector
from tests.history.audits import (
    NIGHT,
    NOW,
    TOOL,
    audit_of,
    compliant,
    drifted,
    evaluated,
    keep,
    policy,
    undecided,
)

HOSTILE = "\x1b[31m\u202eevil\0\ud800 'x'; DROP TABLE audit_history; -- \U0001f4a5"


@pytest.fixture
def store(where):
    """An empty store."""
    with open_store(where) as opened:
        yield opened


def fail(store, error, key="Contoso", at=NOW):
    return store.record_failure(error, key, now=at, tool=TOOL, machine="ops01")


@pytest.mark.parametrize("make", [compliant, drifted, undecided, audit_of])
def test_a_run_comes_back_as_it_was(store, make):
    audit = make()
    later = NOW + timedelta(seconds=3, microseconds=7)
    run = store.run(keep(store, audit, " Emea ", at=later))
    assert (run.audit, run.verdict, run.summary) == ("Emea", audit.verdict, audit.summary)
    assert (run.evaluated_at, run.recorded_at, run.as_of) == (NOW, later, False)
    assert (run.organization, run.region, run.policy) == ("Contoso", "na", "mimecast 1")
    assert run.policy_sha256 == audit.policy.sha256
    assert run.snapshot == content_digest(audit.snapshot)
    assert run.snapshot_sha256 == digest(audit.snapshot)
    assert (run.connectors, run.collected_at) == (audit.connectors, None)
    assert (run.error, run.error_code, run.tool, run.machine) == (None, None, TOOL, "ops01")
    assert store.snapshot(run) == audit.snapshot
    found = store.findings(run)
    assert [one.fingerprint for one in found] == fingerprints(audit.findings)
    for kept, finding in zip(found, audit.findings, strict=True):
        assert kept.control == finding.control.id
        assert (kept.status, kept.severity) == (finding.status, finding.severity)
        assert kept.message == finding.message
        assert kept.connector == (finding.connector.name if finding.connector else None)
        assert kept.connector_guid == (finding.connector.guid if finding.connector else None)


def test_values_and_exemptions_are_kept_with_the_findings(store, tmp_path):
    text = (
        "schema: audit-policy/1\nname: own\nversion: '2'\nextends: mimecast\nexemptions:\n"
        "  - {connector: '*', control: Port, reason: r, owner: o, approved_by: a, ticket: T1, "
        "expires: 2027-01-31}\n"
    )
    snapshot = drifted().snapshot
    audit = evaluated(snapshot, policy_=policy(text, tmp_path))
    run = store.run(keep(store, audit))
    port = next(one for one in store.finding_documents(run) if one["control"] == "Port")
    assert (port["status"], port["expected"], port["actual"]) == ("exempt", 25, 587)
    assert (port["property"], port["actual_state"]) == ("Port", "present")
    assert port["exemption"] == {
        "reason": "r",
        "owner": "o",
        "approved_by": "a",
        "ticket": "T1",
        "starts": None,
        "expires": "2027-01-31",
    }


def test_an_unchanged_night_adds_no_document(store):
    audit = compliant()
    origin = Provenance("live", "ex01", NOW, TOOL, server="ex01")
    first = store.run(keep(store, audit))
    moved = replace(
        audit.snapshot,
        provenance=origin,
        objects={"SendConnector": (connector(WhenChanged="now", RunspaceId="2"),)},
    )
    second = store.run(keep(store, evaluated(moved, NOW + NIGHT)))
    assert first.snapshot == second.snapshot
    assert first.snapshot_sha256 != second.snapshot_sha256
    assert second.collected_at == NOW
    assert store.snapshot(second) == audit.snapshot  # as it was first kept
    assert _count(store, "documents") == 2


def test_a_run_that_evaluated_nothing_is_kept_with_the_reason(store):
    run = store.run(fail(store, UnreachableError("ex01 cannot be reached")))
    assert (run.verdict, run.error) == (None, "ex01 cannot be reached")
    assert (run.error_code, run.counts, run.policy) == ("unreachable", False, "")
    assert run.evaluated_at == run.recorded_at == NOW
    assert set(run.summary.values()) == {0}
    assert store.findings(run) == ()
    with pytest.raises(UsageError, match="has no snapshot: nothing was evaluated"):
        store.snapshot(run)


def test_names_compare_without_letter_case_and_blanks(store):
    keep(store, compliant(), "Emea")
    keep(store, compliant(NOW + NIGHT), " EMEA ")
    keep(store, compliant(), "Straße")
    assert store.audits() == ["EMEA", "Straße"]  # the title as it was written last
    assert [run.audit for run in store.runs("emea")] == ["EMEA", "EMEA"]
    assert store.runs("strasse") == []
    assert len(store.runs(" STRAßE\t")) == 1
    for name in ("", "  "):
        with pytest.raises(UsageError, match="this one is empty"):
            keep(store, compliant(), name)


def test_runs_are_read_newest_first(store):
    for night in range(7):
        keep(store, compliant(NOW + night * NIGHT), "emea" if night % 2 else "apac")
    assert [run.id for run in store.runs()] == [7, 6, 5, 4, 3, 2, 1]
    assert [run.id for run in store.runs(limit=2)] == [7, 6]
    assert [run.id for run in store.runs("emea", 2)] == [6, 4]
    assert store.runs("nobody") == []
    with pytest.raises(UsageError, match="there is no run 8"):
        store.run(8)
    with pytest.raises(UsageError, match="there is no run 99999999999999999999"):
        store.run(99999999999999999999)


def test_only_decided_runs_of_their_own_time_count(store):
    counted = [keep(store, compliant()), keep(store, drifted())]
    keep(store, undecided())
    keep(store, compliant(NOW + 9 * NIGHT), at=NOW, as_of=True)
    fail(store, UnreachableError("gone"))
    assert [run.id for run in store.counted_runs("contoso")] == counted[::-1]
    assert all(run.counts for run in store.counted_runs("contoso"))


def test_many_runs_are_read_as_they_are_asked(store, monkeypatch):
    monkeypatch.setattr("auditor.history.store._AT_ONCE", 3)
    numbers = [keep(store, compliant()) for _ in range(9)]
    found = store.counted_runs("Contoso")
    assert next(found).id == numbers[-1]
    numbers.append(keep(store, compliant()))  # nothing is locked between
    assert [run.id for run in found] == numbers[-3::-1]


@pytest.mark.parametrize("text", [HOSTILE, "a" * 10_000])
def test_any_text_is_kept(store, text):
    name = text.replace("\0", "")  # no export is read that has one
    audit = replace(audit_of(connector(Name=name, Comment=name)), organization=text)
    run = store.run(keep(store, audit, text, machine=text))
    assert store.snapshot(run) == audit.snapshot
    assert [one.message for one in store.findings(run)] == [f.message for f in audit.findings]
    assert store.runs(text)[0].id == run.id
    failed = store.run(fail(store, PolicyError(text), text))
    assert failed.error.endswith(text[-1:])


def test_instants_are_in_utc_however_they_come(store):
    far = NOW.astimezone(timezone(timedelta(hours=-9)))
    run = store.run(keep(store, compliant(far), at=far))
    assert run.evaluated_at.tzinfo == run.recorded_at.tzinfo == NOW.tzinfo
    assert run.evaluated_at == run.recorded_at == NOW


def test_a_store_opens_again_with_all_of_it(where):
    with open_store(where) as store:
        keep(store, drifted())
    with open_store(where, create=False) as store:
        (run,) = store.runs()
        assert store.snapshot(run) == drifted().snapshot
        keep(store, drifted())
    with open_store(where) as store:
        assert [run.id for run in store.runs()] == [2, 1]


def test_a_run_that_fails_half_way_leaves_nothing(store):
    audit = compliant()
    with pytest.raises(ZeroDivisionError), store._writing() as connection:
        from auditor.history.writing import put_audit, put_document

        put_audit(connection, "half")
        put_document(connection, "0" * 64, lambda: b"half")
        _ = 1 / 0
    assert store.audits() == []
    assert _count(store, "documents") == 0
    keep(store, audit)


def test_a_store_is_private(file):
    open_store(str(file)).close()
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in file.parent.iterdir()] == [file.name]  # no log is left


def test_the_log_is_written_ahead_and_forced_to_the_disk(file):
    with open_store(str(file)) as store, store._reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_year_of_twenty_connectors_is_small(file):
    many = [connector(Name=f"C{i}", Guid=f"g{i}", Enabled=i == 0, Note="x" * i) for i in range(20)]
    with open_store(str(file)) as store:
        snapshot = audit_of(*many).snapshot
        for night in range(365):
            if night % 30 == 0:
                many[night % 20]["Port"] = 25 + night // 30  # somebody changes one a month
                snapshot = audit_of(*many).snapshot
            keep(store, evaluated(snapshot, NOW + night * NIGHT))
    assert len(list(file.parent.iterdir())) == 1
    assert file.stat().st_size < 5_000_000


def _count(store, name):
    with store._reading() as connection:
        return connection.exec_driver_sql(f"SELECT count(*) FROM audit_history_{name}").scalar()


def test_two_with_the_same_findings_but_another_snapshot_share_them(store):
    keep(store, audit_of(connector(Comment="a")))
    keep(store, audit_of(connector(Comment="b")))
    assert _count(store, "documents") == 3


def test_a_snapshot_that_is_no_longer_the_same_is_damage(store):
    run = store.run(keep(store, compliant()))
    other = store.run(keep(store, drifted()))
    with store._transaction() as connection:
        connection.exec_driver_sql(
            "UPDATE audit_history_documents SET data = (SELECT data FROM audit_history_documents "
            f"WHERE digest = '{other.snapshot}') WHERE digest = '{run.snapshot}'"
        )
    with pytest.raises(InputError, match="a snapshot is not the one that was kept"):
        store.snapshot(run)
    assert store.snapshot(other)
