"""The dead-man's ping: a GET that tells a monitor that a run began, worked or failed.

If none comes, the monitor alarms: so a run that never started is noticed as well. Proxies are those
of the environment (``HTTPS_PROXY``, ``NO_PROXY``), as ``requests`` takes them; a redirect is not
followed, and ``.netrc`` is not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.collect.live.deadline import Deadline, TooLateError
from auditor.notify.reasons import cause
from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import PreparedRequest

CONNECT: Final = 5.0
READ: Final = 10.0
SECONDS: Final = 15.0
"""For one try, whatever the server does."""
PAUSES: Final = (1.0, 4.0)
_ANSWER: Final = 200
_FINAL: Final = frozenset({400, 401, 403, 404, 405, 409, 410})
"""Asking again does not change these."""
_NOT_HEARD: Final = "not found"
"""healthchecks.io answers 200 "OK (not found)" where the URL is of no check."""


class Pinged(NamedTuple):
    """What became of a ping; ``why`` it failed holds nothing of the URL."""

    ok: bool
    tries: int
    why: str = ""


def ping(url: str, sleep: Callable[[float], None], seconds: float = SECONDS) -> Pinged:
    """Ask for a URL, up to three times; never raises for what a network or a server does.

    Args:
        url: of ``http`` or ``https``.
        sleep: waits so many seconds, between tries.
        seconds: for one try.
    """
    why = ""
    for tried, pause in enumerate((*PAUSES, 0.0)):
        why, is_final = _once(url, seconds)
        if not why or is_final:
            return Pinged(not why, tried + 1, why)
        if pause:
            sleep(pause)
    return Pinged(False, len(PAUSES) + 1, why)


def _once(url: str, seconds: float) -> tuple[str, bool]:
    """Why one try failed, empty where it did not; and whether another would be of no use."""
    try:
        status, text = Deadline(seconds).bound(lambda: _asked(url, seconds))
    except TooLateError:
        return f"it did not answer within {seconds:g} seconds", False
    except Exception as error:
        # The words of these errors hold the URL.
        return cause(str(error)) or f"it failed with {type(error).__name__}", False
    if 300 <= status < 400:
        return f"it answered {status}, and redirects are not followed", True
    if not 200 <= status < 300:
        return f"it answered {status}", status in _FINAL
    if _NOT_HEARD in text.lower():
        return f"it answered {printable(text[:40])!r}: the URL is of no check", True
    return "", True


def _asked(url: str, seconds: float) -> tuple[int, str]:
    """Status and the beginning of the answer."""
    import requests  # not before something is sent

    with (
        requests.Session() as session,
        session.get(
            url,
            timeout=(min(CONNECT, seconds), min(READ, seconds)),
            allow_redirects=False,
            stream=True,
            auth=_of_the_url,
            headers={"User-Agent": "connector-auditor", "Accept-Encoding": "identity"},
        ) as answer,
    ):
        begun = next(answer.iter_content(_ANSWER), b"")
        return answer.status_code, begun.decode("utf-8", "replace").strip()


def _of_the_url(request: PreparedRequest) -> PreparedRequest:
    """No credentials but what is in the URL: given any, requests does not look into .netrc."""
    from requests.auth import HTTPBasicAuth
    from requests.utils import get_auth_from_url

    name, password = get_auth_from_url(request.url or "")
    if name or password:
        authorised: PreparedRequest = HTTPBasicAuth(name, password)(request)
        return authorised
    return request
