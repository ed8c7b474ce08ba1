r"""PowerShell's CLIXML → raw objects: files of ``Export-Clixml``, and what comes over the wire.

The format is MS-PSRP 2.2.5 (https://learn.microsoft.com/openspecs/windows_protocols/ms-psrp).

Why not psrpcore, whose deserialiser knows the same format: it decodes the base64 of binary blobs,
makes objects of types that the file names, reads ``<B>anything</B>`` as false (a false pass on
``IsScopedConnector``), recurses without bound, and loses the whole file over one bad value. Here
a value that does not fit its element stays text, so that only its control is unknown. The tests
hold this reader against psrpcore's on what both can read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NoReturn
from xml.parsers import expat

from auditor.collect.exported import Exported
from auditor.errors import CutOffError, InputError, Place, UndecidedError
from auditor.model import CONTRADICTION

if TYPE_CHECKING:
    from auditor.model import Raw

MAX_DEPTH: Final = 100
MAX_VALUES: Final = 5_000_000
"""Values counted with every reference written out: a bomb of references is refused."""
_TEXT_WEIGHT: Final = 64
"""Characters of text that count as one value."""

_LISTS: Final = frozenset({"LST", "IE", "STK", "QUE"})
_NUMBERS: Final = frozenset({"By", "SB", "I16", "U16", "I32", "U32", "I64", "U64"})
_PARTS: Final = frozenset({"TN", "TNRef", "ToString", "Props", "MS", "DCT"}) | _LISTS
_NO_VALUES: Final = _PARTS | {"Objs", "T", "En"}
_PRIMITIVES: Final = _NUMBERS | {
    *("S", "C", "B", "DT", "TS", "Sg", "Db", "D", "BA", "G"),
    *("URI", "Nil", "Version", "XD", "SBK", "SS", "PR"),
}
_NO_TEXT: Final = _NO_VALUES - {"T", "ToString"} | {"Obj", "Ref", "Nil"}
_OTHER_STREAMS: Final = frozenset({"progress", "verbose", "debug", "warning", "information"})
# What collections say of themselves, and remoting of where a list came from.
_LIST_NOTES: Final = frozenset(
    {
        *("Capacity", "Count", "IsFixedSize", "IsReadOnly", "IsSynchronized", "Length"),
        *("LongLength", "Rank", "SyncRoot", "PSComputerName", "PSShowComputerName", "RunspaceId"),
    }
)
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_DECLARATION: Final = re.compile(r"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_AGAIN: Final = "Export it again."
_HOW: Final = "Export with: Get-SendConnector | Export-Clixml connectors.xml"
_INTEGER = re.compile(r"-?[0-9]{1,20}", re.ASCII)
_MISSING: Final = object()
_CUT: Final = frozenset(
    expat.errors.codes[text]
    for text in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
)


def read(text: str, file: str) -> list[Exported]:
    """The objects of a CLIXML document, in order; a list at the top is taken apart.

    Raises:
        InputError: it is not CLIXML, has a DTD, or is nested or large beyond all bounds.
        CutOffError: it ends in the middle.
        UndecidedError: it holds null, or an error of PowerShell beside the objects.
    """
    if text.startswith("#< CLIXML"):
        text = text.partition("\n")[2]
    if _DECLARATION.search(text):
        raise InputError(
            "the XML declares a document type or entities, which no export does",
            Place(file),
            "Do not use this file; export again with Export-Clixml.",
        )
    decoder = _Decoder(file)
    found: list[Exported] = []
    for value, line in decoder.decode(text):
        _take_apart(value, decoder, Place(file, line), found)
    return found


def read_value(text: str, source: str) -> tuple[Raw, str | None, int]:
    """The one value of a message of the remoting protocol, its .NET type, and its weight.

    What an object prints as is under ``ToString``. References hold within one message
    (MS-PSRP 2.2.5.2.1).

    Raises:
        InputError: it is not one value in CLIXML.
        CutOffError: it ends in the middle.
    """
    if _DECLARATION.search(text):
        raise InputError("the XML declares a document type or entities", Place(source))
    decoder = _Decoder(source)
    values = decoder.decode(f"<Objs>{text}</Objs>")
    if len(values) != 1:
        raise InputError(f"the message holds {len(values)} values in place of one", Place(source))
    value, _ = values[0]
    return value, decoder.type_of(value), decoder.weight


def _take_apart(value: Raw, decoder: _Decoder, place: Place, found: list[Exported]) -> None:
    """Add the objects at the top of an export; a list there holds objects."""
    if isinstance(value, list):
        for item in value:
            _take_apart(item, decoder, place, found)
    elif isinstance(value, dict):
        type_name = decoder.type_of(value)
        value.pop("ToString", None)
        found.append(Exported(value, type_name, place.line))
    elif value is None:
        raise UndecidedError("the export holds null: nothing was exported", place, _AGAIN)
    else:
        raise InputError("the export holds plain text or numbers, not objects", place, _HOW)


def unescape(text: str) -> str:
    """A CLIXML string with its ``_xHHHH_`` escapes undone (MS-PSRP 2.2.5.3.2)."""
    if "_x" not in text:
        return text
    text = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    # Characters beyond the basic plane are escaped as their two surrogates.
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


@dataclass(slots=True)
class _Frame:
    """One open element. Only Obj, Ref and simple values have a name and become values."""

    tag: str
    name: str | None
    ref: str | None
    text: list[str] = field(default_factory=list)
    printed: str | None = None
    type_name: str | None = None
    properties: dict[str, Raw] = field(default_factory=dict)
    repeated: set[str] = field(default_factory=set)
    items: list[Raw] | None = None
    simple: Raw = _MISSING
    conflict: bool = False
    weight: int = 1


class _Decoder:
    """Builds raw values while expat reads; keeps no tree."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._stack: list[_Frame] = []
        self._types: dict[str, str] = {}
        self._values: dict[str, tuple[Raw, int]] = {}
        # By identity; the value is held too, so that no other can take its place.
        self._types_of: dict[int, tuple[str, Raw]] = {}
        self._found: list[tuple[Raw, int]] = []
        # Of all values, as MAX_VALUES counts them.
        self.weight = 0
        # How deep the parser is in an object that is no output; 0 outside of one.
        self._other_stream = 0

    def decode(self, text: str) -> list[tuple[Raw, int]]:
        """The values at the top, each with the line it ends at."""
        try:
            self._parser.Parse(text, True)
        except expat.ExpatError as error:
            place = Place(self._file, error.lineno, error.offset + 1)
            if error.code in _CUT:
                message = "the export is cut off: the XML ends in the middle"
                raise CutOffError(message, place, _AGAIN) from error
            message = f"the XML is damaged: {expat.ErrorString(error.code)}"
            raise InputError(message, place, _AGAIN) from error
        return self._found

    def type_of(self, value: Raw) -> str | None:
        """The .NET type that a decoded value said it has."""
        return self._types_of.get(id(value), (None, value))[0]

    def _place(self) -> Place:
        return Place(
            self._file, self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1
        )

    def _refuse(self, message: str) -> NoReturn:
        raise InputError(message, self._place(), _HOW)

    def _refuse_doctype(self, *_: object) -> NoReturn:
        self._refuse("the XML declares a document type, which no export does")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        stack = self._stack
        if not stack and tag != "Objs":
            self._refuse(f"this is XML, but not an export of PowerShell objects (<{tag[:40]}>)")
        if self._other_stream or (len(stack) == 1 and self._is_other_stream(attributes)):
            self._other_stream += 1
            return
        if len(stack) >= MAX_DEPTH:
            self._refuse(f"the XML is nested more than {MAX_DEPTH} deep")
        frame = _Frame(tag, attributes.get("N"), attributes.get("RefId"))
        if stack:
            if not _belongs(frame, stack[-1].tag):
                self._refuse(f"the XML holds <{tag[:40]}> in <{stack[-1].tag}>, where it cannot be")
            self._open_part(frame, stack[-1])
        stack.append(frame)

    def _is_other_stream(self, attributes: dict[str, str]) -> bool:
        """Whether a top-level object is no output: PowerShell's -OutputFormat Xml mixes them."""
        stream = attributes.get("S", "output").lower()
        if stream == "error":
            message = "the export holds an error of PowerShell, so it may not be whole"
            raise UndecidedError(message, self._place(), "See what went wrong, and export again.")
        return stream in _OTHER_STREAMS

    def _open_part(self, frame: _Frame, parent: _Frame) -> None:
        if frame.tag in _LISTS:
            parent.conflict = parent.conflict or parent.items is not None
            parent.items = []
        elif frame.tag == "TNRef":
            parent.type_name = self._types.get(frame.ref or "")

    def _characters(self, data: str) -> None:
        if self._other_stream:
            return
        frame = self._stack[-1]
        # Binary blobs are never even kept: they serialise .NET objects.
        if frame.tag != "BA":
            frame.text.append(data)

    def _end(self, tag: str) -> None:
        if self._other_stream:
            self._other_stream -= 1
            return
        frame = self._stack.pop()
        if tag in _NO_TEXT and any(not part.isspace() for part in frame.text):
            self._refuse(f"the XML holds text in <{tag}>, where there can be none")
        if not self._stack:
            self.weight = frame.weight
            return
        parent = self._stack[-1]
        if tag == "T":
            if parent.type_name is None:
                parent.type_name = "".join(frame.text)
        elif tag == "TN":
            self._end_type_names(frame, parent)
        elif tag == "ToString":
            parent.conflict = parent.conflict or parent.printed is not None
            parent.printed = unescape("".join(frame.text))
            parent.weight += len(parent.printed) // _TEXT_WEIGHT
        elif tag in {"Props", "MS", "DCT", "En"} or tag in _LISTS:
            self._end_container(frame, parent)
        elif tag not in {"BA", "TNRef"}:
            self._end_value(frame, parent)

    def _end_type_names(self, frame: _Frame, parent: _Frame) -> None:
        if frame.type_name is not None:
            parent.type_name = frame.type_name
            if frame.ref is not None:
                self._types[frame.ref] = frame.type_name

    def _end_container(self, frame: _Frame, parent: _Frame) -> None:
        parent.weight += frame.weight
        if frame.tag == "En":
            # A dictionary's entry: <S N="Key">…</S> and whatever has N="Value".
            if frame.properties.keys() != {"Key", "Value"}:
                self._refuse("the XML holds an entry that is not one key and one value")
            self._add(parent, str(frame.properties["Key"]), frame.properties["Value"])
            return
        for name, value in frame.properties.items():
            if name in frame.repeated:
                parent.repeated.add(name)
            self._add(parent, name, value)

    def _end_value(self, frame: _Frame, parent: _Frame) -> None:
        value, weight = self._value(frame)
        if frame.ref is not None and frame.tag == "Obj":
            self._values[frame.ref] = (value, weight)
        parent.weight += weight
        if parent.weight > MAX_VALUES:
            self._refuse(f"the export holds more than {MAX_VALUES:,} values")
        if parent.tag == "Objs":
            self._found.append((value, self._parser.CurrentLineNumber))
        elif parent.tag in _LISTS:
            items = self._stack[-2].items
            if items is not None:
                items.append(value)
        elif frame.name is not None:
            self._add(parent, unescape(frame.name), value)
        else:
            parent.conflict = parent.conflict or parent.simple is not _MISSING
            parent.simple = value

    def _add(self, frame: _Frame, name: str, value: Raw) -> None:
        if name in frame.properties and frame.properties[name] != value:
            frame.repeated.add(name)
        frame.properties[name] = {CONTRADICTION: True} if name in frame.repeated else value

    def _value(self, frame: _Frame) -> tuple[Raw, int]:
        if frame.tag == "Obj":
            return self._object(frame), frame.weight
        if frame.tag == "Ref":
            known = self._values.get(frame.ref or "")
            return known or ({"Ref": frame.ref, "Unresolved": True}, 1)
        if frame.tag == "Nil":
            return None, 1
        if frame.tag == "SS":
            return {"SecureString": "(dropped)"}, 1
        text = "".join(frame.text)
        return _simple(frame.tag, text), 1 + len(text) // _TEXT_WEIGHT

    def _object(self, frame: _Frame) -> Raw:
        simple = frame.simple is not _MISSING
        if frame.items is not None:
            return self._list(frame, frame.items, simple=simple)
        if frame.conflict:
            return {CONTRADICTION: True}
        if simple and not frame.properties and frame.printed is None:
            return frame.simple
        value = dict(frame.properties)
        said = {"Value": frame.simple} if simple else {}
        if frame.printed is not None:
            said["ToString"] = frame.printed
        if any(name in value and value[name] != given for name, given in said.items()):
            return {CONTRADICTION: True}
        value.update(said)
        if frame.type_name is not None:
            self._types_of[id(value)] = (frame.type_name, value)
        return value

    def _list(self, frame: _Frame, items: list[Raw], *, simple: bool) -> Raw:
        """A list; beside its items there is only what collections say of themselves."""
        notes = frame.properties
        counts = [notes[name] for name in ("Count", "Length") if name in notes]
        if (
            frame.conflict
            or simple
            or not notes.keys() <= _LIST_NOTES
            or any(count != len(items) for count in counts)
            or "SendConnector" in (frame.type_name or "").partition("[")[0]
        ):
            return {CONTRADICTION: True}
        return items


def _belongs(frame: _Frame, parent: str) -> bool:
    """Whether an element may stand in another (MS-PSRP 2.2.5.2).

    What stands where nobody looks for it could be an object that is not seen.
    """
    tag = frame.tag
    if parent == "Obj":
        return tag in _PARTS or tag in _PRIMITIVES
    value = tag in _PRIMITIVES or tag in {"Obj", "Ref"}
    if parent in {"Objs", *_LISTS}:
        return value
    if parent in {"Props", "MS", "En"}:
        return value and frame.name is not None
    return (parent, tag) in {("DCT", "En"), ("TN", "T")}


def _simple(tag: str, text: str) -> Raw:
    """A simple value; text that does not fit its element stays text, and is judged as such."""
    if tag == "B":
        return {"true": True, "false": False}.get(text.strip().lower(), text)
    if tag in _NUMBERS:
        return int(text) if _INTEGER.fullmatch(text.strip()) else text
    if tag == "S":
        return unescape(text)
    return text
