"""``audit verify``: whether a bundle is as it was signed, by whom, and whether it is true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.cli.bundles import bundle_of
from auditor.cli.instant import as_of
from auditor.cli.output import put
from auditor.cli.sheet import sheet_of
from auditor.cli.source import path_of
from auditor.errors import AlteredError, InputError, Place, UsageError
from auditor.report import verify_json, verify_text
from auditor.signoff.bundle import printing_with, read_bundle
from auditor.signoff.keys import read_keys
from auditor.signoff.pem import MOST_BYTES
from auditor.signoff.verification import altered, verify

if TYPE_CHECKING:
    from pathlib import Path

    from auditor.cli.session import Session
    from auditor.cli.settings import Settings
    from auditor.signoff.keys import KeyList

_STATUS: Final = {"as signed": 0, "not as signed": 1, "undecided": 3}
_EXAMPLE: Final = "audit verify contoso.zip --keys keys.yaml"
_MOST: Final = 4 * 1024 * 1024


def run(settings: Settings, session: Session) -> int:
    """Verify a bundle; returns 0 where all is as signed, 1 where something is not, 3 unknown.

    Raises:
        AuditError: there is no such bundle, or the list of keys is wrong.
    """
    path = bundle_of(settings, session, _EXAMPLE)
    now = as_of(settings) or session.now()
    keys = _keys(settings)
    sheet = sheet_of(settings, session)
    name = path.name or path.resolve().name
    try:
        files = read_bundle(path)
        found = verify(files, keys, now, name, sheet, printing_with(sheet))
    except AlteredError as error:
        found = altered(error, name, now)
    as_json = settings.text("format") == "json"
    put((verify_json if as_json else verify_text).render(found), session)
    return _STATUS[found.outcome]


def _keys(settings: Settings) -> KeyList:
    path = path_of(settings, "keys")
    if path is None:
        raise UsageError("there is no list of trusted keys", hint=f"For example: {_EXAMPLE}")
    try:
        data = _read(path, _MOST)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"the list of keys cannot be read: {reason}", Place(str(path))) from error
    return read_keys(data, path.name, lambda name: _read(path.parent / name, MOST_BYTES))


def _read(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        data = file.read(most + 1)
    # What is cut off may be what matters: the roles that must have signed.
    if len(data) > most:
        raise ValueError("it is too large")
    return data
