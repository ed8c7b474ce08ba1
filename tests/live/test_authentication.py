"""Every way to say who asks, against the real thing; and that no password is ever written."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time

import pytest

from auditor.cli.password import KEYRING_SERVICE
from tests.live.faults import CONNECT, FOREVER, Fault
from tests.live.objects import organization
from tests.live.reaching import ACCOUNT, SECRET, check, live

__all__ = ["live"]

KERBEROS = {"modes": ("kerberos",)}
COMMAND = ("check", "-r", "na", "-f", "json")


@pytest.fixture
def domain(endpoint, kerberos):
    """Starts an endpoint of the realm."""

    def start(**options):
        return endpoint(organization(connectors=2), **{**KERBEROS, **options})

    return start


def account_of(result) -> str:
    return result.report["snapshot"]["account"]


def ticket(kerberos, monkeypatch, made) -> None:
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{made}")


@pytest.mark.parametrize("auth", ["kerberos", "negotiate"])
def test_a_ticket_in_the_cache_is_enough(audit, domain, kerberos, monkeypatch, auth):
    server = domain(modes=(auth,))
    ticket(kerberos, monkeypatch, kerberos.ticket("auditor", "secret"))
    result = audit(*COMMAND, "-S", server.url, "--auth", auth)
    assert result.status == 0, result.err
    assert "auditor" in account_of(result)
    assert server.encrypted, "nothing was encrypted"


def test_kerberos_is_what_a_host_alone_means(audit, domain, kerberos, monkeypatch):
    server = domain()
    ticket(kerberos, monkeypatch, kerberos.ticket("auditor", "secret"))
    assert audit(*COMMAND, "-S", f"localhost:{server.port}").status == 0


def test_a_keytab_stands_in_for_a_ticket(audit, domain, kerberos, monkeypatch):
    keytab = kerberos.keytab_of_user("auditor")
    monkeypatch.setenv("KRB5_CLIENT_KTNAME", f"FILE:{keytab}")
    server = domain()
    assert audit(*COMMAND, "-S", server.url).status == 0
    named = audit(*COMMAND, "-S", server.url, "-u", "auditor@CONTOSO.TEST")
    assert named.status == 0, named.err


@pytest.mark.parametrize("user", ["auditor", "auditor@CONTOSO.TEST"])
def test_a_password_gets_a_ticket(audit, domain, monkeypatch, user):
    monkeypatch.setenv("AUDIT_PASSWORD", "secret")
    assert audit(*COMMAND, "-S", domain().url, "-u", user).status == 0


def test_the_service_and_its_host_can_be_named(audit, domain, kerberos, monkeypatch):
    kerberos.add_service("WSMAN/balanced.contoso.test")
    server = domain(service="WSMAN", hostname="balanced.contoso.test")
    ticket(kerberos, monkeypatch, kerberos.ticket("auditor", "secret"))
    names = ("--spn-service", "WSMAN", "--spn-host", "balanced.contoso.test")
    assert audit(*COMMAND, "-S", server.url, *names).status == 0


@pytest.mark.parametrize(("options", "status"), [((), 3), (("--message-encryption", "never"), 0)])
def test_message_encryption_can_be_switched_off(
    audit, domain, kerberos, monkeypatch, options, status
):
    server = domain(refuse_encryption=400)
    ticket(kerberos, monkeypatch, kerberos.ticket("auditor", "secret"))
    result = audit(*COMMAND, "-S", server.url, *options)
    assert result.status == status
    said = " ".join(result.report["notes"]) if status == 0 else result.err
    assert ("unencrypted" if status == 0 else "--message-encryption never") in said


def no_ticket(kerberos, monkeypatch):
    pass


def expired_ticket(kerberos, monkeypatch):
    ticket(kerberos, monkeypatch, kerberos.expired_ticket("auditor", "secret"))


def clock(kerberos, monkeypatch):
    ticket(kerberos, monkeypatch, kerberos.skewed_ticket("auditor", "secret"))


def good_ticket(kerberos, monkeypatch):
    ticket(kerberos, monkeypatch, kerberos.ticket("auditor", "secret"))


def wrong_password(kerberos, monkeypatch):
    monkeypatch.setenv("AUDIT_PASSWORD", "not-it")


TROUBLE = {
    "no ticket": (no_ticket, (), "no Kerberos ticket", "kinit"),
    "expired ticket": (expired_ticket, (), "ticket has expired", "kinit"),
    "clock": (clock, (), "the clocks of this machine and of the domain", "Set the clock"),
    "unknown service": (good_ticket, ("--spn-service", "NOPE"), "no service NOPE/", "--spn-host"),
    "another realm": (
        good_ticket,
        ("--spn-host", "ex01.fabrikam.test"),
        "no service HTTP/ex01.fabrikam.test",
        "--spn-host",
    ),
    "wrong password": (
        wrong_password,
        ("-u", "auditor"),
        "the password of auditor is wrong",
        "AUDIT_PASSWORD",
    ),
    "unknown user": (wrong_password, ("-u", "nobody"), "knows no account nobody", "capitals"),
    "wrong realm": (
        wrong_password,
        ("-u", "auditor@FABRIKAM.TEST"),
        "no domain controller of the realm",
        "capitals",
    ),
}


@pytest.mark.parametrize("trouble", TROUBLE)
def test_trouble_with_kerberos_is_explained(audit, domain, kerberos, monkeypatch, trouble):
    prepare, options, words, hint = TROUBLE[trouble]
    prepare(kerberos, monkeypatch)
    result = audit(*COMMAND, "-S", domain().url, *options)
    assert result.status == 3
    message, _, rest = result.err.partition("\n")
    assert words in message
    assert hint in rest
    assert "not-it" not in result.err


def test_a_domain_controller_that_does_not_answer(audit, domain, kerberos, monkeypatch):
    good_ticket(kerberos, monkeypatch)
    server = domain()
    with kerberos.stopped():
        result = audit(*COMMAND, "-S", server.url)
    assert result.status == 3
    assert "no domain controller of the realm answers" in result.err


def test_without_the_extra_one_sentence_names_it(audit, monkeypatch):
    monkeypatch.setattr("auditor.collect.live.tickets._library", lambda name: None)
    result = audit(*COMMAND, "-S", "ex01.invalid")
    assert result.status == 2
    assert "pip install 'connector-auditor[kerberos]'" in result.err


@pytest.mark.parametrize("user", ["CONTOSO\\auditor", "auditor"])
def test_ntlm_with_encryption(audit, endpoint, monkeypatch, user):
    monkeypatch.setenv("AUDIT_PASSWORD", SECRET)
    server = endpoint(organization(connectors=2), modes=("ntlm",), accounts={user: SECRET})
    result = audit(*COMMAND, "-S", server.url, "--auth", "ntlm", "-u", user)
    assert result.status == 0, result.err
    assert server.encrypted
    assert not result.report["snapshot"]["cautions"]


def test_a_wrong_password_of_ntlm_is_said(audit, endpoint, monkeypatch):
    monkeypatch.setenv("AUDIT_PASSWORD", "not-it")
    server = endpoint(organization(connectors=1), modes=("ntlm",), accounts={ACCOUNT: SECRET})
    result = audit(*COMMAND, "-S", server.url, "--auth", "ntlm", "-u", ACCOUNT)
    assert result.status == 3
    assert "did not accept the account" in result.err


def test_what_the_endpoint_does_not_offer_is_said(audit, live, kerberos, monkeypatch):
    good_ticket(kerberos, monkeypatch)
    result = audit(*COMMAND, "-S", live().url)
    assert result.status == 3
    assert "does not offer kerberos authentication (it offers Basic)" in result.err


# TLS


@pytest.fixture
def secure(live, certificates):
    """Starts an endpoint over https; ``identity`` is whose certificate it shows."""

    def start(identity="good", **options):
        shown = getattr(certificates, identity)
        return live(tls=shown.server(options.pop("clients", None)), **options)

    return start


def over_tls(server) -> tuple[str, ...]:
    return ("-S", server.url, "--auth", "basic", "-u", ACCOUNT)


def test_basic_over_https_with_a_chain(audit, secure, certificates):
    server = secure()
    result = audit(*COMMAND, *over_tls(server), "--ca-file", certificates.authority)
    assert result.status == 0, result.err
    assert result.report["snapshot"]["cautions"] == []


@pytest.mark.parametrize(
    ("identity", "trusted", "words"),
    [
        ("good", None, "from an authority that is not trusted here"),
        ("good", "other_authority", "from an authority that is not trusted here"),
        ("unchained", "authority", "from an authority that is not trusted here"),
        ("expired", "authority", "has expired"),
        ("early", "authority", "is not valid yet"),
        ("other_name", "authority", "is for another name"),
        ("self_signed", None, "is self-signed"),
    ],
)
def test_a_certificate_that_proves_nothing_is_refused(
    audit, secure, certificates, identity, trusted, words
):
    server = secure(identity)
    trust = ("--ca-file", getattr(certificates, trusted)) if trusted else ()
    result = audit(*COMMAND, *over_tls(server), *trust)
    assert result.status == 3
    assert words in result.err
    assert not server.requests


def test_insecure_is_loud_everywhere(audit, secure):
    server = secure("self_signed")
    options = (*over_tls(server), "--insecure")
    result = audit(*COMMAND, *options, "--save-snapshot", "s.json", "-o", "table=t.txt")
    assert result.status == 0, result.err
    assert "WARNING" in result.err
    for text in (
        " ".join(result.report["notes"]),
        " ".join(audit("check", "-r", "na", "-s", "s.json").out.split()),
    ):
        assert "certificate was NOT verified (--insecure)" in text
    assert result.report["snapshot"]["cautions"] == ["insecure"]


def test_https_where_http_is_spoken(audit, live):
    server = live()
    url = server.url.replace("http:", "https:")
    result = audit(*COMMAND, "-S", url, "--auth", "basic", "-u", ACCOUNT)
    assert result.status == 3
    assert "does not speak TLS" in result.err


@pytest.mark.parametrize("key", ["plain", "encrypted", "in one file"])
def test_a_client_certificate(audit, secure, certificates, monkeypatch, tmp_path, key):
    monkeypatch.delenv("AUDIT_PASSWORD", raising=False)
    one = certificates.client_encrypted if key == "encrypted" else certificates.client
    server = secure(
        clients=certificates.authority, modes=("certificate",), subjects={"auditor": ACCOUNT}
    )
    files = ["--certificate", one.chain, "--certificate-key", one.key]
    if key == "in one file":
        both = tmp_path / "both.pem"
        both.write_bytes(one.chain.read_bytes() + one.key.read_bytes())
        files = ["--certificate", both]
    if key == "encrypted":
        monkeypatch.setenv("AUDIT_PASSWORD", one.password)
    result = audit(
        *COMMAND,
        *("-S", server.url, "--auth", "certificate", "--ca-file", certificates.authority),
        *files,
    )
    assert result.status == 0, result.err
    assert account_of(result) == ACCOUNT


def test_a_client_certificate_that_nobody_vouches_for(audit, secure, certificates):
    server = secure(
        clients=certificates.authority, modes=("certificate",), subjects={"auditor": ACCOUNT}
    )
    one = certificates.client_of_other
    result = audit(
        *COMMAND,
        *("-S", server.url, "--auth", "certificate", "--ca-file", certificates.authority),
        *("--certificate", one.chain, "--certificate-key", one.key),
    )
    assert result.status == 3
    assert not server.requests


# What must not be sent, and what cannot work

USAGE = {
    "basic over http": (("--auth", "basic", "-u", "a"), "readable to anyone"),
    "basic without a name": (("--auth", "basic", "--allow-cleartext"), "needs --username"),
    "certificate over http": (("--auth", "certificate"), "needs https"),
    "an unknown way": (("--auth", "digest"), "cannot be 'digest'"),
    "a certificate without its way": (("--certificate", "c.pem"), "goes with --auth certificate"),
    "insecure and an authority": (("--insecure", "--ca-file", "c.pem"), "exclude each other"),
    "an authority that is not there": (("--ca-file", "c.pem"), "cannot be read"),
    "no time": (("--timeout", "0"), "cannot be '0'"),
    "odd time": (("--timeout", "soon"), "cannot be 'soon'"),
    "a name with a colon": (("--auth", "basic", "--allow-cleartext", "-u", "a:b"), "colon"),
    "both sources": (("-s", "c.xml"), "exclude each other"),
}


@pytest.mark.parametrize("case", USAGE)
def test_what_cannot_work_is_refused_before_anything_is_sent(audit, live, case):
    options, words = USAGE[case]
    server = live()
    server.faults.append(Fault("status", CONNECT, status=500, times=FOREVER))
    result = audit(*COMMAND, "-S", server.url, *options)
    assert result.status == 2, result.err
    assert words in result.err
    assert server.faults[0].times == FOREVER
    assert not server.handshakes


@pytest.mark.parametrize(
    "address",
    [
        "https://auditor:Winter-is-long-42@mail.example.com/PowerShell/",
        "https://auditor:Winter-is-long-42?x@mail.example.com/PowerShell/",
        "auditor:Winter-is-long-42@mail.example.com",
        "ex01..contoso.com",
        "x" * 64 + ".contoso.com",
        "ex01:0",
        "ftp://ex01/PowerShell/",
        "https:///PowerShell/",
        "ex 01",
        "ex01/path",
        "http://ex01:99999/",
        "http://ex01/#part",
        "",
    ],
)
def test_what_is_no_address_is_refused(audit, address):
    result = audit(*COMMAND, f"--server={address}")
    assert result.status == 2
    assert SECRET not in result.err + result.out


def test_the_first_layer_that_names_a_source_decides(audit, live, monkeypatch, tmp_path):
    server = live()
    monkeypatch.setenv("AUDIT_SNAPSHOT", "elsewhere.xml")
    assert check(audit, server).status == 0
    monkeypatch.delenv("AUDIT_SNAPSHOT")
    (tmp_path / "audit.yaml").write_text(f"server: {server.url}\nregion: na\n", "utf-8")
    assert audit("check", "-s", "gone.xml").status == 2
    ways = ("--auth", "basic", "-u", ACCOUNT, "--allow-cleartext")
    assert audit("check", *ways).status == 0
    monkeypatch.setenv("AUDIT_SNAPSHOT", "elsewhere.xml")
    assert "elsewhere.xml" in audit("check", *ways).err


# Passwords


def test_a_password_is_found_in_the_system_keyring(audit, live, monkeypatch):
    import keyring
    from keyring.backend import KeyringBackend

    class Kept(KeyringBackend):
        priority = 1

        def get_password(self, service, username):
            return SECRET if (service, username) == (KEYRING_SERVICE, ACCOUNT) else None

        def set_password(self, service, username, password):
            raise NotImplementedError

        def delete_password(self, service, username):
            raise NotImplementedError

    server = live()
    monkeypatch.delenv("AUDIT_PASSWORD")
    before = keyring.get_keyring()
    keyring.set_keyring(Kept())
    try:
        assert check(audit, server).status == 0
    finally:
        keyring.set_keyring(before)


def test_without_any_password_it_is_said_where_one_may_be_put(audit, live, monkeypatch):
    server = live()
    monkeypatch.delenv("AUDIT_PASSWORD")
    result = check(audit, server)
    assert result.status == 2
    assert "AUDIT_PASSWORD" in result.err
    assert not server.requests


@pytest.mark.parametrize("fault", [None, "status", "wsman_fault", "cut_xml", "hang"])
@pytest.mark.parametrize("auth", ["basic", "ntlm", "kerberos"])
def test_no_password_is_written_anywhere(
    audit, endpoint, kerberos, monkeypatch, tmp_path, caplog, auth, fault
):
    caplog.set_level("DEBUG")
    monkeypatch.setattr("auditor.collect.live.collector._PAUSE_SECONDS", 0.01)
    secret = f"{SECRET}-{auth}"
    kerberos.add_user(f"{auth}-{fault}", secret)
    user = f"{auth}-{fault}"
    server = endpoint(organization(connectors=1), modes=(auth,), accounts={user: secret})
    if fault:
        server.faults.append(Fault(fault, "Receive", times=FOREVER, text=f"No: {secret}"))
    monkeypatch.setenv("AUDIT_PASSWORD", secret)
    result = audit(
        *(*COMMAND, "-v", "-S", server.url, "--auth", auth, "-u", user, "--allow-cleartext"),
        *("--timeout", "2" if fault == "hang" else "30", "--save-snapshot", "s.json"),
        *("-o", "table=t.txt", "-o", "json=r.json"),
    )
    assert result.status == (3 if fault else 0), result.err
    written = [result.out, result.err, caplog.text]
    written += [path.read_text("utf-8") for path in tmp_path.iterdir() if path.suffix]
    assert all(secret not in text for text in written)
    assert all(json.dumps(secret) not in text for text in written)


def test_a_locked_keyring_says_so(audit, live, monkeypatch):
    import keyring

    def locked(service, username):
        raise keyring.errors.KeyringLocked("the collection is locked")

    server = live()
    monkeypatch.delenv("AUDIT_PASSWORD")
    monkeypatch.setattr(keyring, "get_password", locked)
    result = check(audit, server)
    assert result.status == 2
    assert "cannot be opened (KeyringLocked)" in result.err
    assert "Unlock it" in result.err


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.parametrize(("typed", "status"), [(SECRET, 0), ("", 2)])
def test_on_a_terminal_it_is_asked_for_and_not_shown(live, monkeypatch, typed, status):
    server = live()
    monkeypatch.delenv("AUDIT_PASSWORD")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    spawn = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
    options = ("-S", server.url, "--auth", "basic", "-u", ACCOUNT, "--allow-cleartext")
    with subprocess.Popen(
        [sys.executable, "-c", spawn, sys.executable, "-m", "auditor", *COMMAND[:3], *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as asked:
        shown = b""
        # What is typed before the prompt is thrown away.
        while b"Password of CONTOSO\\auditor: " not in shown:
            shown += asked.stdout.read(1)
        asked.stdin.write(typed.encode() + b"\n")
        asked.stdin.flush()
        shown += asked.stdout.read()
    assert asked.returncode == status, shown
    assert SECRET.encode() not in shown


@pytest.mark.parametrize("word", ["Gru\u00df\u20acuro", "\u041f\u0430\u0440\u043e\u043b\u044c"])
def test_basic_takes_any_letters(audit, endpoint, monkeypatch, word):
    monkeypatch.setenv("AUDIT_PASSWORD", word)
    server = endpoint(organization(1), modes=("basic",), accounts={"auditor": word})
    ways = ("--auth", "basic", "-u", "auditor", "--allow-cleartext")
    assert audit(*COMMAND, "-S", server.url, *ways).status == 0


def test_a_silent_domain_controller_does_not_hold_up_a_keytab(audit, domain, kerberos, monkeypatch):
    monkeypatch.setenv("KRB5_CLIENT_KTNAME", f"FILE:{kerberos.keytab_of_user('auditor')}")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        config = kerberos.folder / "silent.conf"
        text = (kerberos.folder / "krb5.conf").read_text("utf-8")
        config.write_text(text.replace(f":{kerberos.port}", f":{silent.getsockname()[1]}"), "utf-8")
        monkeypatch.setenv("KRB5_CONFIG", str(config))
        started = time.monotonic()
        result = audit(*COMMAND, "-S", domain().url, "-u", "auditor", "--timeout", "2")
        assert time.monotonic() - started < 20  # the libraries wait 25 seconds
    assert result.status == 3


@pytest.mark.parametrize("case", ["locked", "wrong password", "another key"])
def test_a_key_that_does_not_open_is_refused_before_anything_is_sent(
    audit, secure, certificates, monkeypatch, case
):
    monkeypatch.delenv("AUDIT_PASSWORD", raising=False)
    server = secure(clients=certificates.authority, modes=("certificate",))
    monkeypatch.delenv("AUDIT_PASSWORD", raising=False)
    if case == "wrong password":
        monkeypatch.setenv("AUDIT_PASSWORD", "not-it")
    one = certificates.client_encrypted
    key = certificates.client_of_other.key if case == "another key" else one.key
    result = audit(
        *(*COMMAND, "-S", server.url, "--auth", "certificate"),
        *("--ca-file", certificates.authority, "--certificate", one.chain),
        *("--certificate-key", key),
    )
    assert result.status == 2, result.err
    assert key.name in result.err
    assert not server.handshakes


@pytest.mark.parametrize("kind", [True, "multipart/mixed", "multipart/encrypted"])
def test_an_answer_that_is_not_encrypted_is_said_or_refused(
    audit, domain, kerberos, monkeypatch, kind
):
    good_ticket(kerberos, monkeypatch)
    server = domain(answers_in_clear=kind)
    server.faults.append(Fault("drop", "Command", cmdlet="Get-AdSite", times=2))
    result = audit(*COMMAND, "-S", server.url)
    assert result.status == 0, result.err
    assert result.report["snapshot"]["cautions"] == ["cleartext"]
    refused = audit(*COMMAND, "-S", server.url, "--message-encryption", "always")
    assert refused.status == 3
    assert "without encryption" in refused.err


@pytest.mark.skipif(sys.platform == "win32", reason="variables are text there")
def test_what_is_no_text_is_refused_and_not_shown(audit, live, monkeypatch):
    server = live()
    monkeypatch.setenv("AUDIT_PASSWORD", os.fsdecode(b"Gr\xfc\xdfe-1234"))
    for auth in ("basic", "ntlm", "kerberos"):
        result = audit(*COMMAND, "-S", server.url, "--auth", auth, "-u", "a", "--allow-cleartext")
        assert result.status == 2
        assert "no text in UTF-8" in result.err
        assert "1234" not in result.err
