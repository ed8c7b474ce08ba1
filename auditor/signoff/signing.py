"""Signatures over a manifest: an in-toto statement in a DSSE envelope, one file for each signer.

Statement: https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
Envelope: https://github.com/secure-systems-lab/dsse/blob/master/envelope.md
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import FormatError, UnverifiedSignatureError, VerificationError

from auditor.errors import AlteredError, Place, UsageError
from auditor.signoff.manifest import (
    MANIFEST,
    SIGNATURES,
    canonical_text,
    canonical_value,
    instant,
    read_instant,
)

if TYPE_CHECKING:
    from datetime import datetime

    from auditor.model import Json
    from auditor.signoff.manifest import Manifest
    from auditor.signoff.pem import CryptoSigner, SSlibKey

STATEMENT: Final = "https://in-toto.io/Statement/v1"
PREDICATE: Final = "urn:uuid:1eb08069-c152-40e2-86b2-37881e23e400#audit-signoff/1"
"""The type of what is stated.

In-toto wants a URI that nobody else uses, with a version, in lower case where case means nothing;
it need not lead anywhere (field_types.md, TypeURI). This project owns no domain, so it is a UUID
(RFC 9562) that was drawn for it, and the version after it. What it holds is in
``audit-signoff-1.schema.json``.
"""
PAYLOAD: Final = "application/vnd.in-toto+json"
_MALFORMED: Final = (
    *(KeyError, TypeError, ValueError, AttributeError),
    *(OverflowError, RecursionError, FormatError),
)
"""What libraries raise where a signature's file is not as it should be."""
_KEYID: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SHA256: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Statement(NamedTuple):
    """What a signer says of a bundle.

    Attributes:
        digest: the SHA-256 of the manifest, in hexadecimal.
        signed_at: when, by the signer's clock.
        verdict: of the audit.
        go_live: whether it is ready.
        organization: whose audit it is.
    """

    digest: str
    signed_at: datetime
    verdict: str
    go_live: str
    organization: str | None

    @classmethod
    def of(cls, data: bytes, manifest: Manifest, signed_at: datetime) -> Statement:
        """What is said of a manifest, given as its bytes and as what they say."""
        return cls(
            sha256(data).hexdigest(),
            signed_at.replace(microsecond=0),
            manifest.verdict,
            manifest.go_live,
            manifest.inputs.organization,
        )


class Signed(NamedTuple):
    """A signature as it was read: nobody's word until ``holds`` says so."""

    keyid: str
    statement: Statement
    envelope: Envelope


def signature_path(keyid: str) -> str:
    """Where the signature of a key stands in a bundle."""
    return f"{SIGNATURES}{keyid[:16]}.dsse.json"


def signature(statement: Statement, signer: CryptoSigner) -> bytes:
    """The file that says that a signer says this."""
    envelope = Envelope(canonical_text(_document(statement)), PAYLOAD, {})
    envelope.sign(signer)
    return canonical_text(envelope.to_dict())


def read_signature(data: bytes, path: str) -> Signed:
    """What stands in a signature's file.

    Args:
        data: its bytes.
        path: its name in the bundle.

    Raises:
        AlteredError: it is not as this program writes it.
    """
    try:
        content: Any = canonical_value(data)
        _only(content, {"payload", "payloadType", "signatures"})
        (one,) = content["signatures"]
        _only(one, {"keyid", "sig"})
        if content["payloadType"] != PAYLOAD or _KEYID.fullmatch(one["keyid"]) is None:
            raise ValueError("it holds something else")
        if path != signature_path(one["keyid"]):
            raise ValueError("the file has the name of another key")
        keyid = one["keyid"]
        envelope = Envelope.from_dict(content)  # which takes the content apart
        # Base64 can be written in several ways; only one of them is ours.
        if canonical_text(envelope.to_dict()) != data:
            raise ValueError("it was written by another program, or altered")
        statement = _statement(canonical_value(envelope.payload))
    except _MALFORMED as error:
        message = f"this is no signature of this program ({type(error).__name__}: {error})"
        raise AlteredError(message, Place(path)) from error
    return Signed(keyid, statement, envelope)


def holds(signed: Signed, key: SSlibKey) -> bool:
    """Whether a signature was made with a key."""
    try:
        signed.envelope.verify([key], 1)
    except (VerificationError, UnverifiedSignatureError, ValueError):
        return False
    return True


def refuse_second(files: dict[str, bytes], keyid: str, bundle: str) -> None:
    """That a key has not signed a bundle yet.

    Raises:
        UsageError: it has.
    """
    if signature_path(keyid) in files:
        raise UsageError(
            "this key has signed the bundle already",
            Place(f"{bundle}/{signature_path(keyid)}"),
            "Another person signs with another key.",
        )


def _document(statement: Statement) -> dict[str, Json]:
    return {
        "_type": STATEMENT,
        "subject": [{"name": MANIFEST, "digest": {"sha256": statement.digest}}],
        "predicateType": PREDICATE,
        "predicate": {
            "signed_at": instant(statement.signed_at),
            "verdict": statement.verdict,
            "go_live": statement.go_live,
            "organization": statement.organization,
        },
    }


def _statement(content: Any) -> Statement:  # noqa: ANN401 - whatever JSON gives
    if content["_type"] != STATEMENT or content["predicateType"] != PREDICATE:
        raise ValueError("it states something else")
    (subject,) = content["subject"]
    said = content["predicate"]
    found = Statement(
        subject["digest"]["sha256"],
        read_instant(said["signed_at"]),
        said["verdict"],
        said["go_live"],
        said["organization"],
    )
    words = (found.verdict, found.go_live, found.organization or "")
    if subject["name"] != MANIFEST or not all(isinstance(word, str) for word in words):
        raise ValueError("it states something else")
    if _SHA256.fullmatch(found.digest) is None:
        raise ValueError("it names no digest")
    return found


def _only(content: Any, keys: set[str]) -> None:  # noqa: ANN401 - whatever JSON gives
    if not isinstance(content, dict) or content.keys() != keys:
        raise ValueError(f"its keys are not {', '.join(sorted(keys))}")
