"""What YAML's readers say of a mistake → where it is, and our words for whoever wrote it.

libyaml and PyYAML's own reader say the same with other words, and at times of the place where
they noticed. The table holds parts of both their texts.
"""

from __future__ import annotations

from typing import Final

from auditor.errors import shortened
from auditor.yamlwords.signs import lookalike_sign
from auditor.yamlwords.structure import (
    in_block,
    in_flow,
    no_colon,
    no_content,
    no_document,
    value_here,
)
from auditor.yamlwords.trouble import Look, Said, Trouble, at_start, here, open_quote

_BEGINNINGS: Final = {"*": "An asterisk", "&": "An ampersand", "!": "An exclamation mark"}

_BACKSLASH: Final = "In double quotes a backslash begins a special character: use single quotes."


def explained(trouble: Trouble) -> Said:
    """A mistake in our words, with its place and what to do about it."""
    for parts, look in _TABLE:
        if any(part in trouble.words for part in parts):
            said = look(trouble)
            break
    else:
        problem = " ".join(trouble.words.rpartition(": ")[2].split())
        said = Said(shortened(problem, 200, quoted=False) or "it cannot be read", *trouble.spot)
    sign = lookalike_sign(trouble.line(said.line))
    if sign is None:
        return said
    hint = f"The line holds {sign}, which YAML takes for a letter."
    return said._replace(hint=f"{said.hint} {hint}" if said.hint else hint)


def _sign(trouble: Trouble) -> Said:
    sign = trouble.at(trouble.start)
    words = _BEGINNINGS.get(sign, "A sign")
    return Said(
        f"text cannot begin with {sign!r}",
        *trouble.start,
        f'{words} at the beginning needs quotes: "{sign}".',
    )


def _token(trouble: Trouble) -> Said:
    sign = trouble.at(trouble.spot)
    if sign == "\t":
        return _TAB(trouble)
    return Said(f"text cannot begin with {sign!r}", *trouble.spot, "Put the text in quotes.")


def _escape(trouble: Trouble) -> Said:
    return _at_backslash(trouble, "this backslash begins no special character", _BACKSLASH)


def _no_character(trouble: Trouble) -> Said:
    # The same trouble, where the number is that of a version and far too long.
    if trouble.line(trouble.spot.line).startswith("%"):
        return _DIRECTIVE(trouble)
    return _at_backslash(trouble, "there is no such character", "Write the character itself.")


def _at_backslash(trouble: Trouble, message: str, hint: str) -> Said:
    line, column = trouble.spot
    return Said(message, line, trouble.line(line).rfind("\\", 0, column) + 1 or column, hint)


def _undefined_tag(trouble: Trouble) -> Said:
    rest = trouble.line(trouble.spot.line)[trouble.spot.column - 1 :]
    tag = shortened(rest.split(" ")[0])
    return Said(f"the tag {tag} is not allowed", *trouble.spot, "Write the value without a tag.")


_TAB: Final = here("a tab stands where blanks belong", "Indent with blanks, not with tabs.")

_DIRECTIVE: Final = at_start(
    "this directive is not known",
    "Leave out the line that begins with %, or put text that does in quotes.",
)

_TABLE: Final[tuple[tuple[tuple[str, ...], Look], ...]] = (
    (
        ("quoted scalar: found unexpected end", "quoted scalar: found unexpected document"),
        lambda trouble: open_quote(trouble.start),
    ),
    (("scanning an alias:", "scanning an anchor:"), _sign),
    (("tab character",), _TAB),
    (("cannot start any token",), _token),
    (("undefined tag handle",), _undefined_tag),
    (("directive", "incompatible YAML", "duplicate tag handle"), _DIRECTIVE),
    (("a tag:",), _sign),
    (("escape code",), _no_character),
    (("hexdecimal", "hexadecimal", "unknown escape"), _escape),
    (
        ("a block scalar:",),
        at_start(
            "text cannot begin with '|' or '>'",
            "Put it in quotes; or begin the text in the next line, indented.",
        ),
    ),
    (("expected ',' or ']'", "expected ',' or '}'"), in_flow),
    (("node content",), no_content),
    (("could not find expected ':'",), no_colon),
    (("mapping values are not allowed",), value_here),
    (
        ("unexpected ':'",),
        here(
            "a blank is missing after this colon",
            "Write a colon and a blank between a key and its value.",
        ),
    ),
    (
        ("mapping keys are not allowed",),
        here("text cannot begin with '? '", "Put the text in quotes."),
    ),
    (
        ("sequence entries are not allowed",),
        here(
            "a list cannot begin in this line",
            "Write [a, b], or each item on a line of its own; put text that begins with a dash in"
            " quotes.",
        ),
    ),
    (("document start>",), no_document),
    (("expected key", "'-' indicator", "expected <block end>"), in_block),
)
