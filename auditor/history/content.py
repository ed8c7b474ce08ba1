"""The digest of what an organisation is: the same on two nights between which nothing changed."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Final

from auditor.errors import InputError
from auditor.model import ADMIN_LOG

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.model import CollectionError, Snapshot

# When it was changed (what was changed shows by itself), who answered, and in which session:
# https://learn.microsoft.com/powershell/scripting/learn/remoting/running-remote-commands
_PASSING: Final = re.compile(r"When[A-Z].*|PS[A-Z].*|RunspaceId|OriginatingServer", re.DOTALL)


def content_digest(snapshot: Snapshot) -> str:
    """The SHA-256, in hexadecimal, of what a snapshot says of its organisation.

    The administrator audit log is no part of it: it says who changed what, not what is. Left out at
    every depth are properties that change by themselves (``WhenChanged``,
    ``RunspaceId``, ``PSComputerName``, ``OriginatingServer``) and the order of lists; besides the
    administrator audit log, where the snapshot came from, and the words in which a cmdlet that
    failed said so: they hold times and hosts.

    Raises:
        InputError: an object is nested beyond all bounds.
    """
    objects = {noun: list(found) for noun, found in snapshot.objects.items() if noun != ADMIN_LOG}
    parts = {
        "organization": snapshot.organization,
        "objects": objects,
        "errors": [_lack(error) for error in snapshot.errors if not _is_of_the_log(error)],
    }
    try:
        return hashlib.sha256(_spelled(parts).encode("ascii")).hexdigest()
    except RecursionError as error:
        raise InputError("the data is nested too deep", hint="Export it again.") from error


def _lack(error: CollectionError) -> Mapping[str, object]:
    return {"cmdlet": error.cmdlet, "refused": error.refused}


def _is_of_the_log(error: CollectionError) -> bool:
    return error.cmdlet.rpartition("-")[2] == ADMIN_LOG


def _spelled(value: object) -> str:
    """Canonical JSON, in which lists are sorted by the canonical JSON of their items."""
    if isinstance(value, dict):
        members = (
            f"{json.dumps(name)}:{_spelled(part)}"
            for name, part in sorted(value.items())
            if _PASSING.fullmatch(name) is None
        )
        return "{" + ",".join(members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(sorted(map(_spelled, value))) + "]"
    return json.dumps(value)
