"""YAML with positions: the one door to PyYAML, for policies and the configuration.

Scalars are read by the core schema of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema),
less its floats, octal and hexadecimal numbers: ``no``, ``on``, ``1_000``, ``010`` and
``2026-01-31`` are text, and what they were meant as is decided where they are used. Tags that
make anything else, merge keys and repeated keys are refused; aliases are bounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import yaml

from auditor.errors import AuditError, Place, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_NODES: Final = 50_000
MAX_DEPTH: Final = 40

# A level takes a character at least, and so many levels are composed without harm.
_HARMLESS: Final = 10_000

_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS: Final = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False
}  # fmt: skip
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})", re.ASCII)
_LINE_ENDS: Final = ("\n", "\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029")
_PLAIN_TAGS: Final = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "seq", "map"))
# libyaml, where the wheel has it, reads ten times faster; both give the same nodes.
_LOADER: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

Scalar: TypeAlias = "str | int | bool | None"


@dataclass(frozen=True, slots=True)
class Node:
    """A YAML value and its place. ``value`` is a scalar, a tuple of nodes or a dict of nodes."""

    value: Scalar | tuple[Node, ...] | dict[str, Node]
    place: Place
    keys: Mapping[str, Place] | None = None

    def describe(self) -> str:
        """What it is, for a message: ``the number 3``, ``a list``."""
        if isinstance(self.value, dict):
            return "a mapping"
        if isinstance(self.value, tuple):
            return "a list"
        if self.value is None:
            return "nothing"
        if isinstance(self.value, bool):
            return f"the boolean {str(self.value).lower()}"
        return (
            f"the number {self.value}"
            if isinstance(self.value, int)
            else f"the text {shortened(self.value)}"
        )


def parse(text: str, file: str, error: type[AuditError]) -> Node:
    """The root node of a YAML text; null where there is nothing in it but comments.

    Args:
        text: the document, already decoded.
        file: its name, for messages.
        error: the class to raise.

    Raises:
        AuditError: of the given class, with the place, for whatever is wrong with the text.
    """
    loader = None
    try:
        if len(text) > _HARMLESS:
            _bound(text, file, error)
        loader = _LOADER(text)
        root = loader.get_single_node()
        if root is None:
            return Node(None, Place(file, 1, 1))
        return _Reader(file, error).node(root, 0)
    except yaml.MarkedYAMLError as problem:
        raise _translated(problem, file, error) from problem
    except yaml.YAMLError as problem:
        raise error(f"this is not YAML: {_one_line(str(problem))}", Place(file)) from problem
    except RecursionError as problem:
        raise error("the YAML is nested too deep", Place(file)) from problem
    finally:
        if loader is not None:
            loader.dispose()


def flow(value: Scalar) -> str:
    """A scalar as YAML text on one line, which any reader of YAML takes as the same.

    What some reader takes for something else (``no``, ``2026-01-31``) is put in quotes.
    """
    if not isinstance(value, str):
        return "null" if value is None else str(value).lower()
    # Characters that end a line somewhere are escaped, and only this style can.
    style = '"' if len(value.splitlines()) > 1 or value.endswith(_LINE_ENDS) else None
    dumped: str = yaml.dump(
        [value],
        Dumper=yaml.SafeDumper,
        default_flow_style=True,
        default_style=style,
        allow_unicode=True,
        width=1 << 30,
    )
    return dumped.strip()[1:-1]


def _bound(text: str, file: str, error: type[AuditError]) -> None:
    """Refuse deep nesting before it is composed: libyaml's composer has a stack, and no bound."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            mark = event.start_mark
            place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
            raise error("the YAML is nested too deep", place)


def _translated(problem: yaml.MarkedYAMLError, file: str, error: type[AuditError]) -> AuditError:
    mark = problem.problem_mark or problem.context_mark
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
    words = _one_line(problem.problem or "it cannot be read")
    hint = None
    if "\\t" in words or "tab" in words or "cannot start any token" in words:
        hint = "Indent with blanks, not with tabs; put text that begins with a sign in quotes."
    elif "single document" in (problem.context or ""):
        words, hint = "a second document begins here", "One file holds one document."
    return error(f"this is not YAML: {words}", place, hint)


def _one_line(text: str) -> str:
    return " ".join(text.split())


class _Reader:
    """PyYAML's nodes → ours, bounded."""

    def __init__(self, file: str, error: type[AuditError]) -> None:
        self._file = file
        self._error = error
        self._count = 0

    def _place(self, node: yaml.Node) -> Place:
        return Place(self._file, node.start_mark.line + 1, node.start_mark.column + 1)

    def node(self, node: yaml.Node, depth: int) -> Node:
        self._count += 1
        place = self._place(node)
        if self._count > MAX_NODES or depth > MAX_DEPTH:
            raise self._error("the file is too large or nested too deep", place)
        if node.tag not in _PLAIN_TAGS:
            raise self._error(
                f"the tag {str(node.tag).replace('tag:yaml.org,2002:', '!!')!r} is not allowed",
                place,
                "Write the value without a tag.",
            )
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place, depth)
        if isinstance(node, yaml.SequenceNode):
            return Node(tuple(self.node(item, depth + 1) for item in node.value), place)
        if isinstance(node, yaml.ScalarNode):
            return Node(self._scalar(node), place)
        raise self._error("this is no text, list or mapping", place)

    @staticmethod
    def _scalar(node: yaml.ScalarNode) -> Scalar:
        text = str(node.value)
        if node.style:  # quoted, or a block: always text
            return text
        if text in _NULLS:
            return None
        if text in _BOOLEANS:
            return _BOOLEANS[text]
        return int(text) if _INTEGER.fullmatch(text) else text

    def _mapping(self, node: yaml.MappingNode, place: Place, depth: int) -> Node:
        entries: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        for key_node, value_node in node.value:
            key_place = self._place(key_node)
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag not in _PLAIN_TAGS:
                raise self._error("a key must be plain text", key_place)
            key = str(key_node.value)
            if key == "<<" and not key_node.style:
                raise self._error(
                    "merge keys are not allowed", key_place, "Write the keys out, or use extends."
                )
            if key in entries:
                first = keys[key].line
                raise self._error(f"the key {key!r} is already there in line {first}", key_place)
            entries[key] = self.node(value_node, depth + 1)
            keys[key] = key_place
        return Node(entries, place, keys)
