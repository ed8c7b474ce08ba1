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

JOINED_REASON: Final = "the export joined names that hold the separator"

_FIRST_RDN = re.compile(r"CN=([^,\\]+),", re.IGNORECASE)


# What follows a part without a name of its own, and a blank in a domain, is another server.
_MORE = re.compile(r"(?<!\\),|^\s*DC=\S*\s+\S", re.IGNORECASE)


def read_server(raw: Raw) -> str | Unreadable:
    """One server, by name; of an identity its name, of a distinguished name its first part."""
    text = text_of(raw)
    if text is None and isinstance(raw, dict):
        named = raw.get("Name") or raw.get("DistinguishedName")
        text = named if isinstance(named, str) else None
    if text is None:
        return unexpected("server name", raw)
    bare = text.strip()
    if _is_joined(bare):
        return Unreadable(JOINED_REASON)
    first = _FIRST_RDN.match(bare)
    if first:
        bare = first[1]
    elif "/" in bare:
        # A canonical name: contoso.com/Configuration/…/Servers/EX01.
        domain, bare = bare.partition("/")[0], bare.rpartition("/")[2]
        if "." not in domain or host_name(domain) is None:
            return unexpected("server name", text)
    if host_name(bare) is None:
        return unexpected("server name", text)
    return bare.rstrip(".")


def _split(text: str) -> Sequence[str]:
    if not re.search(r"[/=]", text):
        return split_blank_free(text)
    # Distinguished and canonical names hold blanks and commas: only these can part them.
    return [part.strip() for part in re.split(r"[|\n]", text) if part.strip()]


def _is_joined(text: str) -> bool:
    """Whether a text holds more than one distinguished or canonical name."""
    if "=" in text:
        parts = re.split(r",(?=\s*\w+=)", text)
        return (
            any(part.count("=") != 1 or _MORE.search(part) for part in parts)
            or any(sign in text for sign in ";|")
            or len(re.findall(r"CN=Servers\b", text, re.IGNORECASE)) > 1
        )
    if "/" not in text:
        return False
    domain = text.partition("/")[0]
    return (
        any(sign in text for sign in ";,|")
        or text.count(f"{domain}/") > 1
        or text.lower().count("/servers/") > 1
    )


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
    """Two lists with a server spelled alike in both.

    What is there in both is paired first; then a bare name is the one full name with that first
    label that the other list has left. A bare name stands for one server only.
    """
    if expected == actual or not isinstance(expected, tuple) or not isinstance(actual, tuple):
        return expected, actual
    left, right = set(expected) - set(actual), set(actual) - set(expected)
    return _spelled_as(expected, left, right), _spelled_as(actual, right, left)


def _spelled_as(names: tuple[str, ...], unpaired: set[str], others: set[str]) -> tuple[str, ...]:
    """Bare names written in full where exactly one unpaired full name of the others fits."""
    full_names: dict[str, list[str]] = {}
    for full in others:
        label, dot, _ = full.partition(".")
        if dot:
            full_names.setdefault(label, []).append(full)
    spelled = []
    for name in names:
        fits = full_names.get(name, []) if name in unpaired else []
        spelled.append(fits[0] if len(fits) == 1 else name)
    return tuple(sorted(spelled))


SERVERS: Final = Kind(
    "servers",
    list_reader("server name", read_server, _split),
    is_list=True,
    key=server_key,
    align=align_servers,
    alike=same_server,
    textual=True,
    ignores_case=True,
    example="[EX01, EX02]",
)
