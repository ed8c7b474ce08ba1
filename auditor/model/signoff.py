"""What people attest where no cmdlet can show it, and whether an organisation may go live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

Answer: TypeAlias = Literal["confirmed", "not-confirmed", "not-applicable"]
Readiness: TypeAlias = Literal["ready", "not ready", "undecided"]

ANSWERS: Final[tuple[Answer, ...]] = ("confirmed", "not-confirmed", "not-applicable")
QUESTIONS: Final[Mapping[str, str]] = {
    "authorised-addresses": "The addresses that outbound mail comes from are authorised at the "
    "gateway.",
    "test-message": "A test message that was sent to an outside address was seen at the gateway.",
    "recipient-validation": "Recipient validation is configured at the gateway.",
    "journaling": "Journaling to the gateway is configured.",
}
"""Id → what must be so. No cmdlet shows it, so somebody says it.

Source: Setting Up an SMTP Connector, the paragraphs before step 1 and after step 14.
"""


class Attestation(NamedTuple):
    """What somebody says to one question.

    Attributes:
        question: its id.
        answer: ``confirmed`` it is so, ``not-confirmed`` it is not or nobody knows,
            ``not-applicable`` it need not be, for the reason in the remark.
        name: who says so.
        role: as what.
        date: on which day.
        remark: what else there is to say; may be empty.
    """

    question: str
    answer: Answer
    name: str
    role: str
    date: date
    remark: str = ""


class GoLive(NamedTuple):
    """Whether an organisation may go live, and what stands against it: a sentence each."""

    state: Readiness
    reasons: tuple[str, ...] = ()
