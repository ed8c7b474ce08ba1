"""``audit signoff sign``: a signature over a bundle, in the bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.cli.bundles import bundle_of
from auditor.cli.output import put, write_or_refuse
from auditor.cli.password import find_passphrase
from auditor.cli.source import path_of
from auditor.errors import AlteredError, InputError, Place, UsageError
from auditor.report.printable import printable
from auditor.signoff.bundle import read_bundle, zip_bytes
from auditor.signoff.manifest import MANIFEST, read_manifest
from auditor.signoff.pem import MOST_BYTES, LockedError, private_key
from auditor.signoff.signing import Statement, refuse_second, signature, signature_path
from auditor.signoff.verification import check_files

if TYPE_CHECKING:
    from pathlib import Path

    from auditor.cli.session import Session
    from auditor.cli.settings import Settings
    from auditor.signoff.manifest import Manifest
    from auditor.signoff.pem import CryptoSigner

_EXAMPLE = "audit signoff sign contoso.zip --key engineer.pem"


def run(settings: Settings, session: Session) -> int:
    """Sign a bundle; returns 0.

    Raises:
        AuditError: the bundle is not as its manifest says, or the key cannot sign.
    """
    path = bundle_of(settings, session, _EXAMPLE)
    key = path_of(settings, "key")
    if key is None:
        raise UsageError("there is no key to sign with", hint=f"For example: {_EXAMPLE}")
    files = read_bundle(path)
    manifest = read_manifest(files[MANIFEST], path.name)
    _require_as_listed(files, manifest, path)
    signer = _signer(key, session)
    keyid = signer.public_key.keyid
    refuse_second(files, keyid, path.name)
    name = signature_path(keyid)
    data = signature(Statement.of(files[MANIFEST], manifest, session.now()), signer)
    if path.is_dir():
        write_or_refuse(path / name, data)
    else:
        write_or_refuse(path, zip_bytes({**files, name: data}))
    whose = f" of {manifest.inputs.organization}" if manifest.inputs.organization else ""
    put(printable(f"signed: {manifest.verdict}, {manifest.go_live}{whose}: {name}") + "\n", session)
    return 0


def _require_as_listed(files: dict[str, bytes], manifest: Manifest, path: Path) -> None:
    """That what is signed is what the manifest lists.

    Raises:
        AlteredError: a file is not; it names the first.
    """
    for file in check_files(files, manifest, signed=False):
        if file.state != "as listed":
            why = f" ({file.why})" if file.why else ""
            raise AlteredError(
                f"{file.path!r} was {file.state} since the bundle was made{why}: it is not signed",
                Place(str(path)),
                "Make the bundle again with: audit signoff",
            )


def _signer(path: Path, session: Session) -> CryptoSigner:
    """Who signs with the key in a file.

    Raises:
        InputError: it cannot be read, or is no key that can sign.
        UsageError: it is encrypted, and nobody gives a passphrase.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise ValueError("it is too large for a key")
        return _unlocked(data, path, session)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"the key cannot be used: {reason}", Place(str(path))) from error


def _unlocked(data: bytes, path: Path, session: Session) -> CryptoSigner:
    try:
        return private_key(data, None)
    except LockedError:
        return private_key(data, find_passphrase(path, session))
