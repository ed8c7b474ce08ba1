"""The words that policies know, and what to say of one that they do not."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from auditor.errors import did_you_mean, nearest
from auditor.properties import PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SPECIAL: Final = ("ConnectorPresent", "OtherOutboundConnectors", "BypassRoutes")
"""Controls that are no property, in the order of the report; properties stand between them."""

STRAYS: Final[Mapping[str, str]] = {
    **{
        name.lower(): f"{name} is a property: write it under connector, properties."
        for name in PROPERTIES
    },
    **{name.lower(): f"{name} is a control: write it under controls." for name in SPECIAL},
}
"""Words in lower case that have their place elsewhere in a policy, and which that is."""


def hint_for(word: str, known: Iterable[str]) -> str:
    """What was probably meant by a word that is not known; a strange sign in it is named."""
    words = list(known)
    return f"{_strange_sign(word) if nearest(word, words) else ''}{did_you_mean(word, words)}"


def hint_for_key(key: str, known: Iterable[str], strays: Mapping[str, str] | None = None) -> str:
    """The same for a key, which can also be right and stand in the wrong place."""
    words = list(known)
    lowered = key.lower()
    if strays is not None and lowered in strays and lowered not in {w.lower() for w in words}:
        return strays[lowered]
    return hint_for(key, words)


def _strange_sign(word: str) -> str:
    """The name of the first sign that is not of ASCII: some look like one that is."""
    sign = next((sign for sign in word if not sign.isascii()), None)
    if sign is None:
        return ""
    return f"{sign!r} in it is {unicodedata.name(sign, f'U+{ord(sign):04X}')}. "
