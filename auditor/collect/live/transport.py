"""pypsrp's WS-Management connection, bounded in time and strict about what an answer is."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING, Any, Final

import requests
import urllib3
from pypsrp.exceptions import WinRMTransportError
from pypsrp.wsman import WSMan

from auditor.collect.live.deadline import Deadline, TooLateError

if TYPE_CHECKING:
    from auditor.collect.live.endpoint import Target

_ENVELOPE: Final = 512_000
"""Bytes of an answer; what Windows PowerShell asks for since 3.0."""
_OPERATION_SECONDS: Final = 10
"""After so long without output a server says so, and is asked again."""
_START: Final = 2048

# The logs of these libraries hold what is sent and what comes back.
for _name in ("pypsrp", "spnego"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


class NotPowerShellError(Exception):
    """An answer that no PowerShell endpoint gives: (status, content type, start of the text)."""

    def __init__(self, status: int | None, text: str) -> None:
        super().__init__(status, text)
        self.status = status
        self.text = text


class LostAnswerError(Exception):
    """The request went out, but no answer came back, or not all of it; the text says which."""


class BoundedTransport:
    """In the place of pypsrp's transport: every request within the time, none sent twice.

    pypsrp asks again up to five times for output that is late, and so could lose some of it: an
    answer that was lost on the way is not sent again by every server.
    """

    def __init__(self, inner: Any, deadline: Deadline) -> None:  # noqa: ANN401 - pypsrp has no name for it
        self._inner = inner
        self.deadline = deadline
        self.was_heard = False
        """Whether the server may have done what a request asked: it did not refuse to."""

    @property
    def endpoint(self) -> str:
        """The address that stands in each request."""
        return str(self._inner.endpoint)

    def send(self, message: bytes, **_: object) -> bytes:
        """Send one request; returns the answer's XML.

        Raises:
            NotPowerShellError: what answered is no PowerShell endpoint.
            LostAnswerError: the answer is not whole.
            TooLateError: the time is over.
            Exception: what pypsrp and its libraries raise.
        """
        self._inner.connection_timeout = self._inner.read_timeout = max(self.deadline.left, 0.1)
        try:
            answer: bytes = self.deadline.bound(lambda: self._inner.send(message))
            self.was_heard = True
        except TooLateError:
            self.was_heard = True
            raise
        except WinRMTransportError as error:
            if _is_no_envelope(error.response_text):
                # Well-formed HTML would pass for a fault without a code.
                raise NotPowerShellError(error.code, error.response_text) from error
            raise
        except KeyError as error:
            # pypsrp looks up what was agreed on with a server that asked who we are.
            raise NotPowerShellError(None, "<html>") from error
        except requests.Timeout as error:
            self.was_heard = True
            raise TooLateError from error
        except requests.RequestException as error:
            if _was_sent(error):
                self.was_heard = True
                raise LostAnswerError("the connection was closed before the answer") from error
            raise
        except Exception as error:
            _hang_up(error)
            raise
        _check(answer)
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


def _check(answer: bytes) -> None:
    text = answer.decode("utf-8", "replace")
    if _is_no_envelope(text):
        raise NotPowerShellError(None, text[:_START])
    if not answer.rstrip().endswith(b"Envelope>"):
        raise LostAnswerError("the answer ends in the middle")


def _is_no_envelope(text: str) -> bool:
    return "Envelope" not in text[:_START] or "<!DOCTYPE" in text


def _hang_up(error: Exception) -> None:
    """Close the connection on which authentication failed: pypsrp leaves it to nobody."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        answer = frame.f_locals.get("response")
        if isinstance(answer, requests.Response):
            answer.close()


def _was_sent(error: requests.RequestException) -> bool:
    """Whether the server may have got the request: it was not refused on the way there."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    on_the_way = (
        urllib3.exceptions.NewConnectionError,
        urllib3.exceptions.SSLError,
        urllib3.exceptions.ProxyError,
    )
    if isinstance(error, requests.exceptions.SSLError) or isinstance(reason, on_the_way):
        return False
    return isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError)


def connect(target: Target, deadline: Deadline) -> tuple[WSMan, BoundedTransport]:
    """A connection that has not yet sent anything, and its bounded transport."""
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
        max_envelope_size=_ENVELOPE,
        operation_timeout=_OPERATION_SECONDS,
        certificate_pem=_path(login.certificate),
        certificate_key_pem=_path(login.certificate_key or login.certificate),
        certificate_key_password=login.password if login.auth == "certificate" else None,
        negotiate_service=login.spn_service,
        negotiate_hostname_override=login.spn_host,
    )
    session = wsman.transport._build_session()
    # Whoever redirects could have us authenticate to somebody else.
    session.max_redirects = 0
    # Who has no credentials of ours must not get those of a .netrc.
    session.auth = session.auth or (lambda request: request)
    wsman.transport.session = session
    bounded = BoundedTransport(wsman.transport, deadline)
    wsman.transport = bounded  # type: ignore[assignment]
    return wsman, bounded


def _validation(target: Target) -> Any:  # noqa: ANN401 - a boolean or a path, as requests has it
    return str(target.ca_file) if target.ca_file is not None else not target.insecure


def _encryption(target: Target) -> str:
    return "never" if target.login.auth in {"basic", "certificate"} else target.encryption


def _path(path: object) -> str | None:
    return None if path is None else str(path)


__all__ = ["LostAnswerError", "NotPowerShellError", "TooLateError", "connect"]
