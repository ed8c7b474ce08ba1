"""How tests reach an endpoint with ``audit``."""

from __future__ import annotations

import pytest

from tests.live.objects import organization

ACCOUNT, SECRET = "CONTOSO\\auditor", "Winter-is-long-42"
SEND = "Get-SendConnector"


@pytest.fixture
def live(endpoint, monkeypatch):
    """Starts an endpoint that wants a password, which is in the environment."""

    def start(answers=None, **options):
        monkeypatch.setenv("AUDIT_PASSWORD", SECRET)
        answers = organization(connectors=3) if answers is None else answers
        defaults = {"modes": ("basic",), "accounts": {ACCOUNT: SECRET}}
        return endpoint(answers, **{**defaults, **options})

    return start


def reach(server) -> tuple[str, ...]:
    """The options that lead to an endpoint."""
    return ("-S", server.url, "--auth", "basic", "-u", ACCOUNT, "--allow-cleartext")


def check(audit, server, *more):
    """``audit check`` of an endpoint, with a report in JSON."""
    return audit("check", "-r", "na", "-f", "json", "--as-of", "2026-12-01", *reach(server), *more)
