"""PowerShell remoting's answers: bytes in, what a cmdlet returned out. No I/O.

Fragments and messages are MS-PSRP 2.2.4 and 2.2.1
(https://learn.microsoft.com/openspecs/windows_protocols/ms-psrp). pypsrp sends, but does not
decode: its deserialiser leaves lists as XML, fails on references, and reads a wrong boolean as
false. The decoder of the files is that of the wire.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.collect.clixml import MAX_VALUES, read_value
from auditor.collect.exported import Exported
from auditor.errors import AuditError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.model import Raw

_FRAGMENT: Final = struct.Struct(">QQBI")
_START, _END = 1, 2
_MESSAGE_HEADER: Final = 40
"""Destination, type, and the identifiers of pool and pipeline (MS-PSRP 2.2.1)."""
_TYPE: Final = struct.Struct("<I")

PIPELINE_OUTPUT: Final = 0x00041004
ERROR_RECORD: Final = 0x00041005
PIPELINE_STATE: Final = 0x00041006
WARNING_RECORD: Final = 0x00041009
PUBLIC_KEY_REQUEST: Final = 0x00010007
_COMPLETED: Final = 4
_ENDED: Final = {3: "was stopped", _COMPLETED: "completed", 5: "failed", 6: "was disconnected"}
"""States of a pipeline after which nothing comes (MS-PSRP 2.2.3.5)."""
MAX_BYTES: Final = 256 * 1024 * 1024
"""Of one cmdlet's answer, as of a file; a rich object has some 50 KB."""
_SOURCE: Final = "the server's answer"
_REFUSAL: Final = re.compile(
    r"access (?:is )?denied|AccessDenied|Unauthori[sz]ed|not authori[sz]ed"
    r"|sufficient (?:access )?(?:permission|right)",
    re.IGNORECASE,
)
"""What says that the account may not; not every failure that speaks of access."""


class BrokenStreamError(Exception):
    """What the server sent is not what the protocol says; the text says how."""


class TooMuchError(Exception):
    """One cmdlet's answer is beyond all bounds; the text says of what there is too much."""


class Message(NamedTuple):
    """One message: its type, and its body in CLIXML."""

    kind: int
    body: str


class Defragmenter:
    """Puts messages together from fragments, however they were cut."""

    def __init__(self) -> None:
        self._open: dict[int, tuple[int, list[bytes]]] = {}
        self._size = 0

    @property
    def empty(self) -> bool:
        """Whether no message has begun that has not ended."""
        return not self._open

    def feed(self, data: bytes) -> Iterator[Message]:
        """The messages that are whole with this data.

        Raises:
            BrokenStreamError: a fragment is cut, missing, or not one.
            TooMuchError: it is too long.
        """
        self._size += len(data)
        if self._size > MAX_BYTES:
            raise TooMuchError(f"more than {MAX_BYTES // (1 << 20)} MiB")
        position = 0
        while position < len(data):
            if len(data) - position < _FRAGMENT.size:
                raise BrokenStreamError("a fragment is cut off")
            stream, number, flags, length = _FRAGMENT.unpack_from(data, position)
            position += _FRAGMENT.size
            part = data[position : position + length]
            if len(part) < length:
                raise BrokenStreamError("a fragment is cut off")
            position += length
            whole = self._add(stream, number, flags, part)
            if whole is not None:
                yield _message(whole)

    def _add(self, stream: int, number: int, flags: int, part: bytes) -> bytes | None:
        """The message that this fragment completes, or None."""
        expected, parts = self._open.pop(stream, (0, []))
        if number != expected or bool(flags & _START) != (number == 0):
            raise BrokenStreamError("a fragment is missing")
        parts.append(part)
        if flags & _END:
            return b"".join(parts)
        self._open[stream] = (number + 1, parts)
        return None


def _message(data: bytes) -> Message:
    if len(data) < _MESSAGE_HEADER:
        raise BrokenStreamError("a message is shorter than its header")
    (kind,) = _TYPE.unpack_from(data, 4)
    try:
        return Message(kind, data[_MESSAGE_HEADER:].decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BrokenStreamError("a message is not UTF-8") from error


class Problem(NamedTuple):
    """An error of PowerShell: what it says, and its identifier (``CommandNotFoundException``)."""

    text: str
    identifier: str

    @property
    def is_refusal(self) -> bool:
        """Whether the account may not, rather than that something went wrong."""
        said = f"{self.text} {self.identifier}"
        return self.is_unknown_command or _REFUSAL.search(said) is not None

    @property
    def is_unknown_command(self) -> bool:
        """Whether there is no such cmdlet for this account: role-based access hides it."""
        return "CommandNotFoundException" in self.identifier


@dataclass(slots=True)
class Answer:
    """What one cmdlet returned.

    Attributes:
        objects: in the order in which they came.
        problems: of the error stream; non-terminating ones come also where all seems well.
        warnings: texts.
        failure: what ended the cmdlet before its time.
        ended: whether the server said that nothing more comes.
    """

    objects: list[Exported] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    failure: Problem | None = None
    ended: bool = False
    _weight: int = 0

    @property
    def trouble(self) -> tuple[Problem, ...]:
        """Everything that went wrong, the worst first."""
        return ((self.failure,) if self.failure else ()) + tuple(self.problems)

    def hand_over(self) -> list[Exported]:
        """The objects that have come; they are somebody else's now, and weigh nothing here."""
        taken, self.objects, self._weight = self.objects, [], 0
        return taken

    def add(self, message: Message) -> None:
        """Take in one message; those of other kinds (progress, host calls) say nothing here.

        An object that cannot be read is a problem of the cmdlet's.

        Raises:
            BrokenStreamError: whether the cmdlet has ended cannot be read.
            TooMuchError: it holds too much.
        """
        taken = _TAKEN.get(message.kind)
        if taken is None:
            return
        try:
            value, type_name, weight = read_value(message.body, _SOURCE)
        except AuditError as error:
            if message.kind == PIPELINE_STATE:
                raise BrokenStreamError(error.message) from error
            # The stream is sound: what cannot be read is this cmdlet's trouble only.
            self._add_unreadable(error.message)
            return
        self._weight += weight
        if self._weight > MAX_VALUES:
            raise TooMuchError(f"more than {MAX_VALUES:,} values")
        taken(self, value, type_name)

    def _add_unreadable(self, why: str) -> None:
        self.problems.append(Problem(f"a part of what it returned cannot be read: {why}", ""))

    def _add_output(self, value: Raw, type_name: str | None) -> None:
        if isinstance(value, list):
            # A cmdlet that writes a whole array as one object.
            for item in value:
                self._add_output(item, None)
        elif isinstance(value, dict):
            value.pop("ToString", None)
            self.objects.append(Exported(value, type_name))
        elif value is not None:
            self._add_unreadable("plain text or numbers stand where objects belong")

    def _add_problem(self, value: Raw, _: str | None) -> None:
        self.problems.append(_problem(value))

    def _add_warning(self, value: Raw, _: str | None) -> None:
        self.warnings.append(_said(value, "InformationalRecord_Message"))

    def _set_state(self, value: Raw, _: str | None) -> None:
        state = value.get("PipelineState") if isinstance(value, dict) else None
        if state not in _ENDED:
            return
        self.ended = True
        if state != _COMPLETED:
            record = value.get("ExceptionAsErrorRecord") if isinstance(value, dict) else None
            said = _problem(record) if record is not None else Problem("", "")
            text = said.text or f"the cmdlet {_ENDED[state]}, and the server does not say why"
            self.failure = Problem(text, said.identifier)


_TAKEN: Final = {
    PIPELINE_OUTPUT: Answer._add_output,
    ERROR_RECORD: Answer._add_problem,
    WARNING_RECORD: Answer._add_warning,
    PIPELINE_STATE: Answer._set_state,
}


def _problem(value: Raw) -> Problem:
    """An error record (MS-PSRP 2.2.3.15) in words."""
    identifier = value.get("FullyQualifiedErrorId") if isinstance(value, dict) else None
    return Problem(_said(value, "Exception"), identifier if isinstance(identifier, str) else "")


def _said(value: Raw, inner: str) -> str:
    """What an object prints as, or what a part of it does; in one line."""
    while isinstance(value, dict):
        value = value.get("ToString") or value.get("Message") or value.get(inner)
    return " ".join(value.split()) if isinstance(value, str) else ""
