"""A bundle and a list of trusted keys → what is as it was signed, by whom, and whether it is true.

In this order: signatures over the manifest, the manifest's digests of all files, and only then,
where all of that holds, the evidence is evaluated again.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import auditor
from auditor.errors import AlteredError, shortened
from auditor.model.verification import CheckedFile, CheckedSignature, Verification
from auditor.signoff.manifest import MANIFEST, SIGNATURES, listed, read_manifest
from auditor.signoff.remaking import Remade, remake
from auditor.signoff.signing import Statement, holds, read_signature

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from auditor.report.sheet import Sheet
    from auditor.signoff.keys import KeyList, TrustedKey
    from auditor.signoff.manifest import Manifest, Printing
    from auditor.signoff.signing import Signed

_CLOCKS: Final = timedelta(days=1)
"""So far may the clocks of who signs and who verifies differ."""


def verify(
    files: Mapping[str, bytes],
    keys: KeyList,
    now: datetime,
    bundle: str,
    sheet: Sheet,
    printing: Printing,
) -> Verification:
    """What is as it was signed.

    Args:
        files: of the bundle, by their names; whatever is in them is hostile.
        keys: whose signatures are trusted.
        now: the moment for which keys are judged.
        bundle: its name, for messages.
        sheet: the fonts that there are here.
        printing: these as a bundle would list them, with the version of typst here.
    """
    try:
        manifest = read_manifest(files[MANIFEST], bundle)
    except AlteredError as error:
        return altered(error, bundle, now)
    signatures = tuple(_signatures(files, manifest, keys, now))
    signed = any(not one.against for one in signatures)
    checked = tuple(check_files(files, manifest, signed=signed))
    problems = [*_of_signatures(signatures, keys), *_of_files(checked)]
    remade = Remade() if problems else remake(files, manifest, sheet, printing)
    return Verification(
        bundle=bundle,
        verified_at=now,
        problems=(*problems, *remade.problems),
        version_here=auditor.__version__,
        undecided=remade.undecided,
        version=manifest.version,
        organization=manifest.inputs.organization,
        verdict=manifest.verdict,
        go_live=manifest.go_live,
        evaluated_at=manifest.inputs.evaluated_at,
        files=checked,
        signatures=signatures,
        remade=remade.files,
        findings=remade.findings,
    )


def altered(error: AlteredError, bundle: str, now: datetime) -> Verification:
    """The verification of a bundle that cannot even be read as one."""
    return Verification(bundle, now, (f"{error.message}.",), auditor.__version__)


def check_files(
    files: Mapping[str, bytes], manifest: Manifest, *, signed: bool
) -> Iterator[CheckedFile]:
    """Each file but the signatures against the manifest.

    Args:
        files: of the bundle.
        manifest: what they should be.
        signed: whether a signature over the manifest holds.
    """
    there = {one.path: one for one in listed(files)}
    wanted = {one.path: one for one in manifest.files}
    # Where files changed places, it is worth saying which.
    places = {one.sha256: one.path for one in reversed(manifest.files)}
    yield CheckedFile(MANIFEST, "as signed" if signed else "as listed")
    for path in sorted({*there, *wanted}):
        if path not in wanted:
            yield CheckedFile(path, "added", "the manifest does not list it")
        elif path not in there:
            yield CheckedFile(path, "removed", "the manifest lists it")
        elif there[path] != wanted[path]:
            other = places.get(there[path].sha256)
            yield CheckedFile(path, "altered", f"it holds what {other} should" if other else "")
        else:
            yield CheckedFile(path, "as signed" if signed else "as listed")


def _of_files(checked: Iterable[CheckedFile]) -> Iterator[str]:
    for file in checked:
        if file.state in {"altered", "added", "removed"}:
            yield f"{shortened(file.path)} was {file.state}{f': {file.why}' if file.why else ''}."


def _signatures(
    files: Mapping[str, bytes], manifest: Manifest, keys: KeyList, now: datetime
) -> Iterator[CheckedSignature]:
    for path in sorted(files):
        if not path.startswith(SIGNATURES):
            continue
        try:
            signed = read_signature(files[path], path)
        except AlteredError as error:
            yield CheckedSignature(path, None, None, None, None, None, (f"{error.message}.",))
            continue
        key = keys.find(signed.keyid)
        if key is None:
            unknown = "The key is not in the list: add it to the list if you trust it."
            yield CheckedSignature(path, signed.keyid, None, None, None, None, (unknown,))
            continue
        genuine = holds(signed, key.key)
        against = _against(signed, key, Statement.of(files[MANIFEST], manifest, now), now)
        yield CheckedSignature(
            path,
            signed.keyid,
            key.name,
            key.role,
            key.valid_until,
            signed.statement.signed_at if genuine else None,
            tuple(against) if genuine else ("The signature was not made with this key.",),
        )


def _against(signed: Signed, key: TrustedKey, expected: Statement, now: datetime) -> Iterator[str]:
    """Why a genuine signature is not accepted.

    Args:
        signed: the signature.
        key: it was made with.
        expected: what it should say of this bundle.
        now: the moment for which the key is judged.
    """
    said = signed.statement
    if said.digest != expected.digest:
        yield f"It was made for another bundle, or another {MANIFEST}."
    elif said._replace(signed_at=expected.signed_at) != expected:
        yield f"It says something else than {MANIFEST}."
    if said.signed_at - now > _CLOCKS:
        yield f"It is dated {_day(said.signed_at)}, which is yet to come."
    elif key.valid_until < said.signed_at.astimezone(UTC).date():
        yield f"The key was valid until {key.valid_until}, before the signature."
    elif key.valid_until < now.astimezone(UTC).date():
        yield f"The key was valid until {key.valid_until}."


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).date().isoformat()


def _of_signatures(signatures: Iterable[CheckedSignature], keys: KeyList) -> Iterator[str]:
    """What is wrong with the signatures, each and all."""
    found = list(signatures)
    for one in found:
        who = (
            f" ({one.name}, {one.role})"
            if one.name
            else f" (key {one.keyid[:16]})"
            if one.keyid
            else ""
        )
        for why in one.against:
            yield f"{shortened(one.path)}{who}: {why}"
    if not found:
        yield "nobody has signed the bundle."
    accepted = {one.role for one in found if not one.against}
    for role in keys.required_roles:
        if role not in accepted:
            yield f"nobody has signed it as {shortened(role)}, whose signature is required."
