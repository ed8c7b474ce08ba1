"""``audit plan``: what would be changed, from what to what, in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.cli.auditing import audit_with, controller_of
from auditor.cli.output import put
from auditor.cli.policy_options import read_policy
from auditor.remediate import make_plan
from auditor.report import plan_json, plan_text

if TYPE_CHECKING:
    from auditor.cli.session import Session
    from auditor.cli.settings import Settings


def run(settings: Settings, session: Session) -> int:
    """Print the plan; returns 0 where one was made, also an empty one.

    Raises:
        AuditError: nothing could be evaluated.
    """
    audit = audit_with(read_policy(settings), settings, session)
    plan = make_plan(audit, controller_of(settings))
    as_json = settings.text("format") == "json"
    put(plan_json.render(plan) if as_json else plan_text.render(plan, audit), session)
    return 0
