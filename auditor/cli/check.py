"""``audit check``: the main job."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.cli.auditing import audit_with, controller_of
from auditor.cli.output import coloured, plain, refuse_overwriting, save
from auditor.cli.policy_options import policy_files, read_policy
from auditor.cli.sheet import sheet_of
from auditor.cli.source import path_of, read_files, save_snapshot
from auditor.errors import AuditError, UndecidedError, UsageError, did_you_mean
from auditor.model import SEVERITIES
from auditor.report import FORMATS, HEAD, nagios, render, render_errors, require
from auditor.report.printable import printable

if TYPE_CHECKING:
    from auditor.cli.session import Session
    from auditor.cli.settings import Settings
    from auditor.model import Audit, Finding
    from auditor.report.sheet import Sheet


def run(settings: Settings, session: Session) -> int:
    """Audit one organisation; returns the exit status.

    Raises:
        AuditError: nothing could be evaluated.
    """
    if settings.text("exit-style") == "nagios" and settings.text("format") == "json":
        raise UsageError(
            "--exit-style nagios writes a line before the report, so --format cannot be json",
            hint="Write the JSON to a file: --output json=report.json",
        )
    outputs = _outputs(settings)
    try:
        return _audit(outputs, settings, session)
    except (Exception, KeyboardInterrupt) as error:
        _write_failure(error, outputs, session)
        raise


def _audit(outputs: list[tuple[str, Path]], settings: Settings, session: Session) -> int:
    policy = read_policy(settings)
    kept = path_of(settings, "save-snapshot")
    written = [*(path for _, path in outputs), *([kept] if kept else [])]
    refuse_overwriting(written, [*read_files(settings), *policy_files(policy)])
    unsaved: list[str | None] = []
    # Kept first: whatever comes, nothing that was collected is lost.
    audit = audit_with(
        policy, settings, session, lambda s: unsaved.append(save_snapshot(s, settings, session))
    )
    if audit.verdict == "drift":
        # A compliant audit needs no plan, and does not pay for importing it.
        from auditor.remediate import make_plan

        audit = replace(audit, plan=make_plan(audit, controller_of(settings)))
    counted = _counted(audit, settings.text("fail-on"))
    if settings.flag("exit-zero"):
        counted = []
    _tell(audit, counted, settings, session)
    sheet = sheet_of(settings, session)
    unwritten = _write_files(audit, outputs, sheet, session) or next(iter(unsaved), None)
    return _show(audit, counted, unwritten, settings, session)


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


def _write_files(
    audit: Audit, outputs: list[tuple[str, Path]], sheet: Sheet, session: Session
) -> str | None:
    """Write report files; returns what could not be written, or None."""
    unwritten = None
    for name, path in outputs:
        try:
            data = render(name, audit, sheet)
        except UsageError as error:
            # One that cannot be made here keeps nobody from the others.
            session.report(error)
            unwritten = f"{error.message} ({path.name})"
            continue
        unwritten = save(path, data, session) or unwritten
    return unwritten


def _write_failure(error: BaseException, outputs: list[tuple[str, Path]], session: Session) -> None:
    """No report of an earlier run may stand for one that failed; nothing else is replaced."""
    if not isinstance(error, AuditError):
        stopped = isinstance(error, KeyboardInterrupt)
        error = UndecidedError("it was interrupted" if stopped else "a fault in this program")
    for name, path in outputs:
        if _is_report(path, name):
            save(path, render_errors(name, [error], session.now()), session)


def _is_report(path: Path, name: str) -> bool:
    """Whether a file is one that this program wrote as a report of a format."""
    # A PDF's metadata stand near its end.
    size = -1 if FORMATS[name].paged else HEAD
    try:
        with path.open("rb") as file:
            start = file.read(size) if path.is_file() else b""
    except OSError:
        return False
    return FORMATS[name].wrote(start)


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


def _outputs(settings: Settings) -> list[tuple[str, Path]]:
    """Report files, checked before anything is read."""
    outputs = []
    for text in settings.texts("output"):
        name, equals, path = text.partition("=")
        if not equals or not path:
            raise UsageError(
                f"--output {text!r} is not of the form FORMAT=PATH",
                hint="For example: --output json=report.json",
            )
        if name not in FORMATS:
            raise UsageError(
                f"--output has no format {name!r}",
                hint=did_you_mean(name, FORMATS),
            )
        if path == "-":
            paged = FORMATS[name].paged
            hint = "Name a file." if paged else f"For standard output: --format {name}"
            raise UsageError("--output writes files", hint=hint)
        require(name)
        outputs.append((name, settings.folder("output") / path))
    return outputs
