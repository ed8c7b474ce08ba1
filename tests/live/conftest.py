"""The endpoint as a fixture: made in a test, stopped after it, and no session may be left."""

from __future__ import annotations

import pytest

from tests.live.certificates import certificates
from tests.live.endpoint import Endpoint
from tests.live.kdc import kdc, kerberos

__all__ = ["certificates", "endpoint", "kdc", "kerberos"]


@pytest.fixture
def endpoint(tmp_path, monkeypatch):
    """Makes endpoints: ``endpoint(organization, **options)``, as ``Endpoint`` takes them."""
    started: list[Endpoint] = []

    def make(organization=None, **options) -> Endpoint:
        accounts = options.get("accounts") or {}
        if not {"ntlm", "negotiate"}.isdisjoint(options.get("modes", ())):
            # The acceptor of NTLM reads names from a file, and only a variable names it.
            path = tmp_path / "ntlm-accounts"
            lines = (f"{_domain_and_user(name)}:{word}" for name, word in accounts.items())
            path.write_text("\n".join(lines), "utf-8")
            monkeypatch.setenv("NTLM_USER_FILE", str(path))
        made = Endpoint(organization, **options)
        made.start()
        started.append(made)
        return made

    yield make
    for made in started:
        made.stop()
    for made in started:
        assert not made.crashes, made.crashes
        assert made.leaks_expected or not made.sessions, "a session was not closed"


def _domain_and_user(name: str) -> str:
    domain, _, user = name.rpartition("\\")
    return f"{domain}:{user}"
