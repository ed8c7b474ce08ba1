"""The effective policy as YAML: all that it inherits written out, each value with its place.

What is written is a policy itself, and loads to the same one.
"""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING, Final

from auditor.errors import Place
from auditor.policy.documents import (
    KEYS,
    check_pack,
    find_pack,
    is_builtin,
    read_document,
    read_file,
)
from auditor.policy.fields import mapping, sequence, text
from auditor.policy.written import written
from auditor.yamlfile import Node

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from auditor.model import Region
    from auditor.policy.documents import Document
    from auditor.yamlfile import Scalar

POLICY: Final = "policy.yaml"
PACKS: Final = "packs"
_UNSAFE: Final = re.compile(r"[^a-z0-9-]")
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_DEVICE: Final = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]")
_LONGEST: Final = 60
_HEAD: Final = (
    "# The effective policy: what it inherits is written out, with the place of each value.\n"
)


def effective_policy(
    name_or_path: str,
    folder: Path,
    packs: Iterable[tuple[str, Path]] = (),
    region: Region | None = None,
) -> str:
    """A policy with all that it extends, as YAML.

    Args:
        name_or_path: a built-in name, or a path.
        folder: what a relative path is relative to.
        packs: further packs, each with the folder that it is relative to.
        region: the region to look at it in: it becomes the default, and its smart hosts are said
            where the policy asks for those of the region.

    Raises:
        UsageError: there is no such policy or pack.
        PolicyError: a file is wrong, with the place.
    """
    document = read_document(name_or_path, folder)
    named = [Node(_word(path), place) for path, place in _packs(document, packs)]
    return _written_policy(document, named, region)


def self_contained(
    name_or_path: str, folder: Path, packs: Iterable[tuple[str, Path]] = ()
) -> dict[str, str]:
    """A policy and its packs as files that need no others: relative path → YAML.

    Args:
        name_or_path: a built-in name, or a path.
        folder: what a relative path is relative to.
        packs: further packs, each with the folder that it is relative to.

    Raises:
        UsageError: there is no such policy or pack.
        PolicyError: a file is wrong, with the place.
    """
    document = read_document(name_or_path, folder)
    found: dict[str, str] = {}
    named: list[Node] = []
    for path, place in dict(_packs(document, packs)).items():
        # What a file is called can be anything; what a bundle holds is called the same anywhere.
        stem = _UNSAFE.sub("", path.stem.lower())[:_LONGEST] or "pack"
        stem = f"pack-{stem}" if _DEVICE.fullmatch(stem) else stem
        word = next(w for w in _numbered(f"{PACKS}/{stem}") if w not in found)
        found[word] = written_pack(path)
        named.append(Node(word, place))
    return {POLICY: _written_policy(document, named), **found}


def _numbered(word: str) -> Iterator[str]:
    """A file's name, then others like it."""
    yield f"{word}.yaml"
    yield from (f"{word}-{number}.yaml" for number in count(2))


def _packs(document: Document, more: Iterable[tuple[str, Path]]) -> Iterator[tuple[Path, Place]]:
    """The files of all packs, each with the place where it is named."""
    entries = mapping(document.root, "a policy")
    for item in sequence(entries["packs"], "packs") if "packs" in entries else ():
        yield find_pack(text(item, "packs"), document.packs_folder), item.place
    for name, folder in more:
        yield find_pack(name, folder), Place("--pack")


def _written_policy(document: Document, packs: Sequence[Node], region: Region | None = None) -> str:
    entries = dict(mapping(document.root, "a policy"))
    if packs:
        entries["packs"] = Node(tuple(packs), packs[0].place)
    notes: dict[tuple[str, Scalar], str] = {}
    if region is not None:
        entries["region"] = Node(region.id, Place("--region"))
        notes["region", "smart_hosts"] = f"({', '.join(region.smart_hosts)})"
    if "connector" in entries:
        entries["connector"] = _name_first(entries["connector"])
    ordered: dict[str, Node] = {key: entries[key] for key in KEYS if key in entries}
    return _HEAD + written(Node(ordered, document.root.place), notes)


def written_pack(path: Path) -> str:
    """A pack as YAML, each value with its place.

    Raises:
        PolicyError: it is wrong, with the place.
    """
    node = read_file(path)
    check_pack(node)
    return written(node, {})


def _name_first(connector: Node) -> Node:
    parts = mapping(connector, "connector")
    ordered: dict[str, Node] = {k: parts[k] for k in ("name", "properties") if k in parts}
    return Node(ordered, connector.place)


def _word(path: Path) -> str:
    """What names a pack from anywhere: a built-in one's name, or the whole path."""
    return path.stem if is_builtin(path) else str(path)
