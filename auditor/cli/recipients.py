"""Recipients and sizes as a user writes them."""

from __future__ import annotations

import re
from typing import Final

from auditor.errors import UsageError, shortened
from auditor.evaluate.recipients import Recipient
from auditor.kinds import SIZE
from auditor.kinds.hosts import host_name, ip_address

_TYPED: Final = re.compile(r"([A-Za-z][A-Za-z0-9._-]*):(.*)", re.DOTALL)
_HINT: Final = "Give an address or a domain: anna@contoso.com, contoso.com, X400:c=us;p=contoso"


def read_recipient(text: str) -> Recipient:
    """An address, a domain, or an address with its type.

    Raises:
        UsageError: it is none of them.
    """
    typed = _TYPED.fullmatch(text.strip())
    if typed and typed[1].upper() != "SMTP":
        address = typed[2].strip()
        if not address or not address.isprintable():
            raise UsageError(f"{shortened(text)} is not a recipient", hint=_HINT)
        return Recipient(text, f"{typed[1].upper()}:{address}")
    address = typed[2] if typed else text
    at, domain = "@" in address, address.rpartition("@")[2].strip()
    if at and domain.startswith("[") and ip_address(domain) is not None:
        return Recipient(text, f"[{ip_address(domain)}]")
    name = host_name(domain) if domain else None
    if name is None or name == "--" or (at and not address.rpartition("@")[0].strip()):
        raise UsageError(f"{shortened(text)} is not a recipient", hint=_HINT)
    return Recipient(text, name)


def read_message_size(text: str | None) -> int:
    """A size in bytes; 0, which every connector takes, where none is given.

    Raises:
        UsageError: it is no size.
    """
    if text is None:
        return 0
    size = SIZE.read(text)
    if not isinstance(size, int):
        raise UsageError(f"--size cannot be {shortened(text)}", hint="For example: --size 40MB")
    return size
