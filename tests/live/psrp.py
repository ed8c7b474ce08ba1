"""The server's half of PSRP: runspace pools in no-language mode that answer cmdlets."""

from __future__ import annotations

import fnmatch
import struct
import threading
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from psrpcore import (
    CreatePipelineEvent,
    GetAvailableRunspacesEvent,
    GetCommandMetadataEvent,
    PSRPPayload,
    PublicKeyEvent,
    ResetRunspaceStateEvent,
    ServerPipeline,
    ServerRunspacePool,
    SetMaxRunspacesEvent,
    SetMinRunspacesEvent,
    StreamType,
)
from psrpcore._payload import create_fragment, create_message
from psrpcore.types import (
    PSInvocationState,
    PSRPMessageType,
    RunspacePoolState,
)

from tests.live.answers import (
    Answer,
    Problem,
    RefusedError,
    bind,
    count_object,
    errors_shown,
    followed,
    follower,
    metadata_object,
    no_language,
    unknown_cmdlet,
)

__all__ = ["FRAGMENT", "Answer", "Pipeline", "Problem", "Shell"]

FRAGMENT = 32 * 1024
"""The most data that a server puts into a fragment."""


@dataclass
class _Outgoing:
    """A message on its way, and how much of it is gone."""

    number: int
    data: bytes
    position: int = 0
    fragment: int = 0


@dataclass
class Pipeline:
    """A command of a session.

    Attributes:
        cmdlet: The name of its first command; None until it is known, and for metadata.
        ready: It was run; what is in its queue is all that it gives.
    """

    server: ServerPipeline
    cmdlet: str | None = None
    event: CreatePipelineEvent | GetCommandMetadataEvent | None = None
    ready: bool = False
    outgoing: deque[_Outgoing] = field(default_factory=deque)
    lose_fragment: bool = False


class Shell:
    """One session: a runspace pool and its pipelines.

    Args:
        shell_id: The id of the shell.
        owner: The account.
        organization: What the cmdlets answer, by name.
        fragment_size: The most data in a fragment.
    """

    def __init__(
        self,
        shell_id: str,
        owner: str,
        organization: Mapping[str, Answer],
        fragment_size: int = FRAGMENT,
    ) -> None:
        self.shell_id = shell_id
        self.owner = owner
        self.lock = threading.RLock()
        self.calls: list[tuple[str, dict[str, Any]]] = []
        """Cmdlets that were run and their parameters."""
        self._organization = {name.casefold(): (name, a) for name, a in organization.items()}
        self._fragment_size = fragment_size
        self._pool = ServerRunspacePool()
        self._pipelines: dict[str, Pipeline] = {}
        self._outgoing: deque[_Outgoing] = deque()
        self._has_key = False

    def open(self, data: bytes, broken: str | None = None) -> None:
        """Open the pool.

        Args:
            data: The fragments of creationXml.
            broken: The pool is broken, for this reason.
        """
        self._receive(data)
        if broken is not None:
            # The message that says "opened" is the last one.
            self._pool._send_buffer.pop()
            problem = Problem(broken, "PSRemotingTransportException", "OpenError")
            self._pool._change_state(RunspacePoolState.Broken, problem.record())
        self._collect()

    def pipeline(self, command_id: str) -> Pipeline | None:
        """The pipeline of a command; None when there is none."""
        return self._pipelines.get(command_id.upper())

    def command(self, command_id: str, data: bytes) -> tuple[str, Pipeline]:
        """Take a command in, without running it.

        Args:
            command_id: The client's id; empty when it leaves the choice to the server.
            data: The first fragments of its message.
        """
        command_id = command_id.upper() or str(uuid.UUID(bytes_le=data[45:61])).upper()
        pipeline = Pipeline(ServerPipeline(self._pool, uuid.UUID(command_id)))
        self._pipelines[command_id] = pipeline
        self._receive(data)
        self._collect()
        return command_id, pipeline

    def send(self, data: bytes) -> list[Pipeline]:
        """Take more fragments in; the pipelines that are whole by now and not run."""
        self._receive(data)
        self._collect()
        return [p for p in self._pipelines.values() if p.event is not None and not p.ready]

    def end(self, command_id: str) -> None:
        """Forget a command."""
        pipeline = self._pipelines.pop(command_id.upper(), None)
        if pipeline is not None:
            self._pool.pipeline_table.pop(pipeline.server.pipeline_id, None)

    def run(self, pipeline: Pipeline) -> None:
        """Run a pipeline: everything that it gives stands ready afterwards, unless a key lacks."""
        if self._waits(pipeline):
            self._pool.request_key()
            self._collect()
            return
        # A server does not announce that it starts.
        pipeline.server._change_state(PSInvocationState.Running, emit=False)
        failure = None
        try:
            if isinstance(pipeline.event, GetCommandMetadataEvent):
                self._describe(pipeline.server, pipeline.event.pipeline.name)
            elif pipeline.event is not None:
                self._invoke(pipeline.server, pipeline.event.pipeline.commands)
        except RefusedError as refusal:
            failure = refusal.problem.record()
        state = PSInvocationState.Failed if failure else PSInvocationState.Completed
        pipeline.server._change_state(state, failure)
        pipeline.ready = True
        self._collect()

    def _waits(self, pipeline: Pipeline) -> bool:
        """Whether the answer can be written only with the client's key, which is not there."""
        _, answer = self._organization.get((pipeline.cmdlet or "").casefold(), ("", None))
        return answer is not None and answer.wants_key and not self._has_key

    def lose_message(self, pipeline: Pipeline) -> None:
        """Drop the middle one of the pipeline's objects."""
        kind = struct.pack("<I", PSRPMessageType.PipelineOutput)
        outputs = [message for message in pipeline.outgoing if message.data[4:8] == kind]
        if outputs:
            pipeline.outgoing.remove(outputs[len(outputs) // 2])

    def lose_state(self, pipeline: Pipeline) -> None:
        """Drop the pipeline's last message, its state."""
        pipeline.outgoing.pop()

    def fetch(self, command_id: str, room: int, cost: Any) -> tuple[list[bytes], bool]:
        """Fragments that stand ready.

        Args:
            command_id: Of which command; empty for the pool's own.
            room: How many bytes they may take.
            cost: How many bytes a fragment of some size takes.

        Returns:
            The fragments, and whether there are no more.
        """
        pipeline = self.pipeline(command_id) if command_id else None
        queue = pipeline.outgoing if pipeline else self._outgoing
        size = min(self._fragment_size, (room - cost(0)) // 4 * 3 - 64)
        if pipeline and pipeline.lose_fragment and queue:
            size = min(size, max(len(message.data) for message in queue) // 4)
        found: list[bytes] = []
        while queue:
            message = queue[0]
            data = message.data[message.position : message.position + size]
            room -= cost(len(data) + 21)
            if room < 0 and found:
                break
            last = message.position + len(data) >= len(message.data)
            if pipeline and pipeline.lose_fragment and message.fragment and not last:
                pipeline.lose_fragment = False
            else:
                found.append(create_fragment(message.number, message.fragment, data, last))
            message.position += len(data)
            message.fragment += 1
            if last:
                queue.popleft()
        return found, not queue and pipeline is not None and pipeline.ready

    def _receive(self, data: bytes) -> None:
        """Give fragments to psrpcore, and answer at once what needs no pipeline."""
        self._pool.receive_data(PSRPPayload(data, StreamType.default, None))
        while (event := self._pool.next_event()) is not None:
            if isinstance(event, CreatePipelineEvent | GetCommandMetadataEvent):
                pipeline = self._pipelines[str(event.pipeline_id).upper()]
                pipeline.event = event
                if isinstance(event, CreatePipelineEvent):
                    pipeline.cmdlet = event.pipeline.commands[0].command_text
            elif isinstance(event, PublicKeyEvent):
                self._has_key = True
            elif isinstance(event, GetAvailableRunspacesEvent):
                self._pool.runspace_availability_response(event.ci, 1)
            elif isinstance(
                event, SetMaxRunspacesEvent | SetMinRunspacesEvent | ResetRunspaceStateEvent
            ):
                self._pool.runspace_availability_response(event.ci, True)

    def _collect(self) -> None:
        """Move psrpcore's messages into the queues that fragments are cut from."""
        for message in self._pool._send_buffer:
            pipeline = message.pipeline_id and self.pipeline(str(message.pipeline_id))
            queue = pipeline.outgoing if pipeline else self._outgoing
            queue.append(_Outgoing(message.object_id, message.data))
        self._pool._send_buffer.clear()

    def _write_raw(self, server: ServerPipeline, text: str) -> None:
        """An object as it stands: psrpcore would write it in its own way."""
        self._collect()
        data = create_message(
            False,
            PSRPMessageType.PipelineOutput,
            text.encode("utf-8", "surrogatepass"),
            self._pool.runspace_pool_id,
            server.pipeline_id,
        )
        pipeline = self._pipelines[str(server.pipeline_id).upper()]
        pipeline.outgoing.append(_Outgoing(self._pool._fragment_counter, data))

    def _describe(self, server: ServerPipeline, patterns: Sequence[str]) -> None:
        """Answer which of the permitted cmdlets some patterns name."""
        found = [
            (name, answer)
            for key, (name, answer) in sorted(self._organization.items())
            if any(fnmatch.fnmatchcase(key, pattern.casefold()) for pattern in patterns)
        ]
        count = "Selected.Microsoft.PowerShell.Commands.GenericMeasureInfo"
        self._write_raw(server, count_object(len(found), count))
        for name, answer in found:
            self._write_raw(server, metadata_object(name, answer.parameters))

    def _invoke(self, server: ServerPipeline, commands: Sequence[Any]) -> None:
        if any(command.is_script for command in commands):
            raise RefusedError(no_language())
        first, *rest = commands
        if first.command_text.casefold() not in self._organization:
            raise RefusedError(unknown_cmdlet(first.command_text))
        name, answer = self._organization[first.command_text.casefold()]
        parameters = bind(name, first.parameters, answer.parameters)
        followers = [follower(command) for command in rest]
        self.calls.append((name, parameters))
        for warning in answer.warnings:
            server.write_warning(warning)
        for text in followed(answer.objects, followers):
            self._write_raw(server, text)
        for problem in errors_shown(answer, parameters):
            record = problem.record()
            server.write_error(
                record.Exception,
                record.CategoryInfo,
                fully_qualified_error_id=record.FullyQualifiedErrorId,
            )
        if answer.fails:
            raise RefusedError(answer.fails)
