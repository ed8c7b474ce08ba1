"""The packs of a policy: those that it names, and those that the user adds."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.errors import PolicyError
from auditor.policy.controls import SPECIAL
from auditor.policy.documents import builtin_packs, check_pack, find_pack, read_file
from auditor.policy.fields import sequence, text
from auditor.policy.packs import read_pack
from auditor.properties import PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from auditor.model import Pack
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
        PolicyError: a pack is wrong, or two have a control of the same id.
    """
    named = [] if node is None else list(_named(node, folder))
    added = [find_pack(name, where) for name, where in more]
    packs = tuple(load_pack(path) for path in dict.fromkeys([*named, *added]))
    _refuse_same_ids(packs)
    return packs


def _named(node: Node, folder: Path) -> Iterator[Path]:
    for item in sequence(node, "packs"):
        yield find_pack(text(item, "each of packs"), folder, item.place)


@lru_cache(maxsize=32)
def load_pack(path: Path) -> Pack:
    """The pack of a file.

    Raises:
        PolicyError: it is wrong, with the place.
    """
    node = read_file(path)
    check_pack(node)
    return read_pack(node, str(path))


def load_builtin_packs() -> tuple[Pack, ...]:
    """All packs that come with this program."""
    return tuple(load_pack(find_pack(name, Path())) for name in builtin_packs())


def _refuse_same_ids(packs: Iterable[Pack]) -> None:
    """An id stands for one control: exemptions and histories go by it."""
    owners: dict[str, str] = dict.fromkeys((*SPECIAL, *PROPERTIES), "policies")
    for pack in packs:
        for key, control in pack.controls.items():
            if key in owners:
                raise PolicyError(
                    f"the id {key!r} of the pack {pack.name!r} is already used by {owners[key]}",
                    control.position,
                    "Give the control the identifier under which it was published.",
                )
            owners[key] = f"the pack {pack.name!r}"
