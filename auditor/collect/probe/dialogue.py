"""One SMTP session, step by step, that never sends a message: no DATA is ever written here.

Source: RFC 5321 (replies, QUIT), RFC 3207 (STARTTLS). ``smtplib`` writes commands and reads
replies; ``wire`` bounds what it reads. QUIT is sent whatever came before, where there is a session
to end: not in a TLS handshake that failed.
"""

from __future__ import annotations

import errno
import smtplib
import socket
import time
from functools import partial
from typing import TYPE_CHECKING, Final, cast

from auditor.collect.live.deadline import Deadline
from auditor.collect.probe.tls import Encrypted, TlsError
from auditor.collect.probe.wire import Plain, TimeIsOverError, TooMuchError, Wire
from auditor.model import EXPECTED, Attempt, Failure, Reply, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from auditor.model import Encryption, Relay, StepName

_PARTING: Final = 2.0
"""Seconds for QUIT, also where the time for all else is over."""
_UNREACHABLE: Final = frozenset(
    {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, 10051, 10065}
)


class _StopError(Exception):
    """The session does not go on; what happened is written down."""


class _UnaskedError(Exception):
    """The server says something before it is asked."""


class Dialogue:
    """A connection to one address of a smart host."""

    def __init__(
        self,
        host: str,
        address: str,
        port: int,
        ehlo: str | None,
        authorities: Sequence[Path],
        deadline: Deadline,
    ) -> None:
        """A connection that is yet to be made.

        Args:
            host: the smart host, a name or an address.
            address: one of its addresses.
            port: of TCP.
            ehlo: the name to give; None: this machine's address in the connection.
            authorities: files of authorities that are trusted beside Mozilla's.
            deadline: when all of it ends.
        """
        self._host, self._address, self._port = host, address, port
        self._ehlo, self._authorities, self._deadline = ehlo, authorities, deadline
        self._steps: list[Step] = []
        self._local: str | None = None
        self._encryption: Encryption | None = None
        self._wire: Wire | None = None
        self._client = smtplib.SMTP(local_hostname=ehlo or "localhost")

    def run(self, relay: Relay | None) -> Attempt:
        """All steps, as far as they go.

        Args:
            relay: whose mail for whom the host is asked to take; None: nobody's.
        """
        try:
            self._timed("connect", self._connect)
            self._converse(relay)
        except _StopError:
            pass
        finally:
            self._part()
        return Attempt(self._address, self._local, tuple(self._steps), self._encryption)

    def _converse(self, relay: Relay | None) -> None:
        client = self._client
        self._say("greeting", client.getreply)
        self._say("ehlo", self._greet)
        if not client.has_extn("starttls"):
            return
        self._say("starttls", lambda: client.docmd("STARTTLS"))
        self._timed("tls", self._encrypt)
        self._say("ehlo-tls", self._greet)
        right = self._encryption
        if relay is None or right is None or right.untrusted or not right.name_matches:
            # Whoever is there may be somebody else: no address is given to them.
            return
        try:
            self._say("mail", lambda: client.docmd("MAIL", f"FROM:<{relay.sender}>"))
            self._say("rcpt", lambda: client.docmd("RCPT", f"TO:<{relay.recipient}>"))
        finally:
            if self._steps[-1].failure is None:
                self._say("rset", lambda: client.docmd("RSET"))

    def _greet(self) -> tuple[int, bytes]:
        return self._client.ehlo(self._ehlo or f"[{_literal(self._local or '127.0.0.1')}]")

    def _connect(self) -> None:
        left = self._deadline.left
        if not left:
            raise TimeIsOverError
        raw = socket.create_connection((self._address, self._port), timeout=left)
        self._local = raw.getsockname()[0]
        self._wire = Wire(Plain(raw, self._deadline))
        self._client.sock = cast("socket.socket", self._wire)

    def _encrypt(self) -> None:
        assert self._wire is not None  # noqa: S101 - connected
        encrypted = Encrypted(self._wire.plain, self._host)
        self._wire.encrypted_by(encrypted)
        self._client.file = None
        self._encryption = encrypted.seen(self._host, self._authorities)

    def _say(self, name: StepName, call: Callable[[], tuple[int, bytes]]) -> None:
        """A command and its reply; the next one is said only if it was the right one."""
        reply = self._timed(
            name, call if name == "greeting" else partial(self._unless_unasked, call)
        )
        if reply is not None and reply.code not in EXPECTED.get(name, {reply.code}):
            raise _StopError

    def _unless_unasked(self, call: Callable[[], tuple[int, bytes]]) -> tuple[int, bytes]:
        if self._wire is not None and self._wire.talks_unasked():
            raise _UnaskedError
        return call()

    def _timed(self, name: StepName, call: Callable[[], tuple[int, bytes] | None]) -> Reply | None:
        began = time.monotonic()
        reply, failure = None, None
        try:
            said = call()
            reply = _reply(said) if said is not None else None
            if said is not None and reply is None:
                failure = Failure("garbled", _text(said[1])[:200])
        except Exception as error:
            failure = _failure_of(error)
            if failure is None:
                raise
            if self._deadline.was_ended:
                failure = Failure("stopped")
        self._steps.append(Step(name, time.monotonic() - began, reply, failure))
        if failure is not None:
            raise _StopError
        return reply

    def _part(self) -> None:
        """QUIT, and the end; whatever comes of it changes nothing."""
        wire = self._wire
        if wire is None:
            return
        last = self._steps[-1]
        wire.plain.deadline = Deadline(min(_PARTING, max(self._deadline.left, 1.0)))
        began = time.monotonic()
        try:
            if not (last.name == "tls" and last.failure):
                self._client.sock = cast("socket.socket", wire)
                reply = self._leave(last)
                self._steps.append(Step("quit", time.monotonic() - began, reply))
        except Exception as error:
            failure = _failure_of(error) or Failure("closed", str(error))
            self._steps.append(Step("quit", time.monotonic() - began, None, failure))
        finally:
            wire.plain.raw.close()

    def _leave(self, last: Step) -> Reply | None:
        """Who keeps to the rules is waited for; to the others QUIT is only sent."""
        self._client.putcmd("QUIT")
        return _reply(self._client.getreply()) if last.failure is None else None


def _reply(said: tuple[int, bytes]) -> Reply | None:
    """A reply; None where it is none."""
    code, text = said
    return Reply(code, tuple(_text(text).split("\n"))) if 200 <= code <= 599 else None


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")


def _literal(address: str) -> str:
    """An address as EHLO wants it (RFC 5321, section 4.1.3)."""
    return f"IPv6:{address}" if ":" in address else address


def _failure_of(error: Exception) -> Failure | None:
    """What went wrong, in our words; None for a fault of this program."""
    match error:
        case TimeIsOverError() | TimeoutError():
            return Failure("no-answer")
        case TooMuchError():
            return Failure("too-long")
        case _UnaskedError():
            return Failure("unasked")
        case TlsError():
            return Failure("tls", str(error))
        case smtplib.SMTPResponseException():
            return Failure("too-long")
        case smtplib.SMTPServerDisconnected() | ConnectionResetError() | BrokenPipeError():
            return Failure("closed")
        case ConnectionRefusedError():
            return Failure("refused")
        case OSError() if error.errno in _UNREACHABLE:
            return Failure("unreachable", error.strerror or "")
        case OSError():
            return Failure("closed", error.strerror or str(error))
    return None
