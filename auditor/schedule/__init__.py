"""An audit becomes a schedule's files: values in, text out. Nothing is installed here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from auditor.schedule.job import File, Job, Scheduled, job_name

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KINDS", "File", "Job", "Scheduled", "job_name", "scheduled"]

KINDS: Final[Mapping[str, str]] = {
    "systemd": "auditor.schedule.systemd",
    "cron": "auditor.schedule.cron",
    "windows": "auditor.schedule.windows",
    "kubernetes": "auditor.schedule.kubernetes",
}
"""What an audit can be scheduled with → the module that does it."""


def scheduled(kind: str, job: Job, folder: str) -> Scheduled:
    """The files of a schedule, and what to do with them.

    Args:
        kind: one of ``KINDS``.
        job: what is scheduled.
        folder: where the files will be; empty where nobody has said so.

    Raises:
        UsageError: the job holds what this kind of schedule cannot carry.
    """
    made: Scheduled = import_module(KINDS[kind]).render(job, folder)
    return made
