"""Every command in one table: its module, its help, what it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.cli.options import (
    AS_OF,
    CHANGE,
    DATA_FORMAT,
    EVALUATED,
    EVERY,
    EXIT,
    FLOW_FORMAT,
    GENERAL,
    KEPT,
    KEPT_RUNS,
    KEY,
    KEYS,
    LIMIT,
    MAILFLOW,
    MAILFLOW_GIVEN,
    NAME,
    OUTPUT,
    PACK,
    POLICY,
    PROBE,
    PRUNE,
    REDACTION,
    REGION,
    ROUTE,
    RUNS,
    SAVE,
    SCHEDULE,
    SERVER,
    SHEET,
    SIGN_OFF,
    SOURCE,
    STRICT,
    TREND,
    Option,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Operand(NamedTuple):
    """What a command is given without an option: one word, or with ``many`` several."""

    name: str
    help: str
    many: bool = False
    required: bool = True


@dataclass(frozen=True, slots=True)
class Command:
    """One command: the module whose ``run(settings, session) -> int`` it is, and what it takes.

    ``name`` is one word, or two where it belongs to a group: ``policy list``. ``takes_all``: it is
    for all audits of a configuration file at once, where none is chosen.
    """

    name: str
    module: str
    help: str
    example: str
    options: tuple[Option, ...]
    operand: Operand | None = None
    takes_all: bool = False

    @property
    def words(self) -> list[str]:
        """Its name in words."""
        return self.name.split()


GROUPS: Final[Mapping[str, str]] = {
    "policy": "Look at policies and control packs, check them, and write them.",
    "history": "Look at the runs that were kept, and at what was missed; remove old ones.",
    "config": "Check configuration files (audit.yaml), and help editors to write them.",
}
"""Words that begin the names of several commands, with what these are for."""

_POLICY_EXIT: Final = "Exit status: 0 done, 2 usage or policy error."
_CONFIG: Final = GENERAL[:1]

POLICY_COMMANDS: Final = (
    Command(
        name="policy list",
        module="auditor.cli.policy.listing",
        help=f"Which policies, regions and control packs there are.\n\n{_POLICY_EXIT}",
        example="audit policy list",
        options=(DATA_FORMAT,),
    ),
    Command(
        name="policy show",
        module="auditor.cli.policy.show",
        help=(
            "The effective policy, after extends, with the place of every value.\n\n"
            f"What it prints is a policy that says the same. {_POLICY_EXIT}"
        ),
        example="audit policy show contoso.yaml --region na",
        options=(REGION, PACK, *_CONFIG),
        operand=Operand("NAME|FILE", "A policy or a pack, by its name or as a file."),
    ),
    Command(
        name="policy validate",
        module="auditor.cli.policy.validate",
        help=(
            "Check policies and packs, without Exchange.\n\n"
            "Says of each error and warning where it is and what to do. Exit status: 0 no error, "
            "1 only warnings (with --strict), 2 errors."
        ),
        example="audit policy validate contoso.yaml --strict",
        options=(STRICT, AS_OF, DATA_FORMAT),
        operand=Operand("FILE", "Policies and packs, as files or by their names.", many=True),
    ),
    Command(
        name="policy schema",
        module="auditor.cli.policy.schema",
        help=(
            "Print the JSON Schema of policies, for editors.\n\n"
            "An editor with YAML support then completes keys and marks mistakes as you type: "
            "begin the policy with # yaml-language-server: $schema=FILE."
        ),
        example="audit policy schema > audit-policy-1.schema.json",
        options=(Option("packs", "Print that of control packs.", "flag", here_only=True),),
    ),
    Command(
        name="policy explain",
        module="auditor.cli.policy.explain",
        help=(
            "What a control checks, why, and how to put it right.\n\n"
            f"Looks in the policy and its packs, then in the built-in packs. {_POLICY_EXIT}"
        ),
        example="audit policy explain DNSRoutingEnabled",
        options=(REGION, POLICY, PACK, DATA_FORMAT, *_CONFIG),
        operand=Operand("CONTROL", "A property, OtherOutboundConnectors, V-259670, ..."),
    ),
    Command(
        name="policy init",
        module="auditor.cli.policy.init",
        help=(
            "Write a policy that a known-good organisation satisfies.\n\n"
            "Reads an export, or asks a live server, and writes a commented policy: the connector "
            "by its name, what differs from the built-in policy, and an exemption to be filled in "
            "for each other enabled connector. Exit status: 0 written, 2 usage error or no "
            "connector to the gateway, 3 something needed could not be read."
        ),
        example="audit policy init --from connectors.xml --region na --to contoso.yaml",
        options=(
            Option(
                "from",
                "The export to read: the same as --snapshot.",
                "list",
                metavar="FILE",
                here_only=True,
            ),
            *SOURCE,
            NAME,
            REGION,
            POLICY,
            Option(
                "to",
                "Write it to this file, which must not exist; else to standard output.",
                metavar="FILE",
                here_only=True,
            ),
            *GENERAL,
        ),
    ),
    Command(
        name="policy regions",
        module="auditor.cli.policy.regions",
        help=f"The gateway's regions, their smart hosts and how sure these are.\n\n{_POLICY_EXIT}",
        example="audit policy regions",
        options=(POLICY, DATA_FORMAT, *_CONFIG),
    ),
)

CONFIG_COMMANDS: Final = (
    Command(
        name="config validate",
        module="auditor.cli.config.validate",
        help=(
            "Check a configuration file without Exchange, and without telling anybody.\n\n"
            "Of each audit: policy, region, files that are read, names of reports, history, and "
            "whether the secrets are where the file says. Exit status: 0 valid, 2 errors."
        ),
        example="audit config validate --config audit.yaml",
        options=(DATA_FORMAT, *_CONFIG),
    ),
    Command(
        name="config schema",
        module="auditor.cli.config.schema",
        help=(
            "Print the JSON Schema of configuration files, for editors.\n\n"
            "An editor with YAML support then completes keys and marks mistakes as you type: "
            "begin the file with # yaml-language-server: $schema=FILE."
        ),
        example="audit config schema > audit-config-1.schema.json",
        options=(),
    ),
)

DIFF_COMMANDS: Final = (
    Command(
        name="diff",
        module="auditor.cli.diff",
        help=(
            "Show what differs between two snapshots, property by property, whatever a policy "
            "says.\n\n"
            "Takes exports, saved snapshots, or runs of a history by their numbers. Connectors are "
            "matched by Guid, so that a rename is a rename; two spellings of one value do not "
            "differ. Exit status: 0 nothing differs, 1 something does, 2 usage error, 3 nothing "
            "differs, but not all could be compared."
        ),
        example="audit diff monday.json tuesday.json",
        options=(RUNS, DATA_FORMAT, *GENERAL),
        operand=Operand(
            "SNAPSHOT",
            "The old one, then the new one: files as --snapshot of audit check takes them (- is "
            "standard input), or runs of the history: 12 or #12.",
            many=True,
        ),
    ),
)

_KEPT_EXIT: Final = "Exit status: 0 done, 2 usage error, or the history cannot be read."

HISTORY_COMMANDS: Final = (
    Command(
        name="history list",
        module="auditor.cli.history.listing",
        help=f"The runs that were kept, the newest first.\n\n{_KEPT_EXIT}",
        example="audit history list --history audits.sqlite",
        options=(*KEPT_RUNS, LIMIT, DATA_FORMAT, *GENERAL),
        takes_all=True,
    ),
    Command(
        name="history show",
        module="auditor.cli.history.show",
        help=(
            "One run: its findings, and the digests of what it was made of.\n\n"
            f"--save-snapshot takes its evidence out of the history again. {_KEPT_EXIT}"
        ),
        example="audit history show 12 --history audits.sqlite",
        options=(RUNS, SAVE, DATA_FORMAT, *GENERAL),
        operand=Operand("RUN", "The number of the run."),
        takes_all=True,
    ),
    Command(
        name="history trend",
        module="auditor.cli.history.trend",
        help=(
            "How an audit went over time, and what fails now, since when.\n\n"
            f"Of each day, week or month: how many runs, and the failed findings. {_KEPT_EXIT}"
        ),
        example="audit history trend --history audits.sqlite",
        options=(*KEPT_RUNS, TREND, DATA_FORMAT, *GENERAL),
    ),
    Command(
        name="history prune",
        module="auditor.cli.history.prune",
        help=(
            "Remove old runs from a history.\n\n"
            "The newest run of an audit that was decided always stays: the next one is compared "
            f"with it. {_KEPT_EXIT}"
        ),
        example="audit history prune --keep 400d --history audits.sqlite",
        options=(*KEPT_RUNS, *PRUNE, DATA_FORMAT, *GENERAL),
        takes_all=True,
    ),
    Command(
        name="history gaps",
        module="auditor.cli.history.gaps",
        help=(
            "Runs that were missed: where the next one came too late, or has not come.\n\n"
            "Exit status: 0 none was missed, 1 some were, 2 usage error, 3 it cannot be told: "
            "fewer than three runs, and no --every."
        ),
        example="audit history gaps --every 24h --history audits.sqlite",
        options=(*KEPT_RUNS, EVERY, DATA_FORMAT, *GENERAL),
    ),
)

SCHEDULE_COMMANDS: Final = (
    Command(
        name="schedule",
        module="auditor.cli.schedule",
        help=(
            "Print or write what runs the audit every night.\n\n"
            "For the audit that the configuration file describes, with the options that are given "
            "here: a service and a timer of systemd, a line of cron, a task of Windows, or a "
            "CronJob of Kubernetes with the Containerfile of its image. Installs nothing. Exit "
            "status: 0 done, 2 usage or policy error."
        ),
        example="audit schedule systemd --at 02:30 --output-dir units",
        options=(
            *SCHEDULE,
            *EVALUATED[:-1],
            *OUTPUT,
            *SHEET,
            SAVE,
            *KEPT,
            *EXIT,
            *GENERAL,
        ),
        operand=Operand("KIND", "systemd, cron, windows or kubernetes."),
        takes_all=True,
    ),
)

COMMANDS: Final[Mapping[str, Command]] = {
    "check": Command(
        name="check",
        module="auditor.cli.check",
        help=(
            "Prove whether all outbound mail leaves through the gateway.\n\n"
            "Reads an export of Get-SendConnector, or asks a live server, compares it with the "
            "policy and says what is wrong and what that does to mail. Exit status: 0 compliant, "
            "1 drift, 2 usage or policy error, 3 could not be decided, 4 a fault in this program."
        ),
        example="audit check --region na --snapshot connectors.xml",
        options=(*EVALUATED, *MAILFLOW_GIVEN, *OUTPUT, *SHEET, SAVE, *KEPT, *EXIT, *GENERAL),
        takes_all=True,
    ),
    "plan": Command(
        name="plan",
        module="auditor.cli.plan",
        help=(
            "Show what would bring the organisation back into compliance.\n\n"
            "What changes, from what to what, in which order, what it means for mail, and what a "
            "person must do by hand. Changes nothing. Exit status: 0 a plan was made, also an "
            "empty one, 2 usage or policy error, 3 could not be evaluated."
        ),
        example="audit plan --region na --snapshot connectors.xml",
        options=(*EVALUATED, DATA_FORMAT, *GENERAL),
    ),
    "remediate": Command(
        name="remediate",
        module="auditor.cli.remediate",
        help=(
            "Write the scripts that bring the organisation back into compliance.\n\n"
            "remediate.ps1 shows what it would do, and does it with -Apply; rollback.ps1 undoes "
            "it. Both check first that nobody has changed anything since. For a person to review "
            "and run: this program never changes Exchange. Exit status as for audit plan."
        ),
        example="audit remediate --region na --snapshot connectors.xml --output-dir change",
        options=(
            *EVALUATED,
            *CHANGE,
            DATA_FORMAT,
            SAVE,
            *GENERAL,
        ),
    ),
    "route": Command(
        name="route",
        module="auditor.cli.route",
        help=(
            "Which connector mail to a recipient really takes, and why.\n\n"
            "For each address or domain: the connector, its next hops, whether that is the "
            "gateway. Without --size it is about a small message, without --from-server about "
            "every server. Exit status: 0 all through the gateway, by an exempt connector or "
            "delivered inside, 1 one is not, 2 usage or policy error, 3 it cannot be known."
        ),
        example="audit route anna@partner.example --region na --snapshot connectors.xml",
        options=(
            *ROUTE,
            *EVALUATED,
            DATA_FORMAT,
            SAVE,
            *GENERAL,
        ),
        operand=Operand(
            "RECIPIENT", "An address or a domain; of other types with the type: X400:...", many=True
        ),
    ),
    "probe": Command(
        name="probe",
        module="auditor.cli.probe",
        help=(
            "Try whether mail can reach the gateway from here, without sending any.\n\n"
            "Of each smart host: names, port 25, greeting, EHLO, STARTTLS, TLS, certificate; of "
            "each accepted domain: SPF. Holds for the machine that it runs on: --script is for "
            "the Exchange server. Exit status: 0 reachable and accepted, 1 a host or a record "
            "fails, 2 usage or policy error, 3 it could not be decided."
        ),
        example="audit probe --region na",
        options=(*SOURCE, NAME, REGION, POLICY, *PROBE, DATA_FORMAT, *GENERAL),
    ),
    "mailflow": Command(
        name="mailflow",
        module="auditor.cli.mailflow",
        help=(
            "Prove from the organisation's own logs which way mail really left.\n\n"
            "Reads message tracking logs and protocol logs of SMTP sending: files, folders, "
            "patterns, zip and gzip. Names each way around the gateway, what the gateway refused, "
            "and of which times there is no log. With a source it also knows exempt connectors and "
            "internal mail. Exit status: 0 all through the gateway, 1 not all, 2 usage or policy "
            "error, 3 it cannot be known."
        ),
        example="audit mailflow MessageTracking --region na --snapshot connectors.xml",
        options=(*SOURCE, NAME, REGION, POLICY, AS_OF, *MAILFLOW, FLOW_FORMAT, *GENERAL),
        operand=Operand(
            "LOGS",
            "Files, folders or patterns of logs; without any, --server is asked for its own.",
            many=True,
            required=False,
        ),
    ),
    "signoff": Command(
        name="signoff",
        module="auditor.cli.signoff",
        help=(
            "Prove that an organisation is ready to go live, and write one bundle to sign.\n\n"
            "Runs the check, takes what people attest where no cmdlet shows it, and writes the "
            "snapshot, the effective policy, reports (JSON, HTML, PDF), plan and scripts, with a "
            "manifest of their digests. Exit status: 0 ready, 1 not ready, 2 usage or policy "
            "error, 3 undecided."
        ),
        example="audit signoff --region na --snapshot connectors.xml --attestations answers.yaml",
        options=(
            *EVALUATED,
            *SIGN_OFF,
            *MAILFLOW_GIVEN,
            *SHEET,
            DATA_FORMAT,
            SAVE,
            *GENERAL,
        ),
    ),
    "signoff sign": Command(
        name="signoff sign",
        module="auditor.cli.signing",
        help=(
            "Sign a bundle of audit signoff with a private key.\n\n"
            "Signs an in-toto statement over manifest.json in a DSSE envelope, and puts it into "
            "the bundle; several people sign one after another, each with a key of their own. "
            "Exit status: 0 signed, 1 the bundle is not as it was made, 2 usage error or no key "
            "that can sign."
        ),
        example="audit signoff sign contoso.zip --key engineer.pem",
        options=(KEY, *GENERAL),
        operand=Operand("BUNDLE", "The folder or the zip file."),
    ),
    "verify": Command(
        name="verify",
        module="auditor.cli.verify",
        help=(
            "Show whether a signed bundle is as it was signed, by whom, and whether it is true.\n\n"
            "Checks the signatures, then the digest of each file, then evaluates the evidence "
            "again: the same version gives the same files, another one the same findings. Exit "
            "status: 0 all is as signed, 1 something is not, 2 usage error or a list of keys that "
            "is wrong, 3 could not be decided."
        ),
        example="audit verify contoso.zip --keys keys.yaml",
        options=(*KEYS, DATA_FORMAT, *GENERAL),
        operand=Operand("BUNDLE", "The folder or the zip file."),
    ),
    "collect": Command(
        name="collect",
        module="auditor.cli.collect",
        help=(
            "Keep what Exchange says, for an audit elsewhere or later.\n\n"
            "Asks a live server with cmdlets that only read (or takes exports), and writes one "
            "file with a digest. --redact replaces names, so that it can be handed on. --script "
            "prints a PowerShell script for those who may not use remoting. Exit status: 0 "
            "collected, 2 usage error, 3 the send connectors could not be collected whole."
        ),
        example="audit collect --server ex01.contoso.com --save-snapshot snapshot.json",
        options=(*SOURCE, NAME, SAVE, *REDACTION, *GENERAL),
    ),
    "doctor": Command(
        name="doctor",
        module="auditor.cli.doctor",
        help=(
            "Try the way to a live server, step by step.\n\n"
            "Name, port, TLS, endpoint, authentication, session, role: says of each what is "
            "right, and of what is not, what to do about it. Collects nothing. Exit status: 0 "
            "everything is right, 2 usage error, 3 something is not."
        ),
        example="audit doctor --server ex01.contoso.com",
        options=(*SERVER, NAME, *GENERAL),
    ),
    **{
        command.name: command
        for table in (
            POLICY_COMMANDS,
            CONFIG_COMMANDS,
            DIFF_COMMANDS,
            HISTORY_COMMANDS,
            SCHEDULE_COMMANDS,
        )
        for command in table
    },
}


def command_of(words: Sequence[str]) -> Command | None:
    """The command that a command line begins with, in two words or in one."""
    for length in (2, 1):
        command = COMMANDS.get(" ".join(words[:length]))
        if command is not None:
            return command
    return None
