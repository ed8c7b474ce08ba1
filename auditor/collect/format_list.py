"""``Format-List`` text (``fl``, ``fl *``) → raw objects, wrapped lines joined again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NoReturn

from auditor.collect.exported import Exported
from auditor.collect.identify import KNOWN_NAMES
from auditor.errors import CutOffError, InputError, Place

if TYPE_CHECKING:
    from auditor.model import Raw

_LINE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\s+):(?: (.*)|)\Z")
# "PS C:\\>", "[PS] C:\\>", "[ex01.contoso.com]: PS C:\\>", and the prompt of a second line.
_PROMPT = re.compile(r"(?:\[[^\]]{1,200}\]: ?)?(?:\[PS\]|PS) .*>|>> ?")
_NAMED = re.compile(r"\b(\w{1,64})\s{1,64}:(?=\s|\Z)")
_COLOURS = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
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
    lines = _without_last_prompt(text.split("\n"))
    found = _blocks(lines, file)
    if not found:
        raise InputError("the text holds no properties", Place(file), _AGAIN)
    width = max(len(lines[number]) for numbers in found for number in numbers)
    blocks = [
        Exported(_block(lines, numbers, width, file), line=numbers[0] + 1) for numbers in found
    ]
    _check_end(blocks, lines, file)
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
            if apart and _holds_property(line):
                _refuse(number, file)
            blocks[-1].append(number)
            apart = False
        elif _LINE.match(line):
            blocks.append([number])
            apart = False
        elif not _PROMPT.match(line) or _holds_property(line):
            _refuse(number, file)
    return blocks


def _refuse(number: int, file: str) -> NoReturn:
    raise InputError("this line belongs to no object", Place(file, number + 1, 1), _AGAIN)


def _holds_property(line: str) -> bool:
    """Whether a line that is no property of its own could still hide one."""
    return any(match[1].lower() in KNOWN_NAMES for match in _NAMED.finditer(line))


def _continues(first: str, line: str) -> bool:
    match = _LINE.match(first)
    return match is not None and not line[: len(match[1] + match[2]) + 2].strip()


def _block(lines: list[str], numbers: list[int], width: int, file: str) -> dict[str, Raw]:
    properties: dict[str, Raw] = {}
    name, colon = "", 0
    seen: set[str] = set()
    for number in numbers:
        line = lines[number]
        match = _LINE.match(line)
        if match:
            name, colon = match[1], len(match[1] + match[2])
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
            room = width - colon - 2 if len(before) == width else None
            properties[name] = _continued(str(properties[name]), line, room)
        elif number == len(lines) - 1:
            raise CutOffError(
                "the export is cut off in this line", Place(file, number + 1, 1), _AGAIN
            )
        else:
            raise InputError(
                "this line is neither of the form 'Name : value' nor the rest of a value",
                Place(file, number + 1, 1),
                _AGAIN,
            )
    return {name: str(value).strip() or None for name, value in properties.items()}


def _continued(value: str, line: str, room: int | None) -> str:
    """A value with its next wrapped line.

    Format-List breaks between words, and keeps the blank at the end of the line, where editors
    take it away. Inside a word it breaks only what is longer than a whole line, and then the line
    before is full: ``room`` is what a line holds of a value if it is, else None.
    """
    more = line.strip()
    word = len(value.rpartition(" ")[2]) + len(more.partition(" ")[0])
    glue = "" if value.endswith(" ") or (room is not None and word > room) else " "
    return value + glue + more


def _check_end(blocks: list[Exported], lines: list[str], file: str) -> None:
    """Whether the text came to its end: Format-List always ends with an empty line.

    A text that was pasted may lack it. Then it is whole if its last object has the properties of
    the first, to the end of the line.
    """
    first, last = list(blocks[0].properties), list(blocks[-1].properties)
    place = Place(file, len(lines))
    if len(last) < len(first) and first[: len(last)] == last:
        message = f"the last object has {len(last)} of {len(first)} properties"
        raise CutOffError(f"the export is cut off: {message}", place, _AGAIN)
    empty_line = not any(line.strip() for line in lines[-2:])
    if not empty_line and (len(blocks) == 1 or last != first or lines[-1].strip()):
        message = "no empty line follows the last property, so the export may be cut off"
        raise CutOffError(message, place, _END)
