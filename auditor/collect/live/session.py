"""One session on a PowerShell endpoint: opened, asked cmdlet by cmdlet, closed on every path."""

from __future__ import annotations

import warnings
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeAlias
from xml.etree.ElementTree import Element

from pypsrp.exceptions import WSManFaultError
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import SelectorSet

from auditor.collect.live.deadline import Deadline, TooLateError
from auditor.collect.live.psrp import (
    PUBLIC_KEY_REQUEST,
    Answer,
    BrokenStreamError,
    Defragmenter,
)
from auditor.collect.live.transport import connect
from auditor.errors import shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType

    from auditor.collect.cmdlets import Cmdlet
    from auditor.collect.exported import Exported
    from auditor.collect.live.endpoint import Target

CONFIGURATION: Final = "Microsoft.Exchange"
_NOTHING_YET: Final = 2150858793
"""The server's word for "no output within the operation's time": ask again."""
_DONE: Final = "/Done"
_NOTHING_SECONDS: Final = 0.05
_AT_ONCE: Final = 500
_FAREWELL_SECONDS: Final = 3.0
"""What closing may take: less than whoever stops this job will wait."""


Argument: TypeAlias = str | datetime | tuple[str, ...]
"""The value of a parameter: a text, a moment with its zone, or several texts."""


class RemoteSession:
    """A session of the configuration ``Microsoft.Exchange``; a context manager.

    Args:
        target: whom to ask, and as whom.
        deadline: of all the work.
        farewell: of closing, which begins when the work is over.
    """

    def __init__(self, target: Target, deadline: Deadline, farewell: Deadline) -> None:
        self._target = target
        self._farewell = farewell
        self._wsman, self._transport = connect(target, deadline)
        self._pool = RunspacePool(self._wsman, configuration_name=CONFIGURATION)

    @property
    def account(self) -> str | None:
        """Who asks, as the server says."""
        owner = self._pool.shell.owner
        return shortened(owner.strip(), quoted=False) if owner and owner.strip() else None

    @property
    def in_clear(self) -> bool:
        """Whether the server answered encrypted requests without encryption."""
        return self._transport.in_clear

    def __enter__(self) -> RemoteSession:
        try:
            with warnings.catch_warnings():
                # pypsrp turns what a server warns of at the start into warnings of Python.
                warnings.simplefilter("ignore")
                self._pool.open()
        except BaseException as error:
            # Where nobody was let in there is no session; to try again could lock the account.
            if self._transport.was_heard or not isinstance(error, Exception):
                self._close(broken=True)
            else:
                self._wsman.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close(broken=error is not None)

    def run(
        self,
        cmdlet: Cmdlet,
        parameters: Mapping[str, Argument],
        take: Callable[[list[Exported]], None] | None = None,
    ) -> Answer:
        """What a cmdlet returns for all objects.

        Args:
            cmdlet: the one.
            parameters: their values by name.
            take: gets objects before the end, where there may be more than memory should hold;
                these are not in what is returned.

        Raises:
            BrokenStreamError: the answer ends too early or cannot be read.
            Exception: what pypsrp and its libraries raise.
        """
        pipeline = PowerShell(self._pool)
        pipeline.add_cmdlet(cmdlet.name)
        for name, value in parameters.items():
            pipeline.add_parameter(name, _serialised(value))
        # Without the invocation's details: an error is known by what it says.
        pipeline.begin_invoke(remote_stream_options=0)
        answer, stream = Answer(), Defragmenter()
        while not answer.ended:
            state, data = self._receive(pipeline.id)
            for message in stream.feed(data):
                if not self._transport.deadline.left:
                    raise TooLateError
                answer.add(message)
                if take is not None and len(answer.objects) >= _AT_ONCE:
                    take(answer.hand_over())
            if not data:
                # A server that says nothing at once must not keep us busy.
                self._transport.deadline.pause(_NOTHING_SECONDS)
            if state.endswith(_DONE) and not answer.ended:
                raise BrokenStreamError("it ends before the cmdlet does")
        if not stream.empty:
            raise BrokenStreamError("it ends in the middle of an object")
        # No signal to terminate: it has ended, and closing the session lets go of all at once.
        return answer

    def _receive(self, pipeline_id: str) -> tuple[str, bytes]:
        """The state of a command, and what it has written since it was last asked."""
        try:
            state, _, streams = self._pool.shell.receive("stdout", command_id=pipeline_id)
        except WSManFaultError as error:
            if error.code != _NOTHING_YET:
                raise
            self._answer_the_pool()
            return "", b""
        return state, streams["stdout"]

    def _answer_the_pool(self) -> None:
        """Give the key that a server waits for before it writes an object with a password in it.

        It asks for the key beside the output (MS-PSRP 3.1.5.4.3), so only a server that keeps us
        waiting is looked after. What the key protects is dropped by the decoder.
        """
        try:
            _, _, streams = self._pool.shell.receive("stdout", timeout=1)
        except WSManFaultError as error:
            if error.code != _NOTHING_YET:
                raise
            return
        for message in Defragmenter().feed(streams["stdout"]):
            if message.kind == PUBLIC_KEY_REQUEST:
                self._pool.exchange_keys()

    def allowed(self, cmdlets: Iterable[Cmdlet]) -> set[str]:
        """Which of these cmdlets the account may run; none is run (MS-PSRP 2.2.2.14)."""
        found = self._pool.get_command_metadata([cmdlet.name for cmdlet in cmdlets])
        return {str(command.name) for command in found}

    def _close(self, *, broken: bool) -> None:
        """Close the session, whatever happened before; sessions of a user are few."""
        wsman = self._wsman
        farewell = Deadline(min(self._farewell.left, _FAREWELL_SECONDS))
        with suppress(Exception):
            if broken:
                # The old connection may be gone, or in the middle of an answer.
                wsman.close()
                wsman, _ = connect(self._target, farewell)
            self._transport.deadline = farewell
            selectors = SelectorSet()
            selectors.add_option("ShellId", self._pool.shell.id or self._pool.id)
            wsman.delete(self._pool.shell.resource_uri, selector_set=selectors)
        with suppress(Exception):
            wsman.close()


def _serialised(value: Argument) -> str | list[str] | Element:
    """A value as pypsrp sends it; a moment as a DateTime of .NET, in UTC.

    As text it would be read by the culture and in the time zone of the server: Microsoft's page on
    Search-AdminAuditLog wants "the short date format that's defined in the Regional Options
    settings", or a DateTime of ``ToUniversalTime()``. On the wire a DateTime is an xs:dateTime,
    which knows no culture (MS-PSRP 2.2.5.1.4), and the ``Z`` keeps its kind. pypsrp 0.9 knows the
    element but writes nothing for it, so it is made here.
    """
    if isinstance(value, tuple):
        return list(value)
    if not isinstance(value, datetime):
        return value
    element = Element("DT")
    element.text = value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    return element
