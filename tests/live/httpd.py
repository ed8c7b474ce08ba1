"""HTTP/1.1 as IIS speaks it: connections, authentication, encryption, and what spoils answers."""

from __future__ import annotations

import contextlib
import select
import socket
import socketserver
import sys
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from spnego.exceptions import SpnegoError

from tests.live import wsman
from tests.live.acceptor import Acceptor, Verdict
from tests.live.faults import CONNECT, INSTEAD
from tests.live.replies import HangupError, Reply, page

if TYPE_CHECKING:
    from tests.live.endpoint import Endpoint

PATHS = {"/powershell", "/powershell/"}


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._lock = threading.Lock()
        self._open: dict[threading.Thread, socket.socket] = {}
        super().__init__(("127.0.0.1", 0), Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        if self.endpoint.tls:
            # The handshake is the thread's: a client that never speaks must not stop the rest.
            connection = self.endpoint.tls.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        return connection, address

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open[threading.current_thread()] = request
        super().process_request_thread(request, client_address)
        with self._lock:
            self._open.pop(threading.current_thread(), None)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are no fault of the endpoint; everything else is."""
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            self.endpoint.crashes.append(error)

    def close_connections(self) -> None:
        """Close what is open, and wait for its threads."""
        with self._lock:
            threads = dict(self._open)
        for connection in threads.values():
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        until = time.monotonic() + 2
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def setup(self) -> None:
        if self.server.endpoint.tls:
            self.request.settimeout(5)
            self.request.do_handshake()
            self.request.settimeout(None)
        certificate = self.request.getpeercert() if self.server.endpoint.tls else None
        self.endpoint = self.server.endpoint
        self.acceptor = Acceptor(self.endpoint.rules, certificate)
        self.sealed = False
        super().setup()

    def log_message(self, *_: object) -> None:
        """Nothing goes to standard error."""

    def do_GET(self) -> None:  # the name that http.server looks for
        """Anything but POST: a browser, or a wrong client."""
        self._write(page(405), ())

    def do_POST(self) -> None:
        """One request."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.sealed = False
        try:
            reply, verdict = self._answer(body)
            self._write(reply, verdict.headers)
        except HangupError:
            self.close_connection = True

    def _answer(self, body: bytes) -> tuple[Reply, Verdict]:
        endpoint = self.endpoint
        fault = endpoint.faults.take(INSTEAD | {"slow"}, CONNECT, None)
        if fault and fault.kind == "slow":
            endpoint.stopping.wait(fault.seconds)
        elif fault:
            self._forget(body)
            return endpoint.instead(fault, None), Verdict(None)
        if self.path.partition("?")[0].casefold() not in PATHS:
            return page(404, "File or directory not found."), Verdict(None)
        before = self.acceptor.tokens
        verdict = self.acceptor.examine(self.headers.get("Authorization", ""))
        endpoint.handshakes += self.acceptor.tokens - before
        if verdict.user is None:
            unauthorized = page(401, "Unauthorized: Access is denied due to invalid credentials.")
            return unauthorized, verdict
        if not body:
            return Reply(200, wsman.CONTENT_TYPE, b""), verdict
        return self._process(body, verdict), verdict

    def _process(self, body: bytes, verdict: Verdict) -> Reply:
        endpoint = self.endpoint
        sealed = self.headers.get("Content-Type", "").startswith("multipart/encrypted")
        if sealed and endpoint.refuse_encryption:
            return page(endpoint.refuse_encryption)
        if endpoint.require_encryption and not sealed:
            return page(500, "The message is not encrypted.")
        try:
            text = self.acceptor.unseal(body) if sealed else body
            request = wsman.Request.read(text)
        except ValueError:
            return page(400)
        # Only from here on: what cannot be read is not answered in secret either.
        self.sealed = sealed
        endpoint.encrypted += sealed
        return endpoint.answer(request, verdict.user or "", self.client_address[0], self._gone)

    def _gone(self) -> bool:
        """Whether the client hung up: it says nothing more while it waits for an answer."""
        return bool(select.select([self.request], [], [], 0)[0])

    def _forget(self, body: bytes) -> None:
        """Of a request that is not even looked at: a Delete leaves no session all the same."""
        with contextlib.suppress(ValueError, SpnegoError):
            sealed = self.headers.get("Content-Type", "").startswith("multipart/encrypted")
            request = wsman.Request.read(self.acceptor.unseal(body) if sealed else body)
            if request.action == "Delete":
                self.endpoint.forget(request)

    def _write(self, reply: Reply, authenticate: tuple[str, ...]) -> None:
        body, kind = reply.body, reply.content_type
        if self.sealed and kind == wsman.CONTENT_TYPE and not self.endpoint.answers_in_clear:
            kind, body = self.acceptor.seal(body, space=self.endpoint.space_in_boundary)
        if self.sealed and isinstance(self.endpoint.answers_in_clear, str):
            kind = self.endpoint.answers_in_clear
        if reply.status == 401 and not authenticate:
            authenticate = self.acceptor.offers
        fault = reply.fault.kind if reply.fault else ""
        length = 1 << 40 if fault == "dribble" else len(body)
        lines = [
            f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}",
            "Server: Microsoft-IIS/10.0",
            "X-Powered-By: ASP.NET",
            *(f"WWW-Authenticate: {value}" for value in authenticate),
            *([f"Content-Type: {kind}"] if body else []),
            *([f"Location: {reply.location}"] if reply.location else []),
            f"Content-Length: {length}",
        ]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        if fault == "dribble":
            self._dribble(head, body)
        # In one piece: two small writes wait for each other's acknowledgement.
        self.wfile.write(head + (body[: len(body) // 2] if fault == "cut" else body))
        if fault == "cut":
            raise HangupError

    def _dribble(self, head: bytes, body: bytes) -> None:
        self.wfile.write(head)
        position = 0
        while not self.endpoint.stopping.wait(0.2 if position else 0):
            self.wfile.write(body[position : position + 1] or b" ")
            position += 1
        raise HangupError
