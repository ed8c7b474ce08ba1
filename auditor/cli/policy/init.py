"""``audit policy init``: a policy that a known-good organisation satisfies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.cli.auditing import audit_with
from auditor.cli.output import put, refuse_overwriting, write_or_refuse
from auditor.cli.policy_options import policy_files, read_policy
from auditor.cli.source import path_of, read_files, require_source
from auditor.errors import InputError, Place, UndecidedError, UsageError
from auditor.policy import builtin_names
from auditor.report.first_policy import render
from auditor.report.printable import printable

if TYPE_CHECKING:
    from pathlib import Path

    from auditor.cli.session import Session
    from auditor.cli.settings import Settings
    from auditor.model import Audit, Connector


def run(settings: Settings, session: Session) -> int:
    """Write the policy; returns 3 where something in it could not be read.

    Raises:
        AuditError: nothing could be written.
    """
    files = _files_option(settings)
    require_source(settings, files)
    policy = read_policy(settings)
    target = path_of(settings, "to")
    if target is not None:
        refuse_overwriting([target], [*read_files(settings, files), *policy_files(policy)])
        if target.exists():
            raise UsageError("the file is already there", Place(str(target)), "Name another one.")
    audit = audit_with(policy, settings, session, files=files)
    text = render(audit, _subject(audit), _extends(settings, target))
    if target is None:
        put(text, session)
    else:
        write_or_refuse(target, text.encode("utf-8", "backslashreplace"))
        session.tell(f"written to {printable(settings.text('to') or '')}")
    return _tell(audit, session)


def _files_option(settings: Settings) -> str:
    """The option that names the exports; what the command line says wins over all else.

    Raises:
        UsageError: the command line names two sources.
    """
    if not settings.texts("from"):
        return "snapshot"
    for name in ("snapshot", "server"):
        if settings.is_typed(name):
            raise UsageError(
                f"--from and --{name} exclude each other", hint="One of them is enough."
            )
    return "from"


def _subject(audit: Audit) -> Connector:
    """The connector to the gateway.

    Raises:
        UndecidedError: which one it is cannot be told.
        InputError: there is none, so the organisation is no example to follow.
    """
    found = (f for f in audit.findings if f.control.id == "ConnectorPresent")
    presence = next(found, None)
    if presence is not None and presence.status == "unknown":
        raise UndecidedError(presence.message)
    if audit.subject is None or (presence is not None and presence.status != "pass"):
        why = presence.message if presence is not None else "it has no connector to the gateway."
        raise InputError(
            f"this organisation is no example to follow: {why}",
            hint="Export one whose mail leaves through the gateway, or begin with the README's "
            "example of a policy.",
        )
    return audit.subject


def _extends(settings: Settings, target: Path | None) -> str:
    """What names the inherited policy from where the new one will be."""
    name = settings.text("policy") or "mimecast"
    if name in builtin_names():
        return name
    path = (settings.folder("policy") / name).resolve()
    home = None if target is None else target.resolve().parent
    beside = home is not None and home in path.parents
    return path.relative_to(str(home)).as_posix() if beside else path.as_posix()


def _tell(audit: Audit, session: Session) -> int:
    """What is left to do, on standard error."""
    # Routes follow from the connectors: what is written does not depend on them.
    findings = [finding for finding in audit.findings if finding.control.id != "BypassRoutes"]
    unknown = [finding for finding in findings if finding.status == "unknown"]
    failed = [finding for finding in findings if finding.status == "fail"]
    others = [f for f in failed if f.control.id == "OtherOutboundConnectors"]
    names = ", ".join(f.control.id for f in failed if f.control.id != "OtherOutboundConnectors")
    if names:
        session.tell(
            f"not as {audit.policy.name} wants it, and written as it is: {names}", "warning"
        )
    if others:
        count = f"{len(others)} other connector{'' if len(others) == 1 else 's'}"
        session.tell(f"{count} to disable or to exempt: see the end of the policy")
    if not unknown:
        return 0
    names = ", ".join(dict.fromkeys(finding.control.id for finding in unknown))
    session.report(UndecidedError(f"could not be read, so nothing is known of: {names}"))
    return 3
