"""Stand-ins that sort as the names do: among connectors, the lowest name decides ties."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_INTERNAL: Final = "intra-organization smtp send connector"
# A name sorts before or after those that stay, and so must the word that stands in for it.
_WORDS: Final = ("Connector", "Further connector", "Other connector")
EDGE: Final = re.compile(
    r"(?i)edgesync - (?:inbound to (?P<inbound>.+)|(?P<outbound>.+) to internet)"
)


def site_stand_ins(names: Iterable[str]) -> dict[str, str]:
    """Sites in lower case → stand-ins.

    ``EdgeSync - <Site> to Internet`` sorts by its site: before or after the site that has its
    name in every organisation, and ``EdgeSync - Inbound to``.
    """
    ordered = sorted(names)
    width = len(str(len(ordered)))
    return {
        name: f"{_site_word(name)} {number:0{width}}"
        for number, name in enumerate(ordered, start=1)
    }


def _site_word(name: str) -> str:
    return "Area" if name < "default" else "Hub" if name < "inbound to" else "Site"


def group_tags(wildcards: Iterable[str]) -> dict[str, str]:
    """Patterns of names → what the stand-ins of the names that they cover have in common."""
    return {pattern: f"({number})" for number, pattern in enumerate(wildcards, start=1)}


def connector_stand_ins(
    names: Iterable[str], site: Callable[[str], str], groups: Mapping[str, str]
) -> dict[str, str]:
    """Names of connectors in lower case → stand-ins, in the same order.

    What Exchange names itself keeps its form, if the order allows it and no pattern covers it.

    Args:
        names: all of them.
        site: Active Directory site → its stand-in.
        groups: patterns of names, with their tags.
    """
    ordered = sorted(names)
    tags = {name: _tags(name, groups) for name in ordered}
    found = _with_well_known(ordered, site, tags)
    if any(found[one].lower() >= found[two].lower() for one, two in pairwise(ordered)):
        numbered = enumerate(ordered, start=1)
        found = {name: _number("Connector", n, ordered) for n, name in numbered}
    return {name: f"{found[name]} {tags[name]}".rstrip() for name in ordered}


def _tags(name: str, groups: Mapping[str, str]) -> str:
    """The tags of the patterns that cover a name; ``*`` and ``?`` are wildcards, nothing else."""
    return "".join(
        tag for pattern, tag in groups.items() if fnmatchcase(name, pattern.replace("[", "[[]"))
    )


def _with_well_known(
    ordered: list[str], site: Callable[[str], str], tags: Mapping[str, str]
) -> dict[str, str]:
    found = {}
    word = _WORDS[0]
    for number, name in enumerate(ordered, start=1):
        edge = None if tags[name] else EDGE.fullmatch(name)
        if edge:
            found[name] = (
                f"EdgeSync - Inbound to {site(edge['inbound'])}"
                if edge["inbound"]
                else f"EdgeSync - {site(edge['outbound'])} to Internet"
            )
            word = _WORDS[1]
        elif name == _INTERNAL and not tags[name]:
            found[name], word = "Intra-Organization SMTP Send Connector", _WORDS[2]
        else:
            found[name] = _number(word, number, ordered)
    return found


def _number(word: str, number: int, ordered: list[str]) -> str:
    return f"{word} {number:0{len(str(len(ordered)))}}"
