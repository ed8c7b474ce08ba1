"""Stores as earlier versions of the program wrote them open, with every row."""

from __future__ import annotations

import json
import shutil

import psycopg
import pytest
import sqlalchemy as sa

from auditor.errors import InputError
from auditor.history.migrations import STEPS, VERSION
from auditor.history.store import open_store
from auditor.history.tables import TABLES
from tests.history.audits import compliant, keep
from tests.history.stores.contents import FOLDER, contents

VERSIONS = range(1, len(STEPS) + 1)


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request, tmp_path):
    """A copy of the store of a version."""

    def copied(version):
        if request.param == "sqlite":
            return shutil.copy(FOLDER / f"v{version}.sqlite", tmp_path / "old.sqlite")
        running = request.getfixturevalue("postgres")
        url = running.url(running.create())
        with psycopg.connect(url) as connection:
            connection.execute((FOLDER / f"v{version}.sql").read_text("utf-8"))
        return url

    return lambda version: str(copied(version))


def expected(version):
    """What was in it, with what later versions say of such old rows."""
    found = json.loads((FOLDER / f"v{version}.json").read_text("utf-8"))
    for one in found["runs"]:
        one["run"] = {"machine": None} | one["run"]
    return found


def test_a_store_of_each_version_is_kept():
    names = {path.stem for path in FOLDER.glob("v*.sqlite")}
    assert names == {f"v{version}" for version in VERSIONS}
    assert {path.stem for path in FOLDER.glob("v*.sql")} == names
    assert {path.stem for path in FOLDER.glob("v*.json")} == names


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("create", [True, False])
def test_an_old_store_opens_with_every_row(kept, version, create):
    place = kept(version)
    for _ in range(2):  # the second time it is new already
        with open_store(place, create=create) as store:
            assert contents(store) == expected(version)


@pytest.mark.parametrize("version", VERSIONS)
def test_an_old_store_goes_on(kept, version):
    with open_store(kept(version)) as store:
        before = len(store.runs())
        number = keep(store, compliant())
        assert number == before + 1
        assert len(store.runs()) == before + 1


@pytest.mark.parametrize("version", [0, *VERSIONS])
def test_however_old_it_was_it_has_the_tables_of_now(where, kept, version):
    place = kept(version) if version else where
    with open_store(place) as store:
        inspector = sa.inspect(store._engine)
        for table in TABLES:
            columns = {column["name"] for column in inspector.get_columns(table.name)}
            assert columns == set(table.columns.keys())


def test_a_store_of_a_newer_version_is_refused(where):
    with open_store(where) as store, store._transaction() as connection:
        connection.exec_driver_sql(f"UPDATE audit_history SET version = {VERSION + 1}")
    with pytest.raises(InputError, match=f"newer version .* is {VERSION + 1}, and this one"):
        open_store(where)
