"""Runs as rows: what is written of an audit, and a row read again, which may be damaged."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from auditor.errors import UsageError
from auditor.history.faults import damaged
from auditor.model import Run
from auditor.snapshot import digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.errors import AuditError
    from auditor.model import Audit, Status

Row = dict[str, Any]

_COUNTS: Final[Mapping[Status, str]] = {
    "pass": "passed",
    "fail": "failed",
    "exempt": "exempt",
    "unknown": "unknown",
    "not-applicable": "not_applicable",
}
"""The column of each status."""

_VERDICTS: Final = frozenset({"compliant", "drift", "incomplete", None})
_LENGTH: Final = len("2026-11-23T08:00:00.000000Z")


def key_of(title: str) -> str:
    """What an audit's name compares by: without letter case and surrounding blanks.

    Raises:
        UsageError: nothing is left of it.
    """
    key = storable(title).strip().lower()
    if not key:
        raise UsageError("a history is kept under a name, and this one is empty")
    return key


def storable(text: str) -> str:
    """A text as every database takes it: lone surrogates and NUL are shown escaped."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\x00")


def audit_row(audit: Audit, *, as_of: bool, snapshot: str, findings: str) -> Row:
    """What a row says of an audit.

    Args:
        audit: that was evaluated.
        as_of: whether as of another time.
        snapshot: the digest of the document that holds its snapshot.
        findings: the digest of the one that holds its findings.
    """
    collected_at = audit.snapshot.provenance.collected_at
    return {
        "evaluated_at": stamp(audit.evaluated_at),
        "as_of": int(as_of),
        "verdict": audit.verdict,
        "organization": None if audit.organization is None else storable(audit.organization),
        "region": storable(audit.region.id) if audit.region else None,
        "policy": storable(f"{audit.policy.name} {audit.policy.version}"),
        "policy_sha256": audit.policy.sha256,
        "snapshot": snapshot,
        "snapshot_sha256": digest(audit.snapshot),
        "collected_at": stamp(collected_at) if collected_at else None,
        "connectors": audit.connectors,
        "findings": findings,
        **{column: audit.summary[status] for status, column in _COUNTS.items()},
    }


def failure_row(error: AuditError, now: datetime) -> Row:
    """What a row says of a run that evaluated nothing."""
    return {
        "evaluated_at": stamp(now),
        "as_of": 0,
        "policy": "",
        "error": storable(error.message),
        "error_code": error.code,
        **dict.fromkeys(_COUNTS.values(), 0),
    }


def run_of(row: Mapping[str, Any], where: str) -> Run:
    """The run of a row.

    Raises:
        InputError: the row is damaged.
    """
    try:
        return _run(row)
    except (TypeError, ValueError, OverflowError) as error:
        raise damaged(where, f"a run in it cannot be read ({error})") from error


def _run(row: Mapping[str, Any]) -> Run:
    verdict, collected_at = row["verdict"], row["collected_at"]
    if verdict not in _VERDICTS:
        raise ValueError("there is no such verdict")
    return Run(
        id=_number(row["id"]),
        audit=_text(row["title"]),
        verdict=verdict,
        evaluated_at=moment(row["evaluated_at"]),
        recorded_at=moment(row["recorded_at"]),
        as_of=bool(_number(row["as_of"])),
        organization=_optional(row["organization"]),
        region=_optional(row["region"]),
        policy=_text(row["policy"]),
        policy_sha256=_optional(row["policy_sha256"]),
        snapshot=_optional(row["snapshot"]),
        snapshot_sha256=_optional(row["snapshot_sha256"]),
        collected_at=None if collected_at is None else moment(collected_at),
        connectors=None if row["connectors"] is None else _number(row["connectors"]),
        summary={status: _number(row[column]) for status, column in _COUNTS.items()},
        error=_optional(row["error"]),
        error_code=_optional(row["error_code"]),
        tool=_text(row["tool"]),
        machine=_optional(row["machine"]),
    )


def stamp(instant: datetime) -> str:
    """An instant as it is stored: UTC, and always as long, so that texts sort as times do."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def moment(text: object) -> datetime:
    """A stored instant.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(text, str) or len(text) != _LENGTH:
        raise ValueError("an instant is none")
    return datetime.fromisoformat(text).astimezone(UTC)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is none")
    return value


def _optional(value: object) -> str | None:
    return None if value is None else _text(value)


def _number(value: object) -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError("a number is none")
    return value
