"""Who changed send connectors: entries of the administrator audit log become ``AdminChange``.

The properties of an entry: https://learn.microsoft.com/exchange/policy-and-compliance/
admin-audit-logging/log-structure, and as the cmdlet names them
https://learn.microsoft.com/powershell/module/exchange/search-adminauditlog (CmdletName,
ObjectModified, CmdletParameters, Caller, Succeeded, RunDate).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from auditor.collect.cmdlets import CHANGING
from auditor.collect.dropping import DROPPED, is_secret, without_secrets
from auditor.errors import shortened
from auditor.kinds import BOOLEAN
from auditor.kinds.base import is_cut, is_type_name, text_of
from auditor.model import ABSENT, ADMIN_LOG, AdminChange
from auditor.normalise.moments import Moment, read_moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.model import Connector, Raw, Snapshot

UNREAD: Final = "could not be read"
_NO_VALUE: Final = "(its value is not in the export)"
_CMDLETS: Final = {name.lower(): name for name in CHANGING}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST: Final = 500
"""Of a value, so much is kept: a list of a thousand address spaces explains nothing."""


def admin_changes(snapshot: Snapshot) -> tuple[AdminChange, ...] | None:
    """Who changed send connectors, oldest first; None where the log was not read.

    Entries of other cmdlets are left out. What cannot be read of an entry says so in its caller or
    its parameters; one whose time cannot be read stands where the snapshot was collected, or at the
    last time that can be read.
    """
    found = snapshot.objects.get(ADMIN_LOG)
    if found is None:
        return None
    # Cleaned again: what is collected is, but a snapshot can come from anywhere.
    entries = [without_secrets({key.lower(): part for key, part in raw.items()}) for raw in found]
    ours = [(entry, cmdlet) for entry in entries if (cmdlet := _cmdlet(entry)) is not None]
    moments = [read_moment(entry.get("rundate")) for entry, _ in ours]
    known = [moment.at for moment in moments if moment is not None]
    latest = snapshot.provenance.collected_at or max(known, default=_EPOCH)
    changes = [
        _change(entry, cmdlet, moment, latest)
        for (entry, cmdlet), moment in zip(ours, moments, strict=True)
    ]
    return tuple(sorted(changes, key=lambda change: change.at))


def last_changed(connector: Connector) -> str | None:
    """When a connector was last changed, for where nobody knows who did it.

    Returns:
        ISO 8601 where it can be read, with the zone where that is known; else as Exchange printed
        it; None where it is not there.
    """
    for name in ("WhenChangedUTC", "WhenChanged"):
        value = connector.properties[name]
        if not isinstance(value, str) or not value.strip():
            continue
        moment = read_moment(value)
        if moment is None or not (moment.has_zone or name.endswith("UTC")):
            return value.strip()
        return moment.at.replace(microsecond=0, tzinfo=None).isoformat() + "Z"
    return None


def _cmdlet(entry: Mapping[str, Raw]) -> str | None:
    """The cmdlet of an entry that is looked at; None for another one's."""
    name = _text(entry.get("cmdletname"))
    if name is None:
        return f"a cmdlet whose name {UNREAD}"
    return _CMDLETS.get(name.rpartition("\\")[2].lower())


def _change(
    entry: Mapping[str, Raw], cmdlet: str, moment: Moment | None, latest: datetime
) -> AdminChange:
    parameters = _parameters(entry.get("cmdletparameters", ABSENT))
    said = _text(entry.get("rundate"))
    if moment is None:
        shown = f": {shortened(said)}" if said else ""
        parameters = (*parameters, ("RunDate", f"{UNREAD}{shown}"))
    elif not moment.has_zone:
        parameters = (*parameters, ("RunDate", f"{said} (its time zone is not known; read as UTC)"))
    succeeded = BOOLEAN.read(entry.get("succeeded"))
    return AdminChange(
        at=moment.at if moment else latest,
        caller=_text(entry.get("caller")) or f"(who it was {UNREAD})",
        cmdlet=cmdlet,
        connector=_text(entry.get("objectmodified")) or _identity(parameters),
        parameters=parameters,
        succeeded=succeeded if isinstance(succeeded, bool) else None,
    )


def _identity(parameters: tuple[tuple[str, str], ...]) -> str:
    """What the cmdlet was told to change, where the log does not say what it changed."""
    given = {name.lower(): value for name, value in parameters if value != _NO_VALUE}
    return given.get("identity") or given.get("name") or f"(which connector {UNREAD})"


def _parameters(raw: Raw) -> tuple[tuple[str, str], ...]:
    """Names and values; of some exports there are only the names."""
    if raw is None or raw == [] or raw == "":
        return ()
    if isinstance(raw, str) and raw.startswith("{") and raw.endswith("}") and not is_cut(raw[:-1]):
        raw = [part.strip() for part in raw[1:-1].split(",")]
    if isinstance(raw, dict):
        inner = raw.get("value", raw.get("Value"))
        raw = inner if isinstance(inner, list) else [raw]
    if not isinstance(raw, list | tuple):
        return (("CmdletParameters", UNREAD),)
    return tuple(_parameter(item) for item in raw)


def _parameter(item: Raw) -> tuple[str, str]:
    if isinstance(item, dict):
        parts = {key.lower(): part for key, part in item.items()}
        name = _text(parts.get("name")) or _text(item)
        if name is None:
            return ("CmdletParameters", UNREAD)
        value = _value(parts["value"]) if "value" in parts else _NO_VALUE
        return (name, DROPPED if is_secret(name) else value)
    text = _text(item)
    if text is None:
        return ("CmdletParameters", UNREAD)
    # Where an entry is printed, a parameter is its name only.
    name, equals, value = text.partition("=")
    shown = value.strip() if equals else _NO_VALUE
    return (name.strip(), DROPPED if is_secret(text) else shortened(shown, _LONGEST, quoted=False))


def _value(raw: Raw) -> str:
    if raw is None:
        return ""
    if isinstance(raw, list | tuple):
        return shortened(", ".join(map(_value, raw)), _LONGEST, quoted=False)
    text = _text(raw) if raw != "" else ""
    if text is None and isinstance(raw, bool | int | float):
        return str(raw)
    return UNREAD if text is None else shortened(text, _LONGEST, quoted=False)


def _text(raw: Raw) -> str | None:
    """A text; None where there is none, or only the name of a type."""
    text = (text_of(raw) or "").strip()
    return None if not text or is_type_name(text) else text
