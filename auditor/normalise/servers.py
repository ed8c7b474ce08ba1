"""Servers: which version each has, whether it carries transport, and in which site it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from auditor.kinds import BOOLEAN
from auditor.kinds.base import text_of, whole
from auditor.kinds.servers import read_server
from auditor.model import Server
from auditor.normalise.sites import site_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from auditor.model import Connectors, Raw, Snapshot

_VERSION = re.compile(r"(?:Version\s+)?(14|15\.[0-9]+)(?![0-9])")
_NAMES: Final = {"14": "2010", "15.0": "2013", "15.1": "2016", "15.2": "2019"}
_BITS: Final = {
    "mailbox": 2,
    "clientaccess": 4,
    "unifiedmessaging": 16,
    "hubtransport": 32,
    "edge": 64,
}
"""The numbers of the roles, added up where a server has several.

Source: http://www.morgantechspace.com/2015/09/msExchCurrentServerRoles-attribute.html
"""

_CALLED: Final = ("Fqdn", "Name", "Identity")


def server_versions(servers: tuple[Mapping[str, Raw], ...]) -> frozenset[str]:
    """The versions of all servers; empty if one cannot be read, for then nothing is proved."""
    found = set()
    for server in servers:
        match = _VERSION.match(printed(server, "AdminDisplayVersion") or "")
        name = _NAMES.get(match[1]) if match else None
        if name is None:
            return frozenset()
        found.add(name)
    return frozenset(found)


def transport_servers(servers: Iterable[Mapping[str, Raw]]) -> dict[str, Server] | None:
    """Every server by its name in lower case.

    None where one has no name that can be read: then no other is known not to exist.
    """
    found: dict[str, Server] = {}
    for server in servers:
        name = _name(server)
        if name is None:
            return None
        site = site_name(server.get("Site"))
        short = read_server(server.get("Name"))
        title = short if isinstance(short, str) else ""
        one = Server(name, _carries_transport(server), site, _is_edge(server), title)
        known = found.setdefault(name.lower(), one)
        if known.site != site:
            # The same server twice, in two places: then in neither for sure.
            found[name.lower()] = known._replace(site=None)
    return found


def transport_names(inventory: Connectors) -> list[str]:
    """The servers that transport mail, by their short names where these are known; no Edge server.

    Empty where servers are not known.
    """
    found = (inventory.servers or {}).values()
    return [one.title or one.name for one in found if one.carries_transport and not one.is_edge]


def edge_servers(snapshot: Snapshot) -> frozenset[str]:
    """The names in lower case of servers that are known to be Edge servers."""
    subscribed = snapshot.objects.get("EdgeSubscription", ())
    listed = snapshot.objects.get("ExchangeServer", ())
    edges = (*subscribed, *(server for server in listed if _is_edge(server)))
    return frozenset(name.lower() for name in map(_name, edges) if name is not None)


def _name(server: Mapping[str, Raw]) -> str | None:
    readings = (read_server(server.get(key)) for key in _CALLED)
    return next((text for text in readings if isinstance(text, str)), None)


def _is_edge(server: Mapping[str, Raw]) -> bool:
    flag = BOOLEAN.read(server.get("IsEdgeServer"))
    return flag if isinstance(flag, bool) else "edge" in _roles(server)


def _roles(server: Mapping[str, Raw]) -> set[str]:
    text = printed(server, "ServerRole") or str(whole(server.get("ServerRole")) or "")
    if re.fullmatch(r"[0-9]{1,9}", text):
        return {name for name, bit in _BITS.items() if int(text) & bit}
    return {word.strip().lower() for word in text.split(",")}


def _carries_transport(server: Mapping[str, Raw]) -> bool:
    """Hub Transport (2010), Mailbox (2013 and later) and Edge servers carry transport.

    False only where the data says so.
    Source: https://learn.microsoft.com/exchange/architecture/architecture
    """
    names = ("IsHubTransportServer", "IsEdgeServer")
    flags = [BOOLEAN.read(server.get(name)) for name in names]
    if all(isinstance(flag, bool) for flag in flags):
        return any(flags)
    version = (printed(server, "AdminDisplayVersion") or "").removeprefix("Version ")
    without = {"clientaccess", "unifiedmessaging"} | (
        {"mailbox"} if version[:3] == "14." else set()
    )
    return not _roles(server) <= without


def printed(raw: Mapping[str, Raw], name: str) -> str | None:
    """A property as text; None where it is nothing or no text."""
    return (text_of(raw.get(name)) or "").strip() or None
