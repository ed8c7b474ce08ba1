"""``audit check``: the main job."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.cli.auditing import audit_with, controller_of
from auditor.cli.failing import failure_of
from auditor.cli.output import coloured, plain, refuse_overwriting
from auditor.cli.outputs import fixed_paths, outputs_of, write_failure, write_reports
from auditor.cli.policy_options import policy_files, read_policy
from auditor.cli.sheet import sheet_of
from auditor.cli.source import path_of, read_files, save_snapshot
from auditor.errors import UsageError
from auditor.model import SEVERITIES
from auditor.report import nagios, render
from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.cli.keeping import Keeping
    from auditor.cli.outputs import Output
    from auditor.cli.session import Session
    from auditor.cli.settings import Settings
    from auditor.model import Audit, Finding


def run(settings: Settings, session: Session) -> int:
    """Audit one organisation, or each of a configuration file; returns the exit status.

    Raises:
        AuditError: nothing could be evaluated.
    """
    if settings.text("exit-style") == "nagios" and settings.text("format") == "json":
        raise UsageError(
            "--exit-style nagios writes a line before the report, so --format cannot be json",
            hint="Write the JSON to a file: --output json=report.json",
        )
    if settings.several:
        from auditor.cli.fleet import run_all

        return run_all(settings, session, run)
    outputs = outputs_of(settings)
    if not _is_kept(settings):
        return _guarded(outputs, settings, session, None)
    from auditor.cli.keeping import Keeping, only_one_run

    # Only what a configuration file describes is the same audit when it runs again.
    with nullcontext() if settings.extras is None else only_one_run(settings, session):
        return _guarded(outputs, settings, session, Keeping(settings, session))


def _is_kept(settings: Settings) -> bool:
    """Whether anything is done with a run besides reporting it."""
    extras = settings.extras
    told = extras is not None and bool(extras.notifications or extras.ping)
    return told or settings.text("history") is not None


def _guarded(
    outputs: Sequence[Output], settings: Settings, session: Session, keeping: Keeping | None
) -> int:
    try:
        return _audit(outputs, settings, session, keeping)
    except (Exception, KeyboardInterrupt) as error:
        failure = failure_of(error)
        write_failure(failure, outputs, settings, session)
        if keeping is not None:
            keeping.fail(failure)
        raise


def _audit(
    outputs: Sequence[Output], settings: Settings, session: Session, keeping: Keeping | None
) -> int:
    since = keeping.begin() if keeping is not None else None
    if settings.texts("mailflow"):
        # Who gives no logs does not pay for importing what reads them.
        from auditor.cli.flow_logs import require_flow

        require_flow(settings, session)
    policy = read_policy(settings)
    kept = path_of(settings, "save-snapshot")
    read = [*read_files(settings), *policy_files(policy)]
    refuse_overwriting([*fixed_paths(outputs), *([kept] if kept else [])], read)
    unsaved: list[str | None] = []
    # Kept first: whatever comes, nothing that was collected is lost.
    audit = audit_with(
        policy,
        settings,
        session,
        lambda s: unsaved.append(save_snapshot(s, settings, session)),
        changes_since=since,
    )
    audit = _with_logs(audit, settings, session)
    if keeping is not None:
        audit = keeping.keep(audit)
    if audit.verdict == "drift":
        # A compliant audit needs no plan, and does not pay for importing it.
        from auditor.remediate import make_plan

        audit = replace(audit, plan=make_plan(audit, controller_of(settings)))
    counted = _counted(audit, settings.text("fail-on"))
    if settings.flag("exit-zero"):
        counted = []
    _tell(audit, counted, settings, session)
    sheet = sheet_of(settings, session)
    unwritten = write_reports(audit, outputs, read, sheet, settings, session)
    unwritten = unwritten or next(iter(unsaved), None) or (keeping and keeping.problem) or None
    status = _show(audit, counted, unwritten, settings, session)
    if keeping is not None:
        keeping.end(audit, sheet, well=unwritten is None)
    return status


def _with_logs(audit: Audit, settings: Settings, session: Session) -> Audit:
    """What the logs say of mail flow, where some are given."""
    words = settings.texts("mailflow")
    if not words:
        return audit
    from auditor.cli.flow_logs import read_flow
    from auditor.evaluate.mail_flow import with_mail_flow

    words = tuple(str(settings.folder("mailflow") / word) for word in words)
    return with_mail_flow(audit, read_flow(words, audit.inventory, settings, session))


def _tell(audit: Audit, counted: list[Finding], settings: Settings, session: Session) -> None:
    """What explains the result, on standard error."""
    if settings.flag("quiet"):
        return
    # By identity: comparing thousands of findings field by field takes minutes.
    counts = {id(finding) for finding in counted}
    left_out = [f for f in audit.findings if f.status == "fail" and id(f) not in counts]
    if left_out:
        option = "--exit-zero" if settings.flag("exit-zero") else "--fail-on"
        names = ", ".join(dict.fromkeys(finding.control.id for finding in left_out))
        session.tell(f"{option} leaves out of the exit status: {names}")
    if settings.flag("verbose"):
        origin = audit.snapshot.provenance
        where = ", ".join(origin.files) or origin.location
        session.tell(f"read {where} as {origin.kind}")
        session.tell(f"policy {audit.policy.name}, SHA-256 {audit.policy.sha256}")
        subject = f"'{printable(audit.subject.label)}'" if audit.subject else "none"
        session.tell(f"the connector that must carry all outbound mail: {subject}")


def _show(
    audit: Audit,
    counted: list[Finding],
    unwritten: str | None,
    settings: Settings,
    session: Session,
) -> int:
    """The report on standard output, and the exit status that goes with all of it."""
    monitored = settings.text("exit-style") == "nagios"
    failure = nagios.UNKNOWN if monitored else 2
    status = (nagios.exit_status if monitored else _exit_status)(audit, counted)
    if unwritten is not None and not counted:
        status = failure
    text = render(settings.text("format") or "table", audit).decode("utf-8")
    if unwritten is not None and settings.text("format") == "json":
        from auditor.report.json_report import with_error

        text = with_error(text, UsageError(unwritten))
    text = text if plain(settings, session) else coloured(text)
    if monitored:
        why = unwritten if status == failure and not counted else None
        text = nagios.output(audit, status, counted, why, text)
    problem = session.write(text)
    if problem is not None:
        session.report(UsageError(f"standard output could not be written: {problem}"))
        return status if counted else failure
    return status


def _counted(audit: Audit, fail_on: str | None) -> list[Finding]:
    """The failed findings that count for the exit status."""
    limit = next((i for i, word in enumerate(SEVERITIES) if word == fail_on), len(SEVERITIES))
    return [
        finding
        for finding in audit.findings
        if finding.status == "fail" and SEVERITIES.index(finding.severity) <= limit
    ]


def _exit_status(audit: Audit, counted: list[Finding]) -> int:
    if counted:
        return 1
    return 3 if audit.summary["unknown"] or not audit.findings else 0
