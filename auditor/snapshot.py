"""The evidence file, ``audit-snapshot/1``: read, write, digest."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeGuard

from auditor.digests import sha256
from auditor.errors import InputError, Place
from auditor.model import CollectionError, Provenance, Snapshot

if TYPE_CHECKING:
    from auditor.model import Json

SCHEMA: Final = "audit-snapshot/1"
_AGAIN: Final = "Collect again, or use the file as it was first written."


def document(snapshot: Snapshot) -> dict[str, Json]:
    """A snapshot as JSON values, without its digest."""
    origin = snapshot.provenance
    return {
        "schema": SCHEMA,
        "organization": snapshot.organization,
        "provenance": {
            "kind": origin.kind,
            "location": origin.location,
            "collected_at": origin.collected_at.isoformat() if origin.collected_at else None,
            "tool": origin.tool,
            "files": list(origin.files),
        },
        "objects": {noun: list(found) for noun, found in snapshot.objects.items()},
        "errors": [error._asdict() for error in snapshot.errors],
    }


def digest(snapshot: Snapshot) -> str:
    """The SHA-256 over a snapshot's canonical content, first provenance included.

    Raises:
        InputError: an object is nested beyond all bounds.
    """
    return sha256(document(snapshot))


def write_snapshot(snapshot: Snapshot) -> bytes:
    """The evidence file's bytes."""
    content = document(snapshot)
    content["sha256"] = sha256(content)
    return (json.dumps(content, indent=1, ensure_ascii=True) + "\n").encode("ascii")


def is_snapshot(content: Json) -> TypeGuard[dict[str, Json]]:
    """Whether a JSON document is an evidence file."""
    return isinstance(content, dict) and content.get("schema") == SCHEMA


def read_snapshot(content: dict[str, Json], file: str) -> Snapshot:
    """The snapshot of an evidence file's JSON document, its first provenance carried along.

    Raises:
        InputError: it is damaged or was altered.
    """
    claimed = content.pop("sha256", None)
    found = sha256(content)
    if claimed != found:
        raise InputError(
            f"the snapshot was altered or damaged: its content has the SHA-256 {found[:16]}…, "
            f"but the file says {str(claimed)[:16]}…",
            Place(file),
            _AGAIN,
        )
    try:
        return _snapshot(content)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InputError(
            f"the snapshot is damaged ({type(error).__name__}: {error})", Place(file), _AGAIN
        ) from error


def _snapshot(content: dict[str, Json]) -> Snapshot:
    origin, objects, errors = content["provenance"], content["objects"], content["errors"]
    if (
        not isinstance(origin, dict)
        or not isinstance(objects, dict)
        or not isinstance(errors, list)
    ):
        raise TypeError("provenance, objects and errors")
    for found in objects.values():
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            raise TypeError("objects are not lists of objects")
    if set(content) != {"schema", "organization", "provenance", "objects", "errors"}:
        raise TypeError("it holds other keys")
    files = origin["files"]
    if not isinstance(files, list) or not all(isinstance(name, str) for name in files):
        raise TypeError("files are not names")
    for error in errors:
        if not isinstance(error["cmdlet"], str) or not isinstance(error["reason"], str):
            raise TypeError("errors are not texts")
    organization = content["organization"]
    return Snapshot(
        organization=None if organization is None else str(organization),
        provenance=Provenance(
            kind=str(origin["kind"]),
            location=str(origin["location"]),
            collected_at=_instant(origin["collected_at"]),
            tool=None if origin["tool"] is None else str(origin["tool"]),
            files=tuple(files),
        ),
        objects={noun: tuple(found) for noun, found in objects.items()},
        errors=tuple(CollectionError(**error) for error in errors),
    )


def _instant(text: Json) -> datetime | None:
    """An instant with its zone; what has none could be any."""
    if text is None:
        return None
    moment = datetime.fromisoformat(str(text))
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return moment.astimezone(UTC)
