"""Documents of a history: each is kept once, under the digest of what it says, compressed."""

from __future__ import annotations

import hashlib
import json
import zlib
from typing import TYPE_CHECKING, Final

from auditor.digests import canonical, fingerprints
from auditor.errors import UsageError
from auditor.history.content import content_digest
from auditor.history.faults import damaged
from auditor.model import SEVERITIES, STATUSES, KeptFinding, is_known
from auditor.snapshot import is_snapshot, read_snapshot

if TYPE_CHECKING:
    from auditor.model import Audit, Exemption, Finding, Json, Snapshot

MOST: Final = 512 * 1024 * 1024
"""So many bytes a document may have: a damaged one must not fill the memory."""


def pack(data: bytes) -> bytes:
    """A document as it is stored.

    Raises:
        UsageError: it is larger than any that is read again.
    """
    if len(data) > MOST:
        raise UsageError(f"this is too much to be kept in a history: {len(data):,} bytes")
    return zlib.compress(data, 9)


def unpack(data: object, where: str) -> bytes:
    """A document as it was.

    Raises:
        InputError: it is damaged.
    """
    if not isinstance(data, bytes):
        raise damaged(where, "a document is no data")
    try:
        unpacker = zlib.decompressobj()
        found = unpacker.decompress(data, MOST)
    except zlib.error as error:
        raise damaged(where, "a document cannot be unpacked") from error
    if not unpacker.eof or unpacker.unused_data:
        raise damaged(where, "a document is cut off, or too long")
    return found


def snapshot_of(data: bytes, digest: str, where: str) -> Snapshot:
    """The snapshot of a kept document.

    Raises:
        InputError: it is damaged, or not the one of that digest.
    """
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise damaged(where, "a snapshot is no JSON") from error
    if not is_snapshot(content):
        raise damaged(where, "a snapshot is none")
    snapshot = read_snapshot(content, where)
    if content_digest(snapshot) != digest:
        raise damaged(where, "a snapshot is not the one that was kept")
    return snapshot


def findings_document(audit: Audit) -> tuple[str, bytes]:
    """An audit's findings: their digest, and what is kept under it."""
    marks = fingerprints(audit.findings)
    data = canonical([_kept(f, mark) for f, mark in zip(audit.findings, marks, strict=True)])
    return hashlib.sha256(data).hexdigest(), data


def findings_of(data: bytes, digest: str, where: str) -> list[dict[str, Json]]:
    """The findings of a kept document, as JSON values.

    Raises:
        InputError: it is damaged, or not the one of that digest.
    """
    if hashlib.sha256(data).hexdigest() != digest:
        raise damaged(where, "findings are not as they were kept")
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise damaged(where, "findings are no JSON") from error
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise damaged(where, "findings are none")
    return found


def kept_finding(found: dict[str, Json], where: str) -> KeptFinding:
    """A finding of a kept document.

    Raises:
        InputError: it is damaged.
    """
    texts = {name: found.get(name) for name in KeptFinding._fields}
    optional = {"connector", "connector_guid"}
    for name, text in texts.items():
        if not isinstance(text, str) and not (text is None and name in optional):
            raise damaged(where, f"a finding has no {name}")
    if texts["status"] not in STATUSES or texts["severity"] not in SEVERITIES:
        raise damaged(where, "a finding has a status or a severity that there is not")
    return KeptFinding(**texts)  # type: ignore[arg-type]  # each was looked at


def _kept(finding: Finding, mark: str) -> dict[str, Json]:
    control, connector = finding.control, finding.connector
    return {
        "fingerprint": mark,
        "control": control.id,
        "title": control.title or "",
        "property": control.property,
        "status": finding.status,
        "severity": finding.severity,
        "connector": connector.name if connector else None,
        "connector_guid": connector.guid if connector else None,
        "message": finding.message,
        "expected": finding.expected,
        "actual": _actual(finding),
        "actual_state": finding.actual_state,
        "exemption": _exemption(finding.exemption) if finding.exemption else None,
    }


def _actual(finding: Finding) -> Json:
    if isinstance(finding.actual, dict):
        return {name: _value(part) for name, part in finding.actual.items()}
    return _value(finding.actual)


def _value(value: object) -> Json:
    if not is_known(value):
        return None
    return list(value) if isinstance(value, tuple) else value


def _exemption(exemption: Exemption) -> dict[str, Json]:
    """As in the report: who permitted it, why, and how long."""
    return {
        "reason": exemption.reason,
        "owner": exemption.owner,
        "approved_by": exemption.approved_by,
        "ticket": exemption.ticket,
        "starts": None if exemption.starts is None else exemption.starts.isoformat(),
        "expires": exemption.expires.isoformat(),
    }
