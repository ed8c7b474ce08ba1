"""TLS after STARTTLS, and what its certificates are.

The handshake accepts whatever the server has, old versions too, so that it can be said what is
wrong: nothing secret is sent. Whether the certificates can be trusted is found out afterwards.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

import certifi
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL, crypto
from service_identity import CertificateError, VerificationError
from service_identity.cryptography import verify_certificate_hostname, verify_certificate_ip_address

from auditor.errors import InputError, Place
from auditor.kinds.hosts import ip_address
from auditor.model import Certificate, Encryption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.collect.probe.wire import Plain

_CIPHERS: Final = b"DEFAULT:@SECLEVEL=0"
_MOST_CERTIFICATES: Final = 20
_UNREADABLE: Final = (
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What is wrong with a certificate and is no ValueError."""


class TlsError(Exception):
    """The handshake failed; in the library's words."""


class Encrypted:
    """A stream in TLS over a plain one."""

    def __init__(self, plain: Plain, host: str) -> None:
        """The handshake.

        Args:
            plain: what STARTTLS was said over.
            host: the name that is asked for; none is sent for an address.

        Raises:
            TlsError: it failed.
            TimeIsOverError: it did not end in time.
            OSError: the connection broke.
        """
        self._plain = plain
        self._tls = SSL.Connection(_context(), None)
        if ip_address(host) is None:
            self._tls.set_tlsext_host_name(host.encode("ascii"))
        self._tls.set_connect_state()
        while True:
            try:
                self._tls.do_handshake()
                break
            except SSL.WantReadError:
                self._pull()
            except SSL.Error as error:
                self._flush()  # the alert, which says why
                raise TlsError(_words(error)) from error
        self._flush()

    def receive(self) -> bytes:
        """Some bytes; none at the end. Raises as the handshake does."""
        while True:
            try:
                return self._tls.recv(4096)
            except SSL.WantReadError:
                self._pull()
            except SSL.ZeroReturnError:
                return b""
            except SSL.Error as error:
                raise TlsError(_words(error)) from error

    def send(self, data: bytes) -> None:
        """All of the bytes. Raises as the handshake does."""
        try:
            self._tls.sendall(data)
        except SSL.Error as error:
            raise TlsError(_words(error)) from error
        self._flush()

    def _pull(self) -> None:
        self._flush()
        data = self._plain.receive()
        if not data:
            raise ConnectionResetError("the connection was closed in TLS")
        self._tls.bio_write(data)

    def _flush(self) -> None:
        while True:
            try:
                data = self._tls.bio_read(65536)
            except SSL.WantReadError:
                return
            self._plain.send(data)

    def seen(self, host: str, authorities: Sequence[Path]) -> Encryption:
        """What it came to.

        Args:
            host: whose certificate it should be.
            authorities: files of authorities that are trusted beside Mozilla's.

        Raises:
            TlsError: its certificates cannot be read.
        """
        try:
            return self._seen(host, tuple(authorities))
        except (ValueError, TypeError, *_UNREADABLE) as error:
            raise TlsError(f"the certificate cannot be read: {error}") from error

    def _seen(self, host: str, authorities: tuple[Path, ...]) -> Encryption:
        chain = (self._tls.get_peer_cert_chain(as_cryptography=True) or [])[:_MOST_CERTIFICATES]
        return Encryption(
            version=self._tls.get_protocol_version_name(),
            cipher=self._tls.get_cipher_name() or "",
            chain=tuple(map(_certificate, chain)),
            untrusted=_untrusted(chain, authorities),
            name_matches=bool(chain) and _is_for(chain[0], host),
        )


def check_authorities(files: Sequence[Path]) -> None:
    """That certificates can be read from these files.

    Raises:
        InputError: one cannot be read, or holds none.
    """
    for path in files:
        try:
            x509.load_pem_x509_certificates(path.read_bytes())
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "there is no certificate in it"
            raise InputError(
                f"the authority cannot be read: {why}",
                Place(str(path)),
                "Name a file of certificates in PEM form.",
            ) from error


@cache
def _context() -> SSL.Context:
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_min_proto_version(SSL.TLS1_VERSION)
    context.set_cipher_list(_CIPHERS)
    context.set_verify(SSL.VERIFY_NONE)
    return context


def _words(error: SSL.Error) -> str:
    """OpenSSL's reason: ``unsupported protocol``, ``tlsv1 alert handshake failure``."""
    if isinstance(error, SSL.SysCallError):
        return "the connection broke"
    entries = error.args[0] if error.args and isinstance(error.args[0], list) else []
    reasons = [str(entry[-1]) for entry in entries if entry]
    return "; ".join(dict.fromkeys(reasons)) or "the handshake failed"


def _certificate(one: x509.Certificate) -> Certificate:
    return Certificate(
        subject=one.subject.rfc4514_string(),
        issuer=one.issuer.rfc4514_string(),
        names=_names(one),
        not_before=one.not_valid_before_utc,
        not_after=one.not_valid_after_utc,
        sha256=sha256(one.public_bytes(Encoding.DER)).hexdigest(),
    )


def _names(one: x509.Certificate) -> tuple[str, ...]:
    try:
        names = one.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    found = names.get_values_for_type(x509.DNSName)
    return (*found, *map(str, names.get_values_for_type(x509.IPAddress)))


def _is_for(one: x509.Certificate, host: str) -> bool:
    """Whether a certificate is for a host, as RFC 9525 says."""
    address = ip_address(host)
    try:
        if address is None:
            verify_certificate_hostname(one, host)
        else:
            verify_certificate_ip_address(one, address)
    except (VerificationError, CertificateError, ValueError):
        return False
    return True


def _untrusted(chain: Sequence[x509.Certificate], authorities: tuple[Path, ...]) -> tuple[str, ...]:
    if not chain:
        return ("the server sent no certificate",)
    own, *others = (crypto.X509.from_cryptography(one) for one in chain)
    try:
        crypto.X509StoreContext(_store(authorities), own, others).verify_certificate()
    except crypto.X509StoreContextError as error:
        return (str(error),)
    return ()


@cache
def _store(authorities: tuple[Path, ...]) -> crypto.X509Store:
    store = crypto.X509Store()
    for path in (Path(certifi.where()), *authorities):
        store.load_locations(str(path))
    return store
