"""``audit check``: the main job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.cli.instant import parse_instant
from auditor.cli.output import coloured, in_words, write_file
from auditor.collect import read_snapshots
from auditor.errors import InputError, Place, UsageError, did_you_mean
from auditor.evaluate import evaluate
from auditor.model import SEVERITIES
from auditor.normalise import normalise, organization_of
from auditor.policy import find_region, load_policy
from auditor.report import FORMATS, nagios, render

if TYPE_CHECKING:
    from pathlib import Path

    from auditor.cli.session import Session
    from auditor.cli.settings import Settings
    from auditor.model import Audit, Finding, Snapshot


def run(settings: Settings, session: Session) -> int:
    """Audit one organisation; returns the exit status.

    Raises:
        AuditError: nothing could be evaluated.
    """
    monitored = settings.text("exit-style") == "nagios"
    if monitored and settings.text("format") == "json":
        raise UsageError(
            "--exit-style nagios writes a line before the report, so --format cannot be json",
            hint="Write the JSON to a file: --output json=report.json",
        )
    outputs = _outputs(settings)
    given = settings.text("as-of")
    now = parse_instant(given) if given is not None else session.now()
    policy_setting = settings.setting("policy")
    folder = policy_setting.folder if policy_setting else session.folder
    policy = load_policy(settings.text("policy") or "mimecast", folder)
    region = find_region(policy, settings.text("region"))
    snapshot = _read(settings, session)
    organization = settings.text("organization") or organization_of(snapshot)
    audit = evaluate(normalise(snapshot), policy, region, now, snapshot, organization)
    _tell(audit, settings, session)
    return _report(audit, outputs, settings, session, monitored=monitored)


def _tell(audit: Audit, settings: Settings, session: Session) -> None:
    if settings.flag("quiet") or not settings.flag("verbose"):
        return
    origin = audit.snapshot.provenance
    session.tell(f"audit: read {', '.join(origin.files)} as {origin.kind}")
    session.tell(f"audit: policy {audit.policy.name}, SHA-256 {audit.policy.sha256}")
    subject = f"'{audit.subject.label}'" if audit.subject else "none"
    session.tell(f"audit: the connector that must carry all outbound mail: {subject}")


def _report(
    audit: Audit,
    outputs: list[tuple[str, Path]],
    settings: Settings,
    session: Session,
    *,
    monitored: bool,
) -> int:
    counted = _counted(audit, settings.text("fail-on"))
    if monitored:
        status = nagios.exit_status(audit, [] if settings.flag("exit-zero") else counted)
        session.write(nagios.line(audit, status))
    else:
        status = _exit_status(audit, counted, exit_zero=settings.flag("exit-zero"))
    text = render(settings.text("format") or "table", audit)
    plain = settings.flag("no-color") or session.environ.get("NO_COLOR") or not session.terminal
    session.write(text if plain else coloured(text))
    written = [_write(path, render(name, audit).encode(), session) for name, path in outputs]
    saved = settings.text("save-snapshot")
    if saved is not None:
        from auditor.snapshot import write_snapshot

        path = settings.path("save-snapshot", saved)
        written.append(_write(path, write_snapshot(audit.snapshot), session))
    if all(written) or (counted and status != 0):
        return status
    return nagios.UNKNOWN if monitored else 2


def _write(path: Path, data: bytes, session: Session) -> bool:
    try:
        write_file(path, data)
    except OSError as error:
        problem = UsageError(
            f"the file could not be written: {error.strerror or error}", Place(str(path))
        )
        session.tell(in_words(problem))
        return False
    return True


def _counted(audit: Audit, fail_on: str | None) -> list[Finding]:
    """The failed findings that count for the exit status."""
    limit = next((i for i, word in enumerate(SEVERITIES) if word == fail_on), len(SEVERITIES))
    return [
        finding
        for finding in audit.findings
        if finding.status == "fail" and SEVERITIES.index(finding.severity) <= limit
    ]


def _exit_status(audit: Audit, counted: list[Finding], *, exit_zero: bool) -> int:
    if counted and not exit_zero:
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
                hint=f"{did_you_mean(name, FORMATS)} Known: {', '.join(FORMATS)}.",
            )
        outputs.append((name, settings.path("output", path)))
    return outputs


def _read(settings: Settings, session: Session) -> Snapshot:
    words = settings.texts("snapshot")
    if not words:
        raise UsageError(
            "there is nothing to check",
            hint="Give an export of Get-SendConnector: --snapshot connectors.xml",
        )
    if words.count("-") > 1:
        raise UsageError("standard input (-) can be read only once")
    return read_snapshots([_file(word, settings, session) for word in words])


def _file(word: str, settings: Settings, session: Session) -> tuple[str, bytes]:
    if word == "-":
        return "stdin", session.read_input()
    path = settings.path("snapshot", word)
    try:
        return path.name, path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(
            f"the file cannot be read: {reason}",
            Place(word),
            "Export with: Get-SendConnector | Export-Clixml connectors.xml",
        ) from error
