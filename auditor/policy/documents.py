"""Policy and pack files: finding them, reading them strictly, following ``extends``."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.errors import NOWHERE, Place, PolicyError, UsageError, did_you_mean, shortened
from auditor.policy.controls import read_property
from auditor.policy.exemptions import read_exemptions
from auditor.policy.fields import fail, key_place, mapping, text
from auditor.policy.merge import merged
from auditor.policy.packs import SCHEMA as PACK_SCHEMA
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
    "packs",
    "warn_days",
    "gateway",
    "connector",
    "controls",
    "exemptions",
    "regions",
)


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
        raise PolicyError(f"{path.name} extends itself, by way of {chain[-1].name}", place)
    node = read_file(path)
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
    builtin = builtin_folder() / ("packs" if what == "pack" else "")
    names = _stems(builtin)
    if name_or_path in names:
        return (builtin / f"{name_or_path}.yaml").resolve()
    path = folder / name_or_path
    with suppress(OSError, ValueError):  # a name too long, or with a character no name can have
        if path.is_file():
            return path.resolve()
    message = f"there is no {what} {shortened(name_or_path)}"
    hint = f"{did_you_mean(name_or_path, names)} Or give the path of a .yaml file."
    if path.suffix.lower() in {".yaml", ".yml"}:
        message, hint = (
            f"there is no file {shortened(str(path), 120)}",
            f"Give the path of a {what}, or its name.",
        )
    if place is NOWHERE:
        raise UsageError(message, hint=hint)
    raise PolicyError(message, place, hint)


def read_file(path: Path) -> Node:
    """The root node of a policy's or a pack's file.

    Raises:
        PolicyError: it cannot be read, or is no YAML.
    """
    place = Place(path.name)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PolicyError(f"it cannot be read: {error.strerror or error}", place) from error
    if len(data) > MAX_BYTES:
        raise PolicyError("the file is too large to be a policy", place)
    return parse(decode(data, path.name, PolicyError), path.name, PolicyError)


def check_policy(node: Node) -> None:
    """Each file by itself, before merging, so that every error has its own place.

    Raises:
        PolicyError: it is no policy, or something in it is wrong.
    """
    _check_head(node, SCHEMA, "a policy", {"name": "contoso", "version": '"1"'})
    entries = mapping(node, "a policy", KEYS)
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
    _check_head(node, PACK_SCHEMA, "a pack", {"name": "contoso-rules"})


def _check_head(node: Node, schema: str, what: str, needed: dict[str, str]) -> None:
    if node.value is None:
        fail(node, "the file is empty", f"{what.capitalize()} begins with: schema: {schema}")
    if not isinstance(node.value, dict):
        fail(node, f"this is no {what[2:]}", f"It is keys and values: schema: {schema}")
    entries = mapping(node, what)
    if "schema" not in entries:
        fail(node, f"{what} must begin with its schema", f"Write: schema: {schema}")
    if entries["schema"].value != schema:
        fail(entries["schema"], f"the schema must be {schema!r}", f"Is this {what} at all?")
    for key, example in needed.items():
        if key not in entries:
            fail(node, f"{what} needs a {key}", f"Write: {key}: {example}")
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
