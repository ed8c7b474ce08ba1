"""Nights of one organisation: checks with a history, each at its own time."""

from __future__ import annotations

import importlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.conftest import Result, connector

# auditor.cli has a function of that name.
entrance = importlib.import_module("auditor.cli.main")

FIRST = datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
OTHER = {"Name": "Partner", "Guid": "99999999-2222-3333-4444-555555555555"}
PARTNER = connector(
    **OTHER, AddressSpaces=["SMTP:partner.example;1"], SmartHosts=["mx.partner.example"]
)


@pytest.fixture
def clock(monkeypatch):
    """Sets the time at which the program believes to run."""
    made = entrance._session

    def at(moment: datetime) -> None:
        monkeypatch.setattr(entrance, "_session", lambda: replace(made(), now=lambda: moment))

    return at


@pytest.fixture
def night(audit, clock, tmp_path):
    """A check with a history, so many days after the first one; connectors as they are then."""

    def night(
        day: float, *connectors: dict[str, object] | bytes, options: tuple[str, ...] = ()
    ) -> Result:
        clock(FIRST + timedelta(days=day))
        data = (
            connectors[0]
            if connectors and isinstance(connectors[0], bytes)
            else json.dumps(list(connectors)).encode()
        )
        (tmp_path / "export.json").write_bytes(data)
        given = (
            ()
            if any(word in ("-n", "--name", "--organization") for word in options)
            else ("--organization", "Contoso")
        )
        return audit(
            "check",
            "-r",
            "na",
            "-s",
            "export.json",
            "--history",
            "h.sqlite",
            "-f",
            "json",
            *given,
            *options,
        )

    return night
