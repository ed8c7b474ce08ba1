"""An endpoint on loopback that imitates Exchange's ``/PowerShell/``: no mock, real PSRP.

WS-Management over HTTP/1.1 around psrpcore's server half, for a real pypsrp client::

    from tests.live.endpoint import Endpoint
    from tests.live.faults import FOREVER, Fault
    from tests.live.objects import organization
    from tests.live.psrp import Answer, Problem

    with Endpoint(organization()) as endpoint:
        endpoint.faults.append(Fault("status", action="Receive", status=503))
        ...                          # a client at endpoint.url, or localhost and endpoint.port
        endpoint.requests            # what was asked: action, cmdlet, shell id, user
        endpoint.parameters          # {"Get-SendConnector": [{"DomainController": "DC01"}]}
        endpoint.sessions            # ids of shells that are open; none should be left

In tests the fixture ``endpoint`` makes it, stops it, and fails the test that leaves a session::

    def test_something(endpoint):
        server = endpoint(organization(), modes=("basic",), accounts={"reader": "secret"})
        client = WSMan("localhost", port=server.port, path="PowerShell/", ssl=False,
                       auth="basic", encryption="never", username=..., password=...)

Cmdlets answer what the mapping of names to ``Answer`` says, CLIXML byte for byte; a cmdlet that
is not in it is not recognised. ``endpoint.organization`` may be replaced between sessions.

Without ``modes`` anyone comes in: pypsrp then needs some authentication that asks for nothing,
``auth="basic"`` with any name. Modes for NTLM need the file that NTLM_USER_FILE names (the
fixture writes it from ``accounts``), those for Kerberos a keytab that KRB5_KTNAME names.
"""

from __future__ import annotations

import random
import ssl
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.live import wsman
from tests.live.acceptor import Rules
from tests.live.faults import INSTEAD, TO_ANSWER, TO_OUTPUT, Fault, Faults
from tests.live.httpd import Server
from tests.live.psrp import FRAGMENT, Answer, Pipeline, Shell
from tests.live.replies import HangupError, Reply, fault_reply, instead, quota, spoil, timed_out

MAX_SESSIONS = 18


@dataclass(frozen=True)
class Logged:
    """A request of somebody who is authenticated."""

    action: str
    cmdlet: str | None
    shell_id: str
    user: str


class WSManFaultError(Exception):
    """A request that is answered with a fault."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


class Endpoint:
    """The endpoint.

    Args:
        organization: What the cmdlets answer, by name.
        modes: How clients may authenticate; see ``Rules``.
        accounts: Passwords by user.
        tls: For https; with client certificates, a context that asks for them.
        subjects: Accounts by common name of the client's certificate.
        hostname: Of the service principal, for Kerberos.
        service: Of the service principal, for Kerberos.
        channel_bindings: What tokens must be bound to.
        protocols: What Negotiate may come down to: "kerberos", "ntlm".
        max_sessions: Of one account.
        fragment_size: The most data in a PSRP fragment.
        require_encryption: Bodies that are not encrypted are refused.
        refuse_encryption: The status that encrypted bodies get; 0 takes them.
        space_in_boundary: Exchange's quirk in encrypted answers.
        answers_in_clear: Encrypted requests get answers that are not; a text is the type that
            they say they have.
        own_shell_ids: The server chooses the ids of shells, as old ones do.
    """

    def __init__(
        self,
        organization: Mapping[str, Answer] | None = None,
        *,
        modes: tuple[str, ...] = ("anonymous",),
        accounts: Mapping[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        subjects: Mapping[str, str] | None = None,
        hostname: str = "localhost",
        service: str = "HTTP",
        channel_bindings: Any = None,
        protocols: tuple[str, ...] = ("kerberos", "ntlm"),
        max_sessions: int = MAX_SESSIONS,
        fragment_size: int = FRAGMENT,
        require_encryption: bool = False,
        refuse_encryption: int = 0,
        space_in_boundary: bool = True,
        answers_in_clear: bool | str = False,
        own_shell_ids: bool = False,
    ) -> None:
        self.organization: Mapping[str, Answer] = organization or {}
        self.rules = Rules(
            modes,
            accounts or {},
            subjects or {},
            hostname,
            service,
            channel_bindings,
            protocols,
        )
        self.tls = tls
        self.max_sessions = max_sessions
        self.fragment_size = fragment_size
        self.require_encryption = require_encryption
        self.refuse_encryption = refuse_encryption
        self.space_in_boundary = space_in_boundary
        self.answers_in_clear = answers_in_clear
        self.own_shell_ids = own_shell_ids
        self.leaks_expected = False
        """Sessions may be left: a test says so."""
        self.faults = Faults()
        self.requests: list[Logged] = []
        self.crashes: list[BaseException] = []
        """Faults of the endpoint itself."""
        self.encrypted = 0
        """How many bodies came in encrypted."""
        self.handshakes = 0
        """How many tokens of authentication came in."""
        self.stopping = threading.Event()
        self._lock = threading.RLock()
        self._shells: dict[str, Shell] = {}
        self._calls: list[tuple[str, dict[str, Any]]] = []
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port on loopback."""
        assert self._server is not None, "not started"
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Where clients go."""
        return f"{'https' if self.tls else 'http'}://localhost:{self.port}/PowerShell/"

    @property
    def sessions(self) -> tuple[str, ...]:
        """Ids of the shells that are open."""
        with self._lock:
            return tuple(self._shells)

    @property
    def cmdlets(self) -> list[str]:
        """Cmdlets that were run, in order."""
        with self._lock:
            return [name for name, _ in self._calls]

    @property
    def parameters(self) -> dict[str, list[dict[str, Any]]]:
        """The parameters of each call, by cmdlet."""
        with self._lock:
            found: dict[str, list[dict[str, Any]]] = {}
            for name, values in self._calls:
                found.setdefault(name, []).append(values)
            return found

    def reset_log(self) -> None:
        """Forget what was asked so far."""
        with self._lock:
            self.requests.clear()
            self._calls.clear()
            self.encrypted = self.handshakes = 0

    def __enter__(self) -> Endpoint:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen, on a port that the system chooses."""
        self._server = Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), name="endpoint", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Close every connection, also those that hang, and wait for the threads."""
        if self._server is None or self._thread is None or self.stopping.is_set():
            return
        self.stopping.set()
        self._server.shutdown()
        self._server.close_connections()
        self._server.server_close()
        self._thread.join(5)

    def answer(
        self, request: wsman.Request, user: str, client: str, gone: Callable[[], bool]
    ) -> Reply:
        """Carry a request out.

        Args:
            request: What it asks for.
            user: The account.
            client: The client's address.
            gone: Whether the client hung up.
        """
        try:
            if request.resource_uri != wsman.RESOURCE_URI:
                raise WSManFaultError(
                    wsman.UNKNOWN_RESOURCE,
                    "The WS-Management service cannot process the request. The resource URI"
                    f" ({request.resource_uri}) was not found in the WS-Management catalog. The"
                    " catalog contains the metadata that describes resources, or logical"
                    " endpoints.",
                )
            body = self._carry_out(request, user, client, gone)
        except WSManFaultError as fault:
            return fault_reply(request, fault.code, str(fault))
        return body

    def _log(self, request: wsman.Request, cmdlet: str | None, user: str) -> Reply | None:
        """Note a request, and give what it gets instead of an answer, if anything."""
        with self._lock:
            self.requests.append(Logged(request.action, cmdlet, request.shell_id, user))
        slow = self.faults.take({"slow"}, request.action, cmdlet)
        if slow:
            self.stopping.wait(slow.seconds)
        fault = self.faults.take(INSTEAD, request.action, cmdlet)
        if fault and request.action == "Delete":
            self.forget(request)
        return self.instead(fault, request) if fault else None

    def instead(self, fault: Fault, request: wsman.Request | None) -> Reply:
        """What stands in for an answer.

        Args:
            fault: Why.
            request: The request, once it is read.

        Raises:
            HangupError: There is no answer.
        """
        if fault.kind == "hang":
            self.stopping.wait()
        if fault.kind in {"hang", "drop"}:
            raise HangupError
        return instead(fault, request)

    def _carry_out(
        self, request: wsman.Request, user: str, client: str, gone: Callable[[], bool]
    ) -> Reply:
        if request.action == "Create":
            refused = self._log(request, None, user)
            # After a slow start: nobody would ever close the session.
            if refused is None and gone():
                raise HangupError
            return refused or self._create(request, user, client)
        if request.action not in {"Delete", "Command", "Receive", "Send", "Signal"}:
            raise WSManFaultError(
                0, f"The action {request.action} is not supported by the service."
            )
        shell = self._shell(request.shell_id)
        with shell.lock:
            if request.action == "Command":
                return self._command(request, shell, user)
            pipeline = shell.pipeline(request.command_id)
            cmdlet = pipeline.cmdlet if pipeline else None
        refused = self._log(request, cmdlet, user)
        if refused:
            return refused
        if request.action == "Receive":
            return self._receive(request, shell, cmdlet)
        with shell.lock:
            if request.action == "Delete":
                self.forget(request)
            elif request.action == "Send":
                for whole in shell.send(request.data):
                    self._run(shell, whole)
            else:
                shell.end(request.command_id)
        return self._reply(request, wsman.respond(request), cmdlet)

    def _shell(self, shell_id: str) -> Shell:
        with self._lock:
            shell = self._shells.get(shell_id)
        if shell is None:
            raise WSManFaultError(
                wsman.UNKNOWN_SHELL,
                f"The request for the Windows Remote Shell with ShellId {shell_id} failed because"
                " the shell was not found on the server. Possible causes are: the specified"
                " ShellId is incorrect or the shell no longer exists on the server. Provide the"
                " correct ShellId or create a new shell and retry the operation.",
            )
        return shell

    def forget(self, request: wsman.Request) -> None:
        """Close the session of a Delete, also one that gets a fault: the client did what it could."""
        with self._lock:
            self._shells.pop(request.shell_id, None)

    def _create(self, request: wsman.Request, user: str, client: str) -> Reply:
        spoiled = self.faults.take(TO_ANSWER, "Create", None)
        broken = self.faults.take({"broken_pool"}, "Create", None)
        chosen = "" if self.own_shell_ids else request.shell_id
        shell_id = chosen or str(uuid.uuid4()).upper()
        shell = Shell(shell_id, user, self.organization, self.fragment_size)
        shell.open(request.data, broken.text if broken else None)
        with self._lock:
            if sum(other.owner == user for other in self._shells.values()) >= self.max_sessions:
                raise WSManFaultError(wsman.SHELL_QUOTA, quota(self.max_sessions))
            # A client that gets no whole answer can close a session only by an id of its own.
            if spoiled is None or chosen:
                self._shells[shell_id] = shell
        body = wsman.created(request, shell_id, user, client, self.url)
        return spoil(request, body, spoiled)

    def _command(self, request: wsman.Request, shell: Shell, user: str) -> Reply:
        command_id, pipeline = shell.command(request.command_id, request.data)
        refused = self._log(request, pipeline.cmdlet, user)
        if refused:
            return refused
        if pipeline.event is not None:
            self._run(shell, pipeline)
        return self._reply(request, wsman.commanded(request, command_id), pipeline.cmdlet)

    def _run(self, shell: Shell, pipeline: Pipeline) -> None:
        before = len(shell.calls)
        shell.run(pipeline)
        with self._lock:
            self._calls.extend(shell.calls[before:])
        fault = self.faults.take(TO_OUTPUT, "Command", pipeline.cmdlet)
        if fault is None:
            return
        if fault.kind == "lose_message":
            shell.lose_message(pipeline)
        elif fault.kind == "half_output":
            shell.lose_state(pipeline)
        else:
            pipeline.lose_fragment = True

    def _receive(self, request: wsman.Request, shell: Shell, cmdlet: str | None) -> Reply:
        with shell.lock:
            if request.command_id and shell.pipeline(request.command_id) is None:
                raise WSManFaultError(
                    wsman.UNKNOWN_SHELL,
                    "The Windows Remote Shell received a request to perform an operation on a"
                    " command identifier that does not exist. Either the command has completed"
                    " execution or the client specified an invalid command identifier.",
                )
            fragments, done = shell.fetch(
                request.command_id, wsman.room(request), lambda size: wsman.cost(request, size)
            )
            if done and not fragments:
                shell.end(request.command_id)
        if not fragments and not done:
            # Nothing more will ever be ready; a server says so when the time is up.
            self.stopping.wait(request.operation_timeout)
            return timed_out(request)
        fault = self.faults.take(TO_ANSWER, "Receive", cmdlet)
        if fault and fault.kind == "garbage":
            fragments, fault = [random.Random(0).randbytes(700)], None
        return spoil(request, wsman.received(request, fragments, done=done), fault)

    def _reply(self, request: wsman.Request, body: bytes, cmdlet: str | None) -> Reply:
        return spoil(request, body, self.faults.take(TO_ANSWER, request.action, cmdlet))
