"""The generated scripts, carried out on the model of Exchange: a very small PowerShell.

It knows what may stand after the line ``# ---- The changes`` and nothing else: whatever is not
expected there stops it. Values are read as PowerShell reads literals, and given to the model as
Exchange would take them.

Sources: https://learn.microsoft.com/powershell/scripting/lang-spec/chapter-02 (2.3.5.2: five
characters are single quotes, two of them in a string are one), about_Arrays, about_Parameter_Binding
(one value is given to a list parameter as a list).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import tree_sitter
import tree_sitter_powershell
from exchange import RefusedError
from following import is_same

from auditor.properties import PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from exchange import Exchange, Settings
    from tree_sitter import Node

CHANGES = "# ---- The changes"
CMDLETS = frozenset({
    *("New-SendConnector", "Set-SendConnector", "Set-ForeignConnector"),
    "Set-DeliveryAgentConnector",
})  # fmt: skip

_PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))
_QUOTES = "'\u2018\u2019\u201a\u201b"
_STRING = re.compile(f"'((?:[^{_QUOTES}]|[{_QUOTES}]{{2}})*)'")
_PAIR = re.compile(f"([{_QUOTES}])[{_QUOTES}]")
_CONSTANTS = {"$true": True, "$false": False, "$null": None}
# What stands around a value in the grammar, for each operator that could be there and is not.
_AROUND = frozenset({
    *("pipeline", "pipeline_chain", "logical_expression", "bitwise_expression"),
    *("comparison_expression", "additive_expression", "multiplicative_expression"),
    *("format_expression", "range_expression", "array_literal_expression", "unary_expression"),
    *("left_assignment_expression", "integer_literal"),
})  # fmt: skip


class Variable(NamedTuple):
    """A variable that is no constant: ``$preview``."""

    name: str


class Word(NamedTuple):
    """A word without quotes, or a command in parentheses."""

    text: str


class Call(NamedTuple):
    """A command: its name, what it is given by name, and the values without a name."""

    name: str
    given: dict[str, object]
    others: tuple[object, ...] = ()


@dataclass
class Step:
    """A command that changes something, and what stands around it.

    Attributes:
        guard: Assert-Audited, Assert-Absent or Test-Applied.
        command: the cmdlet of Exchange.
        held: Assert-Changed.
        asked: whether a credential is asked for just before.
        said: what is printed.
    """

    guard: Call
    command: Call
    held: Call
    asked: bool
    said: list[str]

    def on(self, exchange: Exchange) -> None:
        """Carry out the command.

        Raises:
            RefusedError: Exchange does not.
        """
        given = dict(self.command.given)
        assert given.pop("WhatIf") == Variable("$preview"), given
        given.pop("DomainController", None)
        credential = given.pop("AuthenticationCredential", None)
        assert (credential == Variable("$credential")) is self.asked, credential
        assert credential is None or self.asked, credential
        identity = given.pop("Identity", None)
        if self.command.name.startswith("New-"):
            assert given.pop("Usage") == Word("Custom")
            assert identity is None
        else:
            assert isinstance(identity, str), identity
        taken = {name: _taken(name, value) for name, value in given.items()}
        exchange.run(self.command.name, identity, taken, credential=self.asked)


class Script(NamedTuple):
    """What a script does: its steps, and what it prints after them."""

    steps: list[Step]
    said: list[str]


def read(script: bytes) -> Script:
    """The steps of ``remediate.ps1`` or ``rollback.ps1``, from the bytes of the file."""
    assert script.startswith(b"\xef\xbb\xbf")
    text = script.removeprefix(b"\xef\xbb\xbf")
    assert text.count(b"\n") == text.count(b"\r") == text.count(b"\r\n")
    assert text.endswith(b"\r\n")
    statements = list(_statements(_root(text)))
    ending = _call(statements.pop())
    assert ending.name == "Write-End", ending
    assert set(ending.given) == {"Again"}, ending
    said = []
    while statements and (text := _said(statements[-1])) is not None:
        said.insert(0, text)
        statements.pop()
    if ending.given["Again"] == "rollback.ps1":
        return Script([_undoing(statement) for statement in statements], said)
    assert ending.given["Again"] == "remediate.ps1", ending
    return Script(list(_steps(statements)), said)


def command_of(line: str) -> Call:
    """A command that stands alone on its line."""
    assert "\n" not in line
    (statement,) = _inside(_root(line.encode()))
    return _call(statement)


def is_as(exchange: Exchange, guard: Call, table: str) -> bool:
    """Whether the connector of a guard is as one of its tables says."""
    connector = _found(exchange, guard)
    expected = guard.given[table]
    assert isinstance(expected, dict), expected
    return connector is not None and all(
        name in connector and is_same(name, connector[name], _taken(name, value))
        for name, value in expected.items()
    )


def carry_out(steps: Iterable[Step], exchange: Exchange) -> tuple[list[Exchange], str | None]:
    """The organisation before and after each step, and why Exchange refused one, if it did."""
    states = [exchange]
    for step in steps:
        following = states[-1].copy()
        try:
            step.on(following)
        except RefusedError as error:
            return states, str(error)
        states.append(following)
    return states, None


def _found(exchange: Exchange, guard: Call) -> Settings | None:
    """The connector that a guard means, as Find-Connector of the script finds it."""
    mine = exchange.objects.get(str(guard.given["Noun"]), [])
    # Test-Applied looks for the old name where there is none of the new one.
    for key, named in (("Guid", "Guid"), ("Name", "Name"), ("Name", "OldName")):
        if named not in guard.given or (named != "Guid" and "Guid" in guard.given):
            continue
        wanted = str(guard.given[named]).strip().upper()
        found = [connector for connector in mine if str(connector[key]).strip().upper() == wanted]
        assert len(found) < 2, guard
        if found:
            return found[0]
    return None


def _taken(name: str, value: object) -> object:
    """A value as Exchange converts it: a list parameter takes one value as a list of it."""
    if PROPERTIES[name].kind.is_list and value is not None and not isinstance(value, list):
        return [value]
    return value


def _root(text: bytes) -> Node:
    root = _PARSER.parse(text).root_node
    assert root.has_error is False, _broken(root)
    return root


def _broken(root: Node) -> list[bytes | None]:
    found = [root]
    for node in found:
        found.extend(node.children)
    return [node.text for node in found if node.is_error or node.is_missing]


def _text(node: Node) -> str:
    assert node.text is not None
    return node.text.decode()


def _inside(node: Node) -> list[Node]:
    """The statements of a program, a block or an array, without comments."""
    lists = [child for child in node.children if child.type == "statement_list"]
    assert len(lists) < 2, _text(node)
    return [child for found in lists for child in found.children if child.type != "comment"]


def _statements(root: Node) -> Iterator[Node]:
    """The statements of the top level after the line that begins the changes."""
    # A comment after the last statement of all stands beside the list of statements.
    listed = [child for found in root.children for child in (found, *found.children)]
    marks = [
        child.start_byte
        for child in listed
        if child.type == "comment" and _text(child).startswith(CHANGES)
    ]
    assert len(marks) == 1, marks
    return (child for child in _inside(root) if child.start_byte > marks[0])


def _steps(statements: list[Node]) -> Iterator[Step]:
    """A guard, perhaps a question for the credential, a command, and a look at what it did."""
    waiting = iter(statements)
    for statement in waiting:
        guard = _call(statement)
        assert guard.name in {"Assert-Audited", "Assert-Absent"}, guard
        yield _step(guard, waiting)


def _undoing(statement: Node) -> Step:
    """``if (Test-Applied ...) { ... }`` and nothing else."""
    kinds = [child.type for child in statement.children if child.type != "comment"]
    assert statement.type == "if_statement", _text(statement)
    assert kinds == ["if", "(", "pipeline", ")", "statement_block"], kinds
    guard = _call(statement.children[kinds.index("pipeline")])
    assert guard.name == "Test-Applied", guard
    waiting = iter(_inside(statement.children[-1]))
    step = _step(guard, waiting)
    assert next(waiting, None) is None, _text(statement)
    return step


def _step(guard: Call, waiting: Iterator[Node]) -> Step:
    said = []
    statement = next(waiting)
    while (text := _said(statement)) is not None:
        said.append(text)
        statement = next(waiting)
    asked = _asks(statement)
    if asked:
        statement = next(waiting)
    command, held = _call(statement), _call(next(waiting))
    assert command.name in CMDLETS, command
    assert not command.others, command
    assert held.name == "Assert-Changed", held
    return Step(guard, command, held, asked, said)


def _said(statement: Node) -> str | None:
    """The text of a Write-Host; None where it is none."""
    if statement.type != "pipeline" or not _text(statement).startswith("Write-Host "):
        return None
    call = _call(statement)
    assert not call.given, call
    (text,) = call.others
    assert isinstance(text, str), text
    return text


def _asks(statement: Node) -> bool:
    """Whether it is ``$credential = Read-Credential -Name '...'``."""
    (child,) = statement.children
    if child.type != "assignment_expression":
        return False
    left, operator, right = child.children
    assert _value(left) == Variable("$credential"), _text(left)
    assert _text(operator) == "=", _text(operator)
    call = _call(right)
    assert call.name == "Read-Credential", call
    assert set(call.given) == {"Name"}, call
    return True


def _call(statement: Node) -> Call:
    """A statement that is one command."""
    node = statement
    while node.type in {"pipeline", "pipeline_chain"}:
        (node,) = node.children
    assert node.type == "command", _text(statement)
    name, *elements = node.children
    assert name.type == "command_name", _text(name)
    given: dict[str, object] = {}
    others: list[object] = []
    waiting: str | None = None
    for element in (child for found in elements for child in found.children):
        text = _text(element)
        if element.type == "command_argument_sep":
            assert text.strip(" ") == "" or (text == ":" and waiting == "WhatIf"), text
        elif element.type == "command_parameter":
            if waiting is not None:
                given[waiting] = True
            waiting = text.removeprefix("-")
            assert waiting.isalpha(), text
            assert waiting not in given, text
        elif waiting is None:
            others.append(_value(element))
        else:
            given[waiting] = _value(element)
            waiting = None
    if waiting is not None:
        given[waiting] = True
    return Call(_text(name), given, tuple(others))


def _value(node: Node) -> object:
    """A literal; a list as a list, a table as a dictionary."""
    while node.type in _AROUND and len(node.children) == 1:
        (node,) = node.children
    text = _text(node)
    match node.type:
        case "array_literal_expression":
            assert {_text(child) for child in node.children[1::2]} == {","}, text
            return [_value(child) for child in node.children[::2]]
        case "array_expression":
            found = [_value(statement) for statement in _inside(node)]
            assert len(found) < 2, text
            return found[0] if found and isinstance(found[0], list) else found
        case "hash_literal_expression":
            return _table(node)
        case "verbatim_string_characters" | "string_literal":
            whole = _STRING.fullmatch(text)
            assert whole is not None, text
            return _PAIR.sub(r"\1", whole[1])
        case "decimal_integer_literal":
            return int(text)
        case "variable":
            return _CONSTANTS[text] if text in _CONSTANTS else Variable(text)
        case "generic_token" | "parenthesized_expression":
            return Word(text)
    raise AssertionError(f"not a literal: {node.type}: {text}")


def _table(node: Node) -> dict[str, object]:
    found: dict[str, object] = {}
    bodies = [child for child in node.children if child.type == "hash_literal_body"]
    entries = [entry for body in bodies for entry in body.children]
    for entry in entries:
        assert entry.type == "hash_entry", _text(entry)
        key, _, value = entry.children
        assert _text(key).isalpha(), _text(key)
        assert _text(key) not in found, _text(key)
        found[_text(key)] = _value(value)
    return found
