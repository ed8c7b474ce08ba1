"""The realm is what it claims: handshakes succeed, and each fault has its own code."""

from __future__ import annotations

import os
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
import spnego

from tests.live.kdc import PROGRAMS, Kdc, KdcError, missing_programs

try:
    import gssapi
    import krb5
except ModuleNotFoundError:
    # The fixture skips with a word on that; skipping here would go unseen in CI.
    gssapi = krb5 = None

NO_CREDENTIALS = 7 << 16
CREDENTIALS_EXPIRED = 11 << 16
FAILURE = 13 << 16

CLIENT_UNKNOWN = -1765328378
SERVICE_UNKNOWN = -1765328377
PREAUTHENTICATION_FAILED = -1765328360
TICKET_EXPIRED = -1765328352
CLOCK_SKEW = -1765328347
NO_CACHE = -1765328243
REALM_UNKNOWN = -1765328230
KDC_UNREACHABLE = -1765328228

USER = "auditor@CONTOSO.TEST"


def client(username=None, password=None, hostname="localhost", service="HTTP", protocol="kerberos"):
    return spnego.client(username, password, hostname=hostname, service=service, protocol=protocol)


def codes(error: BaseException) -> tuple[int, int]:
    """Major and minor code of what GSS-API said; the minor one signed, as in Kerberos' own table."""
    print(repr(error))
    base = error.base_error
    return base.maj_code, base.min_code - (1 << 32) if base.min_code >> 31 else base.min_code


def refusal(**options) -> tuple[int, int]:
    with pytest.raises(spnego.exceptions.SpnegoError) as caught:
        client(**options).step()
    return codes(caught.value)


def use(monkeypatch, cache) -> None:
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{cache}")


def shake_hands(initiator, protocol="kerberos"):
    """The acceptor, in another thread of this process as a server's would be."""
    with ThreadPoolExecutor(1) as pool:
        acceptor = pool.submit(
            spnego.server, hostname="localhost", service="HTTP", protocol=protocol
        ).result()
        token = initiator.step()
        while not initiator.complete:
            token = initiator.step(pool.submit(acceptor.step, token).result())
    return acceptor


@pytest.mark.parametrize("protocol", ["kerberos", "negotiate"])
def test_a_ticket_opens_the_service(kerberos, monkeypatch, protocol):
    use(monkeypatch, kerberos.ticket("auditor", "secret"))
    initiator = client(protocol=protocol)
    acceptor = shake_hands(initiator, protocol)
    assert acceptor.client_principal == USER
    assert initiator.negotiated_protocol == "kerberos"

    assert acceptor.unwrap(initiator.wrap(b"question").data).data == b"question"
    sealed = acceptor.wrap_winrm(b"answer")
    assert b"answer" not in sealed.data
    assert initiator.unwrap_winrm(sealed.header, sealed.data) == b"answer"


def test_a_cache_names_its_account(kerberos, monkeypatch):
    use(monkeypatch, kerberos.ticket("auditor", "secret", lifetime="5m"))
    credentials = gssapi.Credentials(usage="initiate")
    assert str(credentials.name) == USER
    assert 240 < credentials.lifetime <= 300


def test_a_keytab_stands_in_for_a_ticket(kerberos, monkeypatch):
    keytab = kerberos.keytab_of_user("auditor")
    monkeypatch.setenv("KRB5_CLIENT_KTNAME", f"FILE:{keytab}")
    assert shake_hands(client()).client_principal == USER
    assert str(gssapi.Credentials(usage="initiate").name) == USER


def test_a_password_gets_a_ticket(kerberos):
    assert shake_hands(client(USER, "secret")).client_principal == USER


def test_no_ticket(kerberos):
    assert refusal() == (NO_CREDENTIALS, NO_CACHE)
    assert refusal(username=USER) == (NO_CREDENTIALS, NO_CACHE)


def test_expired_ticket(kerberos, monkeypatch):
    use(monkeypatch, kerberos.expired_ticket("auditor", "secret"))
    assert refusal() == (FAILURE, TICKET_EXPIRED)
    # Here GSS-API itself looks at the time, and gives a minor code of its own.
    assert refusal(username=USER)[0] == CREDENTIALS_EXPIRED
    with pytest.raises(gssapi.exceptions.ExpiredCredentialsError):
        _ = gssapi.Credentials(usage="initiate").name


def test_unknown_service(kerberos, monkeypatch):
    use(monkeypatch, kerberos.ticket("auditor", "secret"))
    assert refusal(service="NOBODY") == (FAILURE, SERVICE_UNKNOWN)


def test_service_in_a_realm_without_trust(kerberos, monkeypatch):
    use(monkeypatch, kerberos.ticket("auditor", "secret"))
    assert refusal(hostname="exchange.fabrikam.test") == (FAILURE, SERVICE_UNKNOWN)


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_clock_skew_that_the_kdc_refuses(kerberos, monkeypatch, seconds):
    use(monkeypatch, kerberos.skewed_ticket("auditor", "secret", seconds))
    assert refusal() == (FAILURE, CLOCK_SKEW)
    assert "Clock skew too great" in kerberos.log.read_text()


def test_clock_skew_that_the_service_refuses(kerberos, monkeypatch):
    cache = kerberos.skewed_ticket("auditor", "secret", service="HTTP/localhost")
    use(monkeypatch, cache)
    initiator = client()
    # GSS-API's own acceptor, as spnego's does not hand out the token that tells the client why.
    answer = gssapi.SecurityContext(usage="accept").step(initiator.step())
    with pytest.raises(spnego.exceptions.SpnegoError) as caught:
        initiator.step(answer)
    assert codes(caught.value) == (FAILURE, CLOCK_SKEW)


@pytest.mark.parametrize(
    ("name", "password", "code"),
    [
        ("auditor@CONTOSO.TEST", "wrong", PREAUTHENTICATION_FAILED),
        ("nobody@CONTOSO.TEST", "secret", CLIENT_UNKNOWN),
        ("auditor@FABRIKAM.TEST", "secret", REALM_UNKNOWN),
    ],
)
def test_a_password_that_gets_no_ticket(kerberos, name, password, code):
    with pytest.raises(krb5.Krb5Error) as caught:
        client(name, password)
    print(repr(caught.value))
    assert caught.value.err_code == code


def test_a_keytab_of_an_old_password(kerberos, monkeypatch):
    kerberos.add_user("leaver", "first")
    keytab = kerberos.keytab_of_user("leaver")
    kerberos.change_password("leaver", "second")
    monkeypatch.setenv("KRB5_CLIENT_KTNAME", f"FILE:{keytab}")
    assert refusal() == (NO_CREDENTIALS, PREAUTHENTICATION_FAILED)


def test_kdc_that_does_not_run(kerberos, monkeypatch):
    use(monkeypatch, kerberos.ticket("auditor", "secret"))
    with kerberos.stopped():
        assert refusal() == (FAILURE, KDC_UNREACHABLE)
        with pytest.raises(krb5.Krb5Error) as caught:
            client(USER, "secret")
        assert caught.value.err_code == KDC_UNREACHABLE
    client().step()


def test_negotiate_wraps_the_code_once_more(kerberos):
    with pytest.raises(spnego.exceptions.BadMechanismError) as caught:
        client(protocol="negotiate").step()
    assert codes(caught.value.base_error) == (NO_CREDENTIALS, NO_CACHE)


def test_it_is_stopped_whatever_happens(kdc, tmp_path):
    with pytest.raises(ZeroDivisionError), Kdc(tmp_path) as other:
        assert other.port != kdc.port
        socket.create_connection(("127.0.0.1", other.port)).close()
        raise ZeroDivisionError
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", other.port))


def test_a_program_that_fails_says_why(kdc):
    with pytest.raises(KdcError, match=r"kinit left with 1: .*Password incorrect"):
        kdc.ticket("auditor", "wrong")


def test_missing_programs_are_named(monkeypatch):
    monkeypatch.setattr("tests.live.kdc.SEARCH", os.devnull)
    assert missing_programs() == list(PROGRAMS)
