"""The endpoint is proven with nothing but pypsrp: what it answers, refuses and spoils."""

from __future__ import annotations

import ssl
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from xml.etree import ElementTree

import psrpcore.types
import pytest
import requests
from psrpcore._crypto import PSRemotingCrypto
from pypsrp.exceptions import (
    AuthenticationError,
    FragmentError,
    InvalidPSRPOperation,
    WinRMError,
    WinRMTransportError,
    WSManFaultError,
)
from pypsrp.messages import Message
from pypsrp.powershell import PowerShell, PSInvocationState, RunspacePool
from pypsrp.wsman import WSMan, _TransportHTTP

from tests.live import objects, wsman
from tests.live.faults import CONNECT, FOREVER, TO_ANSWER, Fault
from tests.live.psrp import Answer, Problem
from tests.live.values import SHAPES

NAME, PASSWORD = "reader", "secret of the reader"
ORGANIZATION = {
    "Get-Thing": Answer(["<S>one</S>", "<S>two_x000A_</S>", "<S>three</S>"]),
    "Get-Much": Answer(
        [f"<S>{letter * 70_000}</S>" for letter in "abcdefgh"], parameters=("Identity",)
    ),
    "Get-Half": Answer(
        ["<S>one</S>"],
        errors=[
            Problem(
                "The operation couldn't be performed because object 'EX09' couldn't be found.",
                "7F8C2F1A,Microsoft.Exchange.Management.GetHalf",
                "InvalidData",
                "Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException",
            )
        ],
        warnings=["Some of it is hidden."],
    ),
    "Get-None": Answer(fails=Problem("The directory is gone.", "E0,X", "ResourceUnavailable")),
}


@contextmanager
def connected(server, configuration="Microsoft.Exchange", **options):
    """A client, and no session yet."""
    secure = server.tls is not None
    chosen = {
        "port": server.port,
        "path": "PowerShell/",
        "ssl": secure,
        "auth": "basic",
        "encryption": "auto" if secure else "never",
        "username": NAME,
        "password": PASSWORD,
        "reconnection_backoff": 0,
        "no_proxy": True,
        **options,
    }
    with WSMan("localhost", **chosen) as client:
        yield RunspacePool(client, configuration_name=configuration)


def invoke(pool, cmdlet, **parameters):
    """Run a cmdlet: the objects, and the PowerShell object."""
    shell = PowerShell(pool)
    shell.add_cmdlet(cmdlet).add_parameters(parameters)
    found = shell.invoke()
    # Not a context: its end would hide an error, for a running pipeline cannot be closed.
    shell.close()
    return found, shell


def test_a_session_opens_answers_and_closes(endpoint):
    server = endpoint(ORGANIZATION)
    with connected(server) as pool, pool:
        assert server.sessions == (pool.id,)
        assert pool.shell.owner == "NT AUTHORITY\\ANONYMOUS LOGON"
        found, shell = invoke(pool, "get-thing", DomainController="DC01")
    assert found == ["one", "two\n", "three"]
    assert (shell.state, shell.had_errors) == (PSInvocationState.COMPLETED, False)
    assert server.sessions == ()
    assert server.parameters == {"Get-Thing": [{"DomainController": "DC01"}]}
    assert [(each.action, each.cmdlet) for each in server.requests] == [
        ("Create", None),
        ("Receive", None),
        ("Command", "get-thing"),
        ("Receive", "get-thing"),
        ("Signal", "get-thing"),
        ("Delete", None),
    ]
    server.reset_log()
    assert (server.requests, server.cmdlets) == ([], [])


NOT_RECOGNISED = "The term 'Get-Nothing' is not recognized as the name of a cmdlet"


@pytest.mark.parametrize(
    ("cmdlets", "parameters", "state", "identifier", "message", "found"),
    [
        (["Get-Nothing"], {}, "FAILED", "CommandNotFoundException", NOT_RECOGNISED, []),
        (["Get-Thing", "Get-Nothing"], {}, "FAILED", "CommandNotFoundException", "", []),
        (["Get-Thing"], {"Guess": 1}, "FAILED", "NamedParameterNotFound,Get-Thing", "'Guess'", []),
        (["Get-None"], {}, "FAILED", "E0,X", "The directory is gone.", []),
        (["Get-Half"], {}, "COMPLETED", "7F8C2F1A,Microsoft", "'EX09' couldn't", ["one"]),
        (["Get-Half"], {"ErrorAction": "Stop"}, "FAILED", "7F8C2F1A,Microsoft", "", ["one"]),
        (["Get-Thing"], {"Verbose": True}, "COMPLETED", None, None, ["one", "two\n", "three"]),
    ],
)
def test_what_goes_wrong_in_a_pipeline(
    endpoint, cmdlets, parameters, state, identifier, message, found
):
    server = endpoint(ORGANIZATION)
    with connected(server) as pool, pool, PowerShell(pool) as shell:
        for cmdlet in cmdlets:
            shell.add_cmdlet(cmdlet)
        shell.add_parameters(parameters)
        assert shell.invoke() == found
        assert shell.state == getattr(PSInvocationState, state)
        records = shell.streams.error
        assert len(records) == (identifier is not None)
        for record in records:
            assert record.fq_error.startswith(identifier)
            assert message in str(record)


def test_errors_and_warnings_keep_their_streams(endpoint):
    with connected(endpoint(ORGANIZATION)) as pool, pool:
        _, shell = invoke(pool, "Get-Half")
    (record,) = shell.streams.error
    assert record.reason == "ManagementObjectNotFoundException"
    assert record.exception.types[0].endswith(".Tasks.ManagementObjectNotFoundException")
    assert [str(warning.message) for warning in shell.streams.warning] == ["Some of it is hidden."]
    assert not shell.had_errors


def test_a_script_is_refused(endpoint):
    with connected(endpoint(ORGANIZATION)) as pool, pool, PowerShell(pool) as shell:
        shell.add_script("Get-Thing | Where-Object Name")
        assert shell.invoke() == []
        assert shell.state == PSInvocationState.FAILED
        assert "no-language mode" in str(shell.streams.error[0])


def test_only_some_cmdlets_may_follow(endpoint):
    with connected(endpoint(ORGANIZATION)) as pool, pool:
        with PowerShell(pool) as shell:
            shell.add_cmdlet("Get-Thing").add_cmdlet("Select-Object").add_parameter("First", 2)
            assert shell.invoke() == ["one", "two\n"]
        with PowerShell(pool) as shell:
            shell.add_cmdlet("Get-Thing").add_cmdlet("Measure-Object")
            assert shell.invoke()[0].extended_properties["Count"] == 3


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        (["*"], ["Get-Half", "Get-Much", "Get-None", "Get-Thing"]),
        (["get-m*", "Get-Thing", "Set-*"], ["Get-Much", "Get-Thing"]),
        (["Set-*"], []),
    ],
)
def test_metadata_names_the_permitted_cmdlets(endpoint, patterns, names):
    with connected(endpoint(ORGANIZATION)) as pool, pool:
        found = pool.get_command_metadata(patterns)
    assert [metadata.name for metadata in found] == names
    for metadata in found:
        assert set(metadata.parameters) == set(ORGANIZATION[metadata.name].parameters)


@pytest.mark.parametrize(
    ("envelope", "fragment", "receives"),
    [(153600, 32768, 2), (300_000, 32768, 3), (64_000, 1000, 14), (8192, 32768, 112)],
)
def test_output_fits_the_envelope(endpoint, monkeypatch, envelope, fragment, receives):
    """The first is pypsrp's default, which it raises to 512,000 once the session is open."""
    server = endpoint(ORGANIZATION, fragment_size=fragment)
    sizes = []
    send = _TransportHTTP.send

    def measured(*arguments, **options):
        answer = send(*arguments, **options)
        sizes.append(len(answer))
        return answer

    monkeypatch.setattr(_TransportHTTP, "send", measured)
    with connected(server, max_envelope_size=envelope) as pool, pool:
        sizes.clear()
        found, _ = invoke(pool, "Get-Much")
    assert found == [letter * 70_000 for letter in "abcdefgh"]
    assert len(sizes) == receives + 3  # Command, Signal, Delete
    assert max(sizes) <= (512_000 if envelope == 153600 else envelope)


@pytest.mark.parametrize("shape", SHAPES)
def test_objects_arrive_byte_for_byte(endpoint, monkeypatch, shape):
    """psrpcore decodes what pypsrp cannot."""
    organization = objects.organization(4, shape)
    raw = []
    unpack = Message.unpack

    def keep(data, serializer):
        if data[4:8] == bytes.fromhex("04100400"):
            raw.append(bytes(data[40:]).decode())
            data = data[:40] + b"<S></S>"
        return unpack(data, serializer)

    monkeypatch.setattr(Message, "unpack", staticmethod(keep))
    with connected(endpoint(organization)) as pool, pool:
        for cmdlet, answer in organization.items():
            raw.clear()
            invoke(pool, cmdlet, Identity="EX01")
            assert raw == list(answer.objects)
            for text in raw:
                decoded = psrpcore.types.deserialize(
                    ElementTree.fromstring(text), PSRemotingCrypto()
                )
                assert f'<S N="Name">{decoded.Name}</S>' in text


def test_sessions_are_limited(endpoint):
    server = endpoint(ORGANIZATION, max_sessions=1)
    with connected(server) as pool, pool, connected(server) as other:
        with pytest.raises(WSManFaultError, match="number of connections allowed : 1") as caught:
            other.open()
        assert caught.value.code == wsman.SHELL_QUOTA
    with connected(server) as pool, pool:
        assert len(server.sessions) == 1


def test_a_session_that_is_gone(endpoint):
    server = endpoint(ORGANIZATION)
    with connected(server) as pool, pool:
        server._shells.clear()
        with pytest.raises(WSManFaultError) as caught:
            invoke(pool, "Get-Thing")
        assert caught.value.code == wsman.UNKNOWN_SHELL
        pool.shell.opened = False


@pytest.mark.parametrize(
    ("options", "configuration", "code"),
    [
        # The page is XML, so that pypsrp makes a fault without a code of it.
        ({"path": "wsman"}, "Microsoft.Exchange", None),
        ({}, "Microsoft.PowerShell", wsman.UNKNOWN_RESOURCE),
    ],
)
def test_other_paths_and_configurations(endpoint, options, configuration, code):
    server = endpoint(ORGANIZATION)
    with (
        connected(server, configuration, **options) as pool,
        pytest.raises(WSManFaultError) as caught,
    ):
        pool.open()
    assert caught.value.code == code


@pytest.mark.parametrize("path", ["powershell", "POWERSHELL/?serializationLevel=Full"])
def test_spellings_of_the_path(endpoint, path):
    with connected(endpoint(ORGANIZATION), path=path) as pool, pool:
        assert invoke(pool, "Get-Thing")[0] == ["one", "two\n", "three"]


NEGOTIATED = {"auth": "ntlm", "encryption": "auto"}


@pytest.mark.parametrize(
    ("modes", "rules", "client", "encrypted"),
    [
        (("basic",), {}, {}, False),
        (("ntlm",), {"require_encryption": True}, NEGOTIATED, True),
        (("ntlm",), {"space_in_boundary": False}, NEGOTIATED, True),
        (("negotiate",), {}, {"auth": "negotiate", "encryption": "auto"}, True),
        (("negotiate", "ntlm", "basic"), {}, NEGOTIATED, True),
        (("negotiate", "ntlm", "basic"), {}, {}, False),
        (("negotiate",), {}, {"auth": "negotiate", "encryption": "never"}, False),
    ],
)
def test_authentication(endpoint, modes, rules, client, encrypted):
    server = endpoint(ORGANIZATION, modes=modes, accounts={NAME: PASSWORD}, **rules)
    with connected(server, **client) as pool, pool:
        assert invoke(pool, "Get-Thing")[0] == ["one", "two\n", "three"]
        assert pool.shell.owner == NAME
    assert bool(server.encrypted) == encrypted
    assert {each.user for each in server.requests} == {NAME}
    with (
        connected(server, **client, password="another") as pool,
        pytest.raises(AuthenticationError),
    ):
        pool.open()


@pytest.mark.parametrize(
    ("modes", "client", "protocol"),
    [
        (("kerberos",), {"auth": "kerberos"}, "Kerberos"),
        (("negotiate",), {"auth": "kerberos"}, "SPNEGO"),
        (("negotiate", "kerberos"), {"auth": "negotiate"}, "SPNEGO"),
    ],
)
def test_kerberos(endpoint, kerberos, monkeypatch, modes, client, protocol):
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{kerberos.ticket('auditor', 'secret')}")
    server = endpoint(ORGANIZATION, modes=modes, protocols=("kerberos",), require_encryption=True)
    options = {"username": None, "password": None, "negotiate_service": "HTTP", **client}
    with connected(server, encryption="auto", **options) as pool, pool:
        assert invoke(pool, "Get-Much")[0][7] == "h" * 70_000
        assert pool.shell.owner == f"auditor@{kerberos.realm}"
        assert protocol in pool.connection.transport.encryption.protocol
    assert server.encrypted == len(server.requests)


def test_a_domain_without_ntlm(endpoint):
    rules = {"modes": ("negotiate",), "protocols": ("kerberos",)}
    server = endpoint(ORGANIZATION, accounts={NAME: PASSWORD}, **rules)
    with connected(server, **NEGOTIATED) as pool, pytest.raises(AuthenticationError):
        pool.open()
    assert server.handshakes > 0


@pytest.mark.parametrize(
    ("rules", "encryption", "log"),
    [
        ({"refuse_encryption": 400}, "auto", "400"),
        ({"require_encryption": True}, "never", "500"),
    ],
)
def test_encryption_that_is_not_agreed_on(endpoint, rules, encryption, log):
    server = endpoint(ORGANIZATION, modes=("ntlm",), accounts={NAME: PASSWORD}, **rules)
    with (
        connected(server, auth="ntlm", encryption=encryption) as pool,
        pytest.raises(WSManFaultError) as caught,
    ):
        pool.open()
    assert f"Code: {log}" in str(caught.value.__context__)


@pytest.mark.parametrize("client", [{}, {"auth": "ntlm"}])
def test_transport_security(endpoint, tmp_path, client):
    context, path = self_signed(tmp_path)
    modes = ("ntlm", "basic")
    server = endpoint(ORGANIZATION, modes=modes, accounts={NAME: PASSWORD}, tls=context)
    with connected(server, cert_validation=str(path), **client) as pool, pool:
        assert invoke(pool, "Get-Thing")[0] == ["one", "two\n", "three"]
    with connected(server, **client) as pool, pytest.raises(requests.exceptions.SSLError):
        pool.open()


def test_client_certificates(endpoint, tmp_path):
    context, path = self_signed(tmp_path)
    context.verify_mode = ssl.CERT_OPTIONAL
    context.load_verify_locations(path)
    rules = {"modes": ("certificate",), "subjects": {"localhost": "CONTOSO\\reader"}}
    server = endpoint(ORGANIZATION, tls=context, **rules)
    client = {"auth": "certificate", "certificate_pem": str(path), "certificate_key_pem": str(path)}
    with connected(server, cert_validation=str(path), **client) as pool, pool:
        assert pool.shell.owner == "CONTOSO\\reader"
    with connected(server, cert_validation=str(path)) as pool, pytest.raises(AuthenticationError):
        pool.open()


def self_signed(folder):
    """A context for a server named localhost, and the file with its certificate and key."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "localhost.pem"
    encoding = serialization.Encoding.PEM
    private = key.private_bytes(
        encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(certificate.public_bytes(encoding) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context, path


@pytest.mark.parametrize(
    ("fault", "error", "text"),
    [
        # A page of IIS is XML: pypsrp takes it for a fault that says nothing.
        *(
            (Fault("status", action="Create", status=status), WSManFaultError, "No details")
            for status in (403, 404, 500)
        ),
        (Fault("status", action="Create", status=503), WinRMTransportError, "Code: 503"),
        (Fault("status", action="Create", status=401), AuthenticationError, "authenticate"),
        (Fault("status", action=CONNECT, status=503, body="busy"), WinRMTransportError, "busy"),
        (Fault("sign_in_page", action=CONNECT), ElementTree.ParseError, ""),
        (Fault("sign_in_page", action="Create", body="<p>"), ElementTree.ParseError, ""),
        (Fault("wsman_fault", action="Create", code=5, text="No."), WSManFaultError, "Code: 5"),
        (Fault("drop", action="Create"), requests.exceptions.ConnectionError, "closed"),
        (Fault("cut", action="Create"), requests.exceptions.ChunkedEncodingError, "Incomplete"),
        (Fault("cut_xml", action="Create"), ElementTree.ParseError, ""),
        (Fault("wrong_relates_to", action="Create"), WinRMError, "related id"),
        (Fault("broken_pool", text="It is broken."), InvalidPSRPOperation, "It is broken."),
        (Fault("garbage", action="Receive"), Exception, ""),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else "",
)
def test_faults_of_a_session(endpoint, fault, error, text):
    server = endpoint(ORGANIZATION)
    server.faults.append(fault)
    with connected(server) as pool:
        with pytest.raises(error) as caught:
            pool.open()
        assert text in str(caught.value)
        # pypsrp closes no session that did not open wholly; one whose answer is lost is there.
        lost = fault.kind in TO_ANSWER and fault.action == "Create"
        assert len(server.sessions) == (pool.shell.opened or lost)
        pool.shell.close()
        server.leaks_expected = lost
    assert fault.times == 0


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("lose_fragment", cmdlet="Get-Much"), FragmentError),
        (Fault("half_output", cmdlet="Get-Much"), WSManFaultError),
        (Fault("cut", action="Receive", cmdlet="Get-Much"), requests.exceptions.RequestException),
        (Fault("cut_xml", action="Receive", cmdlet="Get-Much"), ElementTree.ParseError),
        (Fault("drop", action="Receive", after=2), requests.exceptions.ConnectionError),
        (Fault("status", action="Command", status=500), WSManFaultError),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else "",
)
def test_faults_of_a_cmdlet(endpoint, fault, error):
    server = endpoint(ORGANIZATION)
    server.faults.append(fault)
    with connected(server) as pool, pool:
        with pytest.raises(error):
            invoke(pool, "Get-Much")
        assert len(server.sessions) == 1


@pytest.mark.parametrize(
    ("fault", "count"),
    [
        (Fault("lose_message"), 7),
        (Fault("operation_timeout", action="Receive", cmdlet="Get-Much", times=3), 8),
        (Fault("slow", action="Receive", cmdlet="Get-Much", seconds=0.01, times=FOREVER), 8),
        (Fault("status", cmdlet="Get-Other", times=FOREVER), 8),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else "",
)
def test_faults_that_pypsrp_does_not_report(endpoint, fault, count):
    server = endpoint(ORGANIZATION)
    server.faults.append(fault)
    with connected(server) as pool, pool:
        found, shell = invoke(pool, "Get-Much")
        assert (len(found), shell.had_errors) == (count, False)


@pytest.mark.parametrize(
    "fault",
    [
        *(Fault(kind, action="Delete") for kind in ("status", "drop", "hang", "cut")),
        Fault("wsman_fault", action="Delete"),
        Fault("status", action=CONNECT, after=2, status=503),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.action}",
)
def test_a_fault_at_the_end_is_no_leak(endpoint, fault):
    server = endpoint(ORGANIZATION)
    server.faults.append(fault)
    with connected(server, read_timeout=0.2) as pool:
        pool.open()
        with pytest.raises((WinRMError, WinRMTransportError, requests.RequestException)):
            pool.close()


def test_a_client_that_left_gets_no_session(endpoint):
    server = endpoint(ORGANIZATION)
    server.faults.append(Fault("slow", action="Create", seconds=0.3))
    with connected(server, read_timeout=0.05) as pool, pytest.raises(requests.ReadTimeout):
        pool.open()
    assert len(server.requests) == 1


@pytest.mark.parametrize("kind", ["hang", "dribble"])
def test_what_never_ends_ends_with_the_endpoint(endpoint, kind):
    server = endpoint(ORGANIZATION)
    server.faults.append(Fault(kind, action="Create"))
    server.leaks_expected = kind == "dribble"  # the session is there, and the client does not know
    failures = []

    def ask():
        try:
            with connected(server) as pool:
                pool.open()
        except requests.exceptions.RequestException as error:
            failures.append(error)

    client = threading.Thread(target=ask)
    client.start()
    while not server.requests:
        time.sleep(0.001)
    begun = time.perf_counter()
    server.stop()
    assert time.perf_counter() - begun < 1
    client.join(5)
    assert len(failures) == 1


def test_a_browser_sees_an_error(endpoint):
    server = endpoint(ORGANIZATION)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(server.url)
    with caught.value as error:
        assert error.code == 405


def test_old_servers_choose_the_id_of_a_session(endpoint):
    server = endpoint(ORGANIZATION, own_shell_ids=True)
    with connected(server) as pool, pool:
        assert server.sessions == (pool.shell.id,)
        assert pool.shell.id != pool.id
        assert invoke(pool, "Get-Thing")[0][0] == "one"


def test_many_sessions_at_once(endpoint):
    server = endpoint(objects.organization(5, "plain"))
    counts = []

    def ask():
        with connected(server) as pool, pool:
            counts.append(len(invoke(pool, "Get-SendConnector")[0]))

    clients = [threading.Thread(target=ask) for _ in range(8)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert counts == [5] * 8


def test_starting_and_stopping_is_quick(endpoint):
    begun = time.perf_counter()
    server = endpoint(ORGANIZATION)
    server.stop()
    assert time.perf_counter() - begun < 0.5


def test_a_fault_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="no such fault: explode"):
        Fault("explode")
