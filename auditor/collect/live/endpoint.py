"""Which server is asked, and as whom: words → checked values, before anything is sent."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from auditor.errors import UsageError, shortened

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
_LABEL: Final = r"[\w-]{1,63}"
_HOST_NAME = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*\.?|[0-9a-fA-F:.]{{2,45}}(%\w+)?")
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
    if "@" in text:
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
    named = host is not None and _HOST_NAME.fullmatch(host) is not None and port != 0
    if not host or not named or parts.fragment or "\\" in text or is_path:
        raise UsageError(f"{shortened(text)} is no server's address", hint=_HINT)
    query = f"?{parts.query}" if parts.query else ""
    return Endpoint(
        parts.scheme, host, port or _PORTS[parts.scheme], parts.path.lstrip("/") + query
    )


def _bracketed(host: str) -> str:
    """An IPv6 address in the brackets that an address line needs."""
    return f"[{host}]" if host.count(":") > 1 and not host.startswith("[") else host
