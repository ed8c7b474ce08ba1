"""``audit-keys/1``: whose signatures are trusted, as what, and until when, as YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.errors import InputError, Place, PolicyError, shortened
from auditor.policy.fields import choice, day, fail, mapping, sequence, text
from auditor.signoff.pem import public_key
from auditor.textfile import decode
from auditor.yamlfile import parse

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from auditor.signoff.pem import SSlibKey
    from auditor.yamlfile import Node

SCHEMA: Final = "audit-keys/1"
_KEYS: Final = ("schema", "keys", "required_roles")
_PARTS: Final = ("name", "role", "valid_until", "key")
_PEM: Final = "-----BEGIN "
_MAKE_ONE: Final = "Print one with: openssl pkey -in PRIVATE -pubout"


class TrustedKey(NamedTuple):
    """A key, whose it is, as what this person signs, and the last day on which it is good."""

    name: str
    role: str
    valid_until: date
    key: SSlibKey


class KeyList(NamedTuple):
    """The keys that are trusted, and the roles that must all have signed."""

    keys: tuple[TrustedKey, ...]
    required_roles: tuple[str, ...] = ()

    def find(self, keyid: str) -> TrustedKey | None:
        """The key with an id; None where it is not trusted."""
        return next((one for one in self.keys if one.key.keyid == keyid), None)


def read_keys(data: bytes, file: str, read: Callable[[str], bytes]) -> KeyList:
    """The keys in a list.

    Args:
        data: the list's bytes.
        file: its name, for messages.
        read: gives the bytes of a key's file, by its path as the list says it; what it raises as
            OSError or ValueError is said of the list.

    Raises:
        InputError: it is wrong, with the place.
    """
    if b"PRIVATE KEY-----" in data:
        # Before any message could quote a piece of it.
        why = "there is a private key in it, which belongs to its owner alone"
        raise InputError(why, Place(file), "List public keys: openssl pkey -in PRIVATE -pubout")
    try:
        return _list(parse(decode(data, file, InputError), file, InputError), read)
    except PolicyError as error:
        # The same strict reading as of policies, but this is none.
        raise InputError(error.message, error.place, error.hint) from error


def _list(root: Node, read: Callable[[str], bytes]) -> KeyList:
    entries = mapping(root, "a list of keys", _KEYS)
    schema = entries.get("schema")
    if schema is None or schema.value != SCHEMA:
        fail(schema or root, "this is no list of keys", f"It begins with: schema: {SCHEMA}")
    if "keys" not in entries:
        fail(root, "the list has no keys", "Write: keys: and below it each with a dash.")
    nodes = sequence(entries["keys"], "keys", "Begin each with a dash.")
    if not nodes:
        fail(entries["keys"], "the list has no keys", "Without any, no signature can hold.")
    found: dict[str, TrustedKey] = {}
    for node in nodes:
        one = _key(node, read)
        if one.key.keyid in found:
            fail(node, f"this key is there already, as that of {found[one.key.keyid].name}")
        found[one.key.keyid] = one
    return KeyList(tuple(found.values()), _roles(entries.get("required_roles"), found))


def _roles(node: Node | None, keys: dict[str, TrustedKey]) -> tuple[str, ...]:
    """The roles that must have signed; one that no key has could never."""
    if node is None:
        return ()
    known = sorted({one.role for one in keys.values()})
    items = sequence(node, "required_roles", "Write it as [engineer, approver].")
    return tuple(dict.fromkeys(choice(item, "a required role", known) for item in items))


def _key(node: Node, read: Callable[[str], bytes]) -> TrustedKey:
    parts = mapping(node, "a key", _PARTS)
    for part in _PARTS:
        if part not in parts:
            fail(node, f"a key has no {part}", f"Each has: {', '.join(_PARTS)}.")
    return TrustedKey(
        text(parts["name"], "name").strip(),
        text(parts["role"], "role").strip(),
        day(parts["valid_until"], "valid_until"),
        _public_key(parts["key"], read),
    )


def _public_key(node: Node, read: Callable[[str], bytes]) -> SSlibKey:
    word = text(node, "key")
    inline = _PEM in word
    try:
        data = word.encode() if inline else read(word.strip())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        fail(node, f"the key's file {shortened(word)} cannot be read: {reason}", _MAKE_ONE)
    try:
        return public_key(data)
    except ValueError as error:
        fail(node, f"{'key' if inline else shortened(word)}: {error}", _MAKE_ONE)
