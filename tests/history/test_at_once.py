"""Processes that write one history at the same time: no run is lost, none waits in vain."""

from __future__ import annotations

import time

import pytest

from auditor.errors import AuditError
from auditor.history.store import open_store
from tests.history.audits import NOW, compliant, keep
from tests.history.processes import writer

RUNS = 50


def finished(*processes):
    """What they printed, after all were started at once."""
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    found = []
    for process in processes:
        out, err = process.communicate()
        assert process.returncode == 0, err
        found.append([int(line) for line in out.split()])
    return found


@pytest.mark.parametrize("keys", [("emea", "emea"), ("emea", "apac")])
def test_two_writers_lose_no_run(where, keys):
    one, two = finished(*(writer(where, key, RUNS) for key in keys))
    assert len(one) == len(two) == RUNS
    with open_store(where, create=False) as store:
        runs = store.runs()
        assert sorted(run.id for run in runs) == sorted([*one, *two])
        assert len({run.id for run in runs}) == 2 * RUNS
        assert {run.audit for run in runs} == set(keys)
        for run in runs:
            assert store.findings(run)
            assert store.snapshot(run).objects
        # Both kept the same organisations: each is there once.
        assert len({run.snapshot for run in runs}) == RUNS


@pytest.mark.parametrize("turn", range(2))
def test_a_history_may_be_begun_by_several_at_once(where, turn):
    numbers = finished(*(writer(where, f"a{n}", 1) for n in range(3)))
    assert sorted(number for (number,) in numbers) == [1, 2, 3]
    with open_store(where, create=False) as store:
        assert store.audits() == ["a0", "a1", "a2"]


def test_pruning_beside_a_writer_takes_nothing_that_it_needs(where):
    with open_store(where) as store:
        keep(store, compliant())
    process = writer(where, "emea", RUNS)
    process.stdin.write("\n")
    process.stdin.flush()
    with open_store(where) as store:
        while process.poll() is None:
            store.prune(None, older_than=None, keep=1)
            time.sleep(0.05)
    assert process.returncode == 0, process.stderr.read()
    process.communicate()
    with open_store(where, create=False) as store:
        for run in store.runs():
            assert store.findings(run)
            assert store.snapshot(run)


def test_a_store_that_stays_locked_is_said(file, monkeypatch):
    monkeypatch.setattr("auditor.history.sqlite._WAIT_SECONDS", 0.2)
    with open_store(str(file)) as one, open_store(str(file)) as two:
        keep(one, compliant())
        with one._writing():
            assert [run.evaluated_at for run in two.runs()] == [NOW]  # readers do not wait
            with pytest.raises(AuditError, match="in use by another program"):
                keep(two, compliant())
        keep(two, compliant())
