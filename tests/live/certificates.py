"""Real certificates for localhost: a chain of three, the faulty ones, and those of clients."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LOCAL = (x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Identity:
    """A certificate as PEM files: ``chain`` is it and the intermediate, ``key`` its private key."""

    chain: Path
    key: Path
    certificate: x509.Certificate
    password: str | None = None

    def server(self, client_authority: Path | None = None) -> ssl.SSLContext:
        """A server's context that sends the chain and, if told who signs them, demands a client's."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain, self.key, self.password)
        if client_authority is not None:
            context.load_verify_locations(client_authority)
            context.verify_mode = ssl.CERT_REQUIRED
        return context


@dataclass(frozen=True)
class Certificates:
    """One authority's certificates, and those that it would not vouch for."""

    #: The root alone, for a client to trust.
    authority: Path
    #: Another root, which signed none of the servers' certificates.
    other_authority: Path
    #: The intermediate alone.
    intermediate: Path
    #: For localhost and 127.0.0.1, sent with the intermediate.
    good: Identity
    #: As ``good``, but the intermediate is not sent.
    unchained: Identity
    #: Ended yesterday.
    expired: Identity
    #: Begins tomorrow.
    early: Identity
    #: For exchange.contoso.test only.
    other_name: Identity
    #: For localhost, signed by itself.
    self_signed: Identity
    #: A client's, and the same with its key encrypted with its ``password``.
    client: Identity
    client_encrypted: Identity
    #: A client's that the other authority signed.
    client_of_other: Identity


class _Authority:
    """A key that signs, and its certificate."""

    def __init__(self, name: str, parent: _Authority | None = None) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.subject = _name(name)
        signer = parent or self
        usage = x509.KeyUsage(
            digital_signature=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        self.certificate = (
            _builder(self.subject, signer, self.key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .sign(signer.key, hashes.SHA256())
        )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    subject: x509.Name,
    signer: _Authority | None,
    key: ec.EllipticCurvePublicKey,
    begins: timedelta = -DAY,
    ends: timedelta = DAY,
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signer.subject if signer else subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begins)
        .not_valid_after(now + ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )
    signer_key = signer.key.public_key() if signer else key
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer_key)
    return builder.add_extension(identifier, critical=False)


class _Maker:
    """Writes certificates into a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def authority(self, file: str, signer: _Authority) -> Path:
        path = self.folder / file
        path.write_bytes(signer.certificate.public_bytes(serialization.Encoding.PEM))
        return path

    def identity(
        self,
        file: str,
        common_name: str,
        signer: _Authority | None,
        names: tuple[x509.GeneralName, ...] = (),
        chain: tuple[_Authority, ...] = (),
        begins: timedelta = -DAY,
        ends: timedelta = DAY,
    ) -> Identity:
        """A server's certificate if it has names, else a client's; no signer: by itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        purpose = ExtendedKeyUsageOID.SERVER_AUTH if names else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = _builder(_name(common_name), signer, key.public_key(), begins, ends)
        builder = builder.add_extension(x509.BasicConstraints(False, None), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        certificate = builder.sign(signer.key if signer else key, hashes.SHA256())
        path = self.folder / f"{file}.pem"
        sent = [certificate, *(link.certificate for link in chain)]
        path.write_bytes(b"".join(c.public_bytes(serialization.Encoding.PEM) for c in sent))
        return Identity(path, self._write_key(f"{file}.key", key), certificate)

    def encrypted(self, identity: Identity, password: str) -> Identity:
        """The same certificate, its key in a file that needs the password."""
        key = serialization.load_pem_private_key(identity.key.read_bytes(), None)
        path = self._write_key(f"{identity.key.stem}-encrypted.key", key, password)
        return Identity(identity.chain, path, identity.certificate, password)

    def _write_key(self, file: str, key: object, password: str | None = None) -> Path:
        path = self.folder / file
        encryption = (
            serialization.BestAvailableEncryption(password.encode())
            if password
            else serialization.NoEncryption()
        )
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
            )
        )
        path.chmod(0o600)
        return path


def make_certificates(folder: Path) -> Certificates:
    """All of them, new, as PEM files in a folder."""
    make = _Maker(folder)
    root = _Authority("Contoso Root")
    issuing = _Authority("Contoso Issuing", root)
    other = _Authority("Fabrikam Root")
    chain = (issuing,)
    elsewhere = (x509.DNSName("exchange.contoso.test"),)
    client = make.identity("client", "auditor", issuing, chain=chain)
    return Certificates(
        authority=make.authority("authority.pem", root),
        other_authority=make.authority("other-authority.pem", other),
        intermediate=make.authority("intermediate.pem", issuing),
        good=make.identity("good", "localhost", issuing, LOCAL, chain),
        unchained=make.identity("unchained", "localhost", issuing, LOCAL),
        expired=make.identity("expired", "localhost", issuing, LOCAL, chain, -2 * DAY, -DAY),
        early=make.identity("early", "localhost", issuing, LOCAL, chain, DAY, 2 * DAY),
        other_name=make.identity("other-name", "exchange", issuing, elsewhere, chain),
        self_signed=make.identity("self-signed", "localhost", None, LOCAL),
        client=client,
        client_encrypted=make.encrypted(client, "key password"),
        client_of_other=make.identity("client-of-other", "auditor", other),
    )


@pytest.fixture(scope="session")
def certificates(tmp_path_factory) -> Certificates:
    """The certificates, made once a session."""
    return make_certificates(tmp_path_factory.mktemp("certificates"))
