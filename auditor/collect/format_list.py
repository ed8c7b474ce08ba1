"""``Format-List`` text (``fl``, ``fl *``) → raw objects, wrapped lines joined again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from auditor.collect.exported import Exported
from auditor.errors import CutOffError, InputError, Place

if TYPE_CHECKING:
    from auditor.model import Raw

_LINE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\s+):(?: (.*)|)\Z")
_PROMPT = re.compile(r"(?:\[PS\]|PS) .*>")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_AGAIN: Final = "Export it again, or use: Get-SendConnector | Export-Clixml connectors.xml"
_END: Final = "If the text is whole, put an empty line at its end; else export it again."


def looks_like(start: str) -> bool:
    """Whether a text begins with lines of the form ``Name : value``."""
    lines = [line for line in _COLOURS.sub("", start).splitlines() if line.strip()]
    return any(_LINE.match(line) for line in lines[:3]) and any(" : " in line for line in lines[:3])


def read(text: str, file: str) -> list[Exported]:
    """The objects of a Format-List text, one a block.

    An empty value is null: Format-List prints null and an empty text alike.

    Raises:
        InputError: a line fits no block, or a property is there twice in one.
        CutOffError: the last block is shorter than the others, or no empty line follows it.
    """
    text = _COLOURS.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise CutOffError("from here the file holds nothing but zeros", Place(file, line), _AGAIN)
    lines = _without_last_prompt(text.split("\n"))
    found = _blocks(lines, file)
    if not found:
        raise InputError("the text holds no properties", Place(file), _AGAIN)
    width = max(len(lines[number]) for numbers in found for number in numbers)
    blocks = [
        Exported(_block(lines, numbers, width, file), line=numbers[0] + 1) for numbers in found
    ]
    # Format-List always ends with an empty line.
    if any(line.strip() for line in lines[-2:]):
        raise CutOffError(
            "no empty line follows the last property, so the export may be cut off",
            Place(file, len(lines)),
            _END,
        )
    _check_last(blocks, Place(file, len(lines)))
    return blocks


def _without_last_prompt(lines: list[str]) -> list[str]:
    """A prompt after the output shows that the output came to its end."""
    last = max((number for number, line in enumerate(lines) if line.strip()), default=0)
    return [*lines[:last], ""] if _PROMPT.match(lines[last]) else lines


def _blocks(lines: list[str], file: str) -> list[list[int]]:
    """The line numbers (from 0) of each block; blank lines part them.

    Only prompts may stand between blocks: anything else could be an object that is not seen.
    """
    blocks: list[list[int]] = []
    apart = True
    for number, line in enumerate(lines):
        if not line.strip():
            apart = True
        elif not apart or (blocks and _continues(lines[blocks[-1][0]], line)):
            # A text of several paragraphs goes on after the blank line, at the values' column.
            blocks[-1].append(number)
            apart = False
        elif _LINE.match(line):
            blocks.append([number])
            apart = False
        elif not _PROMPT.match(line):
            raise InputError("this line belongs to no object", Place(file, number + 1, 1), _AGAIN)
    return blocks


def _continues(first: str, line: str) -> bool:
    match = _LINE.match(first)
    return match is not None and not line[: len(match[1] + match[2]) + 2].strip()


def _block(lines: list[str], numbers: list[int], width: int, file: str) -> dict[str, Raw]:
    properties: dict[str, Raw] = {}
    first = _LINE.match(lines[numbers[0]])
    # Every name of a block is padded to the same width: the colons stand in one column.
    colon = len(first[1] + first[2]) if first else 0
    name = ""
    seen: set[str] = set()
    for number in numbers:
        line = lines[number]
        match = _LINE.match(line)
        if match and len(match[1] + match[2]) == colon:
            name = match[1]
            if name.lower() in seen:
                raise InputError(
                    f"the property {name!r} is there twice in one block",
                    Place(file, number + 1, 1),
                    _AGAIN,
                )
            seen.add(name.lower())
            properties[name] = match[3] or ""
        elif name and line.startswith(" "):
            before = lines[number - 1]
            properties[name] = _continued(str(properties[name]), before, line, width)
        elif number == len(lines) - 1:
            raise CutOffError(
                "the export is cut off in this line", Place(file, number + 1, 1), _AGAIN
            )
        else:
            raise InputError(
                "this line is not of the form 'Name : value' in the column of the others",
                Place(file, number + 1, 1),
                _AGAIN,
            )
    return {name: str(value).strip() or None for name, value in properties.items()}


def _continued(value: str, before: str, line: str, width: int) -> str:
    """A value with its next wrapped line.

    Format-List breaks between words, and inside a word only where the word alone fills the
    line: then the line before is as wide as any.
    """
    glue = "" if value.endswith(" ") or len(before) == width else " "
    return value + glue + line.strip()


def _check_last(blocks: list[Exported], place: Place) -> None:
    if len(blocks) < 2:
        return
    first, last = list(blocks[0].properties), list(blocks[-1].properties)
    if len(last) < len(first) and first[: len(last)] == last:
        raise CutOffError(
            f"the export is cut off: the last object has {len(last)} of {len(first)} properties",
            place,
            _AGAIN,
        )
