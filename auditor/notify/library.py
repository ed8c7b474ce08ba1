"""The one door to apprise: an address becomes a service, a message goes out once.

apprise is kept from all that it would do by itself: it reads no configuration and no plugins of the
user, writes nothing (its store is in memory, no keys are made), follows no redirect (after one a
POST becomes a GET, and what is lost looks delivered), says nothing on standard error, and neither
tries again (``?retry=``) nor calls a failure a success (``?optional=``): a service is asked
directly, not through ``Apprise.notify``, whose worker threads would also outlive the program's end.
Proxies are those of the environment, as ``requests`` takes them.

Source: ``apprise/asset.py`` and ``apprise/plugins/base.py`` of https://github.com/caronc/apprise,
2.2.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from apprise import Apprise, AppriseAsset, AppriseAttachment, NotifyFormat, NotifyType
from apprise.attachment.memory import AttachMemory

from auditor.errors import UsageError
from auditor.notify.layout import LIMIT
from auditor.notify.reasons import why

if TYPE_CHECKING:
    from apprise.plugins import NotifyBase

    from auditor.notify.layout import Attachment, Message
    from auditor.notify.routes import Route

_MAIL: Final = frozenset({"mailto", "mailtos"})
_READ_AS_MARKDOWN: Final = frozenset(
    {
        *("mmost", "mmosts", "discord", "zulip", "revolt", "fluxer", "guilded", "ryver"),
        *("nctalk", "nctalks", "humhub", "humhubs"),
    }
)
"""Services that show Markdown, and to which apprise sends text as it is."""
_SOCKET_SECONDS: Final = 20.0
"""For one answer. apprise's own 4 seconds are less than many mail servers take to scan a mail."""
_SMALLEST: Final = 100
_TYPES: Final = {"html": "text/html", "pdf": "application/pdf"}


class _Listener(logging.Handler):
    """Keeps what apprise says, apart for each thread; what nobody waits for is dropped."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._heard: dict[int, tuple[list[str], list[str]]] = {}

    def begin(self) -> tuple[list[str], list[str]]:
        """Two lists that this thread's warnings and errors will be in."""
        heard: tuple[list[str], list[str]] = ([], [])
        self._heard[threading.get_ident()] = heard
        return heard

    def end(self) -> None:
        """Hear this thread no more."""
        self._heard.pop(threading.get_ident(), None)

    def emit(self, record: logging.LogRecord) -> None:
        """Sort what is said: to users, or the text of an exception."""
        warnings, causes = self._heard.get(threading.get_ident(), (None, None))
        if warnings is None or causes is None:
            return
        if record.levelno >= logging.WARNING:
            warnings.append(record.getMessage())
        elif isinstance(record.msg, str) and "Exception" in record.msg:
            causes.append(record.getMessage())


_LISTENER: Final = _Listener()


def _listen() -> None:
    logger = logging.getLogger("apprise")
    logger.propagate = False
    logger.setLevel(logging.DEBUG)
    logger.handlers = [_LISTENER]


def service_of(route: Route) -> NotifyBase:
    """The service that a route's address names.

    Raises:
        UsageError: apprise knows none.
    """
    _listen()
    service = Apprise.instantiate(route.url, asset=_asset())
    if service is None:
        scheme, separator, _ = route.url.strip().partition("://")
        known = separator and scheme.isalnum() and len(scheme) < 20
        of = f" ({scheme.lower()}://…)" if known else ""
        raise UsageError(
            f"the address of the route {route.name!r}{of} is not one that apprise can use",
            hint="How addresses are written: https://github.com/caronc/apprise/wiki",
        )
    asked = parse_qs(urlsplit(route.url).query)
    if "cto" not in asked:
        service.socket_connect_timeout = _SOCKET_SECONDS
    if "rto" not in asked:
        service.socket_read_timeout = _SOCKET_SECONDS
    return service


def takes_no_attachments(service: NotifyBase, route: Route) -> str:
    """A sentence, where a route wants attachments and its service takes none; else empty."""
    if not route.attach or service.attachment_support:
        return ""
    return f"the route {route.name!r} goes to {service.service_name}, which takes no attachments"


def deliver(
    service: NotifyBase, route: Route, message: Message, attachments: tuple[Attachment, ...]
) -> str:
    """Send a message once; returns why that failed, empty where it did not.

    Nothing bounds its time but the time-outs of sockets, which a server that sends a byte now and
    then outlasts.
    """
    scheme = route.url.strip().partition("://")[0].lower()
    mail = scheme in _MAIL
    body = message.html() if mail else _text(service, message, scheme)
    files = _files(attachments) if service.attachment_support else None
    warnings, causes = _LISTENER.begin()
    try:
        done = service.notify(
            body=body,
            title=message.subject,
            notify_type=NotifyType(message.level),
            body_format=NotifyFormat.HTML if mail else NotifyFormat.TEXT,
            # Whatever the service does not take in one piece, it gets in several.
            overflow=None if "overflow" in parse_qs(urlsplit(route.url).query) else "split",
            attach=files,
        )
    except Exception as error:
        # Any of two hundred services may fail in its own way; none may stop an audit.
        warnings.append(f"apprise failed with {type(error).__name__}")
        causes.append(str(error))
        done = False
    finally:
        _LISTENER.end()
    return "" if done else why(warnings, causes, route.url)


def _files(attachments: tuple[Attachment, ...]) -> AppriseAttachment | None:
    """In memory: nothing is left behind in a temporary folder."""
    if not attachments:
        return None
    files = AppriseAttachment(asset=_asset())
    for one in attachments:
        files.add(AttachMemory(one.data, one.name, _TYPES[one.format]))  # type: ignore[no-untyped-call]
    return files


def _text(service: NotifyBase, message: Message, scheme: str) -> str:
    room = service.body_maxlen - (0 if service.title_maxlen > 0 else len(message.subject) + 2)
    limit = max(_SMALLEST, min(LIMIT, room))
    return message.text(limit, markdown=scheme in _READ_AS_MARKDOWN)


def _asset() -> AppriseAsset:
    return AppriseAsset(
        app_id="connector-auditor",
        app_desc="connector-auditor",
        app_url="",
        storage_mode="memory",
        pgp_autogen=False,
        pem_autogen=False,
        http_redirects=False,
        async_mode=False,
        interpret_escapes=False,
        secure_logging=True,
        allow_templates=False,
        language="en",
        default_service_retry=0,
    )
