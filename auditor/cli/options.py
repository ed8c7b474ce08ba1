"""Every option, once. The parser, the help, the environment and the configuration file read it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from auditor.collect.live import AUTHS, ENCRYPTIONS, SPN_SERVICE
from auditor.model import SEVERITIES
from auditor.report import FORMATS
from auditor.report.sheet import PAPERS


@dataclass(frozen=True, slots=True)
class Option:
    """One option. Its variable is AUDIT_ and its name in capitals; its key is its name.

    Attributes:
        name: without dashes, as on the command line: ``fail-on``.
        help: one line for people.
        kind: ``text`` takes a value, ``list`` may be repeated, ``flag`` takes none, ``pair`` takes
            two.
        short: the one-letter form with its dash.
        metavar: what the value is.
        choices: the only words allowed, where there are such.
        default: what holds where no layer says anything.
        here_only: only the command line says it, neither the environment nor the configuration.
    """

    name: str
    help: str
    kind: Literal["text", "list", "flag", "pair"] = "text"
    short: str | None = None
    metavar: str | None = None
    choices: tuple[str, ...] = ()
    default: str | None = None
    here_only: bool = False

    @property
    def key(self) -> str:
        """The name as Python spells it."""
        return self.name.replace("-", "_")

    @property
    def variable(self) -> str:
        """The environment variable."""
        return f"AUDIT_{self.key.upper()}"


FILES_ONLY: Final = tuple(name for name, format_ in FORMATS.items() if format_.paged)
"""Formats that --output writes and --format does not."""

SERVER: Final = (
    Option(
        "server",
        "Ask a live Exchange server: HOST means http://HOST/PowerShell/; a whole address "
        "(https://mail.example.com/PowerShell/) is taken as it is.",
        "text",
        "-S",
        "HOST|URI",
    ),
    Option("auth", "How to authenticate.", choices=AUTHS, default="kerberos"),
    Option(
        "username",
        "As whom. The password comes from AUDIT_PASSWORD, the system keyring or a prompt, never "
        "from an option. Kerberos needs none of it where there is a ticket.",
        "text",
        "-u",
        "NAME",
    ),
    Option("certificate", "Client certificate, with --auth certificate.", metavar="PEM"),
    Option("certificate-key", "Its key, where that is in another file.", metavar="PEM"),
    Option(
        "spn-service",
        "Service class of the Kerberos principal.",
        metavar="CLASS",
        default=SPN_SERVICE,
    ),
    Option("spn-host", "Host of the Kerberos principal, where it is another.", metavar="HOST"),
    Option("ca-file", "Trust this authority for https.", metavar="PEM"),
    Option("insecure", "Do not verify the server's certificate; every report says so.", "flag"),
    Option("allow-cleartext", "Let Basic send the password over plain http.", "flag"),
    Option(
        "message-encryption",
        "Encryption of messages over plain http, with Kerberos, Negotiate and NTLM.",
        choices=ENCRYPTIONS,
        default="auto",
    ),
    Option("timeout", "Seconds for everything.", metavar="SECONDS", default="60"),
    Option("domain-controller", "The domain controller that Exchange asks.", metavar="HOST"),
)
ORGANIZATION: Final = Option(
    "organization", "Its name in reports; else the name in the data.", metavar="NAME"
)
SOURCE: Final = (
    Option(
        "snapshot",
        "Read an export (CLIXML, JSON, Format-List text, CSV) or a saved snapshot; - is standard "
        "input. May be repeated for exports of several cmdlets.",
        "list",
        "-s",
        "FILE",
    ),
    *SERVER,
    ORGANIZATION,
)
REGION: Final = Option(
    "region",
    "Region of the gateway, by id or alias, any case: na, eu, us-b, ...",
    "text",
    "-r",
    "ID",
)
POLICY: Final = Option(
    "policy",
    "A built-in policy by its name, or a YAML file.",
    "text",
    "-p",
    "NAME|FILE",
    default="mimecast",
)
PACK: Final = Option(
    "pack",
    "Add a control pack, by its name or as a YAML file. May be repeated.",
    "list",
    metavar="NAME|FILE",
)
AS_OF: Final = Option(
    "as-of",
    "Evaluate as if it were then; a date means 00:00 UTC of that day.",
    metavar="DATE|TIME",
)
OUTPUT: Final = (
    Option(
        "format",
        "What goes to standard output.",
        "text",
        "-f",
        choices=tuple(name for name in FORMATS if name not in FILES_ONLY),
        default="table",
    ),
    Option("output", "Write a report file as well. May be repeated.", "list", "-o", "FORMAT=PATH"),
)
NAME: Final = Option(
    "name",
    "The audit of the configuration file; the name that its history is kept under.",
    metavar="NAME",
)
EVALUATED: Final = (*SOURCE, NAME, REGION, POLICY, PACK, AS_OF)
"""What every command that evaluates is told: of what, against what, and as of when."""

SHEET: Final = (
    Option("paper", "Paper of the PDF.", choices=PAPERS, default="a4"),
    Option(
        "font",
        "A font file for what the fonts of the PDF cannot print (Chinese, Arabic, ...). May be "
        "repeated.",
        "list",
        metavar="FILE",
    ),
)
SAVE: Final = Option("save-snapshot", "Keep what was read as a snapshot.", metavar="FILE")
HISTORY: Final = Option(
    "history",
    "Keep every run here, and say what has changed since the one before: a file (SQLite), or "
    "postgresql://USER@HOST/DATABASE.",
    metavar="FILE|URL",
)
KEPT: Final = (
    HISTORY,
    Option(
        "retention",
        "With --history: remove runs of this audit that are older than 400d, 52w, 5y.",
        metavar="AGE",
    ),
)
RUNS: Final = replace(
    HISTORY,
    help="The history that the runs are in: a file (SQLite), or postgresql://USER@HOST/DATABASE.",
)
KEPT_RUNS: Final = (
    RUNS,
    NAME,
    replace(ORGANIZATION, help="The organization whose history it is, where that has no name."),
)
"""What commands that read a history are told: which, and whose."""

LIMIT: Final = Option("limit", "Show so many runs.", metavar="COUNT", default="30", here_only=True)
TREND: Final = Option(
    "by",
    "A line for each day, week or month; else as fits the time that is kept.",
    choices=("day", "week", "month"),
    here_only=True,
)
PRUNE: Final = (
    Option("keep", "Keep runs not older than 400d, 52w, 5y.", metavar="AGE", here_only=True),
    Option("keep-runs", "Keep the newest so many runs of each.", metavar="COUNT", here_only=True),
    Option("dry-run", "Say what would be removed, and remove nothing.", "flag", here_only=True),
)
EVERY: Final = Option(
    "every",
    "How often it is to run: 24h, 7d; else the usual distance of the runs that are kept.",
    metavar="TIME",
    here_only=True,
)
CHANGE: Final = (
    Option("output-dir", "The folder that the scripts are written to.", metavar="DIR"),
    Option("ticket", "The change ticket that is written into the scripts.", metavar="ID"),
)
ROUTE: Final = (
    Option("size", "The size of the message.", metavar="SIZE"),
    Option("from-server", "The server that sends it.", metavar="NAME"),
    Option("explain", "Show every connector, and why it is not taken.", "flag"),
)
KEY: Final = Option(
    "key",
    "The private key to sign with, in PEM: Ed25519, ECDSA (P-256, P-384) or RSA. Its passphrase "
    "comes from AUDIT_KEY_PASSPHRASE, the system keyring or a prompt, never from an option.",
    metavar="FILE",
)
KEYS: Final = (
    Option("keys", "The list of trusted keys (audit-keys/1).", metavar="FILE"),
    Option(
        "as-of",
        "Judge keys as if it were then; a date means 00:00 UTC of that day.",
        metavar="DATE|TIME",
    ),
    Option(
        "font",
        "A font file that the PDF was made with, to make it again. May be repeated.",
        "list",
        metavar="FILE",
    ),
)
REDACTION: Final = (
    Option(
        "redact",
        "Replace names of servers, people, domains and addresses by stable stand-ins.",
        "flag",
    ),
    Option(
        "policy",
        "With --redact: redact this policy alike, and write it beside the snapshot.",
        "text",
        "-p",
        "NAME|FILE",
    ),
    Option(
        "pack",
        "With --redact: redact this control pack alike. May be repeated.",
        "list",
        metavar="NAME|FILE",
    ),
    Option(
        "redaction-key",
        "With --redact: write which stand-in stands for which name. Keep it to yourself.",
        metavar="FILE",
    ),
    Option("script", "Print a PowerShell script that collects, and do nothing else.", "flag"),
)
SIGN_OFF: Final = (
    Option(
        "attestations",
        "A YAML file of what people attest; without it they are asked for at a terminal.",
        metavar="FILE",
    ),
    Option(
        "questions",
        "Print a file of attestations to fill in, and do nothing else.",
        "flag",
        here_only=True,
    ),
    Option(
        "bundle",
        "Where the bundle is written: a folder, or a file that ends in .zip. [default: a new "
        "folder in reports]",
        metavar="PATH",
    ),
    Option("ticket", "The change ticket that is written into the scripts.", metavar="ID"),
    Option(
        "probe",
        "What audit probe --save-result, or its script, wrote: evidence for step 12.",
        metavar="FILE",
        here_only=True,
    ),
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
LOG_FORMAT: Final = Option(
    "log-format",
    "Lines on standard error: for people, or a JSON object a line.",
    choices=("text", "json"),
    default="text",
)
GENERAL: Final = (
    Option("config", "The configuration file; else audit.yaml, if there is one.", metavar="FILE"),
    Option("quiet", "No warnings on standard error.", "flag", "-q"),
    Option("verbose", "Say what is done, on standard error.", "flag", "-v"),
    Option("no-color", "No colours (also: NO_COLOR).", "flag"),
    LOG_FORMAT,
)
SCHEDULE: Final = (
    Option(
        "at",
        "When, by the local clock (in Kubernetes by UTC).",
        metavar="HH:MM",
        default="02:30",
        here_only=True,
    ),
    Option("weekdays", "Not on Saturday and Sunday.", "flag", here_only=True),
    Option(
        "output-dir",
        "Write files into this folder, in place of printing them.",
        metavar="DIR",
        here_only=True,
    ),
    Option(
        "user",
        "The account that it runs as. systemd: else you, or connector-auditor if you are root.",
        metavar="NAME",
        here_only=True,
    ),
    Option(
        "image",
        "With kubernetes: the name of the image.",
        metavar="NAME",
        default="connector-auditor:latest",
        here_only=True,
    ),
)
DATA_FORMAT: Final = Option(
    "format",
    "What goes to standard output.",
    "text",
    "-f",
    choices=("table", "json"),
    default="table",
    here_only=True,
)
PROBE: Final = (
    Option(
        "ask-relay",
        "Ask each host whether it takes mail from the one address for the other (MAIL FROM, RCPT "
        "TO), and take it back (RSET). No message is sent.",
        "pair",
        metavar="FROM TO",
        here_only=True,
    ),
    Option(
        "domain",
        "Look at the SPF record of this domain; else at those of the accepted domains in the "
        "source. May be repeated.",
        "list",
        metavar="DOMAIN",
        here_only=True,
    ),
    Option(
        "resolver",
        "Ask this name server; else those of the system.",
        metavar="ADDRESS[:PORT]",
        here_only=True,
    ),
    Option("port", "The port. [default: the connector's, or 25]", metavar="NUMBER", here_only=True),
    Option(
        "ehlo",
        "The name to give with EHLO. [default: the connector's Fqdn, or this machine's name]",
        metavar="NAME",
        here_only=True,
    ),
    Option(
        "gateway-ca",
        "Trust this authority too for the hosts' certificates.",
        metavar="PEM",
        here_only=True,
    ),
    Option(
        "script",
        "Print a PowerShell script that probes from an Exchange server, and do nothing else.",
        "flag",
        here_only=True,
    ),
    Option(
        "result",
        "Probe nothing: judge what the script, or --save-result, wrote.",
        metavar="FILE",
        here_only=True,
    ),
    Option("save-result", "Keep what was seen.", metavar="FILE", here_only=True),
)
_WINDOW: Final = (
    Option(
        "from",
        "Of logs only what is from this day or time on, in UTC.",
        metavar="TIME",
        here_only=True,
    ),
    Option("to", "Of logs only what is before this day or time.", metavar="TIME", here_only=True),
    Option("since", "Of logs only the last 24h, 7d, 4w.", metavar="AGE"),
)
_TEST_MESSAGE: Final = Option(
    "test-message",
    "Show what became of the test message: its Message-ID, or its whole subject.",
    metavar="ID|SUBJECT",
    here_only=True,
)
_ADDRESSES: Final = Option(
    "show-addresses", "Show whole addresses, not only domains.", "flag", here_only=True
)
MAILFLOW: Final = (*_WINDOW, _TEST_MESSAGE, _ADDRESSES)
MAILFLOW_GIVEN: Final = (
    Option(
        "mailflow",
        "Hold message tracking logs, or protocol logs, against the policy too: a file, a folder, "
        "a pattern. May be repeated.",
        "list",
        metavar="PATH",
    ),
    *_WINDOW,
)
"""What a command is told that takes logs beside its source."""

FLOW_FORMAT: Final = Option(
    "format",
    "What goes to standard output.",
    "text",
    "-f",
    choices=("table", "json", "csv", "html"),
    default="table",
    here_only=True,
)
STRICT: Final = Option(
    "strict", "Exit 1 also where there are only warnings.", "flag", here_only=True
)
