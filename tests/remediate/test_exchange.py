"""The model of Exchange takes what Exchange takes, and refuses what it refuses."""

from __future__ import annotations

import pytest
from exchange import CREDENTIAL, DEFAULTS, PARAMETERS, Exchange, RefusedError, refuse_state

from auditor.properties import SETTABLE

HOSTS = ["a.gateway.example", "b.gateway.example"]
SET = "Set-SendConnector"
SMART = {"DNSRoutingEnabled": False, "SmartHosts": HOSTS}
DNS = {"DNSRoutingEnabled": True}
BASIC = {**SMART, "SmartHostAuthMechanism": "BasicAuth", "AuthenticationCredential": CREDENTIAL}
TLS = {"RequireTLS": True, "TlsAuthLevel": "CertificateValidation"}
DOMAIN = {"RequireTLS": True, "TlsAuthLevel": "DomainValidation", "TlsDomain": "gateway.example"}


def connector(name="Internet", guid="1", **changes):
    return {
        **DEFAULTS,
        "AddressSpaces": ["SMTP:*;1"],
        "SourceTransportServers": ["EX01"],
        "AuthenticationCredential": None,
        "Name": name,
        "Guid": guid,
        **changes,
    }


def other(name, guid):
    return {"Name": name, "Guid": guid, "Enabled": True, "AddressSpaces": ["SMTP:*;1"]}


def exchange(*connectors, version="2019"):
    return Exchange(
        {
            "SendConnector": list(connectors),
            "ForeignConnector": [other("Fax", "8")],
            "DeliveryAgentConnector": [other("Text", "9")],
        },
        version,
    )


# what it is before, what a command says, what it is after
TAKEN = [
    (DNS, SMART, SMART),
    (DNS, {**SMART, "SmartHosts": ["[192.0.2.1]"]}, {"SmartHosts": ["[192.0.2.1]"]}),
    (SMART, {"SmartHosts": ["c.gateway.example"]}, {"SmartHosts": ["c.gateway.example"]}),
    (SMART, {**SMART, "SmartHosts": HOSTS[:1]}, {"SmartHosts": HOSTS[:1]}),
    (SMART, DNS, {"DNSRoutingEnabled": True, "SmartHosts": []}),
    (SMART, {**DNS, "SmartHosts": []}, {"SmartHosts": []}),
    (SMART, {**DNS, "SmartHosts": None}, {"SmartHosts": []}),
    (BASIC, DNS, {"SmartHostAuthMechanism": "None", "AuthenticationCredential": None}),
    (BASIC, {"SmartHosts": HOSTS[:1]}, {"AuthenticationCredential": CREDENTIAL}),
    (BASIC, {"SmartHostAuthMechanism": "None"}, {"SmartHostAuthMechanism": "None"}),
    (SMART, {"SmartHostAuthMechanism": "ExternalAuthoritative"}, {}),
    (DNS, {"RequireTLS": True}, {"RequireTLS": True}),
    (DNS, TLS, TLS),
    (SMART, DOMAIN, DOMAIN),
    (DNS, {"RequireTLS": True, "TlsAuthLevel": "DomainValidation"}, {"TlsDomain": None}),
    (DNS | TLS, {"RequireTLS": False, "TlsAuthLevel": None}, {"TlsAuthLevel": None}),
    (SMART | DOMAIN, {"TlsAuthLevel": "EncryptionOnly", "TlsDomain": None}, {"TlsDomain": None}),
    ({"IgnoreSTARTTLS": True}, {"IgnoreSTARTTLS": False, "RequireTLS": True}, {}),
    (DNS, {"IgnoreSTARTTLS": True}, {"IgnoreSTARTTLS": True}),
    (DNS, {"DomainSecureEnabled": True}, {"DomainSecureEnabled": True}),
    (
        {"DomainSecureEnabled": True},
        {"IgnoreSTARTTLS": True, "DomainSecureEnabled": False},
        {"IgnoreSTARTTLS": True},
    ),
    (DNS, {"Enabled": False}, {"Enabled": False}),
    (DNS, {"Port": 587}, {"Port": 587}),
    (DNS, {"MaxMessageSize": 26_214_400}, {"MaxMessageSize": 26_214_400}),
    (DNS, {"MaxMessageSize": "Unlimited"}, {"MaxMessageSize": "Unlimited"}),
    (DNS, {"ConnectionInactivityTimeOut": "1.00:00:00"}, {}),
    (DNS, {"AddressSpaces": ["SMTP:*;100", "b.example"]}, {}),
    (SMART, {"AddressSpaces": ["X400:c=US;a= ;p=Contoso;1"]}, {}),
    (DNS, {"Comment": None, "Fqdn": None}, {"Comment": None}),
    (DNS, {"Name": "Out"}, {"Name": "Out"}),
    (DNS, {"Name": "INTERNET"}, {"Name": "INTERNET"}),
    (DNS, {"SourceTransportServers": ["EX02"]}, {"SourceTransportServers": ["EX02"]}),
    (DNS, {"ErrorPolicies": "DowngradeDnsFailures"}, {}),
    (DNS, {"TlsCertificateName": None, "ConnectorType": "Default"}, {}),
]


@pytest.mark.parametrize(("before", "given", "after"), TAKEN)
def test_it_takes_what_exchange_takes(before, given, after):
    model = exchange(connector(**before))
    model.run(SET, "Internet", given)
    found = model.objects["SendConnector"][0]
    assert {name: found[name] for name in after} == after
    untouched = found.keys() - given.keys() - after.keys() - {"SmartHosts"}
    assert {n: found[n] for n in untouched} == {n: connector(**before)[n] for n in untouched}


# what it is before, what a command says, what Exchange says
REFUSED = [
    (DNS, {"DNSRoutingEnabled": False}, "needs SmartHosts in the same command"),
    (SMART, {"DNSRoutingEnabled": False}, "needs SmartHosts in the same command"),
    (SMART, {"DNSRoutingEnabled": False, "SmartHosts": []}, "needs SmartHosts"),
    (SMART, {"SmartHosts": []}, "there is no smart host"),
    (SMART, {"SmartHosts": None}, "there is no smart host"),
    (DNS, {"SmartHosts": HOSTS}, "smart hosts cannot be used with DNS routing"),
    (SMART, {**SMART, "DNSRoutingEnabled": True}, "smart hosts cannot be used with DNS"),
    (DNS, {"SmartHostAuthMechanism": "ExchangeServer"}, "cannot be used with DNS routing"),
    (SMART, {"SmartHostAuthMechanism": "BasicAuth"}, "needs AuthenticationCredential"),
    (BASIC, {"SmartHostAuthMechanism": "BasicAuthRequireTLS"}, "needs AuthenticationCredential"),
    (BASIC, {"SmartHostAuthMechanism": "BasicAuth"}, "needs AuthenticationCredential"),
    ({"IgnoreSTARTTLS": True}, {"RequireTLS": True}, "while IgnoreSTARTTLS is"),
    ({"RequireTLS": True}, {"IgnoreSTARTTLS": True}, "while IgnoreSTARTTLS is"),
    (DNS, {"TlsAuthLevel": "EncryptionOnly"}, "TlsAuthLevel needs RequireTLS"),
    (TLS, {"RequireTLS": False}, "TlsAuthLevel needs RequireTLS"),
    (TLS, {"IgnoreSTARTTLS": True, "RequireTLS": False}, "TlsAuthLevel"),
    (TLS, {"TlsDomain": "gateway.example"}, "TlsDomain can be set only with DomainValidation"),
    (DOMAIN, {"TlsAuthLevel": "CertificateValidation"}, "only with DomainValidation"),
    (DOMAIN, {"TlsAuthLevel": None}, "TlsDomain can be set only with DomainValidation"),
    (DNS, {**DOMAIN, "TlsDomain": "*"}, "TlsDomain cannot be"),
    (SMART | TLS, {"TlsAuthLevel": "DomainValidation"}, "needs a TlsDomain"),
    (SMART | DOMAIN, {"TlsDomain": None}, "needs a TlsDomain"),
    (DNS | DOMAIN | {"TlsDomain": None}, SMART, "needs a TlsDomain"),
    (SMART, {"DomainSecureEnabled": True}, "DomainSecureEnabled needs DNS routing"),
    ({"DomainSecureEnabled": True}, SMART, "DomainSecureEnabled needs DNS routing"),
    ({"DomainSecureEnabled": True}, {"IgnoreSTARTTLS": True}, "DomainSecureEnabled"),
    ({"IgnoreSTARTTLS": True}, {"DomainSecureEnabled": True}, "DomainSecureEnabled"),
    (DNS, {"AddressSpaces": []}, "a connector needs an address space"),
    (DNS, {"AddressSpaces": ["SMTP:*;0"]}, "AddressSpaces cannot be"),
    (DNS, {"AddressSpaces": ["SMTP:*;101"]}, "AddressSpaces cannot be"),
    (DNS, {"AddressSpaces": ["SMTP:*contoso.com;1"]}, "AddressSpaces cannot be"),
    (DNS, {"AddressSpaces": ["SMTP:*;1", "smtp:*"]}, "AddressSpaces holds an item twice"),
    (DNS, {"AddressSpaces": ["X400:c=US;a= ;p=Contoso;1"]}, "that is not SMTP needs smart hosts"),
    (DNS, {"AddressSpaces": "SMTP:*;1"}, "AddressSpaces takes a list"),
    (DNS, {"Enabled": None}, "Enabled cannot be null"),
    (DNS, {"Port": None}, "Port cannot be null"),
    (DNS, {"Port": 0}, "Port cannot be 0"),
    (DNS, {"Port": 65_536}, "Port cannot be 65536"),
    (DNS, {"Port": "25"}, "Port takes a number"),
    (DNS, {"Port": True}, "Port takes a number"),
    (DNS, {"Port": [25]}, "Port takes one value"),
    (DNS, {"Enabled": "false"}, "Enabled takes a boolean"),
    (DNS, {"MaxMessageSize": "much"}, "MaxMessageSize cannot be"),
    (DNS, {"MaxMessageSize": 1 << 31}, "MaxMessageSize cannot be"),
    (DNS, {"ConnectionInactivityTimeOut": "00:00:00"}, "beyond its bounds"),
    (DNS, {"ConnectionInactivityTimeOut": "1.00:00:01"}, "beyond its bounds"),
    (DNS, {"ProtocolLoggingLevel": "Loud"}, "ProtocolLoggingLevel cannot be"),
    (DNS, {"TlsAuthLevel": "None", "RequireTLS": True}, "TlsAuthLevel cannot be"),
    (DNS, {"Fqdn": ""}, "Fqdn cannot be"),
    (DNS, {"Guid": "2"}, "has no parameter Guid"),
    (DNS, {"SmartHostsString": "a"}, "has no parameter SmartHostsString"),
    (DNS, {"Naem": "a"}, "has no parameter Naem"),
    (DNS, {"IsCoexistenceConnector": False}, "no parameter IsCoexistenceConnector on Exchange"),
    (DNS, {"Name": "other"}, "there is another connector named"),
    (DNS, {"Name": "FAX"}, "there is another connector named"),
]


@pytest.mark.parametrize(("before", "given", "said"), REFUSED)
def test_it_refuses_what_exchange_refuses_and_changes_nothing(before, given, said):
    model = exchange(connector(**before), connector("Other", "2"))
    refuse_state(model.objects["SendConnector"][0])
    kept = model.copy()
    with pytest.raises(RefusedError, match=said):
        model.run(SET, "Internet", given)
    assert model == kept


@pytest.mark.parametrize("mechanism", ["BasicAuth", "BasicAuthRequireTLS"])
def test_basic_authentication_is_taken_with_a_credential(mechanism):
    model = exchange(connector(**SMART))
    model.run(SET, "1", {"SmartHostAuthMechanism": mechanism}, credential=True)
    assert model.objects["SendConnector"][0]["AuthenticationCredential"] == CREDENTIAL


@pytest.mark.parametrize(
    ("name", "value", "versions"),
    [
        ("FrontendProxyEnabled", True, {"2013", "2016", "2019"}),
        ("CloudServicesMailEnabled", True, {"2013", "2016", "2019"}),
        ("TlsCertificateName", "<I>CN=a<S>CN=b", {"2013", "2016", "2019"}),
        ("ConnectorType", "Default", {"2016", "2019"}),
        ("IsCoexistenceConnector", True, {"2010"}),
        ("LinkedReceiveConnector", None, {"2010"}),
        ("RequireTLS", True, {"2010", "2013", "2016", "2019"}),
    ],
)
def test_a_parameter_is_known_to_its_versions_only(name, value, versions):
    for version in ("2010", "2013", "2016", "2019"):
        model = exchange(connector(), version=version)
        if version in versions:
            model.run(SET, "1", {name: value})
        else:
            with pytest.raises(RefusedError, match=f"{name} on Exchange {version}"):
                model.run(SET, "1", {name: value})


@pytest.mark.parametrize(
    ("identity", "said"), [("1", None), ("internet", None), ("twice", "ambiguous"), ("x", "exist")]
)
def test_a_connector_is_found_by_guid_or_name(identity, said):
    model = exchange(connector(), connector("Twice", "2"), connector("twice", "3"))
    if said is None:
        model.run(SET, identity, {"Port": 26})
        assert [c["Port"] for c in model.objects["SendConnector"]] == [26, 25, 25]
    else:
        with pytest.raises(RefusedError, match=said):
            model.run(SET, identity, {"Port": 26})


@pytest.mark.parametrize("noun", ["ForeignConnector", "DeliveryAgentConnector"])
def test_other_connectors_have_their_own_parameters(noun):
    model = exchange()
    name = {"ForeignConnector": "Fax", "DeliveryAgentConnector": "Text"}[noun]
    model.run(f"Set-{noun}", name, {"Enabled": False})
    assert model.objects[noun][0]["Enabled"] is False
    for wrong in ({"SmartHosts": HOSTS}, {"RequireTLS": True}, {"Port": 25}):
        with pytest.raises(RefusedError, match="has no parameter"):
            model.run(f"Set-{noun}", name, wrong)
    with pytest.raises(RefusedError, match="does not exist"):
        model.run(SET, name, {"Enabled": False})
    with pytest.raises(RefusedError, match="no parameter AuthenticationCredential"):
        model.run(f"Set-{noun}", name, {"Enabled": False}, credential=True)


@pytest.mark.parametrize("cmdlet", ["Remove-SendConnector", "New-ForeignConnector", "Invoke-X"])
def test_there_are_no_other_cmdlets(cmdlet):
    with pytest.raises(RefusedError, match="there is no cmdlet"):
        exchange(connector()).run(cmdlet, "1", {})


NEW = {"Name": "Out", "AddressSpaces": ["SMTP:*;1"]}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (NEW, None),
        ({**NEW, **SMART}, None),
        ({**NEW, **SMART, "Enabled": False}, None),
        ({"AddressSpaces": ["SMTP:*;1"]}, "needs Name"),
        ({"Name": "Out"}, "needs AddressSpaces"),
        ({**NEW, "AddressSpaces": []}, "needs AddressSpaces"),
        ({**NEW, "SmartHosts": HOSTS}, "smart hosts cannot be used with DNS routing"),
        ({**NEW, "DNSRoutingEnabled": False}, "needs SmartHosts"),
        ({**NEW, "Name": "INTERNET"}, "another connector"),
        ({**NEW, "Name": "Text"}, "another connector"),
        ({**NEW, "TlsAuthLevel": "EncryptionOnly"}, "needs RequireTLS"),
    ],
)
def test_a_new_connector_obeys_the_same_rules(given, said):
    model = exchange(connector())
    if said is None:
        model.run("New-SendConnector", None, given)
        made = model.objects["SendConnector"][1]
        assert made == {**made, **given}
        assert made["Guid"] != connector()["Guid"]
        assert made["SourceTransportServers"] == ["EX01"]
        refuse_state(made)
    else:
        with pytest.raises(RefusedError, match=said):
            model.run("New-SendConnector", None, given)
        assert len(model.objects["SendConnector"]) == 1


def test_a_new_connector_has_only_what_its_version_knows():
    model = exchange(version="2010")
    model.run("New-SendConnector", None, NEW)
    made = model.objects["SendConnector"][0]
    assert "FrontendProxyEnabled" not in made
    assert "IsCoexistenceConnector" in made


def test_the_program_knows_the_same_parameters():
    assert PARAMETERS[SET] == SETTABLE
