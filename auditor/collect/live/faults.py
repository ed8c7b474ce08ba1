"""What stopped a connection → the words for it.

Codes of WS-Management's faults: https://learn.microsoft.com/windows/win32/winrm/wsman-error-codes
"""

from __future__ import annotations

import base64
import errno
import http.client
import re
import socket
import ssl
import traceback
from typing import TYPE_CHECKING, Final

import requests
from pypsrp.exceptions import AuthenticationError, WSManFaultError

from auditor.collect.live import words
from auditor.collect.live.deadline import TooLateError
from auditor.collect.live.psrp import BrokenStreamError, TooMuchError
from auditor.collect.live.transport import (
    LostAnswerError,
    NotPowerShellError,
    UnencryptedAnswerError,
)
from auditor.errors import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from auditor.collect.live.endpoint import Target
    from auditor.collect.live.words import Known


_WITHOUT_TICKET: Final = frozenset({"NoCredentialError", "OperationNotAvailableError"})
_SECURITY: Final = frozenset({"spnego", "gssapi", "krb5", "sspilib"})
_SIMPLE: Final[Mapping[type, Known]] = {
    TooLateError: words.TOO_LATE,
    UnencryptedAnswerError: words.IN_CLEAR,
    requests.TooManyRedirects: words.ELSEWHERE,
}
_QUOTA: Final = re.compile(
    r"concurrent shells|maximum number of connections|maximum number of users|load quota", re.I
)
_NO_SUCH_CONFIGURATION: Final = re.compile(r"session configuration|resource URI", re.I)
_ACCESS_DENIED: Final = frozenset({5, 2147942405})
_CONFIGURATION_CODES: Final = frozenset({2150858811, 2150858752})
_NO_SHELL: Final = 2150858843
_DETAIL_LENGTH: Final = 300
_SHORTEST_SECRET: Final = 4
"""A shorter one is part of too many words, and would only show where it was."""


def is_passing(error: BaseException) -> bool:
    """Whether a second try may help: the service was away, or the connection was lost."""
    if isinstance(error, NotPowerShellError):
        return bool(error.status == 503)
    if isinstance(error, WSManFaultError):
        return bool(error.code == _NO_SHELL)
    return isinstance(error, LostAnswerError | BrokenStreamError)


def explain(error: BaseException, target: Target) -> UnreachableError:
    """An error of the connection as one sentence on what happened and one on what to try.

    Raises:
        Exception: the error itself, where it is a fault of this program.
    """
    if _is_our_fault(error):
        raise error
    known, detail = _recognise(error)
    login, endpoint = target.login, target.endpoint
    spn = f"{login.spn_service}/{login.spn_host or endpoint.host}"
    values = {
        "url": endpoint.url,
        "host": endpoint.host,
        "scheme": endpoint.scheme,
        "port": endpoint.port,
        "timeout": target.timeout,
        "auth": login.auth,
        "user": login.username or "of the ticket",
        "spn": spn,
        "detail": _short(without_secrets(detail, target)),
    }
    hint = known.hint.format(**values)
    if known is words.HTTP[401]:
        hint = words.REFUSED_WAYS.get(login.auth, hint)
    return UnreachableError(known.message.format(**values), hint=hint)


def ways_offered(header: str) -> list[str]:
    """The ways to authenticate that a WWW-Authenticate header names, each once."""
    return list(dict.fromkeys(re.findall(r"(?:^|,\s*)([A-Za-z]+)(?=\s|,|$)", header)))


def _is_our_fault(error: BaseException) -> bool:
    """Whether our own code failed, and not what it was given or a library."""
    if isinstance(error, OSError) or type(error).__module__.startswith("auditor."):
        return False
    where = ""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        where = str(frame.f_globals.get("__name__"))
    return where.startswith("auditor.")


def without_secrets(text: str, target: Target) -> str:
    """A text from outside, which may repeat what was sent, without the password."""
    login = target.login
    if not login.password or len(login.password) < _SHORTEST_SECRET:
        return text
    sent = base64.b64encode(f"{login.username}:{login.password}".encode()).decode()
    return text.replace(login.password, "…").replace(sent, "…")


def _recognise(error: BaseException) -> tuple[Known, str]:
    if isinstance(error, LostAnswerError | BrokenStreamError):
        return (words.LOST if isinstance(error, LostAnswerError) else words.BROKEN), str(error)
    if isinstance(error, NotPowerShellError):
        return _of_page(error)
    if isinstance(error, WSManFaultError):
        return _of_fault(error)
    if isinstance(error, AuthenticationError):
        return _of_refusal(str(error))
    simple = _SIMPLE.get(type(error))
    if simple is not None:
        return simple, ""
    if isinstance(error, TooMuchError):
        return words.TOO_MUCH, str(error)
    if isinstance(error, UnicodeError):
        # Its own words show where in a password the character stands.
        return words.ODD_CHARACTER, ""
    causes = list(_causes(error))
    return (
        _of_tickets(causes)
        or _of_sockets(causes)
        or (words.ANY, f"{type(error).__name__}: {error}")
    )


def _of_page(error: NotPowerShellError) -> tuple[Known, str]:
    if error.status is not None:
        return words.HTTP.get(error.status, words.OTHER_HTTP), str(error.status)
    is_page = re.search(r"<html|<!doctype html", error.text, re.IGNORECASE)
    return (words.SIGN_IN, "") if is_page else (words.BROKEN, "no SOAP envelope")


def _of_fault(error: WSManFaultError) -> tuple[Known, str]:
    said = " ".join(str(part) for part in (error.reason, error.provider_fault) if part)
    code = error.code
    detail = said or f"code {code}"
    if _QUOTA.search(said):
        return words.TOO_MANY, detail
    if code in _CONFIGURATION_CODES or _NO_SUCH_CONFIGURATION.search(said):
        return words.NO_CONFIGURATION, detail
    if code in _ACCESS_DENIED or "AuthZ" in said:
        return words.DENIED, detail
    return words.FAULT, f"{said} (code {code})" if said else detail


def _of_refusal(said: str) -> tuple[Known, str]:
    offered = re.search(r"actual: '(.*)'", said)
    if offered is None:
        return words.HTTP[401], said
    return words.OFFERS_OTHER, f"it offers {', '.join(ways_offered(offered[1])) or 'none'}"


def _of_tickets(causes: list[BaseException]) -> tuple[Known, str] | None:
    """What the security library said; its classes are there only where it is installed."""
    told = [cause for cause in causes if type(cause).__module__.partition(".")[0] in _SECURITY]
    for cause in told:
        code = _signed(getattr(cause, "min_code", None) or getattr(cause, "err_code", None) or 0)
        windows = (getattr(cause, "winerror", None) or 0) & 0xFFFFFFFF
        known = words.KERBEROS.get(code) or words.WINDOWS.get(windows)
        if known is not None:
            return known, _said_by(cause)
    if any(type(cause).__name__ in _WITHOUT_TICKET for cause in told):
        return words.NO_TICKET, ""
    return (words.KERBEROS_ELSE, _said_by(told[-1])) if told else None


def _said_by(error: BaseException) -> str:
    """The part of a GSSAPI error that says what went wrong, where it has one."""
    generate = getattr(error, "gen_message", None)
    text = str(generate()) if generate is not None else str(error)
    minor = re.search(r"Minor \([0-9-]+\): (.*)", text, re.DOTALL)
    return minor[1] if minor else text


def _of_sockets(causes: list[BaseException]) -> tuple[Known, str] | None:
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return words.CERTIFICATES.get(getattr(cause, "verify_code", 0), words.UNTRUSTED), ""
        if isinstance(cause, ssl.SSLError):
            return _of_tls(str(getattr(cause, "reason", None) or cause))
        if isinstance(cause, http.client.BadStatusLine) and not isinstance(cause, ConnectionError):
            return words.NO_HTTP, ""
        if isinstance(cause, socket.gaierror):
            return words.NO_HOST, ""
        if isinstance(cause, ConnectionRefusedError):
            return words.REFUSED, ""
        if isinstance(cause, OSError) and cause.errno in {
            errno.EHOSTUNREACH,
            errno.ENETUNREACH,
            errno.ETIMEDOUT,
        }:
            return words.NO_WAY, cause.strerror or str(cause)
    return None


def _of_tls(reason: str) -> tuple[Known, str]:
    for pattern, known in words.TLS:
        if re.search(pattern, reason):
            return known, reason
    return words.NO_TLS, reason


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that led to it, where libraries keep it: innermost last."""
    seen: set[int] = set()
    open_errors: list[object] = [error]
    while open_errors:
        found = open_errors.pop(0)
        if not isinstance(found, BaseException) or id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        named = (getattr(found, name, None) for name in ("reason", "base_error"))
        open_errors += [found.__cause__, found.__context__, *named]
        open_errors += found.args


def _signed(code: int) -> int:
    """A 32-bit code as the table has it; some libraries give it without its sign."""
    return code - (1 << 32) if code > 0x7FFFFFFF else code


def _short(text: str) -> str:
    line = " ".join(text.split()).rstrip(".")
    return line if len(line) <= _DETAIL_LENGTH else line[: _DETAIL_LENGTH - 1] + "…"
