"""What ``audit collect --script`` prints, for people who may not use remoting.

The script keeps to PowerShell 2.0 (Exchange 2010) and to ASCII, and has neither here-strings nor
lines that a backtick continues, so it runs the same whichever way it was saved: ``>`` of Windows
PowerShell (UTF-16, CRLF), of cmd, or of a POSIX shell (LF).

Sources: https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/export-clixml,
about_Splatting, about_Redirection, and the page of each Exchange cmdlet (all of the table take
``-DomainController``).
"""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Final

from auditor.collect.cmdlets import CMDLETS
from auditor.collect.marked import FORMAT, REFUSED

# It stands between single quotes in the script.
_VERSION: Final = re.compile(r"[0-9A-Za-z.+-]+\Z", re.ASCII)


def script(version: str) -> str:
    """The PowerShell script, ASCII, its lines ended as a text stream wants them (LF).

    Args:
        version: this program's version, which the script writes into its file.

    Raises:
        ValueError: the version is not one.
    """
    if not _VERSION.match(version):
        raise ValueError(f"not a version: {version!r}")
    template = files("auditor.collect").joinpath("script.ps1").read_text("ascii")
    lines = [" ".join(cmdlet.name for cmdlet in wanted.choices) for wanted in CMDLETS]
    values = {
        "'@CMDLETS@'": ",\n    ".join(f"'{line}'" for line in lines),
        "@FORMAT@": FORMAT,
        "@REFUSED@": REFUSED,
        "@VERSION@": version,
    }
    for mark, value in values.items():
        template = template.replace(mark, value)
    return template
