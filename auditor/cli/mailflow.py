"""``audit mailflow``: which way mail really left, by the organisation's own logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.cli.auditing import audit_with
from auditor.cli.flow_logs import ask_flow, read_flow, require_flow
from auditor.cli.output import coloured, plain, put
from auditor.cli.policy_options import read_policy
from auditor.errors import UsageError
from auditor.evaluate.mail_flow import judged
from auditor.policy import find_region
from auditor.report import mailflow_csv, mailflow_html, mailflow_json, mailflow_text

if TYPE_CHECKING:
    from auditor.cli.session import Session
    from auditor.cli.settings import Settings
    from auditor.model import MailFlowResult, Policy, Region

_STATUS: Final = {"pass": 0, "fail": 1}
_PAGES: Final = {"json": mailflow_json, "csv": mailflow_csv, "html": mailflow_html}


def run(settings: Settings, session: Session) -> int:
    """Print what the logs say; 0 all through the gateway, 1 not all, 3 it cannot be known.

    Raises:
        AuditError: nothing could be read.
    """
    require_flow(settings, session)
    is_live = not settings.operands
    if is_live and settings.text("server") is None:
        raise UsageError(
            "there are no logs to read",
            hint="Name files, folders or patterns of message tracking logs; or ask a live server: "
            "--server ex01.contoso.com --since 24h",
        )
    policy = read_policy(settings)
    audit = None
    if settings.texts("snapshot") or settings.text("server") is not None:
        audit = audit_with(policy, settings, session)
    region = audit.region if audit is not None else _region(policy, settings)
    inventory = audit.inventory if audit is not None else None
    if is_live and inventory is not None:
        seen = ask_flow(inventory, settings, session)
    else:
        seen = read_flow(settings.operands, inventory, settings, session)
    result = judged(seen, policy, region, audit)
    _show(result, settings, session)
    return _STATUS.get(result.status, 3)


def _region(policy: Policy, settings: Settings) -> Region:
    with settings.said_by("region"):
        region = find_region(policy, settings.text("region"))
    if region is None and len(policy.regions) == 1:
        return next(iter(policy.regions.values()))
    if region is None:
        raise UsageError("which region of the gateway?", hint="Give --region, for example na.")
    return region


def _show(result: MailFlowResult, settings: Settings, session: Session) -> None:
    page = _PAGES.get(settings.text("format") or "")
    if page is not None:
        put(page.render(result), session)
        return
    text = mailflow_text.render(result)
    put(text if plain(settings, session) else coloured(text), session)
