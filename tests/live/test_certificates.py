"""The certificates are what they claim, in real handshakes over a pair of sockets."""

from __future__ import annotations

import os
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor

import pytest

NOT_YET_VALID = 9
EXPIRED = 10
SELF_SIGNED = 18
ISSUER_MISSING = 20
OTHER_NAME = 62
OTHER_ADDRESS = 64


def trusting(authority, identity=None) -> ssl.SSLContext:
    """A client's context, as strict as Python has it from 3.13 on."""
    context = ssl.create_default_context(cafile=authority)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    if identity is not None:
        context.load_cert_chain(identity.chain, identity.key, identity.password)
    return context


def connect(server: ssl.SSLContext, client: ssl.SSLContext, name: str = "localhost"):
    """What the server got to know of the client's certificate; raises what the client's side does."""
    ours, theirs = socket.socketpair()

    def serve():
        with theirs, server.wrap_socket(theirs, server_side=True) as wrapped:
            wrapped.sendall(wrapped.recv(1))
            return wrapped.getpeercert()

    with ThreadPoolExecutor(1) as pool:
        served = pool.submit(serve)
        with ours, client.wrap_socket(ours, server_hostname=name) as wrapped:
            wrapped.sendall(b"x")
            assert wrapped.recv(1) == b"x"
        return served.result()


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_the_good_one_is_good(certificates, name):
    connect(certificates.good.server(), trusting(certificates.authority), name)


@pytest.mark.parametrize(
    ("identity", "name", "code"),
    [
        ("expired", "localhost", EXPIRED),
        ("early", "localhost", NOT_YET_VALID),
        ("other_name", "localhost", OTHER_NAME),
        ("other_name", "127.0.0.1", OTHER_ADDRESS),
        ("self_signed", "localhost", SELF_SIGNED),
        ("unchained", "localhost", ISSUER_MISSING),
    ],
)
def test_a_faulty_one_has_just_its_fault(certificates, identity, name, code):
    server = getattr(certificates, identity).server()
    with pytest.raises(ssl.SSLCertVerificationError) as caught:
        connect(server, trusting(certificates.authority), name)
    assert caught.value.verify_code == code


def test_another_authority_does_not_vouch(certificates):
    with pytest.raises(ssl.SSLCertVerificationError):
        connect(certificates.good.server(), trusting(certificates.other_authority))


def test_trusted_directly_they_are_good(certificates):
    # With no other fault than who signed, or what was not sent.
    connect(certificates.self_signed.server(), trusting(certificates.self_signed.chain))
    client = trusting(certificates.authority)
    client.load_verify_locations(certificates.intermediate)
    connect(certificates.unchained.server(), client)
    connect(certificates.other_name.server(), client, "exchange.contoso.test")


@pytest.mark.parametrize("identity", ["client", "client_encrypted"])
def test_a_client_is_known(certificates, identity):
    server = certificates.good.server(client_authority=certificates.authority)
    client = trusting(certificates.authority, getattr(certificates, identity))
    assert connect(server, client)["subject"] == ((("commonName", "auditor"),),)


@pytest.mark.parametrize("identity", [None, "client_of_other", "good"])
def test_a_client_is_refused(certificates, identity):
    server = certificates.good.server(client_authority=certificates.authority)
    client = trusting(certificates.authority, identity and getattr(certificates, identity))
    with pytest.raises((ssl.SSLError, ConnectionError)):
        connect(server, client)


def test_the_encrypted_key_needs_its_password(certificates):
    identity = certificates.client_encrypted
    assert b"ENCRYPTED" in identity.key.read_bytes()
    with pytest.raises(ssl.SSLError):
        ssl.create_default_context().load_cert_chain(identity.chain, identity.key, "wrong")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_keys_are_private(certificates):
    assert certificates.client.key.stat().st_mode & 0o077 == 0
