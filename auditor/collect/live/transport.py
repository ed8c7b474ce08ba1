"""pypsrp's WS-Management connection, bounded in time and size, and strict about an answer."""

from __future__ import annotations

import http.client
import logging
import traceback
from typing import TYPE_CHECKING, Any, Final

import requests
import urllib3
from pypsrp.exceptions import WinRMTransportError
from pypsrp.wsman import WSMan
from requests.auth import HTTPBasicAuth

from auditor.collect.live.deadline import Deadline, TooLateError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.collect.live.endpoint import Target

_ENVELOPE: Final = 2 * 1024 * 1024
"""Bytes of an answer that are welcome; a server sends no more than it is set to, 500 KB mostly."""
MAX_ANSWER: Final = 4 * _ENVELOPE
"""No server sends so much where a quarter was asked for."""
_OPERATION_SECONDS: Final = 10
"""After so long without output a server says so, and is asked again."""
_START: Final = 2048
_ENCRYPTED: Final = ("multipart/encrypted;", "multipart/x-multi-encrypted;")
"""The types of answers that pypsrp decrypts; whatever else comes is taken as it is."""

# The logs of these libraries hold what is sent and what comes back.
for _name in ("pypsrp", "spnego"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


class NotPowerShellError(Exception):
    """An answer that no PowerShell endpoint gives: its HTTP status, and the start of its text."""

    def __init__(self, status: int | None, text: str) -> None:
        super().__init__(status, text)
        self.status = status
        self.text = text


class LostAnswerError(Exception):
    """The request went out, but no answer came back, or not all of it; the text says which."""


class UnencryptedAnswerError(Exception):
    """The answer to an encrypted request is not encrypted, and that was asked for."""


class BoundedTransport:
    """In the place of pypsrp's transport: every request within the time, none sent twice.

    pypsrp asks again up to five times for output that is late, and so could lose some of it: an
    answer that was lost on the way is not sent again by every server.

    Attributes:
        deadline: when all of it must have ended.
        was_heard: whether the server may have done what a request asked: it did not refuse to.
        in_clear: whether an answer to an encrypted request was not encrypted.
    """

    def __init__(self, inner: Any, target: Target, deadline: Deadline) -> None:  # noqa: ANN401 - pypsrp has no public name for it
        self._inner = inner
        self._insists = target.encryption == "always"
        self.deadline = deadline
        self.was_heard = False
        self.in_clear = False
        inner.session = self._session(target)

    @property
    def endpoint(self) -> str:
        """The address that stands in each request."""
        return str(self._inner.endpoint)

    def _session(self, target: Target) -> requests.Session:
        login = target.login
        session: requests.Session = self._inner._build_session()
        # Whoever redirects could have us authenticate to somebody else.
        session.max_redirects = 0
        if login.auth == "basic":
            # RFC 7617 leaves the encoding open; as text, anything beyond Latin-1 fails.
            name, password = (login.username or "").encode(), (login.password or "").encode()
            session.auth = HTTPBasicAuth(name, password)
        # Who has no credentials of ours must not get those of a .netrc.
        session.auth = session.auth or (lambda request: request)
        for adapter in session.adapters.values():
            adapter.build_response = self._watched(adapter.build_response)  # type: ignore[attr-defined]
        return session

    def _watched(self, build: Any) -> Any:  # noqa: ANN401 - as requests has it
        """The adapter's own function, with a bound on what is read of each answer."""

        def build_response(request: Any, raw: Any) -> requests.Response:  # noqa: ANN401
            response: requests.Response = build(request, raw)
            response.raw.stream = bounded_stream(response.raw.stream)
            kind = response.headers.get("Content-Type", "")
            if self._inner.encryption and response.ok and not kind.startswith(_ENCRYPTED):
                self.in_clear = True
            return response

        return build_response

    def send(self, message: bytes, **_: object) -> bytes:
        """Send one request; returns the answer's XML.

        Raises:
            NotPowerShellError: what answered is no PowerShell endpoint.
            LostAnswerError: the answer is not whole.
            UnencryptedAnswerError: it is not encrypted, and must be.
            TooLateError: the time is over.
            Exception: what pypsrp and its libraries raise.
        """
        self._inner.connection_timeout = self._inner.read_timeout = max(self.deadline.left, 0.1)
        try:
            answer = self.deadline.bound(lambda: self._exchange(message))
        except Exception as error:
            plain = plainly(error)
            self.was_heard = self.was_heard or isinstance(plain, TooLateError | LostAnswerError)
            if plain is error:
                raise
            raise plain from error
        self.was_heard = True
        if self.in_clear and self._insists:
            raise UnencryptedAnswerError
        _check(answer)
        return answer

    def _exchange(self, message: bytes) -> bytes:
        """One request and its answer; also where nobody waits for it any more, all is closed."""
        try:
            answer: bytes = self._inner.send(message)
        except Exception as error:
            _hang_up(error)
            raise
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


def bounded_stream(stream: Any) -> Any:  # noqa: ANN401 - as urllib3 has it
    """An answer's body as it comes, not unpacked (a little may unpack to a lot), up to a limit."""

    def read(amount: int, **_: object) -> Iterator[bytes]:
        size = 0
        for part in stream(amount, decode_content=False):
            size += len(part)
            if size > MAX_ANSWER:
                raise NotPowerShellError(None, "an answer without end")
            yield part

    return read


def plainly(error: Exception) -> Exception:
    """What an error of the libraries means; the error itself where it means just what it says."""
    if isinstance(error, WinRMTransportError) and _is_no_envelope(error.response_text):
        # Well-formed HTML would pass for a fault without a code.
        return NotPowerShellError(error.code, error.response_text)
    if isinstance(error, KeyError):
        # pypsrp looks up what was agreed on with a server that asked who we are.
        return NotPowerShellError(None, "<html>")
    if isinstance(error, AttributeError | http.client.HTTPException):
        # A header that is none, or too many of them.
        return NotPowerShellError(None, "headers that nobody can read")
    if isinstance(error, requests.Timeout):
        return TooLateError()
    if isinstance(error, requests.RequestException) and _was_sent(error):
        return LostAnswerError("the connection was closed before the answer")
    return error


def _check(answer: bytes) -> None:
    text = answer.decode("utf-8", "replace")
    if _is_no_envelope(text):
        raise NotPowerShellError(None, text[:_START])
    if not answer.rstrip().endswith(b"Envelope>"):
        raise LostAnswerError("the answer ends in the middle")


def _is_no_envelope(text: str) -> bool:
    return "Envelope" not in text[:_START] or "<!DOCTYPE" in text


def _hang_up(error: Exception) -> None:
    """Close the connection on which a request failed: pypsrp and requests leave it to nobody."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        for answer in frame.f_locals.values():
            if isinstance(answer, requests.Response):
                answer.close()


def _was_sent(error: requests.RequestException) -> bool:
    """Whether the server may have got the request, and did not answer with something else."""
    if isinstance(error, requests.exceptions.SSLError):
        return False
    reason = error.args[0] if error.args else None
    reason = getattr(reason, "reason", reason)
    if isinstance(reason, urllib3.exceptions.ProtocolError) and reason.args:
        reason = reason.args[-1]
    refused = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.SSLError)
    odd = isinstance(reason, http.client.HTTPException) and not isinstance(
        reason, http.client.RemoteDisconnected | http.client.IncompleteRead
    )
    if odd or isinstance(reason, refused):
        return False
    return isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError)


def connect(target: Target, deadline: Deadline) -> tuple[WSMan, BoundedTransport]:
    """A connection that has not yet sent anything, and its bounded transport.

    As Windows PowerShell does by default, it asks the server itself, not by way of a proxy.
    """
    endpoint, login = target.endpoint, target.login
    if target.insecure:
        # Said once, in our own words, and in every report.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    wsman = WSMan(
        endpoint.host,
        port=endpoint.port,
        ssl=endpoint.tls,
        path=endpoint.path,
        auth=login.auth,
        username=login.username,
        password=login.password if login.auth != "certificate" else None,
        cert_validation=_validation(target),
        encryption=_encryption(target),
        no_proxy=True,
        max_envelope_size=_ENVELOPE,
        operation_timeout=_OPERATION_SECONDS,
        certificate_pem=_path(login.certificate),
        certificate_key_pem=_path(login.certificate_key or login.certificate),
        certificate_key_password=login.password if login.auth == "certificate" else None,
        negotiate_service=login.spn_service,
        negotiate_hostname_override=login.spn_host,
    )
    bounded = BoundedTransport(wsman.transport, target, deadline)
    wsman.transport = bounded  # type: ignore[assignment]
    return wsman, bounded


def _validation(target: Target) -> Any:  # noqa: ANN401 - a boolean or a path, as requests has it
    return str(target.ca_file) if target.ca_file is not None else not target.insecure


def _encryption(target: Target) -> str:
    return "never" if target.login.auth in {"basic", "certificate"} else target.encryption


def _path(path: object) -> str | None:
    return None if path is None else str(path)


__all__ = ["LostAnswerError", "NotPowerShellError", "TooLateError", "connect"]
