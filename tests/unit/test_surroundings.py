"""Sites, site links, accepted domains and Edge servers, in every shape that exports have."""

from __future__ import annotations

import pytest

from auditor.model import AcceptedDomain, CollectionError, Provenance, SiteLink, Snapshot
from auditor.normalise import normalise
from auditor.normalise.sites import site_name

DN = "CN=Branch Office,CN=Sites,CN=Configuration,DC=contoso,DC=com"
CUT = "System.Collections.ArrayList"


def read(*errors, **objects):
    return normalise(Snapshot(None, Provenance("json", "f.json"), objects, tuple(errors)))


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("Branch", "Branch"),
        (" Branch Office ", "Branch Office"),
        ("contoso.com/Configuration/Sites/Branch", "Branch"),
        ("contoso.com/configuration/sites/Branch Office", "Branch Office"),
        (DN, "Branch Office"),
        ({"ToString": "contoso.com/Configuration/Sites/Branch"}, "Branch"),
        ({"Name": "Branch", "DistinguishedName": DN}, "Branch"),
        ({"DistinguishedName": DN}, "Branch Office"),
        ({"value": "Branch", "PSComputerName": "EX01"}, "Branch"),
        (None, None),
        ("", None),
        (" ", None),
        (5, None),
        ({}, None),
        ({"Name": 5}, None),
        (CUT, None),
        ("Bran...", None),
        ("contoso.com/Somewhere/Branch", None),
        ("North, South", None),
        ("North|South", None),
        ("contoso.com/Configuration/Sites/North contoso.com/Configuration/Sites/South", None),
    ],
)
def test_a_site_has_its_name_from_any_form_of_its_identity(raw, name):
    assert site_name(raw) == name


def test_a_server_is_in_the_site_that_it_says():
    found = read(ExchangeServer=({"Name": "EX01", "Site": DN}, {"Name": "EX02"})).servers
    assert {key: server.site for key, server in found.items()} == {
        "ex01": "Branch Office",
        "ex02": None,
    }


NORTH_SOUTH = frozenset({"North", "South"})
LINK = {"Sites": ["North", "South"], "MaxMessageSize": "Unlimited"}


@pytest.mark.parametrize(
    ("raw", "link"),
    [
        ({"ADCost": 100, "ExchangeCost": None}, SiteLink(NORTH_SOUTH, 100)),
        ({"ADCost": 100, "ExchangeCost": 7}, SiteLink(NORTH_SOUTH, 7)),
        ({"ADCost": 100, "ExchangeCost": 0}, SiteLink(NORTH_SOUTH, 0)),
        ({"ADCost": "100", "ExchangeCost": ""}, SiteLink(NORTH_SOUTH, 100)),
        ({"Cost": 100.0}, SiteLink(NORTH_SOUTH, 100)),
        ({"Cost": 100, "MaxMessageSize": "Unlimited"}, SiteLink(NORTH_SOUTH, 100)),
        (
            {"Cost": 100, "MaxMessageSize": "10 MB (10,485,760 bytes)"},
            SiteLink(NORTH_SOUTH, 100, True),
        ),
        ({"Cost": 100, "MaxMessageSize": "odd"}, SiteLink(NORTH_SOUTH, 100, True)),
        ({"Cost": 100, "MaxMessageSize": None}, SiteLink(NORTH_SOUTH, 100, True)),
    ],
)
def test_a_link_costs_what_exchange_counts(raw, link):
    assert read(AdSiteLink=({**LINK, **raw},)).site_links == (link,)


@pytest.mark.parametrize(
    "sites",
    [
        ["contoso.com/Configuration/Sites/North", "contoso.com/Configuration/Sites/South"],
        [{"Name": "North"}, {"Name": "South"}],
        {"value": ["North", "South"], "Count": 2},
        "{North, South}",
        "North|South",
    ],
)
def test_the_sites_of_a_link_come_in_many_shapes(sites):
    assert read(AdSiteLink=({**LINK, "Sites": sites, "Cost": 1},)).site_links == (
        SiteLink(NORTH_SOUTH, 1),
    )


@pytest.mark.parametrize(
    "raw",
    [
        {"Sites": ["North", "South"]},
        {"Sites": ["North", "South"], "ADCost": 100},
        {"Sites": ["North", "South"], "Cost": -1},
        {"Sites": ["North", "South"], "Cost": "dear"},
        {"Sites": ["North", "South"], "Cost": True},
        {"Sites": ["North", CUT], "Cost": 1},
        {"Sites": "North South", "Cost": 1},
        {"Sites": "{North, Sou...}", "Cost": 1},
        {"Sites": "{North...", "Cost": 1},
        {"Sites": CUT, "Cost": 1},
        {"Sites": None, "Cost": 1},
        {"Cost": 1},
    ],
)
def test_one_link_that_cannot_be_read_leaves_all_unknown(raw):
    good = {**LINK, "Sites": ["North", "Branch"], "Cost": 1}
    assert read(AdSiteLink=(good,)).site_links is not None
    assert read(AdSiteLink=(good, raw)).site_links is None


def test_links_that_did_not_all_come_are_not_known():
    link = {**LINK, "Cost": 1}
    assert read(AdSiteLink=(link,)).site_links is not None
    assert read(CollectionError("Get-AdSiteLink", "x"), AdSiteLink=(link,)).site_links is None
    assert read().site_links is None
    assert read(AdSiteLink=()).site_links == ()


@pytest.mark.parametrize(
    ("raw", "domains"),
    [
        ({"DomainName": "Contoso.com", "DomainType": "Authoritative"}, [("contoso.com", True)]),
        ({"DomainName": "*.contoso.com", "DomainType": 0}, [("*.contoso.com", True)]),
        ({"DomainName": "contoso.com", "DomainType": "InternalRelay"}, [("contoso.com", False)]),
        ({"DomainName": "contoso.com", "DomainType": "externalrelay"}, [("contoso.com", False)]),
        ({"DomainName": "contoso.com", "DomainType": 2}, [("contoso.com", False)]),
        ({"DomainName": "contoso.com", "DomainType": 3}, [("contoso.com", None)]),
        ({"DomainName": "contoso.com", "DomainType": "Odd"}, [("contoso.com", None)]),
        ({"DomainName": "contoso.com"}, [("contoso.com", None)]),
        (
            {"DomainName": "a.b", "DomainType": "Authoritative", "MatchSubDomains": True},
            [("a.b", True), ("*.a.b", True)],
        ),
        (
            {"DomainName": {"Address": "a.b", "Domain": "a.b"}, "DomainType": "Authoritative"},
            [("a.b", True)],
        ),
        ({"DomainName": "bücher.example", "DomainType": 0}, [("xn--bcher-kva.example", True)]),
        ({"DomainName": "*", "DomainType": "Authoritative"}, []),
        ({"DomainName": "a b", "DomainType": "Authoritative"}, []),
        ({"DomainName": None, "DomainType": "Authoritative"}, []),
        ({"DomainName": {"odd": 1}, "DomainType": "Authoritative"}, []),
    ],
)
def test_an_accepted_domain_stays_inside_only_where_it_says_so(raw, domains):
    found = read(AcceptedDomain=({"MatchSubDomains": False, **raw},)).accepted_domains
    assert found == tuple(AcceptedDomain(name, inside) for name, inside in domains)


def domain(name, kind="Authoritative", **more):
    return {"DomainName": name, "DomainType": kind, **more}


def test_what_is_below_an_accepted_domain_is_known_only_where_it_says_so():
    def found(*raw):
        return dict(read(AcceptedDomain=raw).accepted_domains)

    assert found(domain("a.b")) == {"a.b": True, "*.a.b": None}
    assert found(domain("a.b", MatchSubDomains="odd")) == {"a.b": True, "*.a.b": None}
    # Whatever is below a relay domain is sent on, if nothing above takes it in.
    assert found(domain("a.b", "InternalRelay")) == {"a.b": False}
    both = found(domain("b", MatchSubDomains=True), domain("a.b", "InternalRelay"))
    assert both == {"b": True, "*.b": True, "a.b": False, "*.a.b": None}


def test_accepted_domains_that_contradict_each_other_say_nothing():
    one, two = domain("a.b", MatchSubDomains=False), domain("A.b", "InternalRelay")
    for order in ((one, two), (two, one)):
        assert dict(read(AcceptedDomain=order).accepted_domains)["a.b"] is None


def test_accepted_domains_are_whole_where_each_has_a_name_and_all_came():
    assert read(AcceptedDomain=(domain("a.b"),)).accepted_whole
    assert read().accepted_whole
    assert not read(AcceptedDomain=(domain("a.b"), domain(None))).accepted_whole
    assert not read(CollectionError("Get-AcceptedDomain", "x")).accepted_whole


def test_a_server_that_is_there_twice_in_two_sites_is_in_neither():
    twice = ({"Name": "EX01", "Site": "A"}, {"Name": "EX01", "Site": "B"})
    assert read(ExchangeServer=twice).servers["ex01"].site is None


@pytest.mark.parametrize(
    ("role", "carries", "edge"),
    [
        (2, True, False),
        (4, False, False),
        (32, True, False),
        (54, True, False),
        (64, True, True),
        ("64", True, True),
    ],
)
def test_roles_may_be_numbers(role, carries, edge):
    raw = {"Name": "EX01", "ServerRole": role, "AdminDisplayVersion": "Version 15.2"}
    server = read(ExchangeServer=(raw,)).servers["ex01"]
    assert (server.carries_transport, server.is_edge) == (carries, edge)


@pytest.mark.parametrize(
    ("objects", "edges"),
    [
        ({"ExchangeServer": ({"Name": "EDGE", "IsEdgeServer": True},)}, {"edge"}),
        ({"ExchangeServer": ({"Name": "EDGE", "IsEdgeServer": "True"},)}, {"edge"}),
        ({"ExchangeServer": ({"Name": "EDGE", "ServerRole": "Edge"},)}, {"edge"}),
        ({"ExchangeServer": ({"Name": "EX01", "ServerRole": "Mailbox"},)}, set()),
        ({"ExchangeServer": ({"Name": "X", "IsEdgeServer": False, "ServerRole": "Edge"},)}, set()),
        ({"EdgeSubscription": ({"Name": "EDGE", "Site": "HQ"},)}, {"edge"}),
    ],
)
def test_edge_servers_are_known_by_role_and_by_subscription(objects, edges):
    assert read(**objects).edge_servers == edges
