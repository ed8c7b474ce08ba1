"""What logs say of mail that left, as a page of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.report.html import mail_flow_page
from auditor.report.mailflow_text import facts_of, headline

if TYPE_CHECKING:
    from auditor.model import MailFlowResult


def render(result: MailFlowResult) -> str:
    """The page."""
    facts = {
        name: said if isinstance(said, str) else "; ".join(said)
        for name, said in facts_of(result).items()
        if name != "hosts"
    }
    return mail_flow_page(result, " ".join(headline(result).split()), facts)
