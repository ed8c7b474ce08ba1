"""What must not be sent, and what cannot work: refused before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.errors import Place, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from auditor.collect.live.endpoint import Login, Target


def check_target(target: Target, *, password_known: bool = True) -> None:
    """Refuse what must not be sent, and what cannot work.

    Args:
        target: what the options say.
        password_known: whether the password has been looked for.

    Raises:
        UsageError: the options contradict each other, or a file is not what it should be.
    """
    login, tls = target.login, target.endpoint.tls
    _check_letters(login)
    if login.auth in {"basic", "ntlm"}:
        _check_name(login, password_known=password_known)
    if login.auth == "basic" and not tls and not target.allow_cleartext:
        raise UsageError(
            "Basic authentication over plain http would send the password readable to anyone",
            hint="Use https. Only where that is truly impossible: --allow-cleartext",
        )
    if login.auth == "certificate":
        _check_certificate(login, tls=tls, password_known=password_known)
    elif login.certificate is not None or login.certificate_key is not None:
        raise UsageError("--certificate goes with --auth certificate")
    if target.ca_file is not None:
        _check_authority(target.ca_file, insecure=target.insecure)


def _check_letters(login: Login) -> None:
    """What is no text in this machine's encoding cannot be sent, and must not be shown."""
    for what, text in (("user name", login.username), ("password", login.password)):
        try:
            (text or "").encode()
        except UnicodeError as error:
            message = f"the {what} holds bytes that are no text in UTF-8"
            raise UsageError(message, hint="Check the encoding of the variable.") from error


def _check_name(login: Login, *, password_known: bool) -> None:
    if login.username is None:
        example = "For example: --username CONTOSO\\auditor"
        raise UsageError(f"--auth {login.auth} needs --username", hint=example)
    if login.auth == "basic" and ":" in login.username:
        raise UsageError("a user name for Basic cannot hold a colon")
    if password_known and not login.password:
        raise UsageError(
            f"--auth {login.auth} needs a password",
            hint="Set AUDIT_PASSWORD, keep it in the system keyring (service connector-auditor), "
            "or run the command on a terminal to be asked.",
        )


def _check_authority(path: Path, *, insecure: bool) -> None:
    if insecure:
        message = "--insecure and --ca-file exclude each other"
        raise UsageError(message, hint="Leave --insecure out.")
    _check_readable(path, b"CERTIFICATE-----", "--ca-file")
    import ssl  # most runs read a file

    try:
        ssl.create_default_context(cafile=str(path))
    except ssl.SSLError as error:
        message = f"the file of --ca-file holds no certificate that can be read: {_said(error)}"
        raise UsageError(message, Place(str(path))) from error


def _check_certificate(login: Login, *, tls: bool, password_known: bool) -> None:
    if not tls:
        raise UsageError(
            "--auth certificate needs https",
            hint="Give the whole address: --server https://mail.example.com/PowerShell/",
        )
    if login.certificate is None:
        raise UsageError("--auth certificate needs --certificate FILE (PEM)")
    key = login.certificate_key or login.certificate
    _check_readable(login.certificate, b"CERTIFICATE-----", "--certificate")
    named = "--certificate-key" if login.certificate_key else "--certificate"
    _check_readable(key, b"PRIVATE KEY-----", named)
    if not password_known:
        return
    if b"ENCRYPTED" in key.read_bytes() and not login.password:
        raise UsageError(
            "the key of the certificate is locked, and there is no password for it",
            Place(str(key)),
            "Set AUDIT_PASSWORD, or run the command on a terminal to be asked.",
        )
    import ssl

    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_cert_chain(str(login.certificate), str(key), login.password or "")
    except (ssl.SSLError, ValueError) as error:
        raise UsageError(
            f"the certificate and its key cannot be used: {_said(error)}",
            Place(str(key)),
            "Is the password right, and is it the key of this certificate?",
        ) from error


def _said(error: Exception) -> str:
    reason = getattr(error, "reason", None)
    return str(reason or error).replace("_", " ").lower()


def _check_readable(path: Path, mark: bytes, option: str) -> None:
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"the file of {option} cannot be read: {error.strerror or error}"
        raise UsageError(message, Place(str(path))) from error
    if mark not in data:
        raise UsageError(
            f"the file of {option} holds no {mark.decode().strip('-').lower()} in PEM form",
            Place(str(path)),
            "In PEM form, from a .pfx: openssl pkcs12 -in FILE.pfx -out FILE.pem; from a .cer: "
            "openssl x509 -inform der -in FILE.cer -out FILE.pem",
        )
