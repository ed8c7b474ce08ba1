"""A pack of the user's own → one with stand-ins, written anew: even its ids can hold a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.errors import PolicyError
from auditor.policy.matchers import MATCHERS
from auditor.properties import PROPERTIES
from auditor.redact.documents import as_it_is, each, entries, items, plain, written
from auditor.yamlfile import parse

if TYPE_CHECKING:
    from auditor.model import Json
    from auditor.redact.matchers import Matchers

_WORDS: Final = frozenset({"property", "severity", "scope", "state"})
_ASKED: Final = frozenset({"properties", "when"})


def redacted_pack(text: str, number: int, matchers: Matchers) -> str:
    """A pack that asks the same of the stand-ins as the pack of a text asks of what they are for.

    Args:
        text: of its file.
        number: which of the policy's own packs it is, from 1.
        matchers: for what is asked of properties, with the mapping.

    Raises:
        PolicyError: the text is not YAML, or no pack.
    """
    name = f"pack-{number}"
    root = parse(text, name, PolicyError)
    content = plain(root)
    if not isinstance(content, dict):
        raise PolicyError("this is no pack", root.place)
    redacted = each(
        content | {"name": name},
        schema=as_it_is,
        name=as_it_is,
        version=matchers.texts,
        title=matchers.texts,
        controls=lambda found: [_control(entries(item), matchers) for item in items(found)],
    )
    return written(redacted)


def _control(details: dict[str, Json], matchers: Matchers) -> dict[str, Json]:
    about = str(details.get("property"))
    return {key: _part(key, value, about, matchers) for key, value in details.items()}


def _part(key: str, value: Json, about: str, matchers: Matchers) -> Json:
    """One entry of a control; ``about`` is its property."""
    if key == "id":
        return matchers.names.control(str(value).strip())
    if key in _WORDS:
        return value
    if key in _ASKED:
        return matchers.properties(value)
    if key in MATCHERS and about in PROPERTIES:
        return matchers.matcher(about, key, value)
    return matchers.texts(value)
