"""YAML's events → nodes with places, bounded.

Scalars are read by the core schema of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema),
less its floats, octal and hexadecimal numbers: ``no``, ``on``, ``1_000``, ``010`` and
``2026-01-31`` are text, and what they were meant as is decided where they are used. Tags that
make anything else, merge keys and repeated keys are refused; aliases are bounded.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final, NamedTuple, Protocol, TypeAlias, cast

import yaml

from auditor.errors import AuditError, Place, shortened
from auditor.yamlnodes import Node, Scalar
from auditor.yamlwords.signs import lookalike
from auditor.yamlwords.trouble import Spot

MAX_NODES: Final = 50_000
MAX_DEPTH: Final = 40

_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS: Final = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False
}  # fmt: skip
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})", re.ASCII)
# The tags that say no more than is so.
_TAGS: Final = {
    yaml.ScalarEvent: "tag:yaml.org,2002:str",
    yaml.SequenceStartEvent: "tag:yaml.org,2002:seq",
    yaml.MappingStartEvent: "tag:yaml.org,2002:map",
}
_CHARACTER: Final = "Write the character itself."
_HALF: Final = re.compile("[\ud800-\udfff]")

_Begun: TypeAlias = "yaml.ScalarEvent | yaml.CollectionStartEvent"


class _Mark(Protocol):
    """A place, counted from 0, of either of PyYAML's loaders."""

    line: int
    column: int


def spot_of(mark: _Mark | None) -> Spot:
    """A place as PyYAML has it, counted from 1."""
    return Spot(mark.line + 1, mark.column + 1) if mark else Spot(1, 1)


class _Anchored(NamedTuple):
    """What an anchor names: ``node`` is None as long as it is read, ``text`` is a scalar's."""

    place: Place
    node: Node | None = None
    text: str | None = None
    nodes: int = 1
    levels: int = 0


class _Events(Protocol):
    """Either of PyYAML's loaders."""

    def get_event(self) -> yaml.Event: ...


class Composer:
    """YAML's events → nodes, bounded: an alias counts as all that it stands for."""

    def __init__(self, loader: _Events, file: str, error: type[AuditError]) -> None:
        self._loader = loader
        self._file = file
        self._error = error
        self._anchors: dict[str, _Anchored] = {}
        self._open: list[Spot] = []
        self._count = 0
        self._deepest = 0

    @property
    def opened(self) -> Spot | None:
        """The innermost bracket or brace that is open."""
        return self._open[-1] if self._open else None

    def document(self) -> Node:
        """The root node of the only document."""
        self._next()
        if isinstance(self._next(), yaml.StreamEndEvent):
            return Node(None, Place(self._file, 1, 1), blank=True)
        root = self._node(self._next(), 0)
        self._next()
        if not isinstance(after := self._next(), yaml.StreamEndEvent):
            message = "this is not YAML: a second document begins here"
            raise self._error(message, self._place(after), "One file holds one document.")
        return root

    def _next(self) -> yaml.Event:
        return self._loader.get_event()

    def _place(self, event: yaml.Event) -> Place:
        return Place(self._file, *spot_of(event.start_mark))

    def _node(self, event: yaml.Event, depth: int) -> Node:
        place = self._place(event)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, place, depth)
        self._bound(1, depth, place)
        begun = cast("_Begun", event)
        if begun.anchor is None:
            return self._value(begun, place, depth)
        self._check_anchor(begun.anchor, place)
        before, deepest, self._deepest = self._count, self._deepest, depth
        node = self._value(begun, place, depth)
        levels, self._deepest = self._deepest - depth, max(self._deepest, deepest)
        text = str(begun.value) if isinstance(begun, yaml.ScalarEvent) else None
        nodes = self._count - before + 1
        self._anchors[begun.anchor] = _Anchored(place, node, text, nodes, levels)
        return node

    def _bound(self, count: int, depth: int, place: Place) -> None:
        self._count += count
        self._deepest = max(self._deepest, depth)
        if self._count > MAX_NODES or depth > MAX_DEPTH:
            raise self._error("the file is too large or nested too deep", place)

    def _check_anchor(self, name: str, place: Place) -> None:
        if first := self._anchors.get(name):
            message = f"the anchor {shortened(name)} is already there in line {first.place.line}"
            raise self._error(message, place, "Give it another name.")
        self._anchors[name] = _Anchored(place)

    def _alias(self, event: yaml.AliasEvent, place: Place, depth: int) -> Node:
        found = self._named(event, place)
        if found.node is None:
            message = f"the anchor {shortened(str(event.anchor))} holds itself"
            raise self._error(message, place, "Write out what is meant here.")
        self._bound(found.nodes, depth + found.levels, place)
        return replace(found.node, place=place)

    def _named(self, event: yaml.AliasEvent, place: Place) -> _Anchored:
        name = str(event.anchor)
        if found := self._anchors.get(name):
            return found
        message = f"there is no anchor {shortened(name)} above this alias"
        raise self._error(message, place, 'An asterisk at the beginning needs quotes: "*".')

    def _value(self, event: _Begun, place: Place, depth: int) -> Node:
        self._check_tag(event, place)
        if isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event, place)
            return Node(value, place, blank=value is None and not event.value)
        if not event.flow_style:
            return self._collection(event, place, depth)
        line, column = spot_of(event.end_mark)
        self._open.append(Spot(line, column - 1))  # not of the anchor or the tag before it
        node = self._collection(event, place, depth)
        self._open.pop()
        return node

    def _check_tag(self, event: _Begun, place: Place) -> None:
        if event.tag not in {None, "!", _TAGS[type(event)]}:
            tag = shortened(str(event.tag).replace("tag:yaml.org,2002:", "!!"))
            hint = "Write the value without a tag."
            raise self._error(f"the tag {tag} is not allowed", place, hint)

    def _collection(self, event: yaml.CollectionStartEvent, place: Place, depth: int) -> Node:
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(place, depth)
        items = []
        while not isinstance(item := self._next(), yaml.SequenceEndEvent):
            items.append(self._node(item, depth + 1))
        return Node(tuple(items), place)

    def _scalar(self, event: yaml.ScalarEvent, place: Place) -> Scalar:
        text = self._text(event, place)
        if event.style or event.tag:  # quoted, a block, or said to be text
            return text
        if text in _NULLS:
            return None
        if text in _BOOLEANS:
            return _BOOLEANS[text]
        return int(text) if _INTEGER.fullmatch(text) else text

    def _text(self, event: yaml.ScalarEvent, place: Place) -> str:
        text = str(event.value)
        if _HALF.search(text):  # libyaml refuses such an escape sequence by itself
            raise self._error("there is half a character in this text", place, _CHARACTER)
        return text

    def _mapping(self, place: Place, depth: int) -> Node:
        entries: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key_place = self._place(event)
            key = self._key(event, key_place)
            if key in entries:
                message = f"the key {shortened(key)} is already there in line {keys[key].line}"
                raise self._error(message, key_place)
            entries[key] = self._node(self._next(), depth + 1)
            keys[key] = key_place
        return Node(entries, place, keys)

    def _key(self, event: yaml.Event, place: Place) -> str:
        """A key's text; what it would be as a value does not matter."""
        text = None
        if isinstance(event, yaml.AliasEvent):
            text = self._named(event, place).text
        elif isinstance(event, yaml.ScalarEvent):
            self._check_tag(event, place)
            text = self._text(event, place)
            if not event.style:
                self._check_plain_key(text, place)
            if event.anchor is not None:
                self._check_anchor(event.anchor, place)
                node = Node(self._scalar(event, place), place)
                self._anchors[event.anchor] = _Anchored(place, node, text)
        if text is None:
            hint = "Text that begins with a bracket or a brace needs quotes."
            raise self._error("a key must be plain text", place, hint)
        return text

    def _check_plain_key(self, key: str, place: Place) -> None:
        if key == "<<":
            hint = "Write the keys out, or use extends."
            raise self._error("merge keys are not allowed", place, hint)
        if sign := lookalike(key):
            message = f"the key {shortened(key)} begins or ends with {sign}"
            hint = "Write common blanks, quotes and hyphens; or put the key in quotes."
            raise self._error(message, place, hint)
