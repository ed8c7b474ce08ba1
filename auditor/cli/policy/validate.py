"""``audit policy validate``: policies and packs, checked without Exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from auditor.cli.instant import as_of
from auditor.cli.output import put, put_document
from auditor.errors import AuditError
from auditor.policy import builtin_packs, find_pack, load_pack, load_policy
from auditor.policy.documents import is_pack, read_document, read_file
from auditor.policy.lint import lint, lint_pack
from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from auditor.cli.session import Session
    from auditor.cli.settings import Settings
    from auditor.errors import Place
    from auditor.model import Json


class _Said(NamedTuple):
    """An error or a warning of one of the files that were asked about."""

    file: str
    level: str
    message: str
    place: Place
    hint: str | None


def run(settings: Settings, session: Session) -> int:
    """Check every file; returns 2 where there is an error, 1 for warnings with ``--strict``."""
    today = (as_of(settings) or session.now()).date()
    found = {word: list(_check(word, today, session)) for word in settings.operands}
    said = [one for remarks in found.values() for one in remarks]
    if settings.text("format") == "json":
        put_document("audit-error/1", {"errors": [_entry(one) for one in said]}, session)
    else:
        put("".join(_text(word, remarks) for word, remarks in found.items()), session)
    levels = {one.level for one in said}
    if "error" in levels:
        return 2
    return 1 if levels and settings.flag("strict") else 0


def _check(word: str, today: date, session: Session) -> Iterator[_Said]:
    """What is wrong with one file; what stops it from being read is the first and only error."""
    folder = session.folder
    try:
        path = find_pack(word, folder) if word in builtin_packs() else folder / word
        node = read_file(path) if path.is_file() else None
        if node is not None and is_pack(node):
            remarks = lint_pack(load_pack(path.resolve()), node)
        else:
            remarks = lint(load_policy(word, folder), read_document(word, folder), today)
    except AuditError as error:
        yield _Said(word, "error", error.message, error.place, error.hint)
        return
    for remark in remarks:
        yield _Said(word, *remark)


def _text(word: str, said: list[_Said]) -> str:
    lines = [line for one in said for line in _lines(one)]
    errors = sum(one.level == "error" for one in said)
    counts = [_count(errors, "error"), _count(len(said) - errors, "warning")]
    summary = ", ".join(count for count in counts if count) or "valid"
    return "".join(f"{line}\n" for line in [*lines, f"{printable(word)}: {summary}"])


def _lines(one: _Said) -> list[str]:
    """``file:line:column: level: message``, which editors and CI make links of."""
    parts = [_where(one), *(str(n) for n in (one.place.line, one.place.column) if n is not None)]
    head = f"{':'.join(parts)}: {one.level}: {printable(one.message)}"
    return [head, f"    {printable(one.hint)}"] if one.hint else [head]


def _where(one: _Said) -> str:
    """The path that was given, for a place in that very file; else the name of the other one."""
    file = one.place.file
    same = file is None or one.file.replace("\\", "/").endswith(file)
    return printable(one.file if same else file or "")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}" if number else ""


def _entry(one: _Said) -> dict[str, Json]:
    return {
        "code": "policy" if one.level == "error" else "policy-warning",
        "message": one.message,
        "file": _where(one),
        "line": one.place.line,
        "column": one.place.column,
        "hint": one.hint,
    }
