"""A store of each kind: a file, and a database of a real PostgreSQL."""

from __future__ import annotations

import pytest

from tests.history.postgres import server


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL, once a session."""
    with server() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request, tmp_path):
    """Where a new history may begin."""
    if request.param == "sqlite":
        return str(tmp_path / "deep" / "history.sqlite")
    running = request.getfixturevalue("postgres")
    return running.url(running.create())


@pytest.fixture
def file(tmp_path):
    """The path of a history that is not there yet."""
    return tmp_path / "history.sqlite"
