"""Files of attestations for tests."""

from __future__ import annotations

from auditor.model import QUESTIONS

ALL = dict.fromkeys(QUESTIONS, "confirmed")


def answers(said: dict[str, str | None], organization: str | None = None, **changes: str) -> str:
    """The YAML of a file in which the same person answers; ``changes`` are further entries."""
    lines = ["schema: audit-attestations/1"]
    if organization is not None:
        lines.append(f"organization: {organization}")
    lines.append("attestations:")
    entries = {"name": "Anna Admin", "role": "Engineer", "date": "2026-11-20", **changes}
    for question, answer in said.items():
        lines += [f"  {question}:", f"    answer: {answer or 'null'}"]
        lines += [f"    {name}: {text}" for name, text in entries.items()]
    return "\n".join([*lines, ""])
