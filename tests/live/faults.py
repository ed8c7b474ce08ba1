"""Faults that tests order: what goes wrong, on which requests, how many times."""

from __future__ import annotations

import math
import threading
from collections.abc import Collection
from dataclasses import dataclass

FOREVER = math.inf

# Before authentication: as a proxy or a load balancer would.
CONNECT = "Connect"

# Given instead of an answer; the request is not carried out.
INSTEAD = {"status", "wsman_fault", "operation_timeout", "sign_in_page", "drop", "hang"}
# Done to an answer that was right.
TO_ANSWER = {"cut", "cut_xml", "dribble", "wrong_relates_to", "garbage"}
# Done to the output of a pipeline, whatever request fetches it.
TO_OUTPUT = {"lose_fragment", "lose_message", "half_output"}
# Without an action: only what fetches output can meet them.
OF_RECEIVE = {"operation_timeout", "garbage"}
KINDS = INSTEAD | TO_ANSWER | TO_OUTPUT | {"slow", "broken_pool"}


@dataclass
class Fault:
    """One thing that goes wrong.

    Attributes:
        kind: One of KINDS:
            ``status``: an HTTP status and a page of HTML;
            ``wsman_fault``: a WSManFault with ``code`` and ``text``;
            ``operation_timeout``: WinRM's fault for "nothing ready yet", the output stays
            (give a cmdlet too: pypsrp forgives it to a pipeline, not to a session that opens);
            ``sign_in_page``: a page of HTML with status 200;
            ``drop``: the connection is closed before any byte of an answer;
            ``hang``: no answer until the endpoint stops;
            ``slow``: a right answer after ``seconds``;
            ``cut``: all headers, half of the body, then the connection is closed;
            ``cut_xml``: HTTP is right, but the SOAP inside stops in the middle;
            ``dribble``: a byte every 0.2 s, without end;
            ``wrong_relates_to``: the answer to another message;
            ``garbage``: random bytes where PSRP fragments belong (Receive);
            ``lose_fragment``: a fragment from the middle of a message is left out;
            ``lose_message``: one object of a pipeline's output is never sent;
            ``half_output``: the command is done, and the state of the pipeline never comes;
            ``broken_pool``: the session turns out broken when it opens.
        action: Create, Command, Receive, Send, Signal or Delete; CONNECT for what happens
            before authentication; None for every one after it (for ``operation_timeout`` and
            ``garbage``: every Receive). Not looked at for what is done to output, and for
            ``broken_pool``.
        cmdlet: Only requests of pipelines of this cmdlet.
        times: How many requests; FOREVER for all.
        after: How many requests that fit pass first.
        status: For ``status``.
        body: For ``status`` and ``sign_in_page``: the page, where not the usual one.
        location: For ``status``: where it sends the client.
        code: For ``wsman_fault``.
        text: For ``wsman_fault``, and the message of a ``broken_pool``.
        seconds: For ``slow``.
    """

    kind: str
    action: str | None = None
    cmdlet: str | None = None
    times: float = 1
    after: int = 0
    status: int = 500
    body: str | None = None
    location: str | None = None
    code: int = 2150858770
    text: str = "The client cannot process the request."
    seconds: float = 0.1

    def __post_init__(self) -> None:
        """Refuse a kind that does not exist: a test would pass for the wrong reason."""
        if self.kind not in KINDS:
            raise ValueError(f"no such fault: {self.kind}")

    def _fits(self, action: str, cmdlet: str | None) -> bool:
        if self.times <= 0:
            return False
        if self.cmdlet and self.cmdlet.casefold() != (cmdlet or "").casefold():
            return False
        if self.kind in TO_OUTPUT or self.kind == "broken_pool":
            return True
        if self.action is None and self.kind in OF_RECEIVE:
            return action == "Receive"
        return self.action in (None, action)


class Faults(list[Fault]):
    """The faults that are ordered; append to it at any time."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()

    def take(self, kinds: Collection[str], action: str, cmdlet: str | None) -> Fault | None:
        """The first fault that fits, used once; None when nothing goes wrong.

        Args:
            kinds: The kinds that can happen at this place.
            action: The action of the request.
            cmdlet: The cmdlet of its pipeline, where it has one.
        """
        with self._lock:
            for fault in list(self):
                if fault.kind not in kinds or not fault._fits(action, cmdlet):
                    continue
                if action == CONNECT and fault.action != CONNECT:
                    continue
                if fault.after > 0:
                    fault.after -= 1
                    continue
                fault.times -= 1
                return fault
        return None
