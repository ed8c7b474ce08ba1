"""A bundle of the compliant example, keys made for the occasion, and signatures with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from auditor.collect import read_snapshots
from auditor.policy.effective import self_contained
from auditor.report.sheet import Sheet
from auditor.signoff.attestations import written_attestations
from auditor.signoff.bundle import make_bundle, printing_with
from auditor.signoff.contents import ATTESTATIONS, SNAPSHOT, Inputs, contents
from auditor.signoff.keys import KeyList, TrustedKey
from auditor.signoff.manifest import MANIFEST, read_manifest
from auditor.signoff.pem import private_key
from auditor.signoff.signing import Statement, signature, signature_path
from auditor.signoff.verification import verify
from auditor.snapshot import write_snapshot
from tests.conftest import ROOT

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LATER = date(2027, 12, 31)
KINDS = {
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "ecdsa-p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ecdsa-p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "rsa": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
}


@dataclass(frozen=True)
class Person:
    """Somebody with a key."""

    name: str
    role: str
    key: object

    def pem(self, passphrase=None, form=PrivateFormat.PKCS8):
        lock = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
        return self.key.private_bytes(Encoding.PEM, form, lock)

    @property
    def public(self):
        spki = PublicFormat.SubjectPublicKeyInfo
        return self.key.public_key().public_bytes(Encoding.PEM, spki).decode()

    @property
    def signer(self):
        return private_key(self.pem(), None)

    def trusted(self, until=LATER):
        return TrustedKey(self.name, self.role, until, self.signer.public_key)


@cache
def person(name="Erin", role="engineer", kind="ed25519"):
    return Person(name, role, KINDS[kind]())


@cache
def evidence(example="compliant.xml"):
    data = (ROOT / "examples" / example).read_bytes()
    policy = self_contained("mimecast", ROOT)
    return {
        SNAPSHOT: write_snapshot(read_snapshots([(example, data)])),
        ATTESTATIONS: written_attestations(()).encode(),
        **{name: text.encode() for name, text in policy.items()},
    }


@cache
def _bundle(example, ticket):
    inputs = Inputs("na", "Contoso", NOW, ticket=ticket)
    made = contents(evidence(example), inputs, Sheet())
    return make_bundle(evidence(example), made, inputs, printing_with(Sheet()))


def bundle(example="compliant.xml", ticket=None):
    """All files of a bundle that nobody has signed."""
    return dict(_bundle(example, ticket))


def signed(files, *people, at=NOW):
    """The files with a signature of each."""
    statement = Statement.of(files[MANIFEST], read_manifest(files[MANIFEST], "b"), at)
    signers = [one.signer for one in people]
    return files | {signature_path(s.public_key.keyid): signature(statement, s) for s in signers}


def listed_anew(files):
    """The files with a manifest that lists them as they are now."""
    from auditor.signoff.manifest import listed, written_manifest

    manifest = read_manifest(files[MANIFEST], "b")
    return files | {MANIFEST: written_manifest(manifest._replace(files=listed(files)))}


def verified(files, *people, now=NOW, roles=(), until=LATER, fonts=()):
    keys = KeyList(tuple(one.trusted(until) for one in people), tuple(roles))
    sheet = Sheet(fonts=tuple(fonts))
    return verify(files, keys, now, "b.zip", sheet, printing_with(sheet))


def digest(data):
    return sha256(data).hexdigest()
