"""Policy and pack files: finding them, reading them strictly, following ``extends``."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from auditor.errors import NOWHERE, Place, PolicyError, UsageError, nearest, shortened
from auditor.policy.controls import read_property
from auditor.policy.exemptions import read_exemptions
from auditor.policy.fields import fail, key_place, mapping, refuse_key, text
from auditor.policy.merge import merged
from auditor.policy.packs import KEYS as PACK_KEYS
from auditor.policy.packs import SCHEMA as PACK_SCHEMA
from auditor.policy.words import STRAYS, hint_for
from auditor.textfile import decode
from auditor.yamlfile import parse

if TYPE_CHECKING:
    from auditor.model import Policy
    from auditor.yamlfile import Node

SCHEMA: Final = "audit-policy/1"
MAX_BYTES: Final = 4 * 1024 * 1024

_NAMED: Final = {
    "policy": "A policy is named after extends, or with --policy.",
    "pack": "A pack is named under packs, or with --pack.",
}

KEYS: Final = (
    "schema",
    "name",
    "version",
    "extends",
    "region",
    "packs",
    "warn_days",
    "gateway",
    "connector",
    "controls",
    "exemptions",
    "regions",
)
_SCHEMAS: Final = {"policy": SCHEMA, "pack": PACK_SCHEMA}
_KEYS: Final = {"policy": KEYS, "pack": PACK_KEYS}


def builtin_folder() -> Path:
    """Where the built-in policies are: beside the package in a checkout, inside it in a wheel."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "policies"
    return installed if installed.is_dir() else package.parent / "policies"


def builtin_names() -> list[str]:
    """The names of the built-in policies."""
    return _stems(builtin_folder())


def builtin_packs() -> list[str]:
    """The names of the built-in packs."""
    return _stems(builtin_folder() / "packs")


def _stems(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.yaml"))


def own_files(policy: Policy) -> list[Path]:
    """The files of a policy that are the user's, the policy itself first; no built-in one."""
    return [path for path in map(Path, policy.files) if not is_builtin(path)]


def own_packs(policy: Policy) -> list[Path]:
    """The files of its packs that are the user's; no built-in one."""
    return [path for path in (Path(pack.file) for pack in policy.packs) if not is_builtin(path)]


def is_builtin(path: Path) -> bool:
    """Whether a file came with this program."""
    return path.is_relative_to(builtin_folder().resolve())


class Document(NamedTuple):
    """The document of a policy with all that it extends merged in.

    Attributes:
        root: the merged document; every node keeps its own place.
        files: all files that it was read from, the policy itself first.
        packs_folder: what the paths in ``packs`` are relative to.
    """

    root: Node
    files: tuple[Path, ...]
    packs_folder: Path


def read_document(
    name_or_path: str, folder: Path, place: Place = NOWHERE, chain: tuple[Path, ...] = ()
) -> Document:
    """The document of a policy with all that it extends merged in.

    Args:
        name_or_path: a built-in name, or a path.
        folder: what a relative path is relative to.
        place: where a policy extends this one; NOWHERE for the first.
        chain: the files on the way here, so that a circle is found.

    Raises:
        UsageError: there is no such policy.
        PolicyError: a file is wrong, or extends itself.
    """
    path = _find("policy", name_or_path, folder, place)
    if path in chain:
        way = "" if path == chain[-1] else f", by way of {chain[-1].name}"
        raise PolicyError(f"{path.name} extends itself{way}", place, "Take the line out.")
    namesake = path.name in {file.name for file in chain}
    node = read_file(path, name_or_path if namesake else path.name)
    check_policy(node)
    entries = mapping(node, "a policy")
    chain = (*chain, path)
    if "extends" not in entries:
        return Document(node, chain, path.parent)
    parent = entries["extends"]
    inherited = read_document(text(parent, "extends"), path.parent, parent.place, chain)
    packs_folder = path.parent if "packs" in entries else inherited.packs_folder
    return Document(merged(inherited.root, node), inherited.files, packs_folder)


def find_pack(name_or_path: str, folder: Path, place: Place = NOWHERE) -> Path:
    """The file of a pack.

    Args:
        name_or_path: a built-in name, or a path.
        folder: what a relative path is relative to.
        place: where a policy names it; NOWHERE for an option.

    Raises:
        UsageError: there is none, and an option names it.
        PolicyError: there is none, and a policy names it.
    """
    return _find("pack", name_or_path, folder, place)


def _find(what: str, name_or_path: str, folder: Path, place: Place) -> Path:
    folders = {"policy": builtin_folder(), "pack": builtin_folder() / "packs"}
    builtin = folders.pop(what)
    names = _stems(builtin)
    if name_or_path in names:
        return (builtin / f"{name_or_path}.yaml").resolve()
    path = folder / name_or_path
    with suppress(OSError, ValueError):  # a name too long, or with a character no name can have
        if path.is_file():
            return path.resolve()
    message = f"there is no {what} {shortened(name_or_path)}"
    hint = f"{hint_for(name_or_path, names)} Or give the path of a .yaml file."
    if path.suffix.lower() in {".yaml", ".yml"}:
        message = f"there is no file {_end_of(path)!r}"
        hint = f"Give the path of a {what}, or its name."
    for other, theirs in folders.items():
        if name_or_path in _stems(theirs):
            hint = f"{name_or_path!r} is a {other}. {_NAMED[other]}"
    if place is NOWHERE:
        raise UsageError(message, hint=hint)
    raise PolicyError(message, place, hint)


def _end_of(path: Path, limit: int = 120) -> str:
    """A path for a message; of a long one the end, where the file's name is."""
    text = str(path)
    return text if len(text) <= limit else f"…{text[1 - limit :]}"


def read_file(path: Path, called: str = "") -> Node:
    """The root node of a policy's or a pack's file.

    Args:
        path: the file.
        called: what it is called in places; its name where nothing is said.

    Raises:
        PolicyError: it cannot be read, or is no YAML.
    """
    called = called or path.name
    place = Place(called)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PolicyError(f"it cannot be read: {error.strerror or error}", place) from error
    if len(data) > MAX_BYTES:
        raise PolicyError("the file is too large to be a policy", place)
    return parse(decode(data, called, PolicyError), called, PolicyError)


def check_policy(node: Node) -> None:
    """Each file by itself, before merging, so that every error has its own place.

    Raises:
        PolicyError: it is no policy, or something in it is wrong.
    """
    _check_schema(node, "policy")
    entries = mapping(node, "a policy", KEYS, STRAYS)
    _check_needed(node, "a policy", {"name": "contoso", "version": '"1"'})
    if "regions" in entries:
        _check_regions(entries["regions"])
    if "connector" in entries:
        _check_connector(entries["connector"], inherits="extends" in entries)
    if "exemptions" in entries:
        read_exemptions(entries["exemptions"])


def is_pack(node: Node) -> bool:
    """Whether a document says of itself that it is a pack."""
    schema = node.value.get("schema") if isinstance(node.value, dict) else None
    return schema is not None and str(schema.value).startswith("audit-pack/")


def check_pack(node: Node) -> None:
    """Whether a document is a pack at all.

    Raises:
        PolicyError: it is not.
    """
    _check_schema(node, "pack")
    mapping(node, "a pack", PACK_KEYS)
    _check_needed(node, "a pack", {"name": "contoso-rules"})


def _check_schema(node: Node, what: str) -> None:
    """Whether a document says of itself that it is a policy, or a pack."""
    schema = _SCHEMAS[what]
    if node.value is None:
        fail(node, "the file is empty", f"A {what} begins with: schema: {schema}")
    if not isinstance(node.value, dict):
        fail(node, f"this is no {what}", f"It is keys and values: schema: {schema}")
    entries = mapping(node, f"a {what}")
    if "schema" in entries:
        if entries["schema"].value != schema:
            _refuse_schema(entries["schema"], what)
        return
    mistyped = nearest("schema", entries)
    if mistyped is not None:
        refuse_key(node, f"a {what}", mistyped, hint_for(mistyped, _KEYS[what]))
    fail(node, f"a {what} must begin with its schema", f"Write: schema: {schema}")


def _refuse_schema(node: Node, what: str) -> NoReturn:
    written, schema = str(node.value), _SCHEMAS[what]
    other = next((key for key, theirs in _SCHEMAS.items() if theirs == written), None)
    if other is not None:
        fail(node, f"this is a {other}, not a {what}", _NAMED[other])
    if re.fullmatch(rf"{schema.partition('/')[0]}/[0-9]+", written):
        message = f"this version of the program knows {schema} only, not {shortened(written)}"
        fail(node, message, "Use a newer version of the program.")
    fail(node, f"the schema must be {schema!r}", f"Is this a {what} at all?")


def _check_needed(node: Node, what: str, needed: dict[str, str]) -> None:
    entries = mapping(node, what)
    for key, example in needed.items():
        if key not in entries:
            fail(node, f"{what} needs a {key}", f"Write: {key}: {example}")
        text(entries[key], key)


def _check_regions(node: Node) -> None:
    """Ids go by any letter case, so two that differ in nothing else are one."""
    seen: set[str] = set()
    for key in mapping(node, "regions"):
        if key.lower() in seen:
            message = f"the region {shortened(key.lower())} is there twice"
            raise PolicyError(message, key_place(node, key))
        seen.add(key.lower())


def _check_connector(node: Node, *, inherits: bool) -> None:
    properties = mapping(node, "connector", ("name", "properties"), STRAYS).get("properties")
    if properties is None:
        return
    for name, value in mapping(properties, "properties").items():
        # A child's property may lack the matcher that its parent has.
        if not (inherits and isinstance(value.value, dict)):
            read_property(name, value, key_place(properties, name))
