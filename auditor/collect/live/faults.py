"""What stopped a connection, in words: what happened, and what to try.

Codes of Kerberos: https://web.mit.edu/kerberos/krb5-latest/doc/appdev/refs/macros/ (the error
table krb5, base -1765328384); of Windows' security package:
https://learn.microsoft.com/windows/win32/com/com-error-codes-4; of WS-Management's faults:
https://learn.microsoft.com/windows/win32/winrm/wsman-error-codes
"""

from __future__ import annotations

import errno
import re
import socket
import ssl
from typing import TYPE_CHECKING, Final, NamedTuple

import requests
from pypsrp.exceptions import AuthenticationError, WSManFaultError

from auditor.collect.live.deadline import TooLateError
from auditor.collect.live.psrp import BrokenStreamError
from auditor.collect.live.transport import LostAnswerError, NotPowerShellError
from auditor.errors import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from auditor.collect.live.endpoint import Target


class Known(NamedTuple):
    """What happened, and what to try; ``{url}`` and the like are filled in."""

    message: str
    hint: str


_NO_HOST: Final = Known(
    "there is no host of the name {host}", "Check the spelling, the DNS suffix, and the network."
)
_REFUSED: Final = Known(
    "nothing listens on port {port} of {host}",
    "Exchange's endpoint is on port 80 (http) or 443 (https), not on WinRM's 5985. Is IIS running?",
)
_NO_WAY: Final = Known(
    "there is no way to {host}, port {port}: {detail}", "Check the network and the firewalls."
)
_TOO_LATE: Final = Known(
    "{url} did not answer within {timeout:g} seconds",
    "Is the server busy, or does a firewall drop the packets? More time: --timeout SECONDS",
)
_LOST: Final = Known(
    "{url}: {detail}", "Try again. If it stays so, look at the load balancer and at IIS's log."
)
_BROKEN: Final = Known(
    "{url} sent something that is not PowerShell remoting: {detail}",
    "Try again, and another server of the organisation.",
)
_SIGN_IN: Final = Known(
    "{url} answered with a web page, and without asking who this is, as PowerShell never does",
    "A load balancer or a sign-in page may stand before it: name the server itself.",
)
_ELSEWHERE: Final = Known(
    "{url} sends us to another address, where nobody is asked",
    "Name the server that is to be asked: --server https://SERVER/PowerShell/",
)
_HTTP: Final[Mapping[int, Known]] = {
    401: Known(
        "{url} did not accept the account",
        "Check the user name and the password, and that the account may use remote PowerShell.",
    ),
    400: Known(
        "{url} could not read the request (400)",
        "It may not take encrypted messages over http: use https, or --message-encryption never.",
    ),
    403: Known(
        "{url} refuses this account, or this way of asking (403)",
        "https may be required: --server https://{host}/PowerShell/. The account must be enabled "
        "for remote PowerShell (Set-User -RemotePowerShellEnabled).",
    ),
    404: Known(
        "there is no PowerShell endpoint at {url} (404)",
        "Exchange's own is http://SERVER/PowerShell/ on port 80: check the port and the path.",
    ),
    503: Known(
        "the service behind {url} is not available (503)",
        "Is the application pool MSExchangePowerShellAppPool running? Try another server.",
    ),
}
_OTHER_HTTP: Final = Known(
    "{url} answered with the HTTP status {detail}", "Look at IIS's log on the server."
)
_NO_CONFIGURATION: Final = Known(
    "{url} has no session configuration Microsoft.Exchange: {detail}",
    "WinRM's own endpoint (port 5985, path /wsman) is another one: http://SERVER/PowerShell/ is "
    "Exchange's.",
)
_TOO_MANY: Final = Known(
    "this account has too many sessions on {host}: {detail}",
    "Close other Exchange shells of the account, or wait: the server ends idle ones.",
)
_DENIED: Final = Known(
    "{host} does not let this account in: {detail}",
    "It must be enabled for remote PowerShell, and in a role group such as View-Only "
    "Organization Management.",
)
_FAULT: Final = Known("{url} reports a fault: {detail}", "Look at the server's event log.")

_CERTIFICATES: Final[Mapping[int, Known]] = {
    10: Known(
        "the certificate of {host} has expired", "Renew it; the clock of this machine counts too."
    ),
    9: Known("the certificate of {host} is not valid yet", "Check the clock of this machine."),
    18: Known(
        "the certificate of {host} is self-signed",
        "Trust it with --ca-file FILE (PEM). --insecure would prove nothing about the server.",
    ),
    62: Known(
        "the certificate of {host} is for another name", "Use the name that is in the certificate."
    ),
    64: Known(
        "the certificate of {host} is not for this address",
        "Use the name that is in the certificate.",
    ),
}
_UNTRUSTED: Final = Known(
    "the certificate of {host} comes from an authority that is not trusted here",
    "Trust your organisation's authority with --ca-file FILE (PEM).",
)
_NO_TLS: Final = Known(
    "{host} does not speak TLS on port {port}: {detail}",
    "For http write http://{host}/PowerShell/; else check the port.",
)

_NO_TICKET: Final = Known(
    "there is no Kerberos ticket for this account",
    "Get one with kinit, give --username (and a password), or set KRB5_CLIENT_KTNAME to a keytab.",
)
_EXPIRED_TICKET: Final = Known("the Kerberos ticket has expired", "Get a new one with kinit.")
_SKEW: Final = Known(
    "the clocks of this machine and of the domain differ too much for Kerberos",
    "Set the clock of this machine (within five minutes of the domain controllers).",
)
_NO_PRINCIPAL: Final = Known(
    "the domain knows no service {spn}",
    "Use the server's own full name, or name the service with --spn-service and --spn-host.",
)
_NO_USER: Final = Known(
    "the domain knows no account {user}", "Write it as user@REALM, the realm in capitals."
)
_WRONG_PASSWORD: Final = Known(
    "the password of {user} is wrong", "Check AUDIT_PASSWORD, the keyring, or what was typed."
)
_LOCKED: Final = Known(
    "the account {user} is locked, disabled or expired", "Ask the domain's administrators."
)
_OLD_PASSWORD: Final = Known(
    "the password of {user} has expired", "Change it first, on a Windows machine or with kpasswd."
)
_NO_KDC: Final = Known(
    "no domain controller of the realm answers: {detail}",
    "Check the realm's name (in capitals), DNS, and port 88 to the domain controllers.",
)
_WRONG_KEY: Final = Known(
    "{host} cannot read the ticket for {spn}",
    "The service belongs to another account, as behind a load balancer: try --spn-host with the "
    "server's own name.",
)
_KRB5: Final = -1765328384
_KERBEROS: Final[Mapping[int, Known]] = {
    _KRB5 + 6: _NO_USER,  # KDC_ERR_C_PRINCIPAL_UNKNOWN
    _KRB5 + 7: _NO_PRINCIPAL,  # KDC_ERR_S_PRINCIPAL_UNKNOWN
    _KRB5 + 18: _LOCKED,  # KDC_ERR_CLIENT_REVOKED
    _KRB5 + 1: _LOCKED,  # KDC_ERR_NAME_EXP
    _KRB5 + 23: _OLD_PASSWORD,  # KDC_ERR_KEY_EXP
    _KRB5 + 24: _WRONG_PASSWORD,  # KDC_ERR_PREAUTH_FAILED
    _KRB5 + 31: _WRONG_PASSWORD,  # KRB_AP_ERR_BAD_INTEGRITY
    _KRB5 + 32: _EXPIRED_TICKET,  # KRB_AP_ERR_TKT_EXPIRED
    _KRB5 + 37: _SKEW,  # KRB_AP_ERR_SKEW
    _KRB5 + 41: _WRONG_KEY,  # KRB_AP_ERR_MODIFIED
    _KRB5 + 141: _NO_TICKET,  # KRB5_CC_NOTFOUND
    _KRB5 + 154: _NO_KDC,  # KRB5_REALM_UNKNOWN
    _KRB5 + 156: _NO_KDC,  # KRB5_KDC_UNREACH
    _KRB5 + 195: _NO_TICKET,  # KRB5_FCC_NOFILE
    100001: _EXPIRED_TICKET,  # of the library itself: the credential that was referred to
}
_WINDOWS: Final[Mapping[int, Known]] = {
    0x80090303: _NO_PRINCIPAL,  # SEC_E_TARGET_UNKNOWN
    0x8009030C: _WRONG_PASSWORD,  # SEC_E_LOGON_DENIED
    0x8009030E: _NO_TICKET,  # SEC_E_NO_CREDENTIALS
    0x80090311: _NO_KDC,  # SEC_E_NO_AUTHENTICATING_AUTHORITY
    0x80090322: _WRONG_KEY,  # SEC_E_WRONG_PRINCIPAL
    0x80090324: _SKEW,  # SEC_E_TIME_SKEW
}
_SECURITY: Final = frozenset({"spnego", "gssapi", "krb5", "sspilib"})
_WITHOUT_TICKET: Final = frozenset({"NoCredentialError", "OperationNotAvailableError"})
_KERBEROS_ELSE: Final = Known(
    "Kerberos failed: {detail}", "Try kinit on this machine; it may say more."
)
_OFFERS_OTHER: Final = Known(
    "{url} does not offer {auth} authentication ({detail})",
    "Use --auth with one that it offers, or switch it on for the virtual directory PowerShell.",
)
_ANY: Final = Known("{url} could not be asked: {detail}", "Run audit doctor --server {host}")

_QUOTA: Final = re.compile(
    r"concurrent shells|maximum number of connections|maximum number of users|load quota", re.I
)
_NO_SUCH_CONFIGURATION: Final = re.compile(r"session configuration|resource URI", re.I)
_ACCESS_DENIED: Final = frozenset({5, 2147942405})
_CONFIGURATION_CODES: Final = frozenset({2150858811, 2150858752})
_NO_SHELL: Final = 2150858843
_DETAIL_LENGTH: Final = 300


def is_passing(error: BaseException) -> bool:
    """Whether a second try may help: the service was away, or the connection was lost."""
    if isinstance(error, NotPowerShellError):
        return bool(error.status == 503)
    if isinstance(error, WSManFaultError):
        return bool(error.code == _NO_SHELL)
    return isinstance(error, LostAnswerError | BrokenStreamError)


def explain(error: BaseException, target: Target) -> UnreachableError:
    """An error of the connection as one sentence on what happened and one on what to try."""
    known, detail = _recognise(error)
    login, endpoint = target.login, target.endpoint
    spn = f"{login.spn_service}/{login.spn_host or endpoint.host}"
    values = {
        "url": endpoint.url,
        "host": endpoint.host,
        "port": endpoint.port,
        "timeout": target.timeout,
        "auth": login.auth,
        "user": login.username or "of the ticket",
        "spn": spn,
        "detail": _short(_without(detail, login.password)),
    }
    return UnreachableError(known.message.format(**values), hint=known.hint.format(**values))


def _recognise(error: BaseException) -> tuple[Known, str]:
    if isinstance(error, TooLateError):
        return _TOO_LATE, ""
    if isinstance(error, LostAnswerError | BrokenStreamError):
        return (_LOST if isinstance(error, LostAnswerError) else _BROKEN), str(error)
    if isinstance(error, NotPowerShellError):
        return _of_page(error)
    if isinstance(error, WSManFaultError):
        return _of_fault(error)
    if isinstance(error, AuthenticationError):
        return _of_refusal(str(error))
    if isinstance(error, requests.TooManyRedirects):
        return _ELSEWHERE, ""
    causes = list(_causes(error))
    return _of_tickets(causes) or _of_sockets(causes) or (_ANY, f"{type(error).__name__}: {error}")


def _of_page(error: NotPowerShellError) -> tuple[Known, str]:
    if error.status is not None:
        return _HTTP.get(error.status, _OTHER_HTTP), str(error.status)
    is_page = re.search(r"<html|<!doctype html", error.text, re.IGNORECASE)
    return (_SIGN_IN, "") if is_page else (_BROKEN, "no SOAP envelope")


def _of_fault(error: WSManFaultError) -> tuple[Known, str]:
    said = " ".join(str(part) for part in (error.reason, error.provider_fault) if part)
    code = error.code
    detail = said or f"code {code}"
    if _QUOTA.search(said):
        return _TOO_MANY, detail
    if code in _CONFIGURATION_CODES or _NO_SUCH_CONFIGURATION.search(said):
        return _NO_CONFIGURATION, detail
    if code in _ACCESS_DENIED or "AuthZ" in said:
        return _DENIED, detail
    return _FAULT, f"{said} (code {code})" if said else detail


def _of_refusal(said: str) -> tuple[Known, str]:
    offered = re.search(r"actual: '(.*)'", said)
    if offered is None:
        return _HTTP[401], said
    words = re.findall(r"(?:^|,\s*)([A-Za-z]+)(?=\s|,|$)", offered[1])
    return _OFFERS_OTHER, f"it offers {', '.join(words) or 'none'}"


def _of_tickets(causes: list[BaseException]) -> tuple[Known, str] | None:
    """What the security library said; its classes are there only where it is installed."""
    told = [cause for cause in causes if type(cause).__module__.partition(".")[0] in _SECURITY]
    for cause in told:
        code = _signed(getattr(cause, "min_code", None) or getattr(cause, "err_code", None) or 0)
        windows = (getattr(cause, "winerror", None) or 0) & 0xFFFFFFFF
        known = _KERBEROS.get(code) or _WINDOWS.get(windows)
        if known is not None:
            return known, _said_by(cause)
    if any(type(cause).__name__ in _WITHOUT_TICKET for cause in told):
        return _NO_TICKET, ""
    return (_KERBEROS_ELSE, _said_by(told[-1])) if told else None


def _said_by(error: BaseException) -> str:
    """The part of a GSSAPI error that says what went wrong, where it has one."""
    generate = getattr(error, "gen_message", None)
    text = str(generate()) if generate is not None else str(error)
    minor = re.search(r"Minor \([0-9-]+\): (.*)", text, re.DOTALL)
    return minor[1] if minor else text


def _of_sockets(causes: list[BaseException]) -> tuple[Known, str] | None:
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _CERTIFICATES.get(getattr(cause, "verify_code", 0), _UNTRUSTED), ""
        if isinstance(cause, ssl.SSLError):
            return _NO_TLS, str(getattr(cause, "reason", None) or cause)
        if isinstance(cause, socket.gaierror):
            return _NO_HOST, ""
        if isinstance(cause, ConnectionRefusedError):
            return _REFUSED, ""
        if isinstance(cause, OSError) and cause.errno in {
            errno.EHOSTUNREACH,
            errno.ENETUNREACH,
            errno.ETIMEDOUT,
        }:
            return _NO_WAY, cause.strerror or str(cause)
    return None


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


def _without(text: str, secret: str | None) -> str:
    return text.replace(secret, "…") if secret else text


def _short(text: str) -> str:
    line = " ".join(text.split()).rstrip(".")
    return line if len(line) <= _DETAIL_LENGTH else line[: _DETAIL_LENGTH - 1] + "…"
