"""``audit doctor``: each step tried in turn, and what to do about the one that fails."""

from __future__ import annotations

import pytest

from tests.live.answers import Answer
from tests.live.faults import CONNECT, FOREVER, Fault
from tests.live.objects import organization
from tests.live.reaching import ACCOUNT, SEND, live, reach

__all__ = ["live"]

STEPS = ("name", "port", "TLS", "endpoint", "authentication", "session", "role")


def marks(result) -> dict[str, str]:
    """What came of each step."""
    lines = [line.split() for line in result.out.splitlines()[2:] if not line.startswith("   ")]
    return {words[1]: words[0] for words in lines}


def test_everything_is_right(audit, live):
    server = live()
    result = audit("doctor", *reach(server))
    assert result.status == 0, result.out
    assert tuple(marks(result)) == STEPS
    assert marks(result) == {**dict.fromkeys(STEPS, "OK"), "TLS": "-"}
    assert f"as {ACCOUNT}" in result.out
    assert "may run Get-SendConnector and all the others" in " ".join(result.out.split())


def test_it_runs_no_cmdlet_and_writes_no_file(audit, live, tmp_path):
    server = live()
    audit("doctor", *reach(server))
    assert server.cmdlets == []
    assert list(tmp_path.iterdir()) == []


def test_with_kerberos(audit, endpoint, kerberos, monkeypatch):
    server = endpoint(organization(1), modes=("kerberos",))
    without = audit("doctor", "-S", server.url)
    assert without.status == 3
    assert marks(without)["authentication"] == "FAIL"
    assert "kinit" in without.out
    cache = kerberos.ticket("auditor", "secret")
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{cache}")
    result = audit("doctor", "-S", server.url)
    assert result.status == 0, result.out
    assert "kerberos, as" in result.out


def test_over_https_it_says_when_the_certificate_ends(audit, live, certificates):
    server = live(tls=certificates.good.server())
    options = ("-S", server.url, "--auth", "basic", "-u", ACCOUNT)
    result = audit("doctor", *options, "--ca-file", certificates.authority)
    assert result.status == 0, result.out
    assert marks(result)["TLS"] == "WARN"  # it ends tomorrow
    assert "the certificate is trusted, and ends on 20" in " ".join(result.out.split())
    untrusted = audit("doctor", *options)
    assert marks(untrusted)["TLS"] == "FAIL"
    insecure = audit("doctor", *options, "--insecure")
    assert insecure.status == 0
    assert "NOT verified" in insecure.out


def test_with_a_client_certificate(audit, live, certificates, monkeypatch):
    server = live(
        tls=certificates.good.server(certificates.authority),
        modes=("certificate",),
        subjects={"auditor": ACCOUNT},
    )
    monkeypatch.setenv("AUDIT_PASSWORD", certificates.client_encrypted.password)
    one = certificates.client_encrypted
    result = audit(
        *("doctor", "-S", server.url, "--auth", "certificate"),
        *("--ca-file", certificates.authority),
        *("--certificate", one.chain, "--certificate-key", one.key),
    )
    assert result.status == 0, result.out


FAILS = {
    "name": (None, "there is no host"),
    "port": (None, "nothing listens"),
    "endpoint": (Fault("status", CONNECT, status=404, times=FOREVER), "(404)"),
    "session": (
        Fault("wsman_fault", "Create", code=5, text="Access is denied.", times=FOREVER),
        "Access is denied",
    ),
}


@pytest.mark.parametrize("step", FAILS)
def test_after_a_step_that_fails_the_rest_is_not_tried(audit, live, step):
    fault, words = FAILS[step]
    server = live()
    address = {"name": "ex01.invalid", "port": "localhost:1"}.get(step, server.url)
    if fault:
        server.faults.append(fault)
    result = audit("doctor", *reach(server), "-S", address)
    assert result.status == 3
    found = marks(result)
    position = STEPS.index(step)
    assert tuple(found) == STEPS
    assert found[step] == "FAIL"
    assert "FAIL" not in [found[name] for name in STEPS[:position]]
    assert {found[name] for name in STEPS[position + 1 :]} <= {"-"}
    assert words in " ".join(result.out.split())


def test_without_the_role_it_is_said_which_one_to_ask_for(audit, live):
    answers = organization(1)
    del answers[SEND]
    result = audit("doctor", *reach(live(answers)))
    assert result.status == 3
    assert marks(result)["role"] == "FAIL"
    assert "View-Only Organization Management" in " ".join(result.out.split())


def test_optional_cmdlets_that_are_missing_are_named(audit, live):
    answers = {SEND: Answer(), "Get-ExchangeServer": Answer()}
    result = audit("doctor", *reach(live(answers)))
    assert result.status == 0
    assert "not Get-ForeignConnector, Get-DeliveryAgentConnector" in " ".join(result.out.split())


def test_an_endpoint_that_hangs_is_left(audit, live):
    server = live()
    server.faults.append(Fault("hang", CONNECT, times=FOREVER))
    result = audit("doctor", *reach(server), "--timeout", "1")
    assert result.status == 3
    assert "within 1 seconds" in " ".join(result.out.split())


def test_without_a_server_it_says_so(audit):
    result = audit("doctor")
    assert result.status == 2
    assert "--server" in result.err


def test_a_password_of_another_program_is_not_sent(
    audit, live, certificates, monkeypatch, tmp_path
):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login somebody password of-ftp\n", "utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    server = live(modes=("basic",), accounts={"somebody": "of-ftp"})
    result = audit("doctor", *reach(server))
    assert marks(result)["endpoint"] == "OK"  # it was asked by nobody, and asked who that is
    secure = live(
        tls=certificates.good.server(certificates.authority),
        modes=("basic", "certificate"),
        accounts={"somebody": "of-ftp"},
        subjects={"auditor": ACCOUNT},
    )
    one = certificates.client
    result = audit(
        *("check", "-r", "na", "-f", "json", "-S", secure.url, "--auth", "certificate"),
        *("--ca-file", certificates.authority, "--certificate", one.chain),
        *("--certificate-key", one.key),
    )
    assert result.report["snapshot"]["account"] == ACCOUNT


def test_without_the_kerberos_libraries_the_steps_before_are_tried(audit, live, monkeypatch):
    monkeypatch.setattr("auditor.collect.live.tickets._library", lambda name: None)
    result = audit("doctor", "-S", live().url)
    assert result.status == 3
    assert marks(result)["endpoint"] == "OK"
    assert marks(result)["authentication"] == "FAIL"
    assert "connector-auditor[kerberos]" in result.out
