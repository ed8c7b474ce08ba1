"""Recipients and sizes as a user writes them."""

from __future__ import annotations

import re
from typing import Final

from auditor.errors import UsageError, shortened
from auditor.evaluate.recipients import Recipient
from auditor.kinds import SIZE
from auditor.kinds.address_spaces import typed_pattern
from auditor.kinds.hosts import host_name, ip_address

# A drive of Windows has one letter, an address type has more.
_TYPED: Final = re.compile(r"([A-Za-z][A-Za-z0-9._-]+):(.*)", re.DOTALL)
# Quoted, anything may be in it; else nothing that parts one address from the next.
_LOCAL_PART: Final = re.compile(r'"[^\r\n]*"|[^\s",;:<>@()\[\]\\]+')
_HINT: Final = 'Give one address or domain: anna@contoso.com, contoso.com, "X400:c=us;p=x"'


def read_recipient(text: str) -> Recipient:
    """An address, a domain, or an address with its type.

    Raises:
        UsageError: it is none of them.
    """
    typed = _TYPED.fullmatch(text.strip())
    if typed and typed[1].lower() not in {"smtp", "mailto"}:
        address = typed[2].strip()
        if not address or not address.isprintable():
            raise UsageError(f"{shortened(text)} is not a recipient", hint=_HINT)
        return Recipient(text, typed_pattern(typed[1], address))
    local, at, domain = (typed[2] if typed else text).strip().rpartition("@")
    if at and (not _LOCAL_PART.fullmatch(local) or domain != domain.strip()):
        raise UsageError(f"{shortened(text)} is not one recipient", hint=_HINT)
    if at and domain.startswith("[") and ip_address(domain) is not None:
        return Recipient(text, f"[{ip_address(domain)}]")
    name = host_name(domain) if domain else None
    if name is None or name == "--":
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
