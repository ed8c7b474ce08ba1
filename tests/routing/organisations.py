"""Organisations made at random, small and dense: every rule decides something in some of them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from auditor.model import (
    ABSENT,
    AcceptedDomain,
    Connector,
    Connectors,
    Server,
    SiteLink,
    Unreadable,
)

SITES = ("North", "South", "Branch")
SERVERS = ("EX01", "EX02", "EX03", "EX04")
DOMAINS = ("a.example", "b.a.example", "c.b.a.example", "example", "d.example", "other.test")
SIZES = (5, 10, 20)
"""Limits in bytes: small numbers, so that sizes drawn at large fall on both sides of them."""

PATTERNS = ("*", *DOMAINS, *(f"*.{domain}" for domain in DOMAINS))
UNREAD = Unreadable("made so")


class Properties(dict[str, Any]):
    """What is not said is not in the export; two are never one, however alike."""

    __hash__ = object.__hash__
    __eq__ = object.__eq__

    def __missing__(self, name: str) -> Any:
        return ABSENT


def mostly(usual, *others):
    """A value that is seldom another one."""
    return st.sampled_from([usual] * 6 + list(others))


@st.composite
def address_spaces(draw):
    patterns = draw(st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=3))
    costs = st.sampled_from((1, 1, 2, 5))
    return tuple(sorted({f"SMTP:{pattern};{draw(costs)}" for pattern in patterns}))


@st.composite
def send_connectors(draw, position):
    servers = draw(st.lists(st.sampled_from(SERVERS), min_size=1, max_size=2, unique=True))
    name = draw(st.sampled_from("ABCDEFGH")) + str(position)
    return Connector(
        Properties(
            Name=name,
            Enabled=draw(mostly(True, False, UNREAD)),
            AddressSpaces=draw(st.one_of(address_spaces(), mostly(("SMTP:*;1",), UNREAD))),
            MaxMessageSize=draw(st.one_of(st.sampled_from(SIZES), mostly("Unlimited", UNREAD))),
            IsScopedConnector=draw(mostly(False, True, True, UNREAD)),
            SourceTransportServers=draw(mostly(tuple(servers), UNREAD)),
            SmartHosts=("gateway.test",),
            DNSRoutingEnabled=False,
        ),
        position=position,
    )


@st.composite
def organisations(draw):
    count = draw(st.integers(1, 4))
    send = tuple(draw(send_connectors(position)) for position in range(1, count + 1))
    collected = draw(st.booleans())
    servers = None
    if collected:
        site = st.sampled_from((*SITES, None))
        servers = {name.lower(): Server(name, True, draw(site)) for name in SERVERS}
    costs = st.sampled_from((1, 2, 4))
    ends = [("North", "South"), ("South", "Branch"), ("North", "Branch")]
    links = draw(st.none() | st.lists(st.sampled_from(ends), max_size=3, unique=True))
    site_links = links and tuple(SiteLink(frozenset(pair), draw(costs)) for pair in links)
    accepted = draw(
        st.lists(
            st.builds(
                AcceptedDomain, st.sampled_from(PATTERNS[1:]), st.sampled_from((True, False, None))
            ),
            max_size=2,
            unique_by=lambda domain: domain.domain,
        )
    )
    versions = draw(st.sampled_from((frozenset(), frozenset({"2010"}), frozenset({"2019"}))))
    return Connectors(
        send=send,
        server_versions=versions,
        servers=servers,
        site_links=site_links,
        accepted_domains=tuple(accepted),
    )
