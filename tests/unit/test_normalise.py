"""What a snapshot tells: its connectors, each once; its servers; the versions; the organisation."""

from __future__ import annotations

import pytest

from auditor.kinds.base import CUT_REASON, TWICE_REASON
from auditor.model import (
    ABSENT,
    CONTRADICTION,
    CollectionError,
    Connectors,
    Provenance,
    Server,
    Snapshot,
    Unreadable,
)
from auditor.normalise import LazyProperties, normalise, organization_of, proven_versions
from auditor.properties import PROPERTIES

DN = "CN=To gateway,CN=Connections,CN={},CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=c"


def snapshot(*errors: CollectionError, organization: str | None = None, **objects):
    """A snapshot of these objects."""
    known = {noun: tuple(found) for noun, found in objects.items()}
    return Snapshot(organization, Provenance("json", "x.json"), known, errors)


def send(*connectors):
    """The send connectors that come out."""
    return normalise(snapshot(SendConnector=connectors)).send


def servers(*found):
    """What comes out of these servers."""
    return normalise(snapshot(ExchangeServer=found))


# Properties: each is read once, and only what is asked for.


@pytest.mark.parametrize("name", [n for n in PROPERTIES if not n.startswith("SmartHosts")])
def test_only_the_smart_hosts_are_read_beside(name):
    assert LazyProperties({"SmartHostsString": "a.example"})[name] is ABSENT


def test_a_property_is_read_once():
    raw = {"Port": "25"}
    properties = LazyProperties(raw)
    assert properties["Port"] == 25
    raw["Port"] = "26"
    assert properties["Port"] == 25


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ({}, ABSENT),
        ({"SmartHosts": ["a.example"], "SmartHostsString": "b.example"}, ("a.example",)),
        ({"SmartHosts": [], "SmartHostsString": "b.example"}, ()),
        ({"SmartHosts": None, "SmartHostsString": "b.example"}, ()),
        ({"SmartHostsString": "b.example"}, ("b.example",)),
        ({"SmartHostsString": ""}, ()),
        ({"SmartHostsString": "b.example..."}, ABSENT),
        ({"SmartHosts": "{a.example...}"}, Unreadable(CUT_REASON)),
        ({"SmartHosts": "{a.example...}", "SmartHostsString": "b.example"}, ("b.example",)),
        ({"SmartHosts": "{a.example...}", "SmartHostsString": ""}, Unreadable(CUT_REASON)),
        ({"SmartHosts": "{a.example...}", "SmartHostsString": "b..."}, Unreadable(CUT_REASON)),
        (
            {"SmartHosts": {CONTRADICTION: []}, "SmartHostsString": "b.example"},
            Unreadable(TWICE_REASON),
        ),
    ],
)
def test_the_text_beside_the_smart_hosts_fills_only_gaps(raw, value):
    assert LazyProperties(raw)["SmartHosts"] == value


# Connectors: in the order of the export, each once.


def test_the_same_output_twice_is_one_connector():
    one, other = {"Guid": "1", "Name": "a"}, {"Guid": "2", "Name": "b"}
    found = send(one, dict(one), other)
    assert [(c.name, c.position) for c in found] == [("a", 1), ("b", 3)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"Guid": "1", "Port": 25}, {"Guid": "1", "Port": 26}),
        ({"Guid": "1", "Enabled": False}, {"Guid": "1", "Enabled": 0}),
        ({"Guid": "1", "Port": 25}, {"Guid": "2", "Port": 25}),
        ({"Port": 25}, {"Port": 25}),
        ({"Guid": None}, {"Guid": None}),
    ],
)
def test_connectors_that_differ_or_have_no_guid_are_two(one, other):
    assert len(send(one, other)) == 2


def test_other_connectors_stand_apart_with_their_cmdlet():
    found = normalise(
        snapshot(
            SendConnector=[{"Name": "s"}],
            DeliveryAgentConnector=[{"Name": "d"}],
            ForeignConnector=[{"Name": "f"}],
        )
    )
    assert [(c.name, c.cmdlet) for c in found.send] == [("s", "SendConnector")]
    assert [(c.name, c.cmdlet) for c in found.other] == [
        ("f", "ForeignConnector"),
        ("d", "DeliveryAgentConnector"),
    ]


def test_what_came_in_part_is_named_once_and_what_was_refused_not_at_all():
    errors = [
        CollectionError("Get-ForeignConnector", "x"),
        CollectionError("Get-ForeignConnector", "y"),
        CollectionError("Get-DeliveryAgentConnector", "x", refused=True),
        CollectionError("Get-OrganizationConfig", "x"),
        CollectionError("Get-AddressList", "x"),
    ]
    assert normalise(snapshot(*errors)).incomplete == ("Get-ForeignConnector",)


# Servers.


@pytest.mark.parametrize(
    ("version", "name"),
    [
        ("Version 14.3 (Build 123.4)", "2010"),
        ("Version 15.0 (Build 1497.2)", "2013"),
        ("Version 15.1 (Build 2507.6)", "2016"),
        ("Version 15.2 (Build 1118.7)", "2019"),
        ("15.2.1118.7", "2019"),
    ],
)
def test_the_version_of_a_server_is_known_by_its_number(version, name):
    assert servers({"AdminDisplayVersion": version}).server_versions == {name}


@pytest.mark.parametrize("version", [None, "", "Version 15.3", "Version 15.20", "16.0", 15.2])
def test_one_unknown_version_leaves_nothing_proved(version):
    known = {"AdminDisplayVersion": "Version 15.2 (Build 1118.7)"}
    assert servers(known, {"AdminDisplayVersion": version}).server_versions == frozenset()


def test_all_versions_of_servers_are_told():
    found = servers({"AdminDisplayVersion": "15.1"}, {"AdminDisplayVersion": "15.2"})
    assert found.server_versions == {"2016", "2019"}


@pytest.mark.parametrize(
    ("server", "name"),
    [
        ({"Fqdn": "EX01.contoso.com", "Name": "EX02"}, "ex01.contoso.com"),
        ({"Fqdn": None, "Name": "EX02", "Identity": "EX03"}, "ex02"),
        ({"Identity": "contoso.com/Servers/EX03"}, "ex03"),
    ],
)
def test_a_server_goes_by_its_whole_name_in_lower_case(server, name):
    assert list(servers(server).servers) == [name]


def test_one_server_without_a_name_leaves_the_others_unknown():
    assert servers({"Name": "EX01"}, {"Name": "a b"}).servers is None


@pytest.mark.parametrize(("objects", "known"), [({}, None), ({"ExchangeServer": ()}, {})])
def test_servers_that_were_not_asked_for_are_not_servers_that_are_not_there(objects, known):
    found = normalise(snapshot(**objects))
    assert (found.servers, found.server_versions) == (known, frozenset())


def test_servers_that_came_in_part_are_not_known():
    there = [{"Name": "EX01", "AdminDisplayVersion": "15.2"}]
    found = normalise(snapshot(CollectionError("Get-ExchangeServer", "x"), ExchangeServer=there))
    assert (found.servers, found.server_versions) == (None, frozenset())
    for cmdlet in ("Get-SendConnector", "Get-DeliveryAgentConnector"):
        found = normalise(snapshot(CollectionError(cmdlet, "x"), ExchangeServer=there))
        assert (found.servers, found.server_versions) == (
            {"ex01": Server("EX01", carries_transport=True, title="EX01")},
            {"2019"},
        )


@pytest.mark.parametrize(
    ("server", "carries"),
    [
        ({}, True),
        ({"IsHubTransportServer": True, "IsEdgeServer": False}, True),
        ({"IsHubTransportServer": False, "IsEdgeServer": True}, True),
        ({"IsHubTransportServer": False, "IsEdgeServer": False}, False),
        ({"IsHubTransportServer": True, "IsEdgeServer": False, "ServerRole": "ClientAccess"}, True),
        ({"IsHubTransportServer": False, "ServerRole": "Mailbox"}, True),
        ({"IsHubTransportServer": None, "IsEdgeServer": None, "ServerRole": "Mailbox"}, True),
        ({"ServerRole": "ClientAccess"}, False),
        ({"ServerRole": "ClientAccess, UnifiedMessaging"}, False),
        ({"ServerRole": "Mailbox, ClientAccess"}, True),
        ({"ServerRole": "HubTransport"}, True),
        ({"ServerRole": "Mailbox", "AdminDisplayVersion": "Version 15.2 (Build 1)"}, True),
        ({"ServerRole": "Mailbox", "AdminDisplayVersion": "Version 14.3 (Build 1)"}, False),
        ({"ServerRole": "Mailbox", "AdminDisplayVersion": "14.3.123.4"}, False),
        ({"ServerRole": "Mailbox,HubTransport", "AdminDisplayVersion": "Version 14.3"}, True),
        ({"ServerRole": " ", "AdminDisplayVersion": "Version 14.3"}, True),
    ],
)
def test_a_server_carries_transport_unless_the_data_says_that_it_does_not(server, carries):
    found = servers({"Name": "EX01", **server}).servers
    assert found["ex01"].carries_transport is carries


# Versions.


@pytest.mark.parametrize(
    ("connectors", "versions"),
    [
        ([], set()),
        ([{"Port": 25}], set()),
        ([{"FrontendProxyEnabled": False}], {"2013", "2016", "2019"}),
        ([{"FrontendProxyEnabled": None}], set()),
        ([{"FrontendProxyEnabled": "x"}], set()),
        ([{"ConnectorType": "Default"}], {"2016", "2019"}),
        ([{"IsCoexistenceConnector": False}], {"2010"}),
        ([{"ConnectorType": "Default", "FrontendProxyEnabled": True}], {"2016", "2019"}),
        ([{"ConnectorType": "Default"}, {"FrontendProxyEnabled": True}], {"2016", "2019"}),
        ([{"IsCoexistenceConnector": True, "ConnectorType": "Default"}], set()),
    ],
)
def test_a_property_with_a_value_proves_the_versions_that_have_it(connectors, versions):
    assert proven_versions(normalise(snapshot(SendConnector=connectors))) == versions


def test_servers_prove_more_than_properties():
    connectors = normalise(snapshot(SendConnector=[{"IsCoexistenceConnector": True}]))
    known = Connectors(connectors.send, server_versions=frozenset({"2019"}))
    assert proven_versions(known) == {"2019"}


# The organisation.


@pytest.mark.parametrize(
    ("objects", "name"),
    [
        ({}, None),
        ({"SendConnector": [{"DistinguishedName": DN.format("Contoso")}]}, "Contoso"),
        ({"SendConnector": [{"DistinguishedName": DN.format("Zeta")}]}, "Zeta"),
        ({"SendConnector": [{"DistinguishedName": DN.format("First Organization")}]}, None),
        ({"SendConnector": [{"DistinguishedName": DN.format(" ")}]}, None),
        ({"SendConnector": [{"DistinguishedName": "CN=x,DC=c"}]}, None),
        ({"SendConnector": [{}, {"DistinguishedName": DN.format(" Contoso ")}]}, "Contoso"),
        ({"SendConnector": [{"DistinguishedName": {"ToString": DN.format("Contoso")}}]}, "Contoso"),
        (
            {
                "SendConnector": [{"DistinguishedName": DN.format("Contoso")}],
                "OrganizationConfig": [{"DistinguishedName": DN.format("Fabrikam")}],
            },
            "Fabrikam",
        ),
        ({"ForeignConnector": [{"DistinguishedName": DN.format("Contoso")}]}, None),
    ],
)
def test_the_organisation_is_in_the_distinguished_names(objects, name):
    assert organization_of(snapshot(**objects)) == name


def test_the_organisation_that_the_snapshot_names_stands():
    objects = {"SendConnector": [{"DistinguishedName": DN.format("Contoso")}]}
    assert organization_of(snapshot(organization="Fabrikam", **objects)) == "Fabrikam"


# Settings of the organisation.


@pytest.mark.parametrize(
    ("found", "value"),
    [
        ([], ABSENT),
        ([{}], ABSENT),
        ([{"MaxSendSize": None}], None),
        ([{"MaxSendSize": "35 MB"}], 35 << 20),
        ([{"MaxSendSize": "35 MB"}, {"MaxSendSize": 35 << 20}], 35 << 20),
        ([{"MaxReceiveSize": "35 MB"}], ABSENT),
    ],
)
def test_a_setting_is_read_from_its_object(found, value):
    settings = normalise(snapshot(TransportConfig=found)).settings
    assert settings["TransportConfig.MaxSendSize"] == value


@pytest.mark.parametrize("other", ["36 MB", "34 MB", None])
def test_objects_that_disagree_give_no_setting(other):
    found = [{"MaxSendSize": "35 MB"}, {"MaxSendSize": other}]
    value = normalise(snapshot(TransportConfig=found)).settings["TransportConfig.MaxSendSize"]
    assert value == Unreadable("the export gives it more than once, and not alike")
