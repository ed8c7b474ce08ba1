"""The way to the gateway, tried from this machine: DNS, TCP, SMTP, TLS. Never sends a message.

The one room that knows dnspython, OpenSSL and the library for SPF. They are an extra, so nothing of
it is imported before ``require_libraries`` was called.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

from auditor.errors import UsageError

_NEEDED: Final = ("dns", "OpenSSL", "service_identity", "certifi", "checkdmarc")


def require_libraries() -> None:
    """That the libraries of the extra are there.

    Raises:
        UsageError: one is missing; it says how to install them.
    """
    if any(find_spec(name) is None for name in _NEEDED):
        raise UsageError(
            "audit probe needs libraries that are not installed",
            hint="Install them: python -m pip install 'connector-auditor[probe]'. Or let a server "
            "do without them: audit probe --script",
        )
