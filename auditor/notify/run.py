"""All that is told of a run: who gets a message, what it says, what became of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from auditor.errors import AuditError
from auditor.notify.decide import decide
from auditor.notify.layout import Attachment
from auditor.notify.message import compose
from auditor.notify.send import SECONDS, Delivery, send

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from auditor.notify.occasion import Occasion
    from auditor.notify.routes import Route

_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9]+")


def tell(
    routes: Iterable[Route],
    occasion: Occasion,
    render: Callable[[str], bytes],
    sleep: Callable[[float], None],
    seconds: float = SECONDS,
) -> list[Delivery]:
    """Tell each route what it is to know of a run; returns what became of each message.

    Whatever goes wrong with one route keeps nobody from the others, and is in what is returned.

    Args:
        routes: whom; those that need no message of this run are not in the result.
        occasion: the run.
        render: a report of it in a format (``html``, ``pdf``); called once for each.
        sleep: waits so many seconds, between tries.
        seconds: for one try.
    """
    made: dict[str, Attachment | str] = {}

    def attachment(format_: str) -> Attachment | str:
        if format_ not in made:
            made[format_] = _attachment(format_, occasion, render)
        return made[format_]

    found = (_told(route, occasion, attachment, sleep, seconds) for route in routes)
    return [delivery for delivery in found if delivery is not None]


def _told(
    route: Route,
    occasion: Occasion,
    attachment: Callable[[str], Attachment | str],
    sleep: Callable[[float], None],
    seconds: float,
) -> Delivery | None:
    reason = decide(route, occasion)
    if reason is None:
        return None
    try:
        message = compose(occasion, reason)
        formats = route.attach if occasion.audit is not None else ()
        parts = [attachment(format_) for format_ in formats]
        missing = [part for part in parts if isinstance(part, str)]
        if missing:
            message = message.with_notes(missing)
        files = tuple(part for part in parts if not isinstance(part, str))
        sent = send(route, message, files, sleep, seconds)
    except Exception as error:
        # What is already known of the audit matters more than what is wrong with telling it.
        return Delivery(route.name, False, 0, f"a fault in this program: {type(error).__name__}")
    return sent._replace(why=" ".join([*missing, sent.why]).strip()) if sent.ok else sent


def _attachment(
    format_: str, occasion: Occasion, render: Callable[[str], bytes]
) -> Attachment | str:
    """The report as a file, or a sentence on why there is none."""
    try:
        data = render(format_)
    except AuditError as error:
        return f"The {format_} report could not be made: {error.message}."
    stem = _NOT_IN_NAMES.sub("-", occasion.key)[:60].strip("-") or "audit"
    return Attachment(f"{stem}-{occasion.now.date().isoformat()}.{format_}", format_, data)
