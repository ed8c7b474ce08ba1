"""The evidence file, ``audit-snapshot/1``: read, write, digest."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeGuard

from auditor.digests import sha256
from auditor.errors import InputError, Place, shortened
from auditor.model import CollectionError, Provenance, Snapshot, cmdlet_of

if TYPE_CHECKING:
    from auditor.model import Json

SCHEMA: Final = "audit-snapshot/1"
_AGAIN: Final = "Collect again, or use the file as it was first written."
_KEYS: Final = frozenset({"schema", "organization", "provenance", "objects", "errors"})


def document(snapshot: Snapshot) -> dict[str, Json]:
    """A snapshot as JSON values, without its digests."""
    return {
        "schema": SCHEMA,
        "organization": snapshot.organization,
        "provenance": _origin(snapshot.provenance),
        "objects": {noun: list(found) for noun, found in snapshot.objects.items()},
        "errors": [_error(error) for error in snapshot.errors],
    }


def _error(error: CollectionError) -> dict[str, Json]:
    said = error._asdict()
    return said if error.refused else {name: said[name] for name in ("cmdlet", "reason")}


def _origin(origin: Provenance) -> dict[str, Json]:
    """What is known of where it came from; a live server's part only where there was one."""
    found: dict[str, Json] = {
        "kind": origin.kind,
        "location": origin.location,
        "collected_at": origin.collected_at.isoformat() if origin.collected_at else None,
        "tool": origin.tool,
        "files": list(origin.files),
    }
    live = {"server": origin.server, "account": origin.account, "cautions": list(origin.cautions)}
    return found | {name: value for name, value in live.items() if value}


def digest(snapshot: Snapshot) -> str:
    """The SHA-256 over a snapshot's canonical content, first provenance included.

    Raises:
        InputError: an object is nested beyond all bounds.
    """
    return sha256(document(snapshot))


def write_snapshot(snapshot: Snapshot) -> bytes:
    """The evidence file's bytes: the content, its digest, and one of each of its parts."""
    content = document(snapshot)
    digests = {"digests": _digests(content), "sha256": sha256(content)}
    return (json.dumps(content | digests, indent=1, ensure_ascii=True) + "\n").encode("ascii")


def is_snapshot(content: Json) -> TypeGuard[dict[str, Json]]:
    """Whether a JSON document is an evidence file."""
    return isinstance(content, dict) and content.get("schema") == SCHEMA


def read_snapshot(content: dict[str, Json], file: str) -> Snapshot:
    """The snapshot of an evidence file's JSON document, its first provenance carried along.

    Raises:
        InputError: it is damaged or was altered; the message names the parts that differ.
    """
    claimed, parts = content.pop("sha256", None), content.pop("digests", None)
    found = sha256(content)
    if claimed == found and parts is not None and parts != _digests(content):
        message = "the snapshot was altered or damaged: the digests of its parts are not theirs"
        raise InputError(message, Place(file), _AGAIN)
    if claimed != found:
        raise InputError(
            f"the snapshot was altered or damaged{_what_differs(parts, content)}: its content has "
            f"the SHA-256 {found[:16]}…, and the file says {str(claimed)[:16]}…",
            Place(file),
            _AGAIN,
        )
    try:
        return _snapshot(content)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InputError(
            f"the snapshot is damaged ({type(error).__name__}: {error})", Place(file), _AGAIN
        ) from error


def _digests(content: dict[str, Json]) -> dict[str, str]:
    """The digest of each part, by what a person calls it; so that a change can be pinned down."""
    objects = content.get("objects")
    named = objects if isinstance(objects, dict) else {"objects": objects}
    parts = {cmdlet_of(noun): found for noun, found in named.items()}
    parts |= {key: found for key, found in content.items() if key not in {"schema", "objects"}}
    return {name: sha256(part) for name, part in parts.items()}


def _what_differs(claimed: Json, content: dict[str, Json]) -> str:
    found = _digests(content)
    known = claimed if isinstance(claimed, dict) else {}
    names = [name for name in {**known, **found} if known.get(name) != found.get(name)]
    # Where all differ, or none does, it is the digests that were altered.
    if not names or len(names) == len({**known, **found}):
        return ""
    return f" in {', '.join(shortened(name) for name in names[:5])}"


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
    if set(content) != _KEYS:
        raise TypeError("it holds other keys")
    for error in errors:
        if not isinstance(error["cmdlet"], str) or not isinstance(error["reason"], str):
            raise TypeError("errors are not texts")
        if not isinstance(error.get("refused", False), bool):
            raise TypeError("whether a cmdlet was refused is neither true nor false")
    return Snapshot(
        organization=_text_or_none(content["organization"]),
        provenance=_provenance(origin),
        objects={noun: tuple(found) for noun, found in objects.items()},
        errors=tuple(CollectionError(**error) for error in errors),
    )


def _provenance(origin: dict[str, Json]) -> Provenance:
    return Provenance(
        kind=str(origin["kind"]),
        location=str(origin["location"]),
        collected_at=_instant(origin["collected_at"]),
        tool=_text_or_none(origin["tool"]),
        files=_texts(origin["files"], "files"),
        server=_text_or_none(origin.get("server")),
        account=_text_or_none(origin.get("account")),
        cautions=_texts(origin.get("cautions", []), "cautions"),
    )


def _text_or_none(value: Json) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError("a text is none")
    return value


def _texts(value: Json, name: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TypeError(f"{name} are not texts")
    return tuple(value)


def _instant(text: Json) -> datetime | None:
    """An instant with its zone; what has none could be any."""
    if text is None:
        return None
    moment = datetime.fromisoformat(str(text))
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return moment.astimezone(UTC)
