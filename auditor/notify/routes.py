"""Whom to tell, and when. Addresses hold secrets: nothing here shows one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

from auditor.errors import UsageError

if TYPE_CHECKING:
    from auditor.model import Severity

When: TypeAlias = Literal["change", "always"]
Attached: TypeAlias = Literal["html", "pdf"]

PLAIN_SCHEMES: Final = frozenset(
    {
        *("mailto", "mailtos", "syslog", "rsyslog"),
        *("json", "jsons", "xml", "xmls", "form", "forms", "http", "https"),
    }
)
"""Schemes whose host is a host and whose path is a path; elsewhere these are often tokens."""
_MAIL: Final = frozenset({"mailto", "mailtos"})
_ASKED: Final = frozenset(
    {
        *("to", "from", "name", "cc", "bcc", "reply", "smtp", "mode", "format", "overflow"),
        *("rto", "cto", "verify", "redirect", "tz", "facility", "logpid", "logperror", "method"),
    }
)
"""What a URL's query may say without a secret.

Source: https://github.com/caronc/apprise/wiki/Notify_email, Notify_syslog, Notify_Custom_JSON.
"""
_ADDRESS: Final = re.compile(r"[A-Za-z0-9._-]{1,64}@[A-Za-z0-9.-]{1,253}")
_WORD: Final = re.compile(r"(?=.{1,20}$)[a-z]+([._-][a-z]+)*[0-9]?|v?[0-9]{1,2}")
_SAID: Final = re.compile(r"[\w @.,<>+-]{0,200}")


@dataclass(frozen=True, slots=True)
class Route:
    """Somebody to tell.

    Attributes:
        name: in our words, for reports of failure.
        url: of apprise, with all its secrets; never shown.
        when: on ``change``, or ``always``: after every run.
        severity: changes that are all below it are not told; what could not be audited is.
        attach: the reports that go along.
        unaudited_runs: after so many runs in a row that could not be decided a message is due.
    """

    name: str
    url: str = field(repr=False)
    when: When = "change"
    severity: Severity = "low"
    attach: tuple[Attached, ...] = ()
    unaudited_runs: int = 3

    def __post_init__(self) -> None:
        if self.unaudited_runs < 1:
            raise UsageError(f"the route {self.name!r} has unaudited_runs below 1")


@dataclass(frozen=True, slots=True)
class Ping:
    """Where a dead-man's switch hears of a run: URLs, never shown; None is not called."""

    start: str | None = field(default=None, repr=False)
    success: str | None = field(default=None, repr=False)
    failure: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, url: str) -> Ping:
        """The three of one check: ``/start`` and ``/fail`` are appended to its path.

        Source: https://healthchecks.io/docs/http_api/, which others (Healthchecks of one's own,
        Uptime services with the same convention) follow.

        Raises:
            UsageError: it is not http or https, or has no host.
        """
        try:
            parts = urlsplit(url.strip())
            usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
            _ = parts.port
        except ValueError:
            usable = False
        if not usable:
            raise UsageError("the URL of ping is not one that begins with https:// or http://")
        path = parts.path.rstrip("/")
        start, failure = (
            parts._replace(path=f"{path}/{word}", fragment="").geturl()
            for word in ("start", "fail")
        )
        return cls(start, parts._replace(fragment="").geturl(), failure)


def holds_secret(url: str) -> bool:
    """Whether a URL may hold a secret, and must not stand in a configuration file as it is.

    It errs on the side of yes: no is said only of few schemes, without a password or a user (but
    the user of mail), where path and query are words. A token that is all small letters, with no
    digit, and no longer than 20 cannot be told from a word.
    """
    try:
        parts = urlsplit(url.strip())
        _ = parts.port
    except ValueError:
        return True
    scheme = parts.scheme.lower()
    if scheme not in PLAIN_SCHEMES or parts.fragment or "\\" in url:
        return True
    if parts.password is not None or (parts.username and scheme not in _MAIL):
        return True
    # The host of a local log is its facility.
    path = f"{parts.netloc}/{parts.path}" if scheme == "syslog" else parts.path
    return not all(_is_plain(unquote(part), scheme) for part in path.split("/") if part) or any(
        name not in _ASKED or not _SAID.fullmatch(said)
        for name, said in parse_qsl(parts.query, keep_blank_values=True)
    )


def _is_plain(part: str, scheme: str) -> bool:
    """Whether a part of a path is a word or, of mail, an address."""
    return bool(_WORD.fullmatch(part) or (scheme in _MAIL and _ADDRESS.fullmatch(part)))
