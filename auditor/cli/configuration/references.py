"""Secrets by reference: a variable of the environment, the system keyring, a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from auditor.cli.password import from_keyring
from auditor.errors import Place, UsageError, shortened
from auditor.policy.fields import fail, mapping, text
from auditor.textfile import decode

if TYPE_CHECKING:
    from auditor.cli.session import Session
    from auditor.yamlfile import Node

KINDS: Final = ("env", "keyring", "file")
FORMS: Final = "Write {env: NAME}, {keyring: NAME} or {file: PATH}."
_MOST_BYTES: Final = 1 << 16


class Reference(NamedTuple):
    """Where a text stands that is secret, or the text itself where it is not.

    Attributes:
        kind: ``plain``, or where it stands.
        name: of the variable, the keyring's entry or the file; the text itself if plain.
        folder: what a file's path is relative to.
        place: where the configuration says it.
        what: it is, for messages.
    """

    kind: Literal["plain", "env", "keyring", "file"]
    name: str
    folder: Path
    place: Place
    what: str

    def __repr__(self) -> str:
        return f"Reference({self.kind}, {self.what})"


def read_reference(node: Node, what: str, folder: Path) -> Reference:
    """A text, or a mapping that says where it stands.

    Raises:
        PolicyError: it is neither.
    """
    if isinstance(node.value, str):
        return Reference("plain", text(node, what), folder, node.place, what)
    entries = mapping(node, what, KINDS) if isinstance(node.value, dict) else {}
    if len(entries) != 1:
        # Not what stands there: it may be the secret.
        fail(node, f"{what} must say where it stands", FORMS)
    ((kind, name),) = entries.items()
    found = next(one for one in KINDS if one == kind)
    word = text(name, f"{what}: {kind}")
    return Reference(found, word, folder, name.place, what)


def secret_reference(node: Node, what: str, folder: Path, instead: str = "") -> Reference:
    """A reference to what must not stand in the file itself; ``instead`` ends the hint.

    Raises:
        PolicyError: it stands there.
    """
    found = read_reference(node, what, folder)
    if found.kind == "plain":
        fail(node, f"{what} is secret and must not stand in this file", f"{FORMS}{instead}")
    return found


def resolved(reference: Reference, session: Session) -> str:
    """The text itself, less blanks and line ends around it.

    Raises:
        UsageError: it is not there, or empty; the message never has it.
    """
    found = _SOURCES[reference.kind](reference, session)
    if not found.strip():
        raise UsageError(
            f"{reference.what}: {reference.kind} {shortened(reference.name)} is empty or not there",
            reference.place,
            FORMS,
        )
    return found.strip()


def _plain(reference: Reference, _: Session) -> str:
    return reference.name


def _env(reference: Reference, session: Session) -> str:
    return session.environ.get(reference.name, "")


def _keyring(reference: Reference, _: Session) -> str:
    return from_keyring(reference.name, "a variable or a file") or ""


def _file(reference: Reference, _: Session) -> str:
    path = reference.folder / reference.name
    try:
        with path.open("rb") as file:
            return decode(file.read(_MOST_BYTES), path.name, UsageError)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"{reference.what}: {path} cannot be read: {reason}"
        raise UsageError(message, reference.place, "Check the path and its permissions.") from error


_SOURCES: Final = {"plain": _plain, "env": _env, "keyring": _keyring, "file": _file}
