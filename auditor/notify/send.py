"""A message to a route: several tries, each bounded in time, and what became of it."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.collect.live.deadline import Deadline, TooLateError
from auditor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from auditor.notify.layout import Attachment, Message
    from auditor.notify.routes import Route

SECONDS: Final = 60.0
"""For one try; a server that only hangs is given up after 20 (see ``library``)."""
PAUSES: Final = (2.0, 8.0)
"""Seconds before the second and the third try."""
BUSY_PAUSES: Final = (15.0, 30.0)
"""The same where the service says that it is asked too often (429). apprise does not hand on the
Retry-After of the answer; the services where it heeds that itself need no more."""


class Delivery(NamedTuple):
    """What became of a message.

    Attributes:
        route: its name.
        ok: whether the service took it.
        tries: how often that was tried; 0 where the address is of no use.
        why: why it failed, or what is missing from what was sent; empty where all is well. It holds
            nothing that is secret.
    """

    route: str
    ok: bool
    tries: int
    why: str = ""


def check(route: Route) -> None:
    """That a route can be used, as far as that shows without sending anything.

    Raises:
        UsageError: apprise is not installed, or its address or attachments are of no use.
    """
    missing = _ready(route)
    if missing:
        raise UsageError(missing, hint="Leave out its attach.")


def require() -> None:
    """That apprise is there.

    Raises:
        UsageError: it is not; says how to get it.
    """
    if find_spec("apprise") is None:
        raise UsageError(
            "notifications need the library apprise, which is not installed",
            hint="Install it with: python -m pip install 'connector-auditor[notifications]'",
        )


def send(
    route: Route,
    message: Message,
    attachments: tuple[Attachment, ...],
    sleep: Callable[[float], None],
    seconds: float = SECONDS,
) -> Delivery:
    """Send a message; never raises for what a route, a network or a service does.

    Args:
        route: to whom.
        message: what.
        attachments: what goes along.
        sleep: waits so many seconds.
        seconds: for one try.
    """
    try:
        missing = _ready(route)
    except UsageError as error:
        return Delivery(route.name, ok=False, tries=0, why=error.message)
    why = ""
    for tried, pause in enumerate((*PAUSES, 0.0)):
        why = _once(route, message, attachments, seconds)
        if not why:
            return Delivery(route.name, ok=True, tries=tried + 1, why=missing)
        if pause:
            sleep(BUSY_PAUSES[tried] if _is_busy(why) else pause)
    return Delivery(route.name, ok=False, tries=len(PAUSES) + 1, why=why)


def _ready(route: Route) -> str:
    """What cannot go along with a message; empty where all can.

    Raises:
        UsageError: nothing can be sent.
    """
    require()
    from auditor.notify.library import service_of, takes_no_attachments

    return takes_no_attachments(service_of(route), route)


def _once(
    route: Route, message: Message, attachments: tuple[Attachment, ...], seconds: float
) -> str:
    """Why one try failed; empty where it did not."""
    from auditor.notify.library import deliver, service_of

    def work() -> str:
        # A new one each time: one that was left behind must not share its state.
        return deliver(service_of(route), route, message, attachments)

    try:
        return Deadline(seconds).bound(work)
    except TooLateError:
        return f"it was not done within {seconds:g} seconds"
    except Exception as error:
        return f"it failed with {type(error).__name__}"


def _is_busy(why: str) -> bool:
    return "429" in why or "oo many requests" in why.lower()
