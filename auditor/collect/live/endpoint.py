"""Which server is asked, and as whom: words → checked values, before anything is sent."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from auditor.errors import Place, UsageError, shortened

if TYPE_CHECKING:
    from pathlib import Path

AUTHS: Final = ("kerberos", "negotiate", "ntlm", "basic", "certificate")
ENCRYPTIONS: Final = ("auto", "always", "never")
SPN_SERVICE: Final = "HTTP"
"""The service class that Exchange's load-balanced names are registered under; for a server's own
name Active Directory maps HTTP to HOST.

Source: https://learn.microsoft.com/exchange/architecture/client-access/kerberos-auth-for-load-balanced-client-access
"""
_PATH: Final = "PowerShell/"
_PORTS: Final = {"http": 80, "https": 443}
_HOST_NAME = re.compile(r"[\w.-]{1,253}|[0-9a-fA-F:.]{2,45}(%\w+)?")
_HINT: Final = "Give a host, or the whole address: https://mail.example.com/PowerShell/"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A PowerShell endpoint of Exchange. ``path`` has no leading slash; a query is part of it."""

    scheme: str
    host: str
    port: int
    path: str = _PATH

    @property
    def url(self) -> str:
        """The address as a person writes it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}/{self.path}"

    @property
    def tls(self) -> bool:
        """Whether it is asked over https."""
        return self.scheme == "https"


@dataclass(frozen=True, slots=True)
class Login:
    """As whom the server is asked.

    Attributes:
        auth: one of ``AUTHS``.
        username: None for whoever is logged on, or whose ticket is in the cache.
        password: None where none is needed; for ``certificate`` it opens the key's file.
        certificate, certificate_key: PEM files.
        spn_service, spn_host: the service principal, where it is not that of the host.
    """

    auth: str = "kerberos"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    certificate: Path | None = None
    certificate_key: Path | None = None
    spn_service: str = SPN_SERVICE
    spn_host: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """All that is needed to ask one organisation.

    Attributes:
        ca_file: PEM file of the authorities that are trusted, in place of the system's.
        insecure: the server's certificate is not verified.
        allow_cleartext: Basic may be sent over plain http.
        encryption: of messages over http, one of ``ENCRYPTIONS``.
        domain_controller: the one to ask, where one was named.
        timeout: seconds for everything.
    """

    endpoint: Endpoint
    login: Login
    ca_file: Path | None = None
    insecure: bool = False
    allow_cleartext: bool = False
    encryption: str = "auto"
    domain_controller: str | None = None
    timeout: float = 60.0

    @property
    def cautions(self) -> tuple[str, ...]:
        """What weakens the evidence that comes this way."""
        if self.endpoint.tls:
            return ("insecure",) if self.insecure else ()
        readable = self.login.auth == "basic" or self.encryption == "never"
        return ("cleartext",) if readable else ()

    def with_password(self, password: str | None) -> Target:
        """The same, with a password."""
        return replace(self, login=replace(self.login, password=password))


def parse_endpoint(text: str) -> Endpoint:
    """``HOST`` is ``http://HOST/PowerShell/``, Exchange's own default; a URI is as it is.

    Raises:
        UsageError: it is neither; a password in it is never repeated.
    """
    if "@" in text.partition("?")[0]:
        raise UsageError(
            "the server's address holds a user name or a password",
            hint="Give the name with --username; the password is asked for.",
        )
    from urllib.parse import urlsplit  # most runs read a file

    written = text if "://" in text else f"http://{_bracketed(text)}/{_PATH}"
    try:
        parts = urlsplit(written)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(
            f"{shortened(text)} is no server's address: {error}", hint=_HINT
        ) from error
    if parts.scheme not in _PORTS:
        message = f"{shortened(text)} is no http or https address"
        raise UsageError(message, hint=_HINT)
    is_path = "://" not in text and "/" in text
    if not host or not _HOST_NAME.fullmatch(host) or parts.fragment or "\\" in text or is_path:
        raise UsageError(f"{shortened(text)} is no server's address", hint=_HINT)
    query = f"?{parts.query}" if parts.query else ""
    return Endpoint(
        parts.scheme, host, port or _PORTS[parts.scheme], parts.path.lstrip("/") + query
    )


def _bracketed(host: str) -> str:
    """An IPv6 address in the brackets that an address line needs."""
    return f"[{host}]" if host.count(":") > 1 and not host.startswith("[") else host


def check_target(target: Target, *, password_known: bool = True) -> None:
    """Refuse what must not be sent, and what cannot work, before anything is sent.

    Args:
        target: what the options say.
        password_known: whether the password has been looked for.

    Raises:
        UsageError: the options contradict each other, or a file cannot be read.
    """
    login, tls = target.login, target.endpoint.tls
    if login.auth == "basic" and not tls and not target.allow_cleartext:
        raise UsageError(
            "Basic authentication over plain http would send the password readable to anyone",
            hint="Use https. Only where that is truly impossible: --allow-cleartext",
        )
    if login.auth in {"basic", "ntlm"} and not (
        login.username and (login.password or not password_known)
    ):
        missing = "a password" if login.username else "--username"
        raise UsageError(
            f"--auth {login.auth} needs {missing}", hint=_password_hint(login.username)
        )
    if login.auth == "certificate":
        _check_certificate(login, tls=tls)
    elif login.certificate is not None or login.certificate_key is not None:
        raise UsageError("--certificate goes with --auth certificate")
    if target.insecure and target.ca_file is not None:
        raise UsageError(
            "--insecure and --ca-file exclude each other", hint="Leave --insecure out."
        )
    if target.ca_file is not None:
        _check_readable(target.ca_file, b"-----BEGIN", "--ca-file")


def _password_hint(username: str | None) -> str:
    if username is None:
        return "For example: --username auditor@contoso.com"
    return (
        "Set AUDIT_PASSWORD, keep it in the system keyring (service connector-auditor), or run "
        "the command on a terminal to be asked."
    )


def _check_certificate(login: Login, *, tls: bool) -> None:
    if not tls:
        raise UsageError(
            "--auth certificate needs https",
            hint="Give the whole address: --server https://mail.example.com/PowerShell/",
        )
    if login.certificate is None:
        raise UsageError("--auth certificate needs --certificate FILE (PEM)")
    _check_readable(login.certificate, b"CERTIFICATE-----", "--certificate")
    _check_readable(
        login.certificate_key or login.certificate, b"PRIVATE KEY-----", "--certificate-key"
    )


def _check_readable(path: Path, mark: bytes, option: str) -> None:
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"the file of {option} cannot be read: {error.strerror or error}"
        raise UsageError(message, Place(str(path))) from error
    if mark not in data:
        what = mark.decode().strip("-").lower() if mark != b"-----BEGIN" else "certificate"
        raise UsageError(
            f"the file of {option} holds no {what} in PEM form",
            Place(str(path)),
            "A .pfx file is turned into PEM with: openssl pkcs12 -in FILE.pfx -out FILE.pem",
        )
