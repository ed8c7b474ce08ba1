"""The gateway's regions: reading them, and finding one by id or alias."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.errors import PolicyError, UsageError, nearest, shortened
from auditor.kinds import SMART_HOSTS
from auditor.kinds.hosts import host_name
from auditor.model import Region
from auditor.policy.fields import choice, fail, key_place, mapping, sequence, text, texts
from auditor.policy.matchers import read_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from auditor.errors import Place
    from auditor.model import Policy
    from auditor.yamlfile import Node

KEYS: Final = ("title", "aliases", "smart_hosts", "state", "spf_include")
STATES: Final = ("confirmed", "unconfirmed")
_NO_NAMES: Final = frozenset({"", "~", "null"})


def read_regions(node: Node) -> dict[str, Region]:
    """The regions of a policy by id; ids and aliases are lower case and each is there once."""
    regions: dict[str, Region] = {}
    taken: dict[str, str] = {}
    for key, entry in mapping(node, "regions").items():
        region = _read_region(key, entry)
        for word, place in _words(key, key_place(node, key), entry):
            if word in taken:
                raise PolicyError(_taken(word, taken[word], region.id), place)
            taken[word] = region.id
        regions[region.id] = region
    return regions


def _words(key: str, place: Place, node: Node) -> Iterator[tuple[str, Place]]:
    """The id and the aliases of a region in lower case, each with its place."""
    aliases = mapping(node, "a region").get("aliases")
    items = () if aliases is None else sequence(aliases, "aliases")
    for word, where in ((key, place), *((str(item.value), item.place) for item in items)):
        if word != word.strip() or word.lower() in _NO_NAMES:
            message = f"{shortened(word)} cannot be the name of a region"
            raise PolicyError(message, where, "Write a short word without blanks around it: na")
        yield word.lower(), where


def _taken(word: str, owner: str, region: str) -> str:
    if owner == region:
        return f"the region {shortened(region)} has the name {shortened(word)} twice"
    names = f"{shortened(owner)} and {shortened(region)}"
    return f"the region name {shortened(word)} is used by {names}"


def _read_region(key: str, node: Node) -> Region:
    what = f"the region {shortened(key)}"
    entries = mapping(node, what, KEYS)
    hosts = entries.get("smart_hosts")
    if hosts is None:
        fail(node, f"{what} has no smart_hosts", f"Write: smart_hosts: {SMART_HOSTS.example}")
    sequence(hosts, "smart_hosts")
    found = read_value(hosts, "smart_hosts", SMART_HOSTS)
    if not isinstance(found, tuple) or not found:
        fail(hosts, f"{what} needs at least one smart host", f"For example: {SMART_HOSTS.example}")
    state = entries.get("state")
    return Region(
        id=key.lower(),
        title=text(entries["title"], "title") if "title" in entries else key,
        aliases=tuple(a.lower() for a in texts(entries["aliases"], "aliases"))
        if "aliases" in entries
        else (),
        smart_hosts=found,
        state=choice(state, "state", STATES) if state else STATES[0],
        spf_include=_spf_include(entries["spf_include"]) if "spf_include" in entries else None,
    )


def _spf_include(node: Node) -> str:
    name = host_name(text(node, "spf_include"))
    if name is None or "." not in name:
        fail(node, "spf_include is no name of a domain", "Write: spf_include: spf.example.com")
    return name


def lookup(regions: Mapping[str, Region], word: str) -> Region | None:
    """The region of an id or alias, in any letter case."""
    wanted = word.strip().lower()
    return next((r for r in regions.values() if wanted == r.id or wanted in r.aliases), None)


def words_of(regions: Mapping[str, Region]) -> list[str]:
    """Every id and alias."""
    return [word for region in regions.values() for word in (region.id, *region.aliases)]


def find_region(policy: Policy, word: str | None) -> Region | None:
    """The region of an id or alias, any letter case; without one, the policy's own default.

    Raises:
        UsageError: no region has that name, or none was given where a control needs one.
    """
    word = word or policy.default_region
    if word is None:
        if policy.needs_region:
            raise UsageError(
                "which region of the gateway?",
                hint=f"Give --region with one of: {known_regions(policy)}.",
            )
        return None
    region = lookup(policy.regions, word)
    if region is None:
        close = nearest(word, words_of(policy.regions))
        meant = f"Did you mean {close!r}? " if close else ""
        raise UsageError(
            f"there is no region {word!r} in the policy {policy.name!r}",
            hint=f"{meant}Known: {known_regions(policy)}.",
        )
    return region


def known_regions(policy: Policy) -> str:
    """All regions with their aliases, in one line."""
    return ", ".join(
        f"{r.id} ({', '.join(r.aliases)})" if r.aliases else r.id for r in policy.regions.values()
    )
