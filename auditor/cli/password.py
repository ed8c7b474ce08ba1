"""Where passwords come from: a variable, the system keyring, a prompt. Never an option."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from auditor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from auditor.cli.session import Session
    from auditor.collect.live import Login

VARIABLE: Final = "AUDIT_PASSWORD"
KEY_VARIABLE: Final = "AUDIT_KEY_PASSPHRASE"
KEYRING_SERVICE: Final = "connector-auditor"
_NEED_ONE: Final = frozenset({"basic", "ntlm"})


def find_password(
    login: Login, session: Session, said: Callable[[], str] | None = None
) -> str | None:
    """The password of a login; None where there is none, or none is needed.

    Args:
        login: as whom, and how.
        session: the world.
        said: gives the one that the configuration file names; None where it names none.

    Raises:
        UsageError: the keyring is there, but cannot be opened, or what is named is not there.
    """
    if login.auth == "certificate":
        return _of_key(login, session, said)
    if login.username is None:
        return None
    stored = session.environ.get(VARIABLE) or (said() if said else from_keyring(login.username))
    if stored:
        return stored
    if login.auth not in _NEED_ONE and _has_ticket(login.username, session):
        return None
    if session.ask_secret is None:
        return None
    return session.ask_secret(f"Password of {login.username}: ") or None


def find_passphrase(key: Path, session: Session) -> str:
    """The passphrase of an encrypted key that signs; the keyring knows it by the file's name.

    Raises:
        UsageError: there is none, or the keyring cannot be opened.
    """
    found = session.environ.get(KEY_VARIABLE) or from_keyring(key.name, KEY_VARIABLE)
    if not found and session.ask_secret is not None:
        found = session.ask_secret(f"Passphrase of {key.name}: ")
    if not found:
        raise UsageError(
            f"the key {key.name} is encrypted, and there is no passphrase",
            hint=f"Set {KEY_VARIABLE}, or put it in the system keyring: "
            f"keyring set {KEYRING_SERVICE} {key.name}",
        )
    return found


def _of_key(login: Login, session: Session, said: Callable[[], str] | None) -> str | None:
    """The password that opens the key of a certificate, where it is locked."""
    path = login.certificate_key or login.certificate
    if path is None or b"ENCRYPTED" not in path.read_bytes():
        return None
    stored = session.environ.get(VARIABLE) or (said() if said else None)
    if stored or session.ask_secret is None:
        return stored or None
    return session.ask_secret(f"Password of {path.name}: ") or None


def from_keyring(username: str, variable: str = VARIABLE) -> str | None:
    """What the system keyring has for a name; None where there is none, or no keyring.

    Raises:
        UsageError: it is there, but cannot be opened; ``variable`` is the way out.
    """
    if find_spec("keyring") is None:
        return None
    try:
        found = import_module("keyring").get_password(KEYRING_SERVICE, username)
    except Exception as error:
        # Any program may be a keyring; most machines without a desktop have none.
        if type(error).__name__ == "NoKeyringError":
            return None
        raise UsageError(
            f"the system keyring cannot be opened ({type(error).__name__})",
            hint=f"Unlock it, or set {variable}.",
        ) from error
    return str(found) if found else None


def _has_ticket(username: str, session: Session) -> bool:
    from auditor.collect.live.tickets import has_ticket

    return has_ticket(username, session.environ)
