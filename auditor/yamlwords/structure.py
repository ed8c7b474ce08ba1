"""Mistakes in the structure of a YAML text: what is really wrong shows only in the lines around."""

from __future__ import annotations

import re
from typing import Final

from auditor.yamlwords.trouble import Said, Spot, Trouble, indent, open_quote, stray

_CLOSING: Final = {"[": "]", "{": "}"}
_NAMES: Final = {"[": "bracket", "{": "brace"}
_ALIKE: Final = "Indent the keys or items of one level alike, with blanks."
_COLON: Final = "Write a colon and a blank between a key and its value."
_QUOTE_COLON: Final = "Put text that holds a colon and a blank in quotes."


def _unclosed(trouble: Trouble, opened: Spot) -> Said:
    sign = trouble.at(opened)
    hint = f"Write {_CLOSING.get(sign, 'the other one')} where it ends."
    return Said(f"this {_NAMES.get(sign, 'bracket')} is never closed", *opened, hint)


def in_flow(trouble: Trouble) -> Said:
    """Within brackets or braces something else than a comma or their end was found."""
    sign, opened = trouble.at(trouble.spot), trouble.start
    first, found = trouble.line(opened.line), trouble.line(trouble.spot.line)
    is_left = trouble.spot.line > opened.line and indent(found) <= indent(first)
    end = _CLOSING.get(trouble.at(opened), "")
    if trouble.is_end or (is_left and not trouble.has_below(end)):
        return _unclosed(trouble, opened)
    if sign in {"]", "}"}:
        return _wrong_end(trouble, opened)
    if sign == ":":
        if re.fullmatch(r""" *[\w."'-]+ *""", trouble.before):
            return _no_comma(Spot(trouble.spot.line, indent(found) + 1))
        hint = f"{_QUOTE_COLON} Part entries by commas."
        return Said("a colon is not allowed here", *trouble.spot, hint)
    return _no_comma(trouble.spot)


def _no_comma(spot: Spot) -> Said:
    return Said("a comma is missing before this", *spot, "Part entries by commas.")


def _wrong_end(trouble: Trouble, opened: Spot) -> Said:
    sign, needed = trouble.at(trouble.spot), _CLOSING.get(trouble.at(opened))
    return Said(
        f"{sign!r} stands where {needed!r} belongs",
        *trouble.spot,
        f"Close first what begins in line {opened.line}, column {opened.column}.",
    )


def no_content(trouble: Trouble) -> Said:
    """A sign or the end was found where a value belongs."""
    sign = trouble.at(trouble.spot)
    if trouble.opened and trouble.is_end:
        return _unclosed(trouble, trouble.opened)
    if sign in {"]", "}"}:
        return _wrong_end(trouble, trouble.opened) if trouble.opened else _too_many(trouble)
    if sign == ",":
        hint = "Leave it out, or put text that begins with it in quotes."
        return Said("there is nothing before this comma", *trouble.spot, hint)
    return stray(trouble)


def _too_many(trouble: Trouble) -> Said:
    hint = "Leave it out, or put text that holds it in quotes."
    return Said(f"there is one {trouble.at(trouble.spot)!r} too many", *trouble.spot, hint)


def no_colon(trouble: Trouble) -> Said:
    """What began as a key has no colon."""
    return _key_at(trouble, trouble.start)


def _key_at(trouble: Trouble, spot: Spot) -> Said:
    """At a place there is text where a key and a colon belong."""
    text = trouble.line(spot.line)[spot.column - 1 :]
    if colon := re.match(r"[\w.\"'-]+:(?=[^ \t])", text):
        column = spot.column + colon.end() - 1
        return Said("a blank is missing after this colon", spot.line, column, _COLON)
    if re.match(r"-[^\s-]", text):
        hint = "An item of a list begins with a dash and a blank."
        return Said("a blank is missing after this dash", *spot, hint)
    hint = "Write a colon and a blank after a key; indent text that goes on from the line above."
    return Said("a colon is missing after this key", *spot, hint)


def value_here(trouble: Trouble) -> Said:
    """A colon and a blank stand where no key can be."""
    if re.search(r":[ \t]", trouble.before):
        return Said("a second colon is not allowed in this line", *trouble.spot, _QUOTE_COLON)
    line, above = trouble.spot.line, trouble.above()
    if above is None:
        hint = f"Begin keys on lines of their own. {_QUOTE_COLON}"
        return Said("a colon is not allowed here", *trouble.spot, hint)
    if not re.search(r":(?:[ \t]|$)", trouble.line(above.line)):
        return _key_at(trouble, above)
    column = indent(trouble.before) + 1
    if column <= above.column:
        return Said("a colon is not allowed here", *trouble.spot, _QUOTE_COLON)
    message = "this line is indented deeper than the one above, which has a value already"
    return Said(message, line, column, f"{_ALIKE} {_QUOTE_COLON}")


def in_block(trouble: Trouble) -> Said:
    """Neither a further key or item, nor the end of them."""
    sign, before = trouble.at(trouble.spot), trouble.before.rstrip(" \t")
    if sign in {"]", "}"}:
        return _too_many(trouble)
    if before:
        return _after_end(trouble, before)
    if sign == ":":
        hint = "Write a key before it, or put text that begins with it in quotes."
        return Said("there is no key before this colon", *trouble.spot, hint)
    if trouble.start.line < trouble.spot.line and trouble.start.column == trouble.spot.column:
        return _mixed(trouble)
    return Said("this line is indented like none above it", *trouble.spot, _ALIKE)


def _mixed(trouble: Trouble) -> Said:
    if trouble.at(trouble.start) == "-":
        hint = "Begin an item with a dash and a blank; indent the key after a list less."
        return Said("a key stands among the items of a list", *trouble.spot, hint)
    if trouble.at(trouble.spot) == "-":
        hint = "Indent the items of a list below their key; keys and items cannot be mixed."
        return Said("an item of a list stands among keys", *trouble.spot, hint)
    return stray(trouble)


def _after_end(trouble: Trouble, before: str) -> Said:
    """Something follows a text in quotes or a closing bracket."""
    sign = before[-1]
    if sign in {"]", "}"}:
        hint = "Put the whole text in quotes."
        return Said(f"there is more text after the closing {sign!r}", *trouble.spot, hint)
    if sign not in {'"', "'"}:
        return stray(trouble)
    if before.count(sign) % 2:  # it ends what was begun further up
        for number in range(trouble.spot.line - 1, 0, -1):
            if trouble.line(number).count(sign) % 2:
                return open_quote(Spot(number, trouble.line(number).rfind(sign) + 1))
    inside = "''" if sign == "'" else '\\"'
    hint = f"Put the whole text in quotes; write {inside} for a quote within them."
    return Said("there is more text after the closing quote", *trouble.spot, hint)


def no_document(trouble: Trouble) -> Said:
    """The document seemed to be over, or had not begun."""
    if any(trouble.line(number).startswith("...") for number in range(1, trouble.spot.line + 1)):
        hint = "Leave out the line with three dots, or what follows it."
        return Said("the document has ended before this", *trouble.spot, hint)
    if trouble.line(1).startswith("%"):
        return Said("--- is missing before this", *trouble.spot, "Leave out the lines with %.")
    above = trouble.above()
    if above and not trouble.before and above.column == trouble.spot.column:
        return _key_at(trouble, above)
    return in_block(trouble)
