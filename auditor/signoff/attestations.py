"""``audit-attestations/1``: what people say to the questions that no cmdlet answers, as YAML."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.errors import InputError, Place, PolicyError, shortened
from auditor.model import ANSWERS, QUESTIONS, Attestation
from auditor.policy.fields import choice, day, fail, mapping, text
from auditor.report.printable import printable
from auditor.textfile import decode
from auditor.yamlfile import flow, parse

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from auditor.yamlfile import Node

SCHEMA: Final = "audit-attestations/1"
_KEYS: Final = ("schema", "organization", "attestations")
_NEEDED: Final = ("answer", "name", "role", "date")
_PARTS: Final = (*_NEEDED, "remark")


class Answers(NamedTuple):
    """What a file of attestations says, and of which organisation, where it says so."""

    attestations: tuple[Attestation, ...]
    organization: str | None = None


def read_attestations(data: bytes, file: str, latest: datetime) -> Answers:
    """The answers in a file; a question may be left out, or have ``answer: null``.

    Args:
        data: the file's bytes.
        file: its name, for messages.
        latest: nobody can have said anything later than that.

    Raises:
        InputError: it is wrong, with the place.
    """
    try:
        root = parse(decode(data, file, InputError), file, InputError)
        return _answers(root, latest)
    except PolicyError as error:
        # The same strict reading as of policies, but this is none.
        raise InputError(error.message, error.place, error.hint) from error


def _answers(root: Node, latest: datetime) -> Answers:
    schema = mapping(root, "a file of attestations").get("schema")
    if schema is None or schema.value != SCHEMA:
        fail(schema or root, "this is no file of attestations", f"It begins with: schema: {SCHEMA}")
    entries = mapping(root, "a file of attestations", _KEYS)
    named = entries.get("organization")
    organization = None if named is None or named.value is None else text(named, "organization")
    node = entries.get("attestations")
    given = mapping(node, "attestations", QUESTIONS) if node and node.value is not None else {}
    today = latest.astimezone(UTC).date()
    found = (_attestation(question, given[question], today) for question in given)
    return Answers(tuple(one for one in found if one is not None), organization)


def _attestation(question: str, node: Node, today: date) -> Attestation | None:
    parts = mapping(node, question, _PARTS)
    answer = parts.get("answer")
    if answer is None or answer.value is None:
        return None
    for key in _NEEDED:
        if key not in parts or parts[key].value is None:
            place = parts.get(key, node)
            fail(place, f"{question} is answered, but has no {key}", "Say who says so, and when.")
    said = choice(answer, "answer", ANSWERS)
    when = day(parts["date"], "date")
    # In any time zone it can be a day further than in UTC.
    if when - today > timedelta(days=1):
        fail(
            parts["date"],
            f"{question} is attested on {when}, a day that has not come yet",
            "Write the day on which it was said.",
        )
    remark = parts.get("remark")
    attestation = Attestation(
        question=question,
        answer=next(known for known in ANSWERS if known == said),
        name=text(parts["name"], "name").strip(),
        role=text(parts["role"], "role").strip(),
        date=when,
        remark="" if remark is None or remark.value is None else text(remark, "remark").strip(),
    )
    if said == "not-applicable" and not attestation.remark:
        fail(node, f"{question} is not-applicable, but no remark says why", "Write: remark: …")
    return attestation


def written_attestations(
    attestations: Iterable[Attestation], organization: str | None = None
) -> str:
    """Attestations as YAML that reads back as the same; what is not answered is left to fill in."""
    answers = {attestation.question: attestation for attestation in attestations}
    lines = [f"schema: {SCHEMA}"]
    if organization is not None:
        lines.append(f"organization: {flow(printable(organization))}")
    lines.append("attestations:")
    for question, title in QUESTIONS.items():
        lines += [f"  # {title}", f"  {question}:", *_lines(answers.get(question))]
    return "\n".join(lines) + "\n"


def _lines(attestation: Attestation | None) -> list[str]:
    if attestation is None:
        return [
            f"    answer: null # {', '.join(ANSWERS)}",
            "    name: null",
            "    role: null",
            "    date: null # year-month-day",
            "    remark: null",
        ]
    remark = [f"    remark: {flow(attestation.remark)}"] if attestation.remark else []
    return [
        f"    answer: {attestation.answer}",
        f"    name: {flow(attestation.name)}",
        f"    role: {flow(attestation.role)}",
        f"    date: {attestation.date.isoformat()}",
        *remark,
    ]


def _plain(name: str) -> str:
    """A name as it compares: as it can be written."""
    return printable(name).strip().lower()


def require_organization(answers: Answers, organization: str | None, file: str) -> None:
    """That attestations are about the organisation that is audited.

    Raises:
        InputError: they name another one.
    """
    named = answers.organization
    if named is None or (organization is not None and _plain(named) == _plain(organization)):
        return
    if organization is None:
        raise InputError(
            f"the attestations are for {shortened(named)}, and the data does not say whose it is",
            Place(file),
            f"If it is theirs, say so: --organization {shortened(named)}",
        )
    raise InputError(
        f"the attestations are for {shortened(named)}, and this audit is of "
        f"{shortened(organization)}",
        Place(file),
        "Give the attestations of this organisation, or its name with --organization.",
    )
