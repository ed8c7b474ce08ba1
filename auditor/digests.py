"""Canonical JSON and the digests made of it: one way to name a value, for ever."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING

from auditor.errors import InputError
from auditor.properties import PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.model import Finding, Json


def canonical(value: Json) -> bytes:
    """JSON with sorted keys, no blanks and only ASCII: the same value gives the same bytes.

    Raises:
        InputError: it is nested beyond all bounds.
    """
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
    except RecursionError as error:
        raise InputError("the data is nested too deep", hint="Export it again.") from error


def sha256(value: Json) -> str:
    """The SHA-256 of a value's canonical JSON, in hexadecimal.

    Raises:
        InputError: it is nested beyond all bounds.
    """
    return hashlib.sha256(canonical(value)).hexdigest()


def actual_digest(finding: Finding) -> str | None:
    """``sha256:…`` of the finding's normalised value; None where there is no value to speak of.

    Of several values it is that of a mapping, by the properties' names.
    """
    if finding.actual_state in {"absent", "unreadable"}:
        return None
    value = finding.actual
    if isinstance(value, dict):
        return f"sha256:{sha256({name: _key(name, part) for name, part in value.items()})}"
    return f"sha256:{sha256(_key(finding.control.property, value))}"


def _key(name: str | None, value: object) -> Json:
    """A value as it compares: two spellings of one setting have one digest."""
    known = PROPERTIES.get(name or "")
    if known is not None and isinstance(value, bool | int | str | tuple):
        return known.kind.key(value)
    return value


def fingerprints(findings: Sequence[Finding]) -> list[str]:
    """One for each finding: the same for the same control on the same connector, ever after.

    Made from the control's id and the connector's Guid, or its name in lower case without one.
    Connectors that neither tells apart are counted in the order of the export.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    found = []
    for finding in findings:
        identity = (finding.control.id, *_identity(finding))
        seen[identity] += 1
        again = (str(seen[identity]),) if seen[identity] > 1 else ()
        found.append(sha256([*identity, *again])[:32])
    return found


def _identity(finding: Finding) -> list[str]:
    connector = finding.connector
    if connector is None:
        return []
    if connector.guid is not None:
        return ["guid", connector.guid]
    return ["name", connector.name.lower() if connector.name else f"#{connector.position}"]
