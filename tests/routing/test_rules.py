"""Each rule of the documentation by an organisation in which it alone decides.

https://learn.microsoft.com/exchange/mail-flow/mail-routing/connector-selection
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from auditor.model import AcceptedDomain, Connector, Connectors, Server, SiteLink
from auditor.routing import class_of, ladder, step_at, stretches_of, traffic_of
from tests.routing.organisations import UNREAD, Properties

MB = 1 << 20


def send(name, *spaces, cmdlet="SendConnector", **changes):
    """A connector of Exchange 2019 on EX01, without a limit."""
    values = {
        "Name": name,
        "Enabled": True,
        "AddressSpaces": tuple(spaces) or ("SMTP:*;1",),
        "MaxMessageSize": "Unlimited",
        "IsScopedConnector": False,
        "SourceTransportServers": ("EX01",),
        "SmartHosts": ("relay.test",),
        "DNSRoutingEnabled": False,
    }
    return cmdlet, Properties({**values, **changes})


def organisation(*connectors, **known):
    """Connectors with servers EX01 in North, EX02 in South and EX03 in Branch, unless said."""
    every = [
        Connector(properties, cmdlet, position)
        for position, (cmdlet, properties) in enumerate(connectors, start=1)
    ]
    servers = {"ex01": "North", "ex02": "South", "ex03": "Branch"}
    usual = {
        "servers": {k: Server(k.upper(), True, site) for k, site in servers.items()},
        "site_links": (link("North", "South", 10), link("South", "Branch", 10)),
        "server_versions": frozenset({"2019"}),
    }
    return Connectors(
        tuple(c for c in every if c.cmdlet == "SendConnector"),
        tuple(c for c in every if c.cmdlet != "SendConnector"),
        **{**usual, **known},
    )


def link(one, two, cost, *, limited=False):
    return SiteLink(frozenset({one, two}), cost, limited)


def taken(where, domain="contoso.com", size=0, server="ex01"):
    """The names of the connectors that may carry a message; None among them if none may."""
    traffic = traffic_of(where)
    network = traffic.network
    place = next(
        n
        for n, p in enumerate(network.places)
        if (server in p.servers if server else not p.servers)
    )
    for stretch in stretches_of(class_of(domain, network), network):
        if stretch.places >> place & 1 and stretch.above < size <= stretch.step.upto:
            if stretch.inside:
                return {"inside"}
            found = {offer.carrier.connector.name for offer in stretch.step.possible}
            return found if stretch.step.certain else found | {None}
    raise AssertionError("no stretch")


class Case(NamedTuple):
    """An organisation, a message, and what takes it."""

    where: Connectors
    expected: set
    domain: str = "contoso.com"
    size: int = 0
    server: str = "ex01"


STAR, EXACT, WILD = "SMTP:*;1", "SMTP:contoso.com;50", "SMTP:*.contoso.com;50"
ON2 = {"SourceTransportServers": ("EX02",)}
ON3 = {"SourceTransportServers": ("EX03",)}
NO_SITES = {"servers": None, "site_links": None}
EDGE = {"ex01": Server("EX01", True, "North"), "edge": Server("EDGE", True, "North", True)}

CASES = {
    # What does not count at all.
    "a disabled one": Case(organisation(send("A", Enabled=False), send("B")), {"B"}),
    "one that is too small": Case(
        organisation(send("A", MaxMessageSize=10 * MB), send("B", "SMTP:*;9")),
        {"B"},
        size=10 * MB + 1,
    ),
    "a limit is the largest size that fits": Case(
        organisation(send("A", MaxMessageSize=10 * MB), send("B", "SMTP:*;9")), {"A"}, size=10 * MB
    ),
    "one that is scoped to another site": Case(
        organisation(send("A", IsScopedConnector=True, **ON2), send("B")), {"B"}
    ),
    "a scoped one is used in its own site": Case(
        organisation(send("A", IsScopedConnector=True, **ON2), send("B", "SMTP:*;50")),
        {"A"},
        server="ex02",
    ),
    "a local address space is scoped": Case(
        organisation(send("A", "Local:SMTP:*;1", **ON2), send("B")), {"B"}
    ),
    "the inbound marker": Case(organisation(send("A", "SMTP:--;1"), send("B")), {"B"}),
    "the inbound marker alone carries nothing": Case(organisation(send("A", "SMTP:--;1")), {None}),
    "no connector at all": Case(organisation(), {None}),
    # The most specific address space.
    "the exact domain at any cost": Case(organisation(send("A"), send("B", EXACT)), {"B"}),
    "the exact domain before its wildcard": Case(
        organisation(send("A", "SMTP:*.contoso.com;1"), send("B", EXACT)), {"B"}
    ),
    "a wildcard covers its own domain": Case(organisation(send("A"), send("B", WILD)), {"B"}),
    "a wildcard covers what is far below": Case(
        organisation(send("A"), send("B", WILD)), {"B"}, "x.y.z.contoso.com"
    ),
    "a domain does not cover what is below": Case(
        organisation(send("A"), send("B", EXACT)), {"A"}, "x.contoso.com"
    ),
    "a name that only ends alike is another domain": Case(
        organisation(send("A"), send("B", EXACT, "SMTP:*.contoso.com;9")), {"A"}, "notcontoso.com"
    ),
    "the longest parent": Case(
        organisation(send("A", "SMTP:*.com;1"), send("B", WILD)), {"B"}, "x.contoso.com"
    ),
    "a shorter parent before the star": Case(
        organisation(send("A"), send("B", "SMTP:*.com;50")), {"B"}
    ),
    "the wildcard takes over where the exact domain is disabled": Case(
        organisation(send("A"), send("B", EXACT, Enabled=False), send("C", WILD)), {"C"}
    ),
    "too small at one level, the next one takes it": Case(
        organisation(send("A", WILD), send("B", EXACT, MaxMessageSize=MB)), {"A"}, size=2 * MB
    ),
    "too small at every level": Case(
        organisation(send("A", MaxMessageSize=MB), send("B", EXACT, MaxMessageSize=MB)),
        {None},
        size=2 * MB,
    ),
    # Cost.
    "the lowest cost": Case(organisation(send("A", "SMTP:*;2"), send("B")), {"B"}),
    "the cheapest of one connector's equal spaces": Case(
        organisation(send("A", "SMTP:*;5"), send("B", "SMTP:*;9", "SMTP:*;4")), {"B"}
    ),
    "the site link is added to the cost": Case(
        organisation(send("A", **ON2), send("B", "SMTP:*;5")), {"B"}
    ),
    "a dear connector of the own site loses to a cheap far one": Case(
        organisation(send("A", **ON2), send("B", "SMTP:*;50")), {"A"}
    ),
    "links add up": Case(organisation(send("A", **ON3), send("B", "SMTP:*;20")), {"B"}),
    "the nearest of several source servers counts": Case(
        organisation(
            send("A", "SMTP:*;4", SourceTransportServers=("EX01", "EX03")), send("B", "SMTP:*;5")
        ),
        {"A"},
    ),
    # Distance, at the same cost.
    "the server itself before the rest of its site": Case(
        organisation(
            send("A", SourceTransportServers=("EX04",)),
            send("B"),
            servers={"ex01": Server("EX01", True, "North"), "ex04": Server("EX04", True, "North")},
        ),
        {"B"},
    ),
    "the own site before another one": Case(
        organisation(
            send("A", "SMTP:*;1", **ON2),
            send("B", "SMTP:*;1", SourceTransportServers=("EX04",)),
            site_links=(link("North", "South", 0),),
            servers={
                "ex01": Server("EX01", True, "North"),
                "ex02": Server("EX02", True, "South"),
                "ex04": Server("EX04", True, "North"),
            },
        ),
        {"B"},
    ),
    "since 2013 either may be, fewer links or the lower name": Case(
        organisation(
            send("A", **ON3),
            send("B", **ON2),
            site_links=(link("North", "South", 10), link("South", "Branch", 0)),
        ),
        {"A", "B"},
    ),
    "in 2010 all other sites are equally near": Case(
        organisation(
            send("A", **ON3),
            send("B", **ON2),
            site_links=(link("North", "South", 10), link("South", "Branch", 0)),
            server_versions=frozenset({"2010"}),
        ),
        {"A"},
    ),
    "of a version that is not known either may be": Case(
        organisation(
            send("A", **ON3),
            send("B", **ON2),
            site_links=(link("North", "South", 10), link("South", "Branch", 0)),
            server_versions=frozenset(),
        ),
        {"A", "B"},
    ),
    # The name.
    "the lowest name": Case(organisation(send("B"), send("A")), {"A"}),
    "letter case does not count in names": Case(organisation(send("a"), send("B")), {"a"}),
    "where letter case would decide, either may be": Case(
        organisation(send("_a"), send("B")), {"_a", "B"}
    ),
    "two of one name": Case(organisation(send("A"), send("a")), {"A", "a"}),
    # Special connectors.
    "a foreign connector can carry SMTP": Case(
        organisation(send("B"), send("A", EXACT, cmdlet="ForeignConnector")), {"A"}
    ),
    "a delivery agent for SMTP": Case(
        organisation(send("B"), send("A", EXACT, cmdlet="DeliveryAgentConnector")), {"A"}
    ),
    "an address that is no SMTP": Case(
        organisation(send("A"), send("B", "X400:c=us;a=x;5")), {"B"}, "X400:c=us;a=x"
    ),
    "the star is for SMTP only": Case(organisation(send("A")), {None}, "X400:c=us"),
    "a type of its own has a star as well": Case(
        organisation(send("A"), send("B", "FAX:*;5")), {"B"}, "FAX:123"
    ),
    "neither DNS nor a smart host is taken all the same": Case(
        organisation(send("A", SmartHosts=()), send("B")), {"A"}
    ),
    "an Edge subscription's connector is dear": Case(
        organisation(
            send("EdgeSync - North to Internet", "SMTP:*;100", SourceTransportServers=("EDGE",)),
            send("Outbound"),
            servers=EDGE,
        ),
        {"Outbound"},
    ),
    # Accepted domains.
    "an authoritative domain is delivered inside": Case(
        organisation(send("A"), accepted_domains=(AcceptedDomain("contoso.com", inside=True),)),
        {"inside"},
    ),
    "an internal relay domain is routed": Case(
        organisation(send("A"), accepted_domains=(AcceptedDomain("contoso.com", inside=False),)),
        {"A"},
    ),
    "a relay domain below an authoritative one is routed": Case(
        organisation(
            send("A"),
            accepted_domains=(
                AcceptedDomain("*.contoso.com", inside=True),
                AcceptedDomain("relay.contoso.com", inside=False),
            ),
        ),
        {"A"},
        "relay.contoso.com",
    ),
    # What is not known.
    "perhaps enabled": Case(organisation(send("A", Enabled=UNREAD), send("B")), {"A", "B"}),
    "perhaps enabled and worse": Case(
        organisation(send("A"), send("B", "SMTP:*;9", Enabled=UNREAD)), {"A"}
    ),
    "no limit known, a small message": Case(
        organisation(send("A", MaxMessageSize=UNREAD), send("B", "SMTP:*;9")), {"A"}
    ),
    "no limit known, a larger one": Case(
        organisation(send("A", MaxMessageSize=UNREAD), send("B", "SMTP:*;9")), {"A", "B"}, size=1
    ),
    "no spaces known": Case(organisation(send("A", AddressSpaces=UNREAD), send("B")), {"A", "B"}),
    "perhaps scoped": Case(
        organisation(send("A", IsScopedConnector=UNREAD, **ON2), send("B", "SMTP:*;50")), {"A", "B"}
    ),
    "links not known": Case(
        organisation(send("A", **ON2), send("B", "SMTP:*;5"), site_links=None), {"A", "B"}
    ),
    "no link between the sites is known": Case(
        organisation(send("A", **ON3), send("B", "SMTP:*;5"), site_links=()), {"A", "B"}
    ),
    "a link that not every message may pass": Case(
        organisation(
            send("A", **ON2),
            send("B", "SMTP:*;5"),
            site_links=(link("North", "South", 1, limited=True),),
        ),
        {"A", "B"},
    ),
    "a site that is not known": Case(
        organisation(
            send("A", **ON2),
            send("B", "SMTP:*;5"),
            servers={"ex01": Server("EX01", True, "North"), "ex02": Server("EX02", True)},
        ),
        {"A", "B"},
    ),
    "without sites, the same source servers decide nothing": Case(
        organisation(send("A", "SMTP:*;2"), send("B"), **NO_SITES), {"B"}
    ),
    "without sites, its own server is nearest": Case(
        organisation(send("A", **ON2), send("B"), **NO_SITES), {"B"}
    ),
    "without sites, any other server may use either": Case(
        organisation(send("A", **ON2), send("B"), **NO_SITES), {"A", "B"}, server=""
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_documented_rule_decides(name):
    case = CASES[name]
    assert taken(case.where, case.domain, case.size, case.server) == case.expected


REASONS = {
    "chosen": organisation(send("A")),
    "higher name": organisation(send("A"), send("B")),
    "farther": organisation(
        send("A", "SMTP:*;11"), send("B", **ON2), server_versions=frozenset({"2019"})
    ),
    "dearer": organisation(send("A"), send("B", "SMTP:*;2")),
    "less specific": organisation(send("A", EXACT), send("B")),
    "too small": organisation(send("A"), send("B", MaxMessageSize=MB)),
    "out of scope": organisation(send("A"), send("B", IsScopedConnector=True, **ON2)),
    "no match": organisation(send("A"), send("B", "SMTP:other.test;1")),
    "inbound": organisation(send("A"), send("B", "SMTP:--;1")),
    "disabled": organisation(send("A"), send("B", Enabled=False)),
    "possible": organisation(send("A", Enabled=UNREAD), send("B")),
}


@pytest.mark.parametrize("reason", REASONS)
def test_the_ladder_says_why_each_connector_is_not_taken(reason):
    where = REASONS[reason]
    traffic = traffic_of(where)
    network = traffic.network
    place = next(place for place in network.places if "ex01" in place.servers)
    rungs = ladder(where, network, class_of("contoso.com", network), 2 * MB, place)
    assert [rung.reason for rung in rungs if rung.connector.name in {"A", "B"}][-1] == reason
    assert all(rung.text.endswith(".") for rung in rungs)


def test_servers_that_route_alike_are_one_place():
    servers = {f"ex{n:02}": Server(f"EX{n:02}", True, "North") for n in range(1, 9)}
    places = traffic_of(organisation(send("A"), servers=servers)).network.places
    assert [len(place.servers) for place in places] == [1, 7]


def test_edge_servers_send_nothing_of_their_own():
    network = traffic_of(organisation(send("A"), servers=EDGE)).network
    assert [place.servers for place in network.places] == [("ex01",)]
    unknown = organisation(
        send("EdgeSync - North to Internet", SourceTransportServers=("EDGE",)),
        edge_servers=frozenset({"edge"}),
        **NO_SITES,
    )
    assert [place.servers for place in traffic_of(unknown).network.places] == [()]


def test_an_edge_server_that_stands_alone_sends():
    alone = organisation(
        send("A", SourceTransportServers=("EDGE",)), servers={"edge": EDGE["edge"]}
    )
    assert [place.servers for place in traffic_of(alone).network.places] == [("edge",)]


def test_too_many_stands_are_not_tried_and_nothing_is_decided_otherwise(monkeypatch):
    scoped = [
        send(
            f"C{n}",
            IsScopedConnector=n % 2 == 0,
            SourceTransportServers=(f"S{n}",),
            MaxMessageSize=n * MB,
        )
        for n in range(1, 6)
    ]
    exact = organisation(*scoped, **NO_SITES)
    before = {server: taken(exact, server=server) for server in ("s1", "s2", "")}
    monkeypatch.setattr("auditor.routing.places._MOST", 1)
    for server, found in before.items():
        assert found <= taken(exact, server=server)


def test_a_bare_name_and_a_whole_one_are_one_server():
    where = organisation(
        send("A", SourceTransportServers=("EX01",)),
        send("B", SourceTransportServers=("ex01.contoso.com",)),
        servers={"ex01.contoso.com": Server("EX01.contoso.com", True, "North")},
    )
    assert taken(where, server="ex01.contoso.com") == {"A"}


def test_linked_connectors_take_what_their_receive_connector_takes_in():
    where = organisation(
        send("A"), send("Linked", LinkedReceiveConnector="EX01\\From Internet", AddressSpaces=())
    )
    (stretch,) = [s for s in traffic_of(where).stretches if s.mail.kind == "received"]
    assert stretch.mail.name == "EX01\\From Internet"
    assert step_at((stretch.step,), MB).possible[0].carrier.connector.name == "Linked"
