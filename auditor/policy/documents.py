"""Policy files: finding them, reading them strictly, following ``extends``."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from auditor.errors import NOWHERE, Place, PolicyError, UsageError, did_you_mean, shortened
from auditor.policy.controls import read_property
from auditor.policy.fields import fail, key_place, mapping, text
from auditor.policy.merge import merged
from auditor.textfile import decode
from auditor.yamlfile import parse

if TYPE_CHECKING:
    from auditor.model import Policy
    from auditor.yamlfile import Node

SCHEMA: Final = "audit-policy/1"
MAX_BYTES: Final = 4 * 1024 * 1024

KEYS: Final = (
    "schema",
    "name",
    "version",
    "extends",
    "region",
    "gateway",
    "connector",
    "controls",
    "regions",
)
LATER: Final = ("packs", "warn_days", "exemptions")
"""Keys of the policy language that this version knows and cannot evaluate yet."""


def builtin_folder() -> Path:
    """Where the built-in policies are: beside the package in a checkout, inside it in a wheel."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "policies"
    return installed if installed.is_dir() else package.parent / "policies"


def builtin_names() -> list[str]:
    """The names of the built-in policies."""
    return sorted(path.stem for path in builtin_folder().glob("*.yaml"))


def own_files(policy: Policy) -> list[Path]:
    """The files of a policy that are the user's, the policy itself first; no built-in one."""
    builtin = builtin_folder().resolve()
    return [path for path in map(Path, policy.files) if not path.is_relative_to(builtin)]


def read_document(
    name_or_path: str, folder: Path, place: Place = NOWHERE, chain: tuple[Path, ...] = ()
) -> tuple[Node, tuple[Path, ...]]:
    """The document of a policy with all that it extends merged in, and all its files.

    Args:
        name_or_path: a built-in name, or a path.
        folder: what a relative path is relative to.
        place: where a policy extends this one; NOWHERE for the first.
        chain: the files on the way here, so that a circle is found.

    Raises:
        UsageError: there is no such policy.
        PolicyError: a file is wrong, or extends itself.
    """
    path = _find(name_or_path, folder, place).resolve()
    if path in chain:
        raise PolicyError(f"{path.name} extends itself, by way of {chain[-1].name}", place)
    node = _read(path)
    _check(node)
    parent = mapping(node, "a policy").get("extends")
    chain = (*chain, path)
    if parent is None:
        return node, chain
    inherited, chain = read_document(text(parent, "extends"), path.parent, parent.place, chain)
    return merged(inherited, node), chain


def _find(name_or_path: str, folder: Path, place: Place) -> Path:
    if name_or_path in builtin_names():
        return builtin_folder() / f"{name_or_path}.yaml"
    path = folder / name_or_path
    with suppress(OSError, ValueError):  # a name too long, or with a character no name can have
        if path.is_file():
            return path
    message = f"there is no policy {shortened(name_or_path)}"
    hint = f"{did_you_mean(name_or_path, builtin_names())} Or give the path of a .yaml file."
    if path.suffix.lower() in {".yaml", ".yml"}:
        message, hint = (
            f"there is no file {shortened(str(path), 120)}",
            "Give the path of a policy, or its name.",
        )
    if place is NOWHERE:
        raise UsageError(message, hint=hint)
    raise PolicyError(message, place, hint)


def _read(path: Path) -> Node:
    place = Place(path.name)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PolicyError(f"it cannot be read: {error.strerror or error}", place) from error
    if len(data) > MAX_BYTES:
        raise PolicyError("the file is too large to be a policy", place)
    return parse(decode(data, path.name, PolicyError), path.name, PolicyError)


def _check(node: Node) -> None:
    """Each file by itself, before merging, so that every error has its own place."""
    if node.value is None:
        fail(node, "the file is empty", f"A policy begins with: schema: {SCHEMA}")
    if not isinstance(node.value, dict):
        fail(node, "this is no policy", f"A policy is keys and values: schema: {SCHEMA}")
    entries = mapping(node, "a policy", (*KEYS, *LATER))
    _check_head(node, entries)
    for key in LATER:
        if key in entries:
            raise PolicyError(
                f"this version cannot evaluate {key!r} yet",
                key_place(node, key),
                "Take it out, or use a version that can.",
            )
    if "regions" in entries:
        _check_regions(entries["regions"])
    if "connector" in entries:
        _check_connector(entries["connector"], inherits="extends" in entries)


def _check_head(node: Node, entries: dict[str, Node]) -> None:
    if "schema" not in entries:
        fail(node, "a policy must begin with its schema", f"Write: schema: {SCHEMA}")
    if entries["schema"].value != SCHEMA:
        fail(entries["schema"], f"the schema must be {SCHEMA!r}", "Is this a policy at all?")
    for key, example in (("name", "contoso"), ("version", '"1"')):
        if key not in entries:
            fail(node, f"a policy needs a {key}", f"Write: {key}: {example}")
        text(entries[key], key)


def _check_regions(node: Node) -> None:
    """Ids go by any letter case, so two that differ in nothing else are one."""
    seen: set[str] = set()
    for key in mapping(node, "regions"):
        if key.lower() in seen:
            message = f"the region {key.lower()!r} is there twice"
            raise PolicyError(message, key_place(node, key))
        seen.add(key.lower())


def _check_connector(node: Node, *, inherits: bool) -> None:
    properties = mapping(node, "connector", ("name", "properties")).get("properties")
    if properties is None:
        return
    for name, value in mapping(properties, "properties").items():
        # A child's property may lack the matcher that its parent has.
        if not (inherits and isinstance(value.value, dict)):
            read_property(name, value, key_place(properties, name))
