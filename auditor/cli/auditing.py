"""From options to an Audit: the same for every command that evaluates."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from auditor.cli.instant import as_of
from auditor.cli.source import read_source
from auditor.collect import require_connectors
from auditor.errors import UsageError, shortened
from auditor.evaluate import evaluate
from auditor.kinds.hosts import host_name
from auditor.normalise import normalise, organization_of
from auditor.policy import find_region

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from auditor.cli.session import Session
    from auditor.cli.settings import Settings
    from auditor.model import Audit, Connectors, Policy, Region, Snapshot


def controller_of(settings: Settings) -> str | None:
    """The domain controller that commands are to name; None where none is given.

    Raises:
        UsageError: it is no host name.
    """
    with settings.said_by("domain-controller"):
        name = settings.text("domain-controller")
        if name is not None and host_name(name) is None:
            raise UsageError(
                f"--domain-controller cannot be {shortened(name)}",
                hint="For example: --domain-controller dc01.contoso.com",
            )
        return name


class Evidence(NamedTuple):
    """What was read, and where and when it is evaluated."""

    snapshot: Snapshot
    connectors: Connectors
    region: Region | None
    now: datetime
    organization: str | None


def evidence_for(
    policy: Policy,
    settings: Settings,
    session: Session,
    keep: Callable[[Snapshot], None] = lambda _: None,
    files: str = "snapshot",
    changes_since: datetime | None = None,
) -> Evidence:
    """Read the source. Arguments and errors are those of ``audit_with``."""
    moment = as_of(settings)
    with settings.said_by("region"):
        region = find_region(policy, settings.text("region"))
    snapshot = read_source(settings, session, files, changes_since)
    keep(snapshot)
    require_connectors(snapshot)
    organization = settings.text("organization") or organization_of(snapshot)
    return Evidence(snapshot, normalise(snapshot), region, moment or session.now(), organization)


def audit_with(
    policy: Policy,
    settings: Settings,
    session: Session,
    keep: Callable[[Snapshot], None] = lambda _: None,
    files: str = "snapshot",
    changes_since: datetime | None = None,
) -> Audit:
    """Read the source, and hold it against a policy.

    Args:
        policy: what must hold.
        settings: the options.
        session: the world.
        keep: gets what was collected before anything else is done with it.
        files: the option that names the files.
        changes_since: ask a live server also for who has changed send connectors since then.

    Raises:
        AuditError: nothing could be evaluated.
    """
    snapshot, connectors, region, now, organization = evidence_for(
        policy, settings, session, keep, files, changes_since
    )
    return evaluate(connectors, policy, region, now, snapshot, organization)
