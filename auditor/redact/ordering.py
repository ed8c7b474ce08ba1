"""Stand-ins that sort as the names do: among connectors, the lowest name decides ties."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


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


def connector_stand_ins(names: Iterable[str], site: Callable[[str], str]) -> dict[str, str]:
    """Names of connectors in lower case → stand-ins, in the same order.

    What Exchange names itself keeps its form, if the order allows it.
    """
    ordered = sorted(names)
    found = _with_well_known(ordered, site)
    if all(found[one].lower() < found[two].lower() for one, two in pairwise(ordered)):
        return found
    return {name: _number("Connector", n, ordered) for n, name in enumerate(ordered, start=1)}


def _with_well_known(ordered: list[str], site: Callable[[str], str]) -> dict[str, str]:
    found = {}
    word = _WORDS[0]
    for number, name in enumerate(ordered, start=1):
        edge = EDGE.fullmatch(name)
        if edge:
            found[name] = (
                f"EdgeSync - Inbound to {site(edge['inbound'])}"
                if edge["inbound"]
                else f"EdgeSync - {site(edge['outbound'])} to Internet"
            )
            word = _WORDS[1]
        elif name == _INTERNAL:
            found[name], word = "Intra-Organization SMTP Send Connector", _WORDS[2]
        else:
            found[name] = _number(word, number, ordered)
    return found


def _number(word: str, number: int, ordered: list[str]) -> str:
    return f"{word} {number:0{len(str(len(ordered)))}}"
