"""What answers which finding: a command to review and run, or advice for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.model import Plan


_UNSHOWN: Final = "# This command holds characters that cannot be shown: audit remediate writes it."


class Answer(NamedTuple):
    """What puts a finding right; either a command or advice.

    Attributes:
        command: what a person reviews and runs, to the letter.
        caution: what to think of before running it.
        advice: what is done by hand instead.
    """

    command: str | None = None
    caution: str | None = None
    advice: str | None = None

    @property
    def shown(self) -> str | None:
        """The command as a text that is shown."""
        return None if self.command is None else shown_command(self.command)


NO_ANSWER: Final = Answer()


def answers(plan: Plan | None) -> Mapping[str, Answer]:
    """Fingerprint → what puts that finding right, where the plan knows something."""
    if plan is None:
        return {}
    by_hand = {mark: Answer(advice=step.advice) for step in plan.manual for mark in step.findings}
    return by_hand | {
        mark: Answer(change.command, change.caution)
        for change in plan.changes
        for mark in change.findings
    }


def shown_command(command: str) -> str:
    """A command; a comment in its place where making it visible would make it another one."""
    return command if printable(command) == command else _UNSHOWN
