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


@pytest.mark.parametrize(
    ("raw", "link"),
    [
        ({"ADCost": 100}, SiteLink(NORTH_SOUTH, 100)),
        ({"ADCost": 100, "ExchangeCost": None}, SiteLink(NORTH_SOUTH, 100)),
        ({"ADCost": 100, "ExchangeCost": 7}, SiteLink(NORTH_SOUTH, 7)),
        ({"ADCost": 100, "ExchangeCost": 0}, SiteLink(NORTH_SOUTH, 0)),
        ({"ADCost": "100", "ExchangeCost": ""}, SiteLink(NORTH_SOUTH, 100)),
        ({"Cost": 100.0}, SiteLink(NORTH_SOUTH, 100)),
        ({"ADCost": 100, "MaxMessageSize": "Unlimited"}, SiteLink(NORTH_SOUTH, 100)),
        (
            {"ADCost": 100, "MaxMessageSize": "10 MB (10,485,760 bytes)"},
            SiteLink(NORTH_SOUTH, 100, True),
        ),
        ({"ADCost": 100, "MaxMessageSize": "odd"}, SiteLink(NORTH_SOUTH, 100, True)),
    ],
)
def test_a_link_costs_what_exchange_counts(raw, link):
    assert read(AdSiteLink=({"Sites": ["North", "South"], **raw},)).site_links == (link,)


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
    assert read(AdSiteLink=({"Sites": sites, "ADCost": 1},)).site_links == (
        SiteLink(NORTH_SOUTH, 1),
    )


@pytest.mark.parametrize(
    "raw",
    [
        {"Sites": ["North", "South"]},
        {"Sites": ["North", "South"], "ADCost": -1},
        {"Sites": ["North", "South"], "ADCost": "dear"},
        {"Sites": ["North", "South"], "ADCost": True},
        {"Sites": ["North", CUT], "ADCost": 1},
        {"Sites": "North South", "ADCost": 1},
        {"Sites": "{North, Sou...}", "ADCost": 1},
        {"Sites": "{North...", "ADCost": 1},
        {"Sites": CUT, "ADCost": 1},
        {"Sites": None, "ADCost": 1},
        {"ADCost": 1},
    ],
)
def test_one_link_that_cannot_be_read_leaves_all_unknown(raw):
    good = {"Sites": ["North", "Branch"], "ADCost": 1}
    assert read(AdSiteLink=(good, raw)).site_links is None


def test_links_that_did_not_all_come_are_not_known():
    link = {"Sites": ["North", "South"], "ADCost": 1}
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
    found = read(AcceptedDomain=(raw,)).accepted_domains
    assert found == tuple(AcceptedDomain(name, inside) for name, inside in domains)


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
