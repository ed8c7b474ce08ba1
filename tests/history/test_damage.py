"""What is no history, is damaged, or cannot be opened or written is said in a sentence."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import pytest

from auditor.errors import AuditError, InputError, UnreachableError, UsageError
from auditor.history import documents
from auditor.history.store import open_store
from tests.conftest import ROOT, connector
from tests.history.audits import NIGHT, NOW, audit_of, compliant, drifted, keep, undecided
from tests.history.postgres import PASSWORD, somebody


@pytest.fixture
def filled(file):
    """A store with some runs."""
    with open_store(str(file)) as store:
        for night, make in enumerate((compliant, drifted, undecided, compliant)):
            keep(store, make(NOW + night * NIGHT))
    return file


def read_all(place):
    """All that can be asked of a store."""
    with open_store(str(place), create=False) as store:
        store.audits()
        list(store.counted_runs("contoso"))
        store.prune(None, older_than=NOW, keep=1, dry_run=True)
        for run in store.runs():
            store.run(run.id)
            store.findings(run)
            if run.snapshot:
                store.snapshot(run)


def foreign(path):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE cookies (id)")
    connection.commit()
    connection.close()


NO_STORES = {
    "a text": lambda path: path.write_text("schema: audit-config/1\n"),
    "a short text": lambda path: path.write_text("x"),
    "another SQLite file": foreign,
    "a folder": lambda path: path.mkdir(),
    "an archive": lambda path: path.write_bytes(b"PK\x03\x04" + bytes(5000)),
}
WORDS = {
    "another SQLite file": "an SQLite file of another program",
    "a folder": "it is no file",
}


@pytest.mark.parametrize("name", NO_STORES)
@pytest.mark.parametrize("create", [True, False])
def test_what_is_no_history_is_refused_and_stays_as_it_is(file, name, create):
    NO_STORES[name](file)
    before = file.read_bytes() if file.is_file() else None
    with pytest.raises(AuditError, match=WORDS.get(name, "it is no SQLite file")) as error:
        open_store(str(file), create=create)
    assert error.value.place.file == str(file)
    assert error.value.hint
    if name != "another SQLite file":  # that one is switched to its log, and holds the same
        assert before == (file.read_bytes() if file.is_file() else None)


@pytest.mark.parametrize("name", ["", "a/b/c.sqlite"])
def test_a_history_that_is_not_there_is_not_made_by_reading(tmp_path, name):
    with pytest.raises(UsageError):
        open_store(str(tmp_path / name), create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_only_begun_holds_no_history(file):
    file.touch()
    with pytest.raises(UsageError, match="no history here yet"):
        open_store(str(file), create=False)


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("mysql://u:secret@h/d", "not at mysql://"),
        ("sqlite:///x.db", "not at sqlite://"),
        ("postgresql://u:p@secret@h/d", "stray @"),
        ("postgresql://u:secret@h", "no database"),
        ("postgresql://u@h:secret/d", "cannot be read"),
        ("postgresql://", "no database"),
    ],
)
def test_an_address_that_is_wrong_is_said_without_its_password(where, words):
    with pytest.raises(UsageError, match=words) as error:
        open_store(where)
    told = f"{error.value.message} {error.value.hint} {error.value.place}"
    assert "secret" not in told
    assert "cret" not in told


def test_a_server_that_is_not_there_is_said(tmp_path):
    for where in (
        f"postgresql://u:secret@/d?host={tmp_path}",
        "postgresql://u:secret@127.0.0.1:1/d",
        "postgresql://u:secret@host.invalid/d",
        "postgresql://u@127.0.0.1:1/d?password=secret",
    ):
        with pytest.raises(UnreachableError, match="cannot be reached") as error:
            open_store(where)
        assert "secret" not in f"{error.value.message} {error.value.place}"
        assert error.value.place.file.startswith("postgresql://u")


def test_a_password_that_is_wrong_is_not_shown(postgres):
    right = postgres.url(postgres.create(), "127.0.0.1")
    with open_store(right) as store:
        keep(store, compliant())
        assert PASSWORD not in store.where
        assert "%40" not in store.where
    with pytest.raises(UnreachableError, match="password authentication failed") as error:
        open_store(right.replace("word", "wort"))
    assert "wort" not in f"{error.value.message} {error.value.place}"
    with pytest.raises(UnreachableError, match="does not exist"):
        open_store(postgres.url("nothing_here"))


def test_a_role_that_may_not_write_is_told_so(postgres):
    import psycopg

    url = postgres.url(postgres.create())
    with open_store(url) as store:
        keep(store, compliant())
    with psycopg.connect(url) as connection:
        connection.execute("DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    reader = url.replace("auditor@", "reader@")
    read_all(reader)
    with open_store(reader) as store, pytest.raises(UsageError, match="the role may not do it"):
        keep(store, compliant())
    empty = postgres.url(postgres.create()).replace("auditor@", "reader@")
    with pytest.raises(UsageError, match="no history here yet"):
        open_store(empty, create=False)
    with pytest.raises(UsageError, match="the role may not do it"):
        open_store(empty)
    frozen = f"{url}&options=-cdefault_transaction_read_only%3Don"
    read_all(frozen)
    with open_store(frozen) as store, pytest.raises(UsageError, match="the database is read-only"):
        keep(store, compliant())


def test_tables_of_another_program_in_the_database_do_not_matter(postgres):
    import psycopg

    url = postgres.url(postgres.create())
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE cookies (id integer)")
    with open_store(url) as store:
        keep(store, compliant())


STATEMENTS = [
    ("UPDATE audit_history SET version = 0", "which version"),
    ("UPDATE audit_history SET version = -3", "which version"),
    ("DELETE FROM audit_history", "which version"),
    ("INSERT INTO audit_history VALUES (1)", "which version"),
    ("UPDATE audit_history_runs SET verdict = 'splendid'", "no such verdict"),
    ("UPDATE audit_history_runs SET evaluated_at = 'yesterday'", "an instant is none"),
    ("UPDATE audit_history_runs SET evaluated_at = '2026-13-23T08:00:00.000000Z'", "cannot be"),
    ("UPDATE audit_history_runs SET recorded_at = '0000000000000000000000000000'", "cannot be"),
    ("UPDATE audit_history_runs SET failed = -1", "a number is none"),
    ("UPDATE audit_history_runs SET findings = NULL, snapshot = NULL", None),
    ("UPDATE audit_history_documents SET data = 'x'", "no data|cut off"),
    ("DROP TABLE audit_history_audits", "damaged|not as this program"),
    ("ALTER TABLE audit_history_runs DROP COLUMN tool", "damaged|not as this program"),
]
OF_SQLITE = [
    ("UPDATE audit_history SET version = 'two'", "which version"),
    ("UPDATE audit_history_runs SET failed = 'many'", "a number is none"),
    ("UPDATE audit_history_runs SET as_of = 1.5", "a number is none"),
    ("UPDATE audit_history_runs SET tool = x'00ff'", "a text is none"),
    ("UPDATE audit_history_runs SET tool = CAST(x'ff' AS TEXT)", "damaged"),
    ("UPDATE audit_history_runs SET findings = 7", "is not there"),
    ("UPDATE audit_history_runs SET snapshot = x'00'", "a text is none"),
    ("UPDATE audit_history_audits SET title = x'41'", "name of an audit is none"),
    ("UPDATE audit_history_documents SET data = 1000000000000", "no data"),
    ("UPDATE audit_history_documents SET data = zeroblob(100)", "unpacked"),
    ("DELETE FROM audit_history_documents", "is not there"),
]


def altered(place, statement):
    with open_store(place) as store:
        keep(store, drifted())
        if store._engine.dialect.name == "sqlite":
            with store._engine.connect() as connection:
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        with store._transaction() as connection:
            for part in _spelled_for(store, statement):
                connection.exec_driver_sql(part)


def _spelled_for(store, statement):
    if store._engine.dialect.name == "postgresql":
        return [
            statement.replace("TABLE audit_history_audits", "TABLE audit_history_audits CASCADE")
        ]
    return [statement]


@pytest.mark.parametrize(("statement", "words"), STATEMENTS)
def test_rows_that_are_damaged_are_said(where, statement, words):
    altered(where, statement)
    if words is None:
        read_all(where)
        return
    with pytest.raises(InputError, match=words) as error:
        read_all(where)
    assert error.value.place.file
    assert error.value.hint or "postgresql" in where


@pytest.mark.parametrize(("statement", "words"), OF_SQLITE)
def test_rows_of_any_type_are_said(file, statement, words):
    altered(str(file), statement)
    if words is None:
        read_all(file)
        return
    with pytest.raises(InputError, match=words):
        read_all(file)


def test_a_document_that_would_fill_the_memory_is_refused(filled, monkeypatch):
    monkeypatch.setattr(documents, "MOST", 1000)
    bomb = zlib.compress(bytes(10_000_000))
    with pytest.raises(InputError, match="cut off, or too long"):
        documents.unpack(bomb, "x")
    with open_store(str(filled)) as store, pytest.raises(UsageError, match="too much to be kept"):
        keep(store, drifted(port=1))


@pytest.mark.parametrize("turn", range(4))
def test_a_file_with_damaged_bytes_ends_in_words_or_is_read_right(filled, tmp_path, turn):
    content, draw = filled.read_bytes(), random.Random(turn)
    told = 0
    for number in range(60):
        damaged = bytearray(content)
        for _ in range(draw.choice([1, 4, 400])):
            damaged[draw.randrange(16, len(content))] = draw.randrange(256)
        if number % 10 == 0:
            del damaged[draw.randrange(len(content)) :]
        path = tmp_path / "damaged.sqlite"
        path.write_bytes(damaged)
        try:
            read_all(path)
            with open_store(str(path)) as store:
                keep(store, compliant())
        except AuditError:
            told += 1
        # Nothing stays open, so nothing but this removes files.
        for one in list(tmp_path.glob("damaged.*")):
            one.unlink()
    assert told > 10


# All modules are loaded before the privileges go: Python may be where others cannot read it.
SCRIPT = """
import os, sys, tempfile
try:
    import resource
except ImportError:
    pass
from auditor.errors import AuditError
from auditor.history.store import open_store
from tests.conftest import connector
from tests.history.audits import audit_of, keep
where, does, user, group, room = sys.argv[1:]
audit = audit_of(connector(Comment=os.urandom(9000).hex()))
with tempfile.TemporaryDirectory() as folder, open_store(folder + "/warm.sqlite") as store:
    store.findings(store.run(keep(store, audit)))
if user != "-":
    os.setgroups([])
    os.setgid(int(group))
    os.setuid(int(user))
if room != "-":
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(room), int(room)))
try:
    with open_store(where, create=does == "write") as store:
        if does == "write":
            print(keep(store, audit))
        else:
            print([run.id for run in store.runs()])
            for run in store.runs():
                store.findings(run)
except AuditError as error:
    print(type(error).__name__, error.message, error.place.file)
"""
POSIX = sys.platform != "win32"


def as_somebody(where, does, room="-"):
    """What a process without privileges says of a store, and which files may have so many bytes."""
    who, user = somebody(), "-"
    if who:
        import pwd  # no other system has a root

        user = str(pwd.getpwnam(who["user"]).pw_uid)
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            SCRIPT,
            str(where),
            does,
            user,
            str(who.get("group", "-")),
            str(room),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def open_folder(filled):
    """A folder that everybody may enter, with a store in it."""
    folder = tempfile.mkdtemp()
    copy = shutil.copy(filled, folder)
    Path(copy).chmod(0o666)
    Path(folder).chmod(0o777)
    yield folder, copy
    Path(folder).chmod(0o700)
    shutil.rmtree(folder)


@pytest.mark.skipif(not POSIX, reason="modes of files are those of POSIX")
def test_a_store_that_cannot_be_written_is_read(open_folder):
    folder, copy = open_folder
    assert as_somebody(copy, "read") == "[4, 3, 2, 1]"
    assert as_somebody(copy, "write") == "5"
    Path(copy).chmod(0o444)
    assert as_somebody(copy, "read") == "[5, 4, 3, 2, 1]"
    assert "read-only" in as_somebody(copy, "write")
    Path(folder).chmod(0o555)
    assert as_somebody(copy, "read") == "[5, 4, 3, 2, 1]"
    said = as_somebody(copy, "write")
    assert said.startswith("UsageError the history cannot be written")
    assert said.endswith(copy)
    Path(copy).chmod(0o000)
    assert "Permission denied" in as_somebody(copy, "read")
    said = as_somebody(f"{folder}/deep/other.sqlite", "write")
    assert said.startswith("UsageError the history cannot be opened: Permission denied")


@pytest.mark.skipif(not POSIX, reason="modes of files are those of POSIX")
def test_a_store_with_a_log_that_cannot_be_written_is_read_or_said(open_folder):
    folder, copy = open_folder
    with open_store(copy) as store:
        keep(store, compliant())
        for one in Path(folder).iterdir():
            one.chmod(0o444)
        Path(folder).chmod(0o555)
        assert as_somebody(copy, "read") == "[5, 4, 3, 2, 1]"
        Path(folder).chmod(0o777)


@pytest.mark.skipif(not POSIX, reason="limits are those of POSIX")
@pytest.mark.parametrize("room", [0, 4096, 20_000, 60_000])
def test_a_disk_that_is_full_is_said_and_nothing_is_lost(open_folder, room):
    _, copy = open_folder
    said = as_somebody(copy, "write", room)
    assert said.startswith("UsageError the history") or said == "5"
    assert room > 20_000 or said.startswith("UsageError")
    assert as_somebody(copy, "read") in {"[4, 3, 2, 1]", "[5, 4, 3, 2, 1]"}
    assert as_somebody(copy, "write") in {"5", "6"}


def test_a_database_that_is_full_is_said(filled):
    with open_store(str(filled)) as store:
        with store._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count=1")
        large = connector(Comment=random.Random(1).randbytes(50_000).hex())
        with pytest.raises(UsageError, match="the disk is full"):
            keep(store, audit_of(large))
    read_all(filled)


def test_without_psycopg_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setattr("auditor.history.postgresql.find_spec", lambda _: None)
    with pytest.raises(UsageError, match="psycopg, which is not installed") as error:
        open_store("postgresql://h/d")
    assert "connector-auditor[postgresql]" in error.value.hint
