"""``audit history prune``: old runs are removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.cli.histories import age_of, key_of
from auditor.cli.history.choosing import count_of, key_in, open_kept
from auditor.cli.output import put
from auditor.errors import UsageError
from auditor.report import history_json

if TYPE_CHECKING:
    from auditor.cli.session import Session
    from auditor.cli.settings import Settings


def run(settings: Settings, session: Session) -> int:
    """Remove runs, or say how many would go; returns 0.

    Raises:
        AuditError: nothing says what stays, or the history cannot be written.
    """
    age, keep = age_of(settings, "keep"), count_of(settings, "keep-runs")
    if age is None and keep is None:
        raise UsageError("nothing says what stays", hint="For example: --keep 400d")
    dry_run = settings.flag("dry-run")
    with open_kept(settings) as store:
        key = None if key_of(settings) is None else key_in(store, settings)
        older_than = None if age is None else session.now() - age
        removed = store.prune(key, older_than=older_than, keep=keep, dry_run=dry_run)
    if settings.text("format") == "json":
        put(history_json.pruned(removed, dry_run=dry_run), session)
    else:
        runs = f"{removed} run{'' if removed == 1 else 's'}"
        put(f"{runs} would be removed\n" if dry_run else f"{runs} removed\n", session)
    return 0
