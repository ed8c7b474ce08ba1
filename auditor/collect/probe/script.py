"""What ``audit probe --script`` prints: the same probe from an Exchange server, with .NET only.

The script keeps to PowerShell 2.0 and to ASCII, has neither here-strings nor lines that a backtick
continues, and writes ``audit-probe/1``. TLS 1.2 needs .NET 4.5: where that is not there, TLS is
written down as not tried, for the gateway speaks nothing older.

Sources: https://learn.microsoft.com/dotnet/api/system.net.security.sslstream,
https://learn.microsoft.com/dotnet/api/system.net.dns.gethostaddresses,
https://learn.microsoft.com/dotnet/api/system.net.sockets.socketerror.
"""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from auditor.kinds.hosts import host_name, ip_address

if TYPE_CHECKING:
    from collections.abc import Sequence

_VERSION: Final = re.compile(r"[0-9A-Za-z.+-]+\Z", re.ASCII)


def script(
    hosts: Sequence[str], port: int, ehlo: str | None, region: str | None, version: str
) -> str:
    """The PowerShell script, ASCII, its lines ended as a text stream wants them (LF).

    Args:
        hosts: the smart hosts that it contacts, and no others.
        port: of TCP.
        ehlo: the name to give; None: the server's own.
        region: the id of the gateway's region.
        version: this program's version, which the script writes into its file.

    Raises:
        ValueError: one of these cannot stand in the script.
    """
    if any(host_name(host) != host and ip_address(host) is None for host in hosts):
        raise ValueError("not a host")
    if not _VERSION.match(version) or (ehlo is not None and host_name(ehlo) != ehlo):
        raise ValueError(f"not a version, or not a name: {version!r}, {ehlo!r}")
    template = files("auditor.collect.probe").joinpath("script.ps1").read_text("ascii")
    values = {
        "'@HOSTS@'": ",\n    ".join(_quoted(host) for host in hosts),
        "'@EHLO@'": _quoted(ehlo or ""),
        "'@REGION@'": _json_quoted(region),
        "@PORT@": str(port),
        "@VERSION@": version,
    }
    for mark, value in values.items():
        template = template.replace(mark, value)
    return template


def _quoted(text: str) -> str:
    return f"'{text}'"


def _json_quoted(region: str | None) -> str:
    """The region as JSON between single quotes; with one that is not plain the script has none."""
    plain = region is not None and re.fullmatch(r"[0-9a-z._-]{1,100}", region)
    return f"'\"{region}\"'" if plain else "'null'"
