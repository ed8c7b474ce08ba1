"""What libraries raise, in words; those of Windows and of odd networks cannot be had here."""

from __future__ import annotations

import errno
import http.client
import ssl

import pytest
import requests
from pypsrp.exceptions import AuthenticationError, WSManFaultError

from auditor.collect.live.endpoint import Login, Target, parse_endpoint
from auditor.collect.live.faults import explain
from auditor.collect.live.transport import NotPowerShellError, UnencryptedAnswerError

TARGET = Target(parse_endpoint("https://ex01.contoso.com/PowerShell/"), Login(username="a@B.C"))


def of_windows(code: int) -> Exception:
    """An error as pyspnego wraps that of Windows' own library."""
    inner = type("WindowsError", (OSError,), {"__module__": "sspilib.raw", "winerror": code})()
    return type("SpnegoError", (Exception,), {"__module__": "spnego", "base_error": inner})("no")


def failed_to(number: int) -> Exception:
    try:
        raise OSError(number, "said by the system")
    except OSError as error:
        wrapped = ConnectionError("outer")
        wrapped.__cause__ = error
        return wrapped


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (of_windows(0x80090324 - (1 << 32)), "the clocks of this machine"),
        (of_windows(0x8009030E - (1 << 32)), "no Kerberos ticket"),
        (of_windows(0x8009030C - (1 << 32)), "the password of a@B.C is wrong"),
        (of_windows(0x80090311 - (1 << 32)), "no domain controller"),
        (of_windows(0x80090322 - (1 << 32)), "cannot read the ticket for HTTP/ex01.contoso.com"),
        (of_windows(0x80090303 - (1 << 32)), "knows no service HTTP/ex01.contoso.com"),
        (of_windows(1234), "Kerberos failed"),
        (failed_to(errno.EHOSTUNREACH), "no way to ex01.contoso.com, port 443"),
        (failed_to(errno.ENETUNREACH), "said by the system"),
        (ssl.SSLError(1, "[SSL: UNSUPPORTED_PROTOCOL] old"), "share no version of TLS"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER]"), "does not speak TLS"),
        (ssl.SSLError(1, "TLSV13_ALERT_CERTIFICATE_REQUIRED"), "this client's certificate"),
        (http.client.BadStatusLine("SSH-2.0"), "does not speak HTTP"),
        (requests.TooManyRedirects("x"), "another address"),
        (UnencryptedAnswerError(), "without encryption"),
        (UnicodeEncodeError("latin-1", "s3cret€", 6, 7, "no"), "cannot be sent this way"),
        (NotPowerShellError(418, "teapot"), "HTTP status 418"),
        (NotPowerShellError(None, "SSH-2.0-OpenSSH"), "not PowerShell remoting"),
        (AuthenticationError("actual: 'Basic realm=\"x\", Digest'"), "offers Basic, Digest"),
        (AuthenticationError("actual: ''"), "offers none"),
        (WSManFaultError(2150859173, "ex01", None, None, None, None), "code 2150859173"),
        (
            WSManFaultError(1, "ex01", "The user load quota of 1000 requests", None, None, None),
            "too many sessions",
        ),
        (RuntimeError("odd"), "RuntimeError: odd"),
    ],
)
def test_each_is_one_sentence_with_a_hint(error, words):
    fault = explain(error, TARGET)
    assert words in fault.message
    assert fault.hint
    assert "{" not in fault.message + fault.hint
    assert "\n" not in fault.message + fault.hint


def test_braces_from_outside_are_no_places_to_fill():
    error = WSManFaultError(1, "x", "{user} {0} {url.__class__}", None, None, None)
    assert "{user} {0}" in explain(error, TARGET).message


def test_a_long_detail_is_shortened():
    error = WSManFaultError(1, "x", "y" * 5000, None, None, None)
    assert len(explain(error, TARGET).message) < 500


def test_a_fault_of_ours_is_not_blamed_on_the_server():
    code = compile("def fail():\n    raise NameError('a mistake')", "x.py", "exec")
    space = {"__name__": "auditor.collect.live.broken"}
    exec(code, space)
    try:
        space["fail"]()
    except NameError as error:
        with pytest.raises(NameError):
            explain(error, TARGET)
