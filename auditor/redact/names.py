"""One mapping of names to stand-ins. Nothing of a name is in its stand-in, not even a digest."""

from __future__ import annotations

import ipaddress
from collections import Counter
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Final

from auditor.kinds.hosts import host_name, ip_address
from auditor.redact.kept import VENDOR_LABEL
from auditor.redact.ordering import EDGE, connector_stand_ins, group_tags, site_stand_ins
from auditor.redact.words import NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auditor.redact.kept import Kept

_SAME_EVERYWHERE: Final = frozenset({"0.0.0.0", "127.0.0.1", "255.255.255.255", "::", "::1"})  # noqa: S104
# For documentation (RFC 5737, RFC 3849), then for benchmarks (RFC 2544), then reserved (RFC 1112).
_NETWORKS: Final = "192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 198.18.0.0/15 240.0.0.0/4"
_NETWORK_6: Final = "2001:db8::/32"


@dataclass(slots=True)
class Seen:
    """What must be known of all names before the first is replaced.

    Attributes:
        connectors: every connector's name, lower case, with its own spelling.
        sites: likewise, Active Directory sites.
        servers: first labels of servers.
        tops: top-level labels that are covered as a whole (``*.com``).
        wildcards: patterns of connectors' names, lower case, each with its own spelling.
    """

    connectors: dict[str, str] = field(default_factory=dict)
    sites: dict[str, str] = field(default_factory=dict)
    servers: set[str] = field(default_factory=set)
    tops: set[str] = field(default_factory=set)
    wildcards: dict[str, str] = field(default_factory=dict)


class Names:
    """Stand-ins by name. The same name always has the same, and two names never do.

    Args:
        kept: what stays.
        before: what a first pass over the same data has seen; None for that first pass.

    Attributes:
        kept: as given.
        seen: what this pass has seen.
        connectors: stand-ins of all connectors, by the name in lower case; empty in a first pass.
        originals: stand-in → the name as it was first spelled.
    """

    def __init__(self, kept: Kept, before: Seen | None = None) -> None:
        self.kept = kept
        self.seen = Seen()
        self.originals: dict[str, str] = {}
        self._before = before or Seen()
        self._found: dict[tuple[str, str], str] = {}
        self._counts: Counter[str] = Counter()
        self._taken = set(kept.words())
        addresses = chain.from_iterable(
            ipaddress.IPv4Network(net).hosts() for net in _NETWORKS.split()
        )
        self._addresses: dict[bool, Iterator[object]] = {
            False: addresses,
            True: ipaddress.IPv6Network(_NETWORK_6).hosts(),
        }
        sites, known = self._before.sites, self._before.connectors
        self._groups = group_tags(self._before.wildcards)
        self._ordered("site", site_stand_ins(sites), sites)
        self.connectors = connector_stand_ins(
            known, lambda key: self.site(sites.get(key, key.title())), self._groups
        )
        self._ordered("connector", self.connectors, known)
        for key, tag in self._groups.items():
            self.originals[f"*{tag}*"] = self._before.wildcards[key]

    def _ordered(self, space: str, stand_ins: dict[str, str], spelled: dict[str, str]) -> None:
        for key, stand_in in stand_ins.items():
            self._found[space, key] = stand_in
            self.originals[stand_in] = spelled[key]

    def _stand_in(self, space: str, key: str, spelled: str, make: Callable[[], str]) -> str:
        found = self._found.get((space, key))
        while found is None:
            made = make()
            if made not in self._taken and made not in self.originals:
                found = self._found[space, key] = made
                self.originals[made] = spelled
        return found

    def numbered(self, space: str, key: str, spelled: str, form: str) -> str:
        """The stand-in of a key: ``form`` with the next number that is free in place of ``{}``."""

        def make() -> str:
            self._counts[form] += 1
            return form.format(self._counts[form])

        return self._stand_in(space, key, spelled, make)

    def exact(self, space: str, key: str, stand_in: str | None, spelled: str) -> str:
        """A stand-in that no other key of the space has: the one given, else ``text-N``."""
        if stand_in is not None and self._found.setdefault((f"={space}", stand_in), key) == key:
            return stand_in
        return self.numbered(space, key, spelled, "text-{}")

    def connector(self, name: str) -> str:
        """A connector's name. Stand-ins sort as the names do, for the order decides ties."""
        key = name.strip().lower()
        if not key:
            return name
        self.seen.connectors.setdefault(key, name)
        edge = EDGE.fullmatch(name.strip())
        if edge:
            self.site(edge["inbound"] or edge["outbound"])
        return self.numbered("connector", key, name, "Connector {}")

    def wildcard(self, pattern: str) -> str:
        """A pattern of connectors' names → one that covers the stand-ins of the same."""
        key = pattern.strip().lower()
        if not key.strip("*"):
            return "*"
        self.seen.wildcards.setdefault(key, pattern)
        return f"*{self._groups.get(key, '()')}*"

    def control(self, identifier: str) -> str:
        """The id of a control of one's own."""
        return self.numbered("control", identifier, identifier, "control-{}")

    def known(self, text: str) -> str | None:
        """The stand-in of a text that is a connector's, a site's or a server's name; else None."""
        key = text.strip().lower()
        for space in ("connector", "site", "organization"):
            if (space, key) in self._found:
                return self._found[space, key]
        return self.host(text) if key in self._before.servers else None

    def site(self, name: str) -> str:
        """An Active Directory site."""
        key = name.strip().lower()
        if not key or key in NAMES:
            return name
        self.seen.sites.setdefault(key, name)
        return self.numbered("site", key, name, "Site {}")

    def organization(self, name: str) -> str:
        """An organisation's name."""
        key = name.strip().lower()
        known = not key or key in NAMES
        return name if known else self.numbered("organization", key, name, "organization-{}")

    def region(self, name: str) -> str:
        """The id of a gateway's region; those of the built-in policies stay."""
        key = name.lower()
        return key if key in self.kept.regions else self.numbered("region", key, name, "region-{}")

    def person(self, name: str) -> str:
        """A person's or an account's name, without a domain."""
        return self.numbered("person", name.lower(), name, "person-{}")

    def address(self, text: str) -> str | None:
        """An IP address, without brackets; None if the text is none."""
        address = ip_address(text)
        if address is None or address in _SAME_EVERYWHERE or f"[{address}]" in self.kept.hosts:
            return address
        stock = self._addresses[":" in address]
        return self._stand_in("address", address, address, lambda: str(next(stock)))

    def server(self, text: str) -> str | None:
        """A server, bare or in full; None if it is no host name."""
        name = host_name(text)
        if name is not None and self.kept.domain_of(name) is None:
            self.seen.servers.add(name.partition(".")[0])
        return self.host(text)

    def host(self, text: str) -> str | None:
        """A host or domain, label by label; a leading ``*.`` stays. None if it is no such name."""
        bare = text.strip()
        if bare in {"*", "--"}:
            return bare
        star = "*." if bare.startswith("*.") else ""
        name = host_name(bare[len(star) :])
        if name is None:
            return None
        if star and "." not in name:
            self.seen.tops.add(name)
        if star and name in self._before.tops:
            return f"*.{self._top(name)}.example"
        return star + self._host(name)

    def _host(self, name: str) -> str:
        if name in self.kept.hosts or name == "localhost":
            return name
        domain = self.kept.domain_of(name)
        if domain is not None:
            labels = name.removesuffix(domain).split(".")[:-1]
            return ".".join([*map(self._label, labels), domain])
        first, _, rest = name.partition(".")
        if "." in rest or not rest:
            return self._label(first) + (f".{self._host(rest)}" if rest else "")
        if first in self._before.servers:
            return f"{self._label(first)}.{self._top(rest)}.example"
        domain = self.numbered("domain", name, name, "domain-{}")
        top = f".{self._top(rest)}" if rest in self._before.tops else ""
        return f"{domain}{top}.example"

    def _top(self, label: str) -> str:
        return self.numbered("top", label, label, "top-{}")

    def _label(self, label: str) -> str:
        """One label, the same under every parent: ``EX01`` stays short for its full name."""
        vendor = VENDOR_LABEL.fullmatch(label)
        if vendor:
            grid, role, number = vendor.groups()
            if grid not in self.kept.grids:
                grid = self.numbered("grid", grid, grid, "grid{}")
            return f"{grid}-smtp-{role}-{number}"
        form = "server-{}" if label in self._before.servers else "host-{}"
        return self.numbered("label", label, label, form)
