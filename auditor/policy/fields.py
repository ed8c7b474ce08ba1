"""Typed reading of YAML nodes: a wrong type or an unknown key is an error with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from auditor.errors import NOWHERE, PolicyError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from auditor.errors import Place
    from auditor.yamlfile import Node


def fail(node: Node, message: str, hint: str | None = None) -> NoReturn:
    """Raise a policy error at a node."""
    raise PolicyError(message, node.place, hint)


def key_place(node: Node | None, key: str) -> Place:
    """Where a key of a mapping stands."""
    if node is None:
        return NOWHERE
    return (node.keys or {}).get(key, node.place)


def mapping(node: Node, what: str, known: Iterable[str] | None = None) -> dict[str, Node]:
    """The entries of a mapping; with ``known``, no other keys are allowed."""
    if not isinstance(node.value, dict):
        fail(node, f"{what} must be a mapping of keys to values, not {node.describe()}")
    if known is not None:
        words = list(known)
        for key in node.value:
            if key not in words:
                message = f"{what} has no key {key!r}"
                raise PolicyError(message, key_place(node, key), did_you_mean(key, words))
    return node.value


def sequence(node: Node, what: str) -> tuple[Node, ...]:
    """The items of a list."""
    if not isinstance(node.value, tuple):
        fail(node, f"{what} must be a list, not {node.describe()}", "Write it as [a, b].")
    return node.value


def text(node: Node, what: str) -> str:
    """A text that says something; a number, a boolean or null must be put in quotes."""
    if not isinstance(node.value, str):
        hint = None
        if isinstance(node.value, bool | int):
            hint = f'Put it in quotes: "{str(node.value).lower()}".'
        fail(node, f"{what} must be text, not {node.describe()}", hint)
    if not node.value.strip():
        fail(node, f"{what} must not be empty")
    return node.value


def texts(node: Node, what: str) -> tuple[str, ...]:
    """A list of texts."""
    return tuple(text(item, f"each of {what}") for item in sequence(node, what))


def choice(node: Node, what: str, options: Iterable[str]) -> str:
    """One of some words."""
    word = text(node, what)
    words = list(options)
    if word not in words:
        fail(node, f"{what} cannot be {word!r}", did_you_mean(word, words))
    return word


def boolean(node: Node, what: str) -> bool:
    """True or false, and nothing else that YAML ever took for one."""
    if not isinstance(node.value, bool):
        fail(node, f"{what} must be true or false, not {node.describe()}", "Write true or false.")
    return node.value
