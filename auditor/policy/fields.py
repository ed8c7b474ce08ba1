"""Typed reading of YAML nodes: a wrong type or an unknown key is an error with its place."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import TYPE_CHECKING, Final, NoReturn

from auditor.errors import NOWHERE, PolicyError, shortened
from auditor.policy.words import hint_for, hint_for_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from auditor.errors import Place
    from auditor.yamlfile import Node

OR_NULL: Final = "Write null where nothing must be set."
DASHES: Final = "Begin each with a dash."
MOST: Final = 1 << 63
_A_DAY: Final = "Write year-month-day, for example 2027-01-31."
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LEADING_ZERO: Final = re.compile(r"\s*([+-]?)0+([0-9]{1,18})\s*", re.ASCII)
_LINES_AND_CONTROLS: Final = frozenset({"Cc", "Zl", "Zp"})


def fail(node: Node, message: str, hint: str | None = None) -> NoReturn:
    """Raise a policy error at a node."""
    raise PolicyError(message, node.place, hint)


def key_place(node: Node | None, key: str) -> Place:
    """Where a key of a mapping stands."""
    if node is None:
        return NOWHERE
    return (node.keys or {}).get(key, node.place)


def refuse_blank(node: Node, what: str, hint: str = OR_NULL) -> None:
    """Refuse a key with nothing after it: YAML takes it for null, and it is mostly forgotten."""
    if node.blank:
        fail(node, f"{what}: no value is given", hint)


def mapping(
    node: Node,
    what: str,
    known: Iterable[str] | None = None,
    strays: Mapping[str, str] | None = None,
) -> dict[str, Node]:
    """The entries of a mapping.

    Args:
        node: the mapping.
        what: it is, for messages.
        known: the keys that it can have; None for any.
        strays: hints for keys that have their place elsewhere.
    """
    if not isinstance(node.value, dict):
        fail(node, f"{what} must be a mapping of keys to values, not {node.describe()}")
    if known is not None:
        words = list(known)
        for key in node.value:
            if key not in words:
                refuse_key(node, what, key, hint_for_key(key, words, strays))
    return node.value


def refuse_key(node: Node, what: str, key: str, hint: str) -> NoReturn:
    """Raise the error of a key that a mapping cannot have."""
    raise PolicyError(f"{what} has no key {shortened(key)}", key_place(node, key), hint)


def sequence(node: Node, what: str, hint: str = "Write it as [a, b].") -> tuple[Node, ...]:
    """The items of a list."""
    if not isinstance(node.value, tuple):
        fail(node, f"{what} must be a list, not {node.describe()}", hint)
    return node.value


def text(node: Node, what: str) -> str:
    """A text that says something; a number, a boolean or null must be put in quotes."""
    if not isinstance(node.value, str):
        hint = None
        if isinstance(node.value, bool | int):
            hint = f'Put it in quotes: "{str(node.value).lower()}".'
        fail(node, f"{what} must be text, not {node.describe()}", hint)
    if all(unicodedata.category(sign)[0] in "CZ" for sign in node.value):
        fail(node, f"{what} must not be empty")
    return node.value


def texts(node: Node, what: str) -> tuple[str, ...]:
    """A list of texts."""
    return tuple(text(item, f"each of {what}") for item in sequence(node, what))


def name_of(node: Node, what: str) -> str:
    """The name of a connector, less the blanks around it.

    Exchange allows neither control characters nor line breaks in one.
    """
    name = text(node, what).strip()
    odd = next((sign for sign in name if unicodedata.category(sign) in _LINES_AND_CONTROLS), None)
    if odd is not None:
        fail(
            node,
            f"{what} holds the control character U+{ord(odd):04X}",
            "No connector's name has control characters or line breaks in it.",
        )
    return name


def choice(node: Node, what: str, options: Iterable[str]) -> str:
    """One of some words."""
    words = list(options)
    word = node.value
    if not isinstance(word, str):
        fail(node, f"{what} must be text, not {node.describe()}", f"Known: {', '.join(words)}.")
    if word not in words:
        fail(node, f"{what} cannot be {shortened(word)}", hint_for(word, words))
    return word


def boolean(node: Node, what: str) -> bool:
    """True or false, and nothing else that YAML ever took for one."""
    if not isinstance(node.value, bool):
        fail(node, f"{what} must be true or false, not {node.describe()}", "Write true or false.")
    return node.value


def day(node: Node, what: str) -> date:
    """A day of the calendar."""
    if not isinstance(node.value, str):
        fail(node, f"{what} must be a day, not {node.describe()}", _A_DAY)
    word = node.value.strip()
    try:
        if _DATE.fullmatch(word) is None:
            raise ValueError(word)
        return date.fromisoformat(word)
    except ValueError:
        fail(node, f"{what} cannot be {shortened(word)}: it is no day", _A_DAY)


def count(node: Node, what: str, example: int, most: int = MOST) -> int:
    """A whole number that is not negative.

    Args:
        node: the number.
        what: it is, for messages: ``warn_days is a number of days``.
        example: one that it could be.
        most: the largest that it can be.
    """
    number = node.value
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= most:
        fail(node, f"{what}, not {node.describe()}", f"Write {plain_number(number) or example}.")
    return number


def plain_number(written: object) -> str | None:
    """A number without its leading zeros; None where it has none, or is no number.

    ``010`` is 8 to readers of older YAML, so it is never taken for 10.
    """
    match = _LEADING_ZERO.fullmatch(written) if isinstance(written, str) else None
    return f"{match[1].replace('+', '')}{int(match[2])}" if match else None
