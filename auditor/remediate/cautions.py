"""What a change means for mail, and what to think of before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.model import Present

_CAUTIONS: Final[Mapping[str, str]] = {
    "SmartHosts": (
        "Mail begins to leave by other hosts: the gateway must have authorised the addresses that "
        "the servers send from."
    ),
    "Enabled": "Mail begins to leave by this connector.",
    "RequireTLS": "Mail waits in the queue wherever TLS cannot be had.",
    "TlsDomain": "Mail waits in the queue if the gateway's certificate does not bear this name.",
    "TlsAuthLevel": "Mail waits in the queue if the gateway's certificate is not trusted here.",
    "MaxMessageSize": "Larger messages do not use this connector.",
    "SourceTransportServers": "Other servers send: the gateway must have authorised them as well.",
    "SmartHostAuthMechanism": "The gateway must expect this way of authenticating.",
}
"""Property → what to think of when it changes to a value that does something."""


def cautions(values: Mapping[str, Present | None]) -> list[str]:
    """One sentence for each changed setting that can hold up mail."""
    return [
        text
        for name, text in _CAUTIONS.items()
        if name in values and values[name] not in (None, False, (), "None")
    ]
