"""Every option and command in one table.

The parser, the help, the environment and the configuration file all read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from auditor.model import SEVERITIES
from auditor.report import FORMATS

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Option:
    """One option. Its variable is AUDIT_ and its name in capitals; its key is its name.

    Attributes:
        name: without dashes, as on the command line: ``fail-on``.
        help: one line for people.
        kind: ``text`` takes a value, ``list`` may be repeated, ``flag`` takes none.
        short: the one-letter form with its dash.
        metavar: what the value is.
        choices: the only words allowed, where there are such.
        default: what holds where no layer says anything.
    """

    name: str
    help: str
    kind: Literal["text", "list", "flag"] = "text"
    short: str | None = None
    metavar: str | None = None
    choices: tuple[str, ...] = ()
    default: str | None = None

    @property
    def key(self) -> str:
        """The name as Python spells it."""
        return self.name.replace("-", "_")

    @property
    def variable(self) -> str:
        """The environment variable."""
        return f"AUDIT_{self.key.upper()}"


SOURCE: Final = (
    Option(
        "snapshot",
        "Read an export (CLIXML, JSON, Format-List text, CSV) or a saved snapshot; - is standard "
        "input. May be repeated for exports of several cmdlets.",
        "list",
        "-s",
        "FILE",
    ),
    Option("organization", "Its name in reports; else the name in the data.", metavar="NAME"),
)
POLICY: Final = (
    Option(
        "region",
        "Region of the gateway, by id or alias, any case: na, eu, us-b, ...",
        "text",
        "-r",
        "ID",
    ),
    Option(
        "policy",
        "A built-in policy by its name, or a YAML file.",
        "text",
        "-p",
        "NAME|FILE",
        default="mimecast",
    ),
    Option(
        "as-of",
        "Evaluate as if it were then; a date means 00:00 UTC of that day.",
        metavar="DATE|TIME",
    ),
)
OUTPUT: Final = (
    Option(
        "format",
        "What goes to standard output.",
        "text",
        "-f",
        choices=tuple(FORMATS),
        default="table",
    ),
    Option("output", "Write a report file as well. May be repeated.", "list", "-o", "FORMAT=PATH"),
    Option("save-snapshot", "Keep what was read as a snapshot.", metavar="FILE"),
)
EXIT: Final = (
    Option(
        "fail-on",
        "Failed findings below it do not make the exit status 1.",
        choices=SEVERITIES,
    ),
    Option("exit-zero", "Exit 0 also where there is drift.", "flag"),
    Option(
        "exit-style", "Exit status and first line for a monitor.", choices=("default", "nagios")
    ),
)
GENERAL: Final = (
    Option("config", "The configuration file; else audit.yaml, if there is one.", metavar="FILE"),
    Option("quiet", "No warnings on standard error.", "flag", "-q"),
    Option("verbose", "Say what is done, on standard error.", "flag", "-v"),
    Option("no-color", "No colours (also: NO_COLOR).", "flag"),
)


@dataclass(frozen=True, slots=True)
class Command:
    """One command: the module whose ``run(settings, session) -> int`` it is, and its options."""

    name: str
    module: str
    help: str
    example: str
    options: tuple[Option, ...]


COMMANDS: Final[Mapping[str, Command]] = {
    "check": Command(
        name="check",
        module="auditor.cli.check",
        help=(
            "Prove whether all outbound mail leaves through the gateway.\n\n"
            "Reads an export of Get-SendConnector, compares it with the policy and says what is "
            "wrong and what that does to mail. Exit status: 0 compliant, 1 drift, 2 usage or "
            "policy error, 3 could not be decided, 4 a fault in this program."
        ),
        example="audit check --region na --snapshot connectors.xml",
        options=(*SOURCE, *POLICY, *OUTPUT, *EXIT, *GENERAL),
    ),
}
