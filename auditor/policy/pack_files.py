"""The packs of a policy: those that it names, and those that the user adds."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.errors import NOWHERE, PolicyError, shortened
from auditor.policy.documents import builtin_packs, check_pack, find_pack, is_builtin, read_file
from auditor.policy.fields import mapping, sequence, text
from auditor.policy.packs import read_pack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from auditor.errors import Place
    from auditor.model import Control, Pack
    from auditor.yamlfile import Node


def load_packs(
    node: Node | None, folder: Path, more: Iterable[tuple[str, Path]] = ()
) -> tuple[Pack, ...]:
    """The packs that a policy names, then further ones; each file once.

    Args:
        node: the policy's list of names and paths, if it has one.
        folder: what its paths are relative to.
        more: names and paths, each with the folder that it is relative to.

    Raises:
        UsageError: there is no such pack, and an option names it.
        PolicyError: a pack is wrong, or two have the same name or a control of the same id.
    """
    named = [] if node is None else list(_named(node, folder))
    added = [_found(name, where) for name, where in more]
    found = dict([*named, *added])
    packs = tuple(load_pack(*pack) for pack in found.items())
    _refuse_same_names(packs, found)
    _refuse_same_ids(packs)
    return packs


def _named(node: Node, folder: Path) -> Iterator[tuple[Path, str]]:
    for item in sequence(node, "packs"):
        yield _found(text(item, "each of packs"), folder, item.place)


def _found(name_or_path: str, folder: Path, place: Place = NOWHERE) -> tuple[Path, str]:
    """The file of a pack, and what it is called in places: as it was given."""
    path = find_pack(name_or_path, folder, place)
    return path, path.name if is_builtin(path) else name_or_path


@lru_cache(maxsize=32)
def load_pack(path: Path, called: str = "") -> Pack:
    """The pack of a file.

    Args:
        path: the file.
        called: what it is called in places; its name where nothing is said.

    Raises:
        PolicyError: it is wrong, with the place.
    """
    node = read_file(path, called)
    check_pack(node)
    return read_pack(node, str(path))


def load_builtin_packs() -> tuple[Pack, ...]:
    """All packs that come with this program."""
    return tuple(load_pack(find_pack(name, Path())) for name in builtin_packs())


def _refuse_same_names(packs: Iterable[Pack], called: Mapping[Path, str]) -> None:
    """Reports tell packs apart by their names."""
    owners: dict[str, Pack] = {}
    for pack in packs:
        owner = owners.setdefault(pack.name.lower(), pack)
        if owner is not pack:
            own = _own(pack, owner)
            path = Path(own.file)
            node = mapping(read_file(path, called[path]), "a pack")["name"]
            message = f"two packs are called {shortened(own.name)}"
            raise PolicyError(message, node.place, "Give this one another name, or leave one out.")


def _refuse_same_ids(packs: Iterable[Pack]) -> None:
    """An id stands for one control: exemptions and histories go by it."""
    owners: dict[str, tuple[Pack, Control]] = {}
    for pack in packs:
        for key, control in pack.controls.items():
            owner, first = owners.setdefault(key.lower(), (pack, control))
            if owner is not pack:
                own = control if _own(pack, owner) is pack else first
                raise PolicyError(
                    f"the packs {shortened(owner.name)} and {shortened(pack.name)} both have the "
                    f"id {shortened(own.id)}, and one id can stand for one control only",
                    own.position,
                    "Give this control another id, or leave one of the packs out.",
                )


def _own(pack: Pack, owner: Pack) -> Pack:
    """Of two that clash the one to change: the later, but none that comes with this program."""
    return owner if is_builtin(Path(pack.file)) else pack
