"""Why a message was not delivered, in words, without what is secret in its address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote, unquote_plus, urlsplit

from auditor.errors import shortened
from auditor.notify.routes import PLAIN_SCHEMES, holds_secret
from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST: Final = 240
_SHORTEST: Final = 3
"""Parts of an address that are shorter say nothing, and would spoil every word they stand in."""
_CAUSES: Final = (
    (r"\(53[045], b", "it refused the login"),
    (r"CERTIFICATE_VERIFY_FAILED", "its certificate is not trusted"),
    (r"STARTTLS extension not supported", "it does not offer STARTTLS"),
    (r"Connection refused|WinError 10061", "nobody listens there"),
    (
        r"NameResolutionError|not known|getaddrinfo|nodename nor servname|name resolution",
        "its name is not known",
    ),
    (r"timed out|timeout", "it did not answer in time"),
    (
        r"RemoteDisconnected|[Cc]onnection (aborted|reset|unexpectedly closed)|WinError 10054",
        "it closed the connection",
    ),
    (r"No route to host|unreachable|WinError 1006[05]", "there is no way to it"),
)
"""What the errors of libraries mean. Their own words name whole URLs, so they are never shown."""
_CODE: Final = re.compile(r"\(([45][0-9]{2}), b")


def why(warnings: Sequence[str], causes: Sequence[str], url: str) -> str:
    """Why it failed, in one line.

    Args:
        warnings: what the library says to users; parts of the address are taken out.
        causes: texts of exceptions; only what they are known to mean is said.
        url: the address with its secrets.
    """
    said = "; ".join(dict.fromkeys(warnings[:2])) or "it failed, and does not say why"
    meant = next((words for text in causes if (words := cause(text))), "")
    text = without_secrets(said, url)
    return shortened(printable(f"{text} ({meant})" if meant else text), _LONGEST, quoted=False)


def cause(text: str) -> str:
    """What the text of an exception means; empty where that is not known."""
    for pattern, words in _CAUSES:
        if re.search(pattern, text):
            return words
    code = _CODE.search(text)
    return f"it answered {code[1]}" if code else ""


def without_secrets(said: str, url: str) -> str:
    """A text without any part of an address that may be secret, however it is spelled there."""
    if not holds_secret(url):
        return said
    for part in _parts(url):
        said = re.sub(re.escape(part), "…", said, flags=re.IGNORECASE)
    return said


def _parts(url: str) -> list[str]:
    """All that a URL is made of but its scheme, longest first; hosts that are hosts stay."""
    scheme, _, rest = url.strip().partition("://")
    try:
        host = (urlsplit(url.strip()).hostname or "") if scheme.lower() in PLAIN_SCHEMES else ""
    except ValueError:
        host = ""
    pieces = [rest, *re.split(r"[/?&=:@,;#+\s]+", rest), *re.split(r"[/?&=]+", rest)]
    pieces += re.split(r"[/?&:@]+", rest)
    spelled = {way(piece) for piece in pieces for way in (str, unquote, unquote_plus, quote)}
    spelled |= {quote(piece, safe="") for piece in spelled}
    return sorted(
        (one for one in spelled if len(one) >= _SHORTEST and one.lower() != host),
        key=len,
        reverse=True,
    )
