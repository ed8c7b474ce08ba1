"""Plain command lines without typer, whose import takes longer than a whole audit.

``parse`` reads only what has one meaning: a command, then options of its table, each with its
value. At everything else (help, errors, values that look like options, joined short options) it
gives up, and typer reads the same table. The tests hold the two against each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from auditor.cli.commands import command_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from auditor.cli.commands import Command
    from auditor.cli.options import Option


class Invocation(NamedTuple):
    """A command and what was given on its command line, by option name."""

    command: Command
    given: Mapping[str, str | bool | list[str]]


def parse(arguments: Sequence[str]) -> Invocation | None:
    """The invocation of a plain command line; None where typer must read it."""
    command = command_of(arguments)
    if command is None:
        return None
    known = {spelling: option for option in command.options for spelling in _spellings(option)}
    given: dict[str, str | bool | list[str]] = {}
    operands: list[str] = []
    words = iter(arguments[len(command.words) :])
    for word in words:
        name, equals, joined = word.partition("=") if word.startswith("--") else (word, "", "")
        option = known.get(name)
        if option is None and word and not word.startswith("-"):
            operands.append(word)
            continue
        if option is None or option.kind == "pair" or (option.kind == "flag" and equals):
            return None
        if option.kind == "flag":
            given[option.name] = True
            continue
        value = joined if equals else next(words, None)
        if value is None or (not equals and value.startswith("-") and value != "-"):
            return None
        if option.kind == "list":
            items = given.setdefault(option.name, [])
            assert isinstance(items, list)  # noqa: S101 - one kind for each name
            items.append(value)
        else:
            given[option.name] = value
    return _with_operands(command, given, operands)


def _with_operands(
    command: Command, given: dict[str, str | bool | list[str]], operands: list[str]
) -> Invocation | None:
    """The invocation with its operands; None where there are too many or too few."""
    operand = command.operand
    if operand is None:
        return None if operands else Invocation(command, given)
    if (not operands and operand.required) or (len(operands) > 1 and not operand.many):
        return None
    return Invocation(command, {**given, operand.name: operands} if operands else given)


def _spellings(option: Option) -> tuple[str, ...]:
    return (f"--{option.name}", option.short) if option.short else (f"--{option.name}",)


def glimpse(arguments: Sequence[str], name: str, short: str | None) -> str | None:
    """The last value of an option in a command line that may be wrong.

    Only for choosing how to say what is wrong.
    """
    found = None
    for position, word in enumerate(arguments):
        following = arguments[position + 1] if position + 1 < len(arguments) else found
        if word.startswith("--"):
            spelled, equals, value = word.partition("=")
            if spelled == f"--{name}":
                found = value if equals else following
        elif short and word.startswith("-") and short[1] in word:
            # Flags may stand before it in the same word (-qf), and its value behind it (-fjson).
            before, _, value = word[1:].partition(short[1])
            if not before or before.isalpha():
                found = value.removeprefix("=") or following
    return found
