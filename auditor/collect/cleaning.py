"""Objects as a snapshot keeps them: Exchange's own names, and no secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.collect.dropping import without_secrets
from auditor.collect.identify import contradicts, respelled, shape_of
from auditor.errors import InputError
from auditor.model import cmdlet_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from auditor.collect.exported import Exported
    from auditor.model import Raw

_CREDENTIAL: Final = "AuthenticationCredential"


def clean(properties: dict[str, Raw], *, plain: bool) -> dict[str, Raw]:
    """The properties as Exchange spells them, and without the secrets that some of them can hold.

    Args:
        properties: of one object; may be changed.
        plain: whether every name is known to be spelled as Exchange spells it.
    """
    found = properties if plain else respelled(properties)
    if found.get(_CREDENTIAL) not in (None, "", {}):
        # Only whether one was set is kept.
        found[_CREDENTIAL] = "(set; dropped)"
    # Whatever the cmdlet: what has no such property is not touched.
    return without_secrets(found)


def clean_objects(exported: Iterable[Exported], noun: str) -> tuple[Mapping[str, Raw], ...]:
    """The objects of a cmdlet whose noun is known, held to the shapes that are known.

    Raises:
        InputError: an object is plainly another cmdlet's, or a send connector is none.
    """
    found = []
    for item in exported:
        shape = shape_of(item.type_name, tuple(item.properties))
        if contradicts(shape, noun) or (shape.noun is None and noun == "SendConnector"):
            what = shape.foreign or (f"one of {cmdlet_of(shape.noun)}" if shape.noun else "none")
            raise InputError(f"among the objects of {cmdlet_of(noun)} there is {what}")
        found.append(clean(item.properties, plain=shape.plain))
    return tuple(found)
