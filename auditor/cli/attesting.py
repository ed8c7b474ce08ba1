"""What people attest: from a file, or asked for at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.cli.source import path_of
from auditor.errors import InputError, Place, UsageError
from auditor.model import QUESTIONS, Answer, Attestation
from auditor.report.printable import printable
from auditor.signoff.attestations import Answers, read_attestations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from auditor.cli.session import Session
    from auditor.cli.settings import Settings

_WORDS: Final[dict[str, Answer | None]] = {
    "y": "confirmed",
    "yes": "confirmed",
    "n": "not-confirmed",
    "no": "not-confirmed",
    "a": "not-applicable",
    "": None,
}
_MOST: Final = 1 << 20
_ASKED: Final = "Is it so? [y]es, [n]o, not [a]pplicable, Enter for not yet: "


def given_answers(settings: Settings, latest: datetime) -> Answers | None:
    """The answers of ``--attestations``, said at the latest then; None where no file is given.

    Raises:
        InputError: the file cannot be read, or is wrong.
    """
    path = path_of(settings, "attestations")
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            data = file.read(_MOST + 1)
        if len(data) > _MOST:
            raise ValueError("it is too large")
    except (OSError, ValueError) as error:
        raise InputError(
            f"the attestations cannot be read: {getattr(error, 'strerror', None) or error}",
            Place(str(path)),
            "A file to fill in is printed by: audit signoff --questions",
        ) from error
    return read_attestations(data, path.name, latest)


def asked_answers(session: Session, said: list[Attestation]) -> Answers:
    """The answers of whoever is at the terminal; none where nobody is.

    Args:
        session: the world.
        said: gets each answer as it is given, so that none is lost.

    Raises:
        UsageError: an answer is none of those that there are.
    """
    ask = session.ask
    if ask is None:
        return Answers(())
    # Part of the conversation, as a prompt is: no lines of the log.
    session.log.write("What no cmdlet shows, somebody attests:\n")
    said.extend(_asked(ask, session))
    return Answers(tuple(said))


def _asked(ask: Callable[[str], str], session: Session) -> Iterator[Attestation]:
    name = role = ""
    # When it is said, whatever time the audit is evaluated as of.
    today = session.now().date()
    for question, title in QUESTIONS.items():
        session.log.write(f"\n{title}\n")
        answer = _answer(ask)
        if answer is None:
            continue
        # Mostly one person answers them all.
        name = _text(ask, "Your name", name)
        role = _text(ask, "Your role", role)
        remark = _remark(ask, answer)
        yield Attestation(question, answer, name, role, today, remark)


def _answer(ask: Callable[[str], str]) -> Answer | None:
    for _ in range(3):
        word = ask(_ASKED).strip().lower()
        if word in _WORDS:
            return _WORDS[word]
    raise UsageError("that is no answer", hint="Answer y, n or a; or give --attestations FILE.")


def _text(ask: Callable[[str], str], what: str, before: str) -> str:
    for _ in range(3):
        said = printable(ask(f"{what}{f' [{before}]' if before else ''}: ")).strip() or before
        if said:
            return said
    raise UsageError(f"{what.lower()} is needed", hint="Or give --attestations FILE.")


def _remark(ask: Callable[[str], str], answer: Answer) -> str:
    if answer == "not-applicable":
        return _text(ask, "Why it does not apply", "")
    return printable(ask("Remark, or Enter: ")).strip()
