"""What a next hop said, without what is of one message only."""

from __future__ import annotations

import re
from typing import Final

_LED: Final = re.compile(r"\{(?:LED|MSG)=([^}]*)\}")
_FQDN: Final = re.compile(r"\{FQDN=([^}]*)\}")
_ADDRESS: Final = re.compile(r"[^\s<>\"'@=:;,\[\](){}]+@(?=[\w.-])")
_LINK: Final = re.compile(r"\s*-?\s*https?://\S+")
_MARK: Final = re.compile(r"\s*\[[^\]\s]{6,}\]|\b(?=\w*\d)[\w.+/=-]{16,}")
_LONGEST: Final = 200


def reply_of(status: str) -> tuple[str, str]:
    """The reply and the host in a ``recipient-status``; that holds one for each recipient.

    Args:
        status: for example ``[{LED=451 4.7.1 …};{MSG=};{FQDN=host};{IP=…};{LRT=…}]``.

    Returns:
        The reply as ``plain`` gives it, and the name of the host, empty where it is not there.
    """
    said = next((text for text in _LED.findall(status) if text.strip()), None)
    host = _FQDN.search(status)
    text = status.partition(";")[0] if said is None and "{" not in status else said or ""
    return plain(text), host[1].strip() if host is not None else ""


def plain(text: str) -> str:
    """A reply without addresses, links, and what marks one message; cut where it is long."""
    text = _ADDRESS.sub("(address)@", " ".join(text.split()))
    text = _MARK.sub("", _LINK.sub("", text))
    return " ".join(text.split())[:_LONGEST]
