"""Keys as people keep them, in PEM: Ed25519, ECDSA and RSA, and no others.

Source of the limits: NIST SP 800-57 part 1 revision 5, table 2: RSA from 2,048 bits on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
    load_ssh_private_key,
)
from securesystemslib.signer import (  # type: ignore[attr-defined]
    CryptoSigner,
    SSlibKey,
)

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

__all__ = ["MOST_BYTES", "CryptoSigner", "LockedError", "SSlibKey", "private_key", "public_key"]

MOST_BYTES: Final = 64 * 1024
_LEAST_BITS: Final = 2048
_CURVES: Final = frozenset({"secp256r1", "secp384r1"})
_OURS: Final = "Ed25519, ECDSA with P-256 or P-384, and RSA from 2048 bits on"


class LockedError(ValueError):
    """A private key is encrypted, and no passphrase was given."""


def public_key(data: bytes) -> SSlibKey:
    """The public key in a PEM text.

    Raises:
        ValueError: there is none, or it is of another kind; in words for people.
    """
    if b"PRIVATE KEY-----" in data:
        raise ValueError("this is a private key, which belongs to its owner alone")
    if b"BEGIN CERTIFICATE-----" in data:
        raise ValueError("this is a certificate, and no public key")
    try:
        key = load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError("there is no public key in PEM in it") from error
    return _accepted(key)


def private_key(data: bytes, passphrase: str | None) -> CryptoSigner:
    """Who signs with the private key in a PEM text.

    Raises:
        LockedError: it is encrypted, and there is no passphrase.
        ValueError: there is no key, it is of another kind, or the passphrase is wrong.
    """
    secret = None if passphrase is None else passphrase.encode()
    key = _loaded(data, secret)
    return CryptoSigner(key, _accepted(key.public_key()))


def _loaded(data: bytes, secret: bytes | None) -> PrivateKeyTypes:
    if b"PRIVATE KEY-----" not in data:
        raise ValueError("there is no private key in PEM in it")
    is_ssh = b"BEGIN OPENSSH PRIVATE KEY-----" in data
    load = load_ssh_private_key if is_ssh else load_pem_private_key
    try:
        return load(data, secret)
    except TypeError as error:
        if secret is not None:
            # It is not encrypted: a passphrase that is not needed does no harm.
            return load(data, None)
        raise LockedError("the key is encrypted") from error
    except UnsupportedAlgorithm as error:
        raise ValueError("it is of a kind that cannot be read") from error
    except ValueError as error:
        wrong = "the passphrase is wrong, or the key is damaged"
        raise ValueError(wrong if secret else "the key is damaged") from error


def _accepted(key: object) -> SSlibKey:
    """The key for the library that verifies; its scheme follows from its kind.

    ``rsassa-pss-sha256``, ``ecdsa-sha2-nistp256``, ``ecdsa-sha2-nistp384`` or ``ed25519``.
    """
    if isinstance(key, RSAPublicKey) and key.key_size < _LEAST_BITS:
        raise ValueError(f"RSA with {key.key_size} bits is too weak; accepted are {_OURS}")
    if isinstance(key, EllipticCurvePublicKey) and key.curve.name not in _CURVES:
        raise ValueError(f"the curve {key.curve.name} is not accepted; accepted are {_OURS}")
    if not isinstance(key, RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey):
        raise ValueError(f"a key of this kind is not accepted; accepted are {_OURS}")
    return SSlibKey.from_crypto(key)
