"""Server names: a bare name equals a full one with that first label."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from auditor.kinds.base import Kind, list_reader, text_of, unexpected
from auditor.kinds.hosts import host_name, split_blank_free
from auditor.model import Unreadable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.model import Present, Raw

_FIRST_RDN = re.compile(r"CN=([^,\\]+),", re.IGNORECASE)


def read_server(raw: Raw) -> str | Unreadable:
    """One server, by name; of an identity its name, of a distinguished name its first part."""
    text = text_of(raw)
    if text is None and isinstance(raw, dict):
        named = raw.get("Name") or raw.get("DistinguishedName")
        text = named if isinstance(named, str) else None
    if text is None:
        return unexpected("server name", raw)
    bare = text.strip()
    first = _FIRST_RDN.match(bare)
    if first:
        bare = first[1]
    elif "/" in bare:
        # A canonical name: contoso.com/Configuration/…/Servers/EX01.
        bare = bare.rsplit("/", 1)[1]
    if host_name(bare) is None:
        return unexpected("server name", text)
    return bare.rstrip(".")


def _split(text: str) -> Sequence[str] | Unreadable:
    if re.search(r"[/=]", text):
        # Distinguished and canonical names hold blanks and commas: one alone can be read.
        one = read_server(text)
        return one if isinstance(one, Unreadable) else (one,)
    return split_blank_free(text)


def server_key(value: Present) -> Present:
    """Server names as they compare."""
    if not isinstance(value, tuple):
        return value
    return tuple(sorted({host_name(name) or name.lower() for name in value}))


def same_server(one: str, other: str) -> bool:
    """Whether two names mean one server: whole, or where one is bare, by the first label."""
    left, right = host_name(one) or one.lower(), host_name(other) or other.lower()
    if "." in left and "." in right:
        return left == right
    return left.partition(".")[0] == right.partition(".")[0]


def align_servers(expected: Present, actual: Present) -> tuple[Present, Present]:
    """Two lists with a server spelled alike in both. A bare name stands for one server only."""
    if expected == actual or not isinstance(expected, tuple) or not isinstance(actual, tuple):
        return expected, actual
    left, right = _absorbed(expected), _absorbed(actual)
    return _spelled_as(left, right), _spelled_as(right, left)


def _absorbed(names: tuple[str, ...]) -> tuple[str, ...]:
    """The list without a bare name that only repeats the one full name of that label."""
    return tuple(n for n in names if "." in n or len(_full_names(n, names)) != 1)


def _full_names(bare: str, names: tuple[str, ...]) -> list[str]:
    return [name for name in names if name.startswith(bare + ".")]


def _spelled_as(names: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    """Bare names written in full where exactly one unpaired full name of the others fits."""
    spelled = []
    for name in names:
        fits = [] if "." in name or name in others else _full_names(name, others)
        fits = [full for full in fits if full not in names]
        spelled.append(fits[0] if len(fits) == 1 else name)
    return tuple(sorted(spelled))


SERVERS: Final = Kind(
    "servers",
    list_reader("server name", read_server, _split),
    is_list=True,
    key=server_key,
    align=align_servers,
    example="[EX01, EX02]",
)
