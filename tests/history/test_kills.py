"""A process may be killed, and the power may fail, at any moment: runs are kept whole or not.

40 processes are killed; ``KILLS=200 python -m pytest tests/history/test_kills.py`` kills more.
"""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest

from auditor.history.store import open_store
from tests.conftest import ROOT
from tests.history.audits import NIGHT, NOW, compliant, drifted, keep
from tests.history.processes import writer

KILLS = int(os.environ.get("KILLS", "40"))
AT_ONCE = 3


def held(where):
    """Each run of a store, after its documents were read and checked."""
    with open_store(where, create=False) as store:
        runs = store.runs()
        for run in runs:
            assert store.findings(run)
            assert store.snapshot(run).objects
    return runs


def is_sound(file):
    """SQLite's own opinion of a file."""
    connection = sqlite3.connect(file)
    try:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    finally:
        connection.close()


def killed_while_writing(where, key, seconds):
    """The numbers of the runs that a process said it had kept before it was killed."""
    process = writer(where, key, 10_000)
    process.stdin.write("\n")
    process.stdin.flush()
    first = process.stdout.readline()  # else most would die while Python starts
    time.sleep(seconds)
    process.kill()
    out, _ = process.communicate()
    # A line that is cut off may be half a number: its run was kept, but which is not said.
    return [int(line) for line in (first + out).splitlines(keepends=True) if line.endswith("\n")]


def test_writers_that_are_killed_leave_whole_runs(where, tmp_path):
    draw = random.Random(KILLS)
    said: list[int] = []

    def kill_some(name):
        for number in range(KILLS // 2 // AT_ONCE + 1):
            said.extend(killed_while_writing(where, f"{name}{number}", draw.uniform(0, 0.1)))

    threads = [threading.Thread(target=kill_some, args=(name,)) for name in "abc"[:AT_ONCE]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    runs = held(where)
    assert said
    assert set(said) <= {run.id for run in runs}
    # Of each process at most the one that it was keeping, or had not said yet.
    assert len(runs) <= len(said) + 2 * AT_ONCE * (KILLS // 2 // AT_ONCE + 1)
    if "://" not in where:
        assert is_sound(where)
    with open_store(where) as store:
        assert keep(store, compliant()) > max(said)


CHECKS = """
import contextlib, os, sys
from auditor.cli import main
key, export, where = sys.argv[1:]
words = ["check", "-r", "na", "-q", "-s", export, "--organization", key, "--history", where]
while True:
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        status = main(words)
    print(status, flush=True)
"""


def checks_that_were_done(key, export, where, seconds):
    """How many checks a process had done before it was killed; it does one after another."""
    process = subprocess.Popen(
        [sys.executable, "-c", CHECKS, key, export, where],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.stdout.readline()
    time.sleep(seconds)
    process.kill()
    out, _ = process.communicate()
    statuses = [line for line in out.splitlines(keepends=True) if line.endswith("\n")]
    assert set(statuses) <= {"1\n"}
    return 1 + len(statuses)


def test_checks_that_are_killed_leave_whole_runs(file):
    export = str(ROOT / "examples" / "drifted.xml")
    draw, done = random.Random(KILLS), {}

    def kill_some(numbers):
        for number in numbers:
            key = f"audit {number}"
            done[key] = checks_that_were_done(key, export, str(file), draw.uniform(0, 0.25))

    threads = [
        threading.Thread(target=kill_some, args=(range(first, KILLS, AT_ONCE),))
        for first in range(AT_ONCE)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    runs = held(str(file))
    kept = Counter(run.audit for run in runs)
    assert len(done) == KILLS
    for key, count in done.items():
        # What was done is kept; besides, at most the one that it was in the middle of.
        assert count <= kept[key] <= count + 1
    assert is_sound(file)


@pytest.fixture
def logged(file):
    """A store with ten runs, most of them only in its log, as a power cut may leave it."""
    with open_store(str(file)) as store:
        keep(store, compliant())
    with open_store(str(file)) as store:
        for night in range(1, 10):
            keep(store, drifted(NOW + night * NIGHT, 1000 + night))
        yield file


def test_a_power_cut_that_loses_the_end_of_the_log_loses_whole_runs(logged, tmp_path):
    log = logged.with_name(f"{logged.name}-wal").read_bytes()
    draw, seen = random.Random(1), set()
    lengths = [0, 1, 31, 32, len(log), *(draw.randrange(len(log)) for _ in range(40))]
    for number, length in enumerate(lengths):
        copy = tmp_path / str(number) / "history.sqlite"
        copy.parent.mkdir()
        shutil.copy(logged, copy)
        # What was not written yet may as well hold something else.
        rest = bytes(draw.randbytes(len(log) - length)) if number % 2 else b""
        copy.with_name(f"{copy.name}-wal").write_bytes(log[:length] + rest)
        runs = held(str(copy))
        assert [run.id for run in runs] == list(range(len(runs), 0, -1))
        assert is_sound(copy)
        seen.add(len(runs))
    assert {1, 10} <= seen
    assert len(seen) > 4


def test_a_store_that_was_hardly_begun_is_begun_again(file, tmp_path):
    """Whatever a process that makes the file had come to when it was killed."""
    for content in (b"", _made("PRAGMA journal_mode=WAL", tmp_path), _made("VACUUM", tmp_path)):
        file.write_bytes(content)
        with open_store(str(file)) as store:
            assert keep(store, compliant()) == 1
        file.unlink()


def _made(statement, folder):
    path = folder / "made"
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.close()
    content = path.read_bytes()
    path.unlink()
    return content
