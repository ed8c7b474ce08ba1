"""What a sign-off comes to, for a terminal: may it go live, why not, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.report.checklist import checklist
from auditor.report.columns import WIDTH, columns, hanging, pairs, wrapped
from auditor.report.notes import notes
from auditor.report.printable import printable
from auditor.report.wording import facts, meaning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from auditor.model import Audit

_MEANT = {
    "ready": "everything was checked or attested, and nothing stands against going live.",
    "not ready": "something stands against going live.",
    "undecided": "nothing is known to be wrong, but not everything could be decided.",
}


def render(audit: Audit, files: Iterable[str], where: str) -> str:
    """The summary, 80 columns wide.

    Args:
        audit: with its attestations and what follows for going live.
        files: what the bundle holds.
        where: the bundle.
    """
    said = [wrapped(printable(note), WIDTH) for note in notes(audit)]
    parts = [*_readiness(audit), _verdict(audit), pairs(facts(audit)), _steps(audit), *said]
    parts.append(_bundle(files, where))
    return "\n\n".join(parts) + "\n"


def _readiness(audit: Audit) -> Iterator[str]:
    if audit.go_live is None:
        return
    state = audit.go_live.state
    yield wrapped(f"{state.upper()}: {_MEANT[state]}", WIDTH)
    if audit.go_live.reasons:
        yield "\n".join(hanging(printable(why), "- ", "  ") for why in audit.go_live.reasons)


def _verdict(audit: Audit) -> str:
    return wrapped(printable(f"{audit.verdict.upper()}: {meaning(audit)}"), WIDTH)


def _steps(audit: Audit) -> str:
    """The checklist, a row a step."""
    rows = [(line.step.number, line.word, line.step.title) for line in checklist(audit)]
    return columns(rows, ("Step", "Result", "What is done"), (6, 14, 54))


def _bundle(files: Iterable[str], where: str) -> str:
    named = hanging(printable(", ".join(files)), "  ", "  ")
    place = printable(where)
    return (
        f"Written to {place}:\n{named}\n\n"
        f"Read report.pdf. To sign: audit signoff sign {place} --key KEY.pem"
    )
