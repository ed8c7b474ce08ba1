"""Snapshots to compare: of plain values, and of a whole organisation as exports write it."""

from __future__ import annotations

from typing import Any

from auditor.collect import read_snapshots
from auditor.history.differences import differences
from auditor.model import CollectionError, Differences, Provenance, Snapshot
from tests.live.objects import organization

HEAD = '<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">'


def snapshot(*errors: CollectionError, kind: str = "json", **objects: Any) -> Snapshot:
    """A snapshot of these objects by noun; of no connector where none are given."""
    found = {"SendConnector": (), **objects}
    return Snapshot(
        None, Provenance(kind, "f"), {noun: tuple(some) for noun, some in found.items()}, errors
    )


def between(
    old: list[dict[str, Any]],
    new: list[dict[str, Any]],
    kinds: tuple[str, str] = ("json", "json"),
) -> Differences:
    """What differs between some send connectors and some others."""
    return differences(
        snapshot(SendConnector=old, kind=kinds[0]),
        snapshot(SendConnector=new, kind=kinds[1]),
    )


def everything(shape: str = "rich", **options: Any) -> bytes:
    """A whole organisation as one export of CLIXML."""
    answers = organization(5, shape, **options)
    body = "".join(item for answer in answers.values() for item in answer.objects)
    return f"{HEAD}{body}</Objs>".encode()


def read(data: bytes, name: str = "x") -> Snapshot:
    """The snapshot of an export."""
    return read_snapshots([(name, data)])


def as_json(value: Any) -> Any:
    """A value as ConvertTo-Json writes it, which keeps properties and not what an object prints.

    An enumeration is its number; a moment counts milliseconds.
    """
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    parts = {name: as_json(part) for name, part in value.items() if name != "ToString"}
    if parts.keys() == {"Value"} and isinstance(parts["Value"], int):
        return parts["Value"]
    return parts
