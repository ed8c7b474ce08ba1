"""WS-Management (MS-WSMV) over SOAP: requests read, responses and faults written."""

from __future__ import annotations

import base64
import re
import uuid
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

SHELL_NAMESPACE = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
RESOURCE_URI = "http://schemas.microsoft.com/powershell/Microsoft.Exchange"
CONTENT_TYPE = "application/soap+xml;charset=UTF-8"
ANONYMOUS = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous"
NAMES = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "w": "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
    "p": "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd",
    "x": TRANSFER,
    "rsp": SHELL_NAMESPACE,
    "pwsh": "http://schemas.microsoft.com/powershell",
}
ACTIONS = {
    f"{TRANSFER}/Create": "Create",
    f"{TRANSFER}/Delete": "Delete",
    **{
        f"{SHELL_NAMESPACE}/{name}": name
        for name in ("Command", "Receive", "Send", "Signal", "Connect", "Disconnect", "Reconnect")
    },
}
URIS = {name: uri for uri, name in ACTIONS.items()}

# Codes of WinRM's faults as clients report them.
OPERATION_TIMED_OUT = 2150858793
UNKNOWN_RESOURCE = 2150858811
UNKNOWN_SHELL = 2150858843
SHELL_QUOTA = 2150859173

_OPENING = "<s:Envelope xml:lang='en-US' " + " ".join(
    f"xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in NAMES.items()
)


@dataclass(frozen=True)
class Request:
    """What a request asks for; empty text where it does not say."""

    action: str
    message_id: str
    resource_uri: str
    shell_id: str
    command_id: str
    max_envelope_size: int
    operation_timeout: float
    data: bytes
    """The PSRP fragments: of creationXml, Arguments or Stream."""
    code: str
    """The code of a Signal."""
    body: ElementTree.Element

    @classmethod
    def read(cls, text: bytes) -> Request:
        """Read a SOAP envelope.

        Args:
            text: The envelope.

        Raises:
            ValueError: It is not XML, or not an envelope.
        """
        try:
            envelope = ElementTree.fromstring(text)
        except ElementTree.ParseError as error:
            raise ValueError(f"not XML: {error}") from error
        header, body = envelope.find("s:Header", NAMES), envelope.find("s:Body", NAMES)
        if header is None or body is None:
            raise ValueError("not a SOAP envelope")
        action = _text(header, "a:Action")
        return cls(
            action=ACTIONS.get(action, action),
            message_id=_text(header, "a:MessageID"),
            resource_uri=_text(header, "w:ResourceURI"),
            shell_id=_text(header, "w:SelectorSet/w:Selector[@Name='ShellId']")
            or _attribute(body, "rsp:Shell", "ShellId"),
            command_id=_command_id(body),
            max_envelope_size=int(_text(header, "w:MaxEnvelopeSize") or 153600),
            operation_timeout=_seconds(_text(header, "w:OperationTimeout")),
            data=base64.b64decode(
                _text(body, "rsp:Shell/pwsh:creationXml")
                or _text(body, "rsp:CommandLine/rsp:Arguments")
                or _text(body, "rsp:Send/rsp:Stream")
            ),
            code=_text(body, "rsp:Signal/rsp:Code"),
            body=body,
        )


def _text(element: ElementTree.Element, path: str) -> str:
    return (element.findtext(path, "", NAMES) or "").strip()


def _attribute(element: ElementTree.Element, path: str, name: str) -> str:
    found = element.find(path, NAMES)
    return "" if found is None else found.get(name, "")


def _command_id(body: ElementTree.Element) -> str:
    places = ("rsp:CommandLine", "rsp:Receive/rsp:DesiredStream", "rsp:Send/rsp:Stream")
    places = (*places, "rsp:Signal")
    return next(filter(None, (_attribute(body, place, "CommandId") for place in places)), "")


def _seconds(duration: str) -> float:
    """An XML duration of the form that clients send, ``PT20S`` or ``PT60.000S``."""
    match = re.fullmatch(r"PT(\d+(?:\.\d+)?)S", duration)
    return float(match[1]) if match else 60.0


def _envelope(action: str, relates_to: str, body: str) -> bytes:
    return (
        f"{_OPENING}><s:Header><a:Action>{action}</a:Action>"
        f"<a:MessageID>uuid:{str(uuid.uuid4()).upper()}</a:MessageID><a:To>{ANONYMOUS}</a:To>"
        f"<a:RelatesTo>{escape(relates_to)}</a:RelatesTo></s:Header>"
        f"<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def respond(request: Request, body: str = "") -> bytes:
    """The response to a request, around a body."""
    return _envelope(f"{URIS[request.action]}Response", request.message_id, body)


def created(request: Request, shell_id: str, owner: str, client: str, url: str) -> bytes:
    """The response to Create."""
    selector = f'<w:SelectorSet><w:Selector Name="ShellId">{shell_id}</w:Selector></w:SelectorSet>'
    return respond(
        request,
        f"<x:ResourceCreated><a:Address>{escape(url)}</a:Address><a:ReferenceParameters>"
        f"<w:ResourceURI>{RESOURCE_URI}</w:ResourceURI>{selector}</a:ReferenceParameters>"
        f"</x:ResourceCreated><rsp:Shell><rsp:ShellId>{shell_id}</rsp:ShellId>"
        f"<rsp:ResourceUri>{RESOURCE_URI}</rsp:ResourceUri><rsp:Owner>{escape(owner)}</rsp:Owner>"
        f"<rsp:ClientIP>{client}</rsp:ClientIP><rsp:IdleTimeOut>PT900.000S</rsp:IdleTimeOut>"
        "<rsp:InputStreams>stdin pr</rsp:InputStreams><rsp:OutputStreams>stdout"
        "</rsp:OutputStreams><rsp:ShellRunTime>P0DT0H0M0S</rsp:ShellRunTime>"
        "<rsp:ShellInactivity>P0DT0H0M0S</rsp:ShellInactivity></rsp:Shell>",
    )


def commanded(request: Request, command_id: str) -> bytes:
    """The response to Command."""
    return respond(
        request,
        f"<rsp:CommandResponse><rsp:CommandId>{command_id}</rsp:CommandId></rsp:CommandResponse>",
    )


def _stream(command_id: str, content: str) -> str:
    of_command = f' CommandId="{command_id}"' if command_id else ""
    return f'<rsp:Stream Name="stdout"{of_command}>{content}</rsp:Stream>'


def room(request: Request) -> int:
    """How many bytes of body the response to a Receive may have."""
    return request.max_envelope_size - len(received(request, [], done=True))


def cost(request: Request, size: int) -> int:
    """How many bytes of the body a fragment of some size takes."""
    return len(_stream(request.command_id, "")) + (size + 2) // 3 * 4


def received(request: Request, fragments: list[bytes], *, done: bool) -> bytes:
    """The response to Receive.

    Args:
        request: The request.
        fragments: A stream element for each.
        done: The command has no more output.
    """
    streams = "".join(
        _stream(request.command_id, base64.b64encode(fragment).decode()) for fragment in fragments
    )
    state = ""
    if request.command_id:
        name = "Done" if done else "Running"
        state = (
            f'<rsp:CommandState CommandId="{request.command_id}"'
            f' State="{SHELL_NAMESPACE}/CommandState/{name}"></rsp:CommandState>'
        )
    return respond(request, f"<rsp:ReceiveResponse>{streams}{state}</rsp:ReceiveResponse>")


def fault(relates_to: str, code: int, text: str, subcode: str = "w:InternalError") -> bytes:
    """A SOAP fault with a WSManFault in its detail.

    Args:
        relates_to: The message that it answers.
        code: WinRM's code.
        text: The message.
        subcode: The qualified name of the SOAP subcode.
    """
    return _envelope(
        "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault",
        relates_to,
        f"<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>{subcode}</s:Value>"
        f'</s:Subcode></s:Code><s:Reason><s:Text xml:lang="en-US">{escape(text)}</s:Text>'
        '</s:Reason><s:Detail><f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/'
        f'wsmanfault" Code="{code}" Machine="localhost"><f:Message>{escape(text)}</f:Message>'
        "</f:WSManFault></s:Detail></s:Fault>",
    )
