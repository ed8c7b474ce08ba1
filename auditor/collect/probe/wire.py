"""A connection that ends in time, and that no server can fill.

``smtplib`` reads and writes it as it does a socket. A server may send a byte now and then for ever,
or lines without an end: every read is bounded by the time that is left for all, and by what a mail
server may say at the most.
"""

from __future__ import annotations

import select
import socket
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from auditor.collect.live.deadline import Deadline

MOST_BYTES: Final = 256 * 1024
"""So much may a server say in a whole connection: EHLO's reply is seldom over 1 KB."""
_GLANCE: Final = 0.2
"""Seconds between looks at whether somebody wants all of it to end."""
_CHUNK: Final = 4096


class TimeIsOverError(Exception):
    """What was waited for did not come in time."""


class TooMuchError(Exception):
    """The server says more than a mail server may."""


class ByteStream(Protocol):
    """Bytes both ways, before TLS and in it."""

    def receive(self) -> bytes:
        """Some bytes; none at the end."""
        ...

    def send(self, data: bytes) -> None:
        """All of the bytes."""
        ...


class Plain:
    """A socket, each of whose calls ends with the deadline."""

    def __init__(self, raw: socket.socket, deadline: Deadline) -> None:
        self.raw = raw
        self.deadline = deadline

    def receive(self) -> bytes:
        """Some bytes; none at the end.

        Raises:
            TimeIsOverError: none came in time.
            OSError: the connection broke.
        """
        while left := self.deadline.left:
            self.raw.settimeout(min(_GLANCE, left))
            try:
                return self.raw.recv(_CHUNK)
            except TimeoutError:
                continue
        raise TimeIsOverError

    def send(self, data: bytes) -> None:
        """All of the bytes.

        Raises:
            TimeIsOverError: they were not taken in time.
            OSError: the connection broke.
        """
        self.raw.settimeout(max(_GLANCE, self.deadline.left))
        try:
            self.raw.sendall(data)
        except TimeoutError as error:
            raise TimeIsOverError from error

    def has_more(self) -> bool:
        """Whether bytes are waiting."""
        return bool(select.select([self.raw], [], [], 0)[0])


class Wire:
    """What ``smtplib`` takes for a socket and for the file that it reads replies from."""

    def __init__(self, plain: Plain) -> None:
        self.plain = plain
        self.stream: ByteStream = plain
        self._unread = b""
        self._heard = 0

    def encrypted_by(self, stream: ByteStream) -> None:
        """From now on bytes go through this stream."""
        self.stream = stream

    def makefile(self, _mode: str) -> Wire:
        """Itself: what is read is read from here."""
        return self

    def readline(self, most: int) -> bytes:
        """A line with its end, or so many bytes of it; less at the end of all.

        Raises:
            TooMuchError: the server has said too much.
            TimeIsOverError: no line came in time.
            OSError: the connection broke.
        """
        while b"\n" not in self._unread[:most] and len(self._unread) < most:
            data = self._more()
            if not data:
                break
            self._unread += data
        end = self._unread.find(b"\n", 0, most) + 1 or min(most, len(self._unread))
        line, self._unread = self._unread[:end], self._unread[end:]
        return line

    def _more(self) -> bytes:
        data = self.stream.receive()
        self._heard += len(data)
        if self._heard > MOST_BYTES:
            raise TooMuchError
        return data

    def talks_unasked(self) -> bool:
        """Whether there is something to read although nothing was asked.

        The end of the connection is no talk.
        """
        if not self._unread and self.stream is self.plain and self.plain.has_more():
            self._unread = self._more()
        return bool(self._unread)

    def sendall(self, data: bytes) -> None:
        """All of the bytes; raises as ``Plain.send`` does."""
        self.stream.send(data)

    def close(self) -> None:
        """Nothing: ``smtplib`` closes after an error, and QUIT is still to be sent."""
