"""What a gateway's replies mean, and what to do about them.

Sources: Mimecast's list of SMTP codes (article 34000709564691, before it DOC-1369), and of
authorised outbounds (34000414711443, before it DOC-2116): single addresses and no networks, new
ones take up to two hours.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Meaning(NamedTuple):
    """What a reply means, and what to do."""

    text: str
    advice: str


_MEANINGS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), Meaning(text, advice))
    for pattern, text, advice in (
        (
            r"open relay not allowed",
            "this address is not authorised to send through the gateway",
            "Have this address authorised: Gateway | Authorized Outbounds of the administration "
            "console takes single addresses, no networks, and needs up to two hours.",
        ),
        (
            r"outbounds? disabled",
            "outbound mail is switched off for this account",
            "Have the gateway's support switch outbound mail on for the account.",
        ),
        (
            r"^535|submitter failed to authenticate",
            "the gateway wants a user name and a password, or does not know these",
            "Send to port 25 without authentication, from an authorised address.",
        ),
        (
            r"requires encryption|TLS ?v?1\.2",
            "the gateway takes this mail only over TLS 1.2 or later",
            "Let the server offer TLS 1.2: Exchange uses what Windows (Schannel) has enabled.",
        ),
        (
            r"outbound thread limit|too many recipients",
            "the gateway takes no more at once: it is throttled",
            "Send less at once: 100 recipients a message, and fewer connections.",
        ),
        (
            r"maximum email size|exceeds? .*size|message size",
            "the message is larger than the gateway takes",
            "Lower the connector's MaxMessageSize to what the gateway takes.",
        ),
    )
)
_ADDRESS: Final = re.compile(r"[0-9A-Fa-f:.]{3,45}")


def meaning_of(reply: str) -> Meaning | None:
    """What a reply means.

    Args:
        reply: its code and text.

    Returns:
        None where it is not known.
    """
    return next((meaning for pattern, meaning in _MEANINGS if pattern.search(reply)), None)


def addresses_in(lines: Iterable[str]) -> list[str]:
    """The IP addresses that stand in some lines, each in its one spelling."""
    from auditor.kinds.hosts import ip_address

    words = (word.rstrip(".:") for line in lines for word in _ADDRESS.findall(line))
    return [found for word in words if (found := ip_address(word)) is not None]
