"""What goes back over HTTP: answers, faults, pages of HTML, and answers that are spoilt."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from http import HTTPStatus

from tests.live import wsman
from tests.live.faults import Fault

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Reply:
    """What goes back over HTTP.

    Attributes:
        status: The status.
        content_type: Of the body.
        body: The body, not encrypted.
        fault: What is done to it on its way.
        location: Where it sends the client.
    """

    status: int
    content_type: str
    body: bytes
    fault: Fault | None = None
    location: str | None = None


class HangupError(Exception):
    """The connection is closed without an answer."""


def page(status: int, text: str = "") -> Reply:
    """A page of HTML as Windows gives it.

    IIS's own are well-formed XML, which a client can take for an answer; the one of the kernel's
    half, for a service that is down, is not.
    """
    title = f"{status} - {text or HTTPStatus(status).phrase}"
    body = (
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"'
        ' "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">\r\n'
        '<html xmlns="http://www.w3.org/1999/xhtml">\r\n<head>\r\n'
        f"<title>{title}</title>\r\n</head>\r\n<body>\r\n<h1>Server Error</h1>\r\n"
        f"<h2>{title}</h2>\r\n</body>\r\n</html>\r\n"
    )
    if status == 503:
        body = (
            '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN"'
            '"http://www.w3.org/TR/html4/strict.dtd">\r\n'
            "<HTML><HEAD><TITLE>Service Unavailable</TITLE>\r\n"
            '<META HTTP-EQUIV="Content-Type" Content="text/html; charset=us-ascii"></HEAD>\r\n'
            "<BODY><h2>Service Unavailable</h2>\r\n<hr><p>HTTP Error 503. The service is"
            " unavailable.</p>\r\n</BODY></HTML>\r\n"
        )
    return Reply(status, HTML, body.encode())


SIGN_IN = Reply(
    200,
    HTML,
    b"<!doctype html><html><head><meta charset=utf-8><title>Sign in</title></head><body>"
    b"<form method=post action=/sign-in><input name=user><br><input name=password type=password>"
    b"<button>Sign in</button></form></body></html>",
)


def fault_reply(request: wsman.Request | None, code: int, text: str) -> Reply:
    """A WSManFault."""
    relates_to = request.message_id if request else ""
    return Reply(500, wsman.CONTENT_TYPE, wsman.fault(relates_to, code, text))


def timed_out(request: wsman.Request | None) -> Reply:
    """WinRM's fault for "nothing is ready yet": the client is to ask again."""
    text = "The WS-Management service cannot complete the operation within the time specified in"
    body = wsman.fault(
        request.message_id if request else "",
        wsman.OPERATION_TIMED_OUT,
        f"{text} OperationTimeout.",
        "w:TimedOut",
    )
    return Reply(500, wsman.CONTENT_TYPE, body)


def quota(allowed: int) -> str:
    """Exchange's text when an account has as many sessions as it may."""
    return (
        "[FailureCategory=AuthZ-AuthorizationException] Fail to create a runspace because you"
        f" have exceeded the maximum number of connections allowed : {allowed} for the policy"
        " party : MaxConcurrency. Please close existing runspace and try again."
    )


def spoil(request: wsman.Request, body: bytes, fault: Fault | None) -> Reply:
    """Do to an answer what can be done before it is encrypted."""
    if fault and fault.kind == "wrong_relates_to":
        body = body.replace(request.message_id.encode(), f"uuid:{uuid.uuid4()}".encode())
    elif fault and fault.kind == "cut_xml":
        body = body[: len(body) // 2]
    return Reply(200, wsman.CONTENT_TYPE, body, fault)


def instead(fault: Fault, request: wsman.Request | None) -> Reply:
    """What a client gets in place of an answer.

    Args:
        fault: Why.
        request: The request, once it is read.
    """
    html = Reply(fault.status, HTML, fault.body.encode()) if fault.body else None
    if fault.kind == "sign_in_page":
        return replace(html, status=200) if html else SIGN_IN
    if fault.kind == "status":
        return replace(html or page(fault.status), location=fault.location)
    if fault.kind == "operation_timeout":
        return timed_out(request)
    return fault_reply(request, fault.code, fault.text)
