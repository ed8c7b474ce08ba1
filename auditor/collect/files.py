"""Files become a snapshot: recognise each by its content, read it, put them together."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Final

from auditor.collect import json_export, marked
from auditor.collect.cleaning import clean
from auditor.collect.complete import require_connectors
from auditor.collect.exported import Exported
from auditor.collect.identify import NOUNS, contradicts, refuse, shape_of
from auditor.errors import (
    CutOffError,
    InputError,
    Place,
    UndecidedError,
    UsageError,
    shortened,
)
from auditor.model import Provenance, Snapshot, cmdlet_of
from auditor.snapshot import SCHEMA, is_snapshot, read_snapshot
from auditor.textfile import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from auditor.model import Raw

MAX_BYTES: Final = 256 * 1024 * 1024
"""No export of connectors comes near; what is larger is refused unread."""

READERS: Final[Mapping[str, str]] = {
    "clixml": "auditor.collect.clixml",
    "csv": "auditor.collect.csv_export",
    "format-list": "auditor.collect.format_list",
}
"""Kind → the module that reads it, imported when needed: ``read(text, file) -> list[Exported]``.

JSON is not in it: it may hold an export or a snapshot of ours.
"""

# Not every bracket is JSON: the Exchange Management Shell's prompt is "[PS] C:\\>".
_JSON_START = re.compile(r"\{|\[\s*(?:[\[{\]\"]|\Z)|(?:null|true|false)\s*\Z")
_NO_TEXT: Final = {
    b"PK\x03\x04": "a Word, Excel or other zip file",
    b"\xd0\xcf\x11\xe0": "an old Word, Excel or Outlook file",
    b"%PDF": "a PDF",
}
_NO_EXPORT: Final = (
    (re.compile(r"FullyQualifiedErrorId|CategoryInfo\s*:"), "an error message of PowerShell"),
    (re.compile(r"(?m)^-{4,}( +-{4,})+\s*$"), "a table of PowerShell, which leaves most out"),
)
_AGAIN: Final = "Export it again."
_WHAT_TO_GIVE: Final = (
    "Export with: Get-SendConnector | Export-Clixml connectors.xml, and give that file."
)


def read_snapshots(files: Iterable[tuple[str, bytes]]) -> Snapshot:
    """One organisation's snapshot from the exports of its cmdlets.

    Args:
        files: base name and bytes of each.

    Raises:
        InputError: a file is not an export of Exchange objects, or none holds send connectors.
        UndecidedError: a file is empty or cut off.
        UsageError: two files hold the objects of the same cmdlet.
    """
    parts = [(name, _read(name, data)) for name, data in files]
    objects = _objects(parts)
    if "SendConnector" not in objects and all(part.objects for _, part in parts):
        raise InputError(
            f"there are no send connectors in it, only {_listed(objects)}",
            Place(parts[0][0] if parts else None),
            _WHAT_TO_GIVE,
        )
    # An export that holds no object at all says that there is no connector.
    return _joined([part for _, part in parts], {"SendConnector": (), **objects})


def _objects(parts: list[tuple[str, Snapshot]]) -> dict[str, tuple[Mapping[str, Raw], ...]]:
    """The objects of all files by the cmdlet that returned them; none may be in two."""
    objects: dict[str, tuple[Mapping[str, Raw], ...]] = {}
    where: dict[str, str] = {}
    for name, part in parts:
        for noun, found in part.objects.items():
            if noun in where:
                raise UsageError(
                    f"{where[noun]} and {name} both hold {cmdlet_of(noun)}",
                    hint="Give one export of each cmdlet, of one organisation.",
                )
            where[noun] = name
            objects[noun] = found
    return objects


def _joined(
    parts: list[Snapshot], objects: Mapping[str, tuple[Mapping[str, Raw], ...]]
) -> Snapshot:
    if len(parts) == 1:
        return replace(parts[0], objects=objects)
    names = tuple(name for part in parts for name in part.provenance.files)
    kinds = sorted({part.provenance.kind for part in parts})
    first = next((part for part in parts if "SendConnector" in part.objects), parts[0])
    return Snapshot(
        organization=next((p.organization for p in parts if p.organization), None),
        provenance=Provenance(
            kind="+".join(kinds),
            location=first.provenance.location,
            collected_at=first.provenance.collected_at,
            tool=first.provenance.tool,
            files=names,
            server=first.provenance.server,
            account=first.provenance.account,
            cautions=tuple(dict.fromkeys(c for part in parts for c in part.provenance.cautions)),
        ),
        objects=objects,
        errors=tuple(error for part in parts for error in part.errors),
    )


def _read(name: str, data: bytes) -> Snapshot:
    if len(data) > MAX_BYTES:
        raise InputError(
            f"the file has more than {MAX_BYTES // (1 << 20)} MiB", Place(name), _WHAT_TO_GIVE
        )
    for magic, what in _NO_TEXT.items():
        if data.startswith(magic):
            raise InputError(f"this is {what}, not an export", Place(name), _WHAT_TO_GIVE)
    text = decode(data, name)
    if not text or text.isspace() or not text.strip("\0 \r\n\t"):
        raise UndecidedError(
            "the file is empty",
            Place(name),
            "The export did not work, or there is nothing to export: run it again and look.",
        )
    if "\0" in text or "\\u0000" in text:
        # What a disk that was full, or a copy that was stopped, leaves in the place of text.
        line = text.count("\n", 0, max(text.find("\0"), 0)) + 1
        raise CutOffError(
            "the file has a hole: zeros stand where text was", Place(name, line), _AGAIN
        )
    kind = recognise(text, name)
    if kind == "json":
        content = json_export.parse(text, name)
        if is_snapshot(content):
            return _checked(read_snapshot(content, name), name)
        _refuse_own(content, name)
        exported = json_export.objects(content, name)
    else:
        exported = import_module(READERS[kind]).read(text, name)
        if kind == "clixml" and marked.is_marked(exported):
            snapshot = marked.read(exported, name)
            require_connectors(snapshot, Place(name))
            return snapshot
    return Snapshot(
        organization=None,
        provenance=Provenance(kind, name, files=(name,)),
        objects=_by_noun(exported, name),
    )


def _refuse_own(content: Raw, file: str) -> None:
    """Say so where the file is something of ours that is no snapshot of this schema."""
    schema = content.get("schema") if isinstance(content, dict) else None
    if isinstance(schema, str) and schema.startswith("audit-"):
        raise InputError(
            f"this is {shortened(schema)}, not an export or a snapshot ({SCHEMA})",
            Place(file),
            _WHAT_TO_GIVE,
        )


def recognise(text: str, file: str) -> str:
    """The kind of an export, from its first characters.

    Raises:
        InputError: it is none of those that are read.
    """
    start = text.lstrip("\ufeff \r\n\t")[:4096]
    if start.startswith(("<", "#< CLIXML")):
        return "clixml"
    if _JSON_START.match(start):
        return "json"
    if start.startswith("#TYPE"):
        return "csv"
    from auditor.collect import csv_export, format_list

    if csv_export.looks_like(start):
        return "csv"
    if format_list.looks_like(start):
        return "format-list"
    for pattern, what in _NO_EXPORT:
        if pattern.search(start):
            raise InputError(f"this is {what}, not an export", Place(file), _WHAT_TO_GIVE)
    raise InputError(
        "this is not an export of Exchange objects (CLIXML, JSON, Format-List text or CSV)",
        Place(file, 1, 1),
        _WHAT_TO_GIVE,
    )


def _by_noun(exported: list[Exported], file: str) -> dict[str, tuple[Mapping[str, Raw], ...]]:
    """The objects by the cmdlet that returned them."""
    objects: dict[str, list[Mapping[str, Raw]]] = {}
    for item in exported:
        found = shape_of(item.type_name, tuple(item.properties))
        if found.noun is None:
            refuse(item, found, file)
        objects.setdefault(found.noun, []).append(clean(item.properties, plain=found.plain))
    return {noun: tuple(found) for noun, found in objects.items()}


def _checked(snapshot: Snapshot, file: str) -> Snapshot:
    """A snapshot of ours, held to what every export is held to.

    Raises:
        UndecidedError: its send connectors could not be collected.
        InputError: it holds none, or objects of a cmdlet that is not known.
    """
    for noun in snapshot.objects:
        if noun not in NOUNS:
            message = f"the snapshot holds {shortened(noun)}, which this version does not know"
            raise InputError(message, Place(file), "Use the version that wrote it, or a newer one.")
    require_connectors(snapshot, Place(file))
    if "SendConnector" not in snapshot.objects:
        raise InputError("the snapshot holds no send connectors", Place(file), _WHAT_TO_GIVE)
    objects = {noun: _held(found, noun, file) for noun, found in snapshot.objects.items()}
    return replace(snapshot, objects=objects)


def _held(
    found: tuple[Mapping[str, Raw], ...], noun: str, file: str
) -> tuple[Mapping[str, Raw], ...]:
    """The objects of one cmdlet in a snapshot of ours, where the types are not kept."""
    objects = []
    for raw in found:
        shape = shape_of(noun, tuple(raw))
        if contradicts(shape, noun):
            refuse(Exported(dict(raw)), shape, file)
        objects.append(clean(dict(raw), plain=shape.plain))
    return tuple(objects)


def _listed(objects: Mapping[str, object]) -> str:
    return ", ".join(map(cmdlet_of, objects))
