"""Authentication of connections as IIS does it, and WinRM's encryption of messages."""

from __future__ import annotations

import base64
import binascii
import hmac
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import spnego
from spnego.exceptions import InvalidTokenError, SpnegoError

SCHEMES = {"negotiate": "Negotiate", "kerberos": "Kerberos", "ntlm": "NTLM"}
BASIC = 'Basic realm="localhost"'
SPNEGO_OID = bytes.fromhex("06062b0601050502")
BOUNDARY = "Encrypted Boundary"
PROTOCOLS = {
    "kerberos": "application/HTTP-Kerberos-session-encrypted",
    "negotiate": "application/HTTP-SPNEGO-session-encrypted",
}
CERTIFICATE = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual"


@dataclass
class Rules:
    """Who may come in, and how.

    Attributes:
        modes: Of "anonymous", "basic", "ntlm", "negotiate", "kerberos", "certificate"; those
            that are offered stand in this order in the answer that asks for a name.
        accounts: Passwords by user, for Basic. NTLM's are in the file NTLM_USER_FILE.
        subjects: Common names of client certificates, and the account of each.
        hostname: Of the service principal, for Kerberos.
        service: Of the service principal, for Kerberos.
        channel_bindings: What a client's token must be bound to; None takes all.
        protocols: What Negotiate may come down to; ("kerberos",) as in most domains.
    """

    modes: tuple[str, ...] = ("anonymous",)
    accounts: Mapping[str, str] = field(default_factory=dict)
    subjects: Mapping[str, str] = field(default_factory=dict)
    hostname: str = "localhost"
    service: str = "HTTP"
    channel_bindings: Any = None
    protocols: tuple[str, ...] = ("kerberos", "ntlm")


@dataclass(frozen=True)
class Verdict:
    """What becomes of a request.

    Attributes:
        user: The account; None when it is not known yet, which is a 401.
        headers: Values of WWW-Authenticate that go with the answer.
    """

    user: str | None
    headers: tuple[str, ...] = ()


class Acceptor:
    """The authentication of one connection.

    Args:
        rules: Who may come in.
        certificate: The client's certificate as ``SSLSocket.getpeercert`` gives it.
    """

    def __init__(self, rules: Rules, certificate: Mapping[str, Any] | None = None) -> None:
        self._rules = rules
        self._certificate = certificate or {}
        self._user: str | None = None
        self._context: Any = None
        self._scheme = ""
        self.tokens = 0
        """How many tokens came in."""

    @property
    def offers(self) -> tuple[str, ...]:
        """Values of WWW-Authenticate."""
        known = {**SCHEMES, "basic": BASIC}
        return tuple(known[mode] for mode in self._rules.modes if mode in known)

    def examine(self, authorization: str) -> Verdict:
        """Decide on a request.

        Args:
            authorization: The header's value; may be empty.
        """
        scheme, _, value = authorization.partition(" ")
        if authorization == CERTIFICATE:
            return self._verdict(self._by_certificate())
        if scheme.casefold() == "basic" and "basic" in self._rules.modes:
            return self._verdict(self._by_password(value))
        if scheme.casefold() in SCHEMES and self._offered(scheme):
            return self._by_token(scheme, value)
        if self._user is None and "anonymous" in self._rules.modes:
            return Verdict("NT AUTHORITY\\ANONYMOUS LOGON")
        return self._verdict(self._user)

    def _offered(self, scheme: str) -> bool:
        return scheme.casefold() in self._rules.modes

    def _verdict(self, user: str | None) -> Verdict:
        return Verdict(user, () if user else self.offers)

    def _by_certificate(self) -> str | None:
        names = [
            value
            for group in self._certificate.get("subject", ())
            for key, value in group
            if key == "commonName"
        ]
        if "certificate" not in self._rules.modes or not names:
            return None
        return self._rules.subjects.get(names[-1])

    def _by_password(self, value: str) -> str | None:
        try:
            user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        known = self._rules.accounts.get(user)
        right = known is not None and hmac.compare_digest(known.encode(), password.encode())
        return user if right else None

    def _by_token(self, scheme: str, value: str) -> Verdict:
        self.tokens += 1
        try:
            answer = self._step(scheme.casefold(), base64.b64decode(value))
        except (SpnegoError, binascii.Error):
            self._context = None
            return Verdict(None, self.offers)
        name = SCHEMES[scheme.casefold()]
        # Also the last token, with the answer to the request itself.
        headers = (f"{name} {base64.b64encode(answer).decode()}",) if answer else ()
        if self._context.complete:
            self._user = self._context.client_principal
        return Verdict(self._user, headers)

    def _step(self, scheme: str, token: bytes) -> bytes | None:
        """Give a token to the context, and make one for the first."""
        if self._context is None or self._context.complete:
            protocol = _protocol(token)
            if scheme not in ("negotiate", protocol):
                raise InvalidTokenError(context_msg=f"{protocol} under the scheme {scheme}")
            self._user, self._scheme = None, scheme
            self._context = spnego.server(
                hostname=self._rules.hostname,
                service=self._rules.service,
                channel_bindings=self._rules.channel_bindings,
                protocol=protocol,
                options=spnego.NegotiateOptions.wrapping_winrm,
            )
        answer = self._context.step(token)
        if self._context.complete:
            protocol = self._context.negotiated_protocol
            if protocol not in self._rules.protocols:
                raise InvalidTokenError(context_msg=f"{protocol} is not wanted")
        return answer

    def unseal(self, body: bytes) -> bytes:
        """The message inside an encrypted body.

        Args:
            body: Of the content type multipart/encrypted.

        Raises:
            ValueError: It is not of the form that WinRM uses, or nobody is authenticated.
        """
        if self._context is None or not self._context.complete:
            raise ValueError("encrypted before authentication")
        end = f"--{BOUNDARY}--\r\n".encode()
        _, found, payload = body.partition(b"\tContent-Type: application/octet-stream\r\n")
        if not found or not payload.endswith(end):
            raise ValueError("not an encrypted message")
        payload = payload.removesuffix(end)
        length = struct.unpack("<i", payload[:4])[0]
        return self._context.unwrap_winrm(payload[4 : 4 + length], payload[4 + length :])

    def seal(self, message: bytes, *, space: bool) -> tuple[str, bytes]:
        """Encrypt a message.

        Args:
            message: The message.
            space: Exchange's quirk: a space before the boundary's name.

        Returns:
            The content type, and the body.
        """
        header, data, padding = self._context.wrap_winrm(message)
        protocol = PROTOCOLS["kerberos" if self._scheme == "kerberos" else "negotiate"]
        line = f"--{' ' if space else ''}{BOUNDARY}"
        head = "\r\n".join(
            (
                line,
                f"\tContent-Type: {protocol}",
                "\tOriginalContent: type=application/soap+xml;charset=UTF-8;"
                f"Length={len(message) + padding}",
                line,
                "\tContent-Type: application/octet-stream",
                "",
            )
        )
        body = head.encode() + struct.pack("<i", len(header)) + header + data
        kind = f'multipart/encrypted;protocol="{protocol}";boundary="{BOUNDARY}"'
        return kind, body + f"{line}--\r\n".encode()


def _protocol(token: bytes) -> str:
    """Which protocol a first token speaks: clients send bare ones under any scheme."""
    if token.startswith(b"NTLMSSP\0"):
        return "ntlm"
    return "negotiate" if SPNEGO_OID in token[:24] else "kerberos"
