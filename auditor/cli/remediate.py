"""``audit remediate``: the scripts that bring an organisation back, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.cli.auditing import audit_with, controller_of
from auditor.cli.output import put, refuse_overwriting, write_or_refuse
from auditor.cli.policy_options import policy_files, read_policy
from auditor.cli.source import path_of, read_files, save_snapshot
from auditor.errors import Place, UsageError
from auditor.remediate import make_plan
from auditor.remediate.script import Head, remediate_script, rollback_script
from auditor.report import plan_json, plan_text

if TYPE_CHECKING:
    from pathlib import Path

    from auditor.cli.session import Session
    from auditor.cli.settings import Settings
    from auditor.model import Snapshot

REMEDIATE: Final = "remediate.ps1"
ROLLBACK: Final = "rollback.ps1"
PLAN: Final = ("plan.txt", "plan.json")


def run(settings: Settings, session: Session) -> int:
    """Write the scripts and print the plan; returns 0 where one was made, also an empty one.

    Raises:
        AuditError: nothing could be evaluated, or the files could not be written.
    """
    folder = path_of(settings, "output-dir")
    if folder is None:
        raise UsageError(
            "audit remediate needs to know where to write its scripts",
            hint="For example: --output-dir change. To look only: audit plan",
        )
    policy = read_policy(settings)
    paths = [folder / name for name in (REMEDIATE, ROLLBACK, *PLAN)]
    kept = path_of(settings, "save-snapshot")
    read = [*read_files(settings), *policy_files(policy)]
    refuse_overwriting([*paths, *([kept] if kept else [])], read)
    _refuse_what_is_there(paths)

    def keep(snapshot: Snapshot) -> None:
        save_snapshot(snapshot, settings, session)

    audit = audit_with(policy, settings, session, keep)
    controller = controller_of(settings)
    plan = make_plan(audit, controller)
    head = Head.of(audit, plan, settings.text("ticket"), controller)
    text, document = plan_text.render(plan, audit), plan_json.render(plan)
    contents = [b"", b"", text.encode("utf-8", "backslashreplace"), document.encode()]
    if plan.changes:
        contents[:2] = remediate_script(plan, head), rollback_script(plan, head)
    # The way back is there before the way forth; a script that changes things comes last.
    for path, data in reversed([*zip(paths, contents, strict=True)]):
        if data:
            write_or_refuse(path, data)
    put(document if settings.text("format") == "json" else text, session)
    if plan.changes and not settings.flag("quiet"):
        session.tell(f"review {paths[0]}, then run it; {paths[1].name} undoes it")
    return 0


def _refuse_what_is_there(paths: list[Path]) -> None:
    """A change that was reviewed is never replaced by another one.

    Raises:
        UsageError: one of the files is there.
    """
    for path in paths:
        if path.exists():
            raise UsageError(
                "the file is already there", Place(str(path)), "Name another --output-dir."
            )
