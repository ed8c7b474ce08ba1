"""The endpoint of table (d), in a process of its own: ``served.py CONNECTORS SHAPE``.

In a process of its own, it does not take turns with the client at Python's global lock.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCOUNT = "CONTOSO\\auditor"
PASSWORD = "of-the-benchmark"


class Log(NamedTuple):
    """What an endpoint was asked.

    Attributes:
        sessions: how many were opened.
        cmdlets: the cmdlet of each request; None where it only opens or closes the session.
    """

    sessions: int
    cmdlets: tuple[str | None, ...]


class Served:
    """An endpoint that runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.port = int(self._say())

    @property
    def url(self) -> str:
        """Where clients go."""
        return f"http://localhost:{self.port}/PowerShell/"

    def log(self) -> Log:
        """What it was asked since this was last called.

        Raises:
            ValueError: a session was left open.
        """
        assert self._process.stdin is not None
        print(file=self._process.stdin, flush=True)
        said = json.loads(self._say())
        if said["left"]:
            raise ValueError(f"sessions that were left open: {said['left']}")
        actions = [action for action, _ in said["requests"]]
        return Log(actions.count("Create"), tuple(cmdlet for _, cmdlet in said["requests"]))

    def _say(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the endpoint of the benchmark ended")
        return line


@contextmanager
def served(connectors: int, shape: str) -> Iterator[Served]:
    """An endpoint for an organisation with so many send connectors, while the block runs."""
    command = (sys.executable, __file__, str(connectors), shape)
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield Served(process)
        finally:
            assert process.stdin is not None
            # It ends with its input.
            process.stdin.close()
            process.wait()


def _serve(connectors: int, shape: str) -> None:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tests.live.endpoint import Endpoint
    from tests.live.objects import organization

    accounts = {ACCOUNT: PASSWORD}
    answers = organization(connectors, shape)
    with Endpoint(answers, modes=("basic",), accounts=accounts) as endpoint:
        print(endpoint.port, flush=True)
        for _ in sys.stdin:
            requests = [(request.action, request.cmdlet) for request in endpoint.requests]
            # Before the answer: the client may go on at once.
            endpoint.reset_log()
            print(json.dumps({"requests": requests, "left": len(endpoint.sessions)}), flush=True)


if __name__ == "__main__":
    _serve(int(sys.argv[1]), sys.argv[2])
