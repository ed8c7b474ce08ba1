"""Organisations for which a plan once went wrong, as small as they were found; all laws hold now."""

from __future__ import annotations

import pytest
from exchange import CREDENTIAL, DEFAULTS, Exchange, refuse_state
from following import follow
from laws import LAWS
from organisations import SERVER_VERSIONS, Case, policy_of

from auditor.properties import PROPERTIES

HOSTS = ["us-smtp-outbound-1.mimecast.com", "us-smtp-outbound-2.mimecast.com"]
GOOD = {"DNSRoutingEnabled": False, "SmartHosts": HOSTS}
DNS: dict[str, object] = {}
BASIC = {**GOOD, "SmartHostAuthMechanism": "BasicAuth", "AuthenticationCredential": CREDENTIAL}
LEVEL = {"RequireTLS": True, "TlsAuthLevel": "DomainValidation"}
HEAD = 'schema: audit-policy/1\nname: own\nversion: "1"\nextends: mimecast\n'
EXEMPT = """\
exemptions:
  - connector: "{}"
    control: {}
    reason: approved
    owner: a@contoso.com
    approved_by: b@contoso.com
    expires: 2030-01-31
    only_if: {}
"""


def properties(*lines):
    return "connector:\n  properties:\n" + "".join(f"    {line}\n" for line in lines)


def guid(number):
    return f"{number:08}-1111-2222-3333-444444444444"


def connector(number, name, version, changes):
    made = {n: v for n, v in DEFAULTS.items() if PROPERTIES[n].in_version(version)}
    return {
        **made,
        "AddressSpaces": ["SMTP:*;1"],
        "SourceTransportServers": ["EX01"],
        "AuthenticationCredential": None,
        "Name": name,
        "Guid": guid(number),
        **changes,
    }


def case(policy, send=(), *, other=(), lens=(), version="2019", servers=None, region="na"):
    objects = {
        "SendConnector": [
            connector(number, name, version, changes)
            for number, (name, changes) in enumerate(send, start=1)
        ],
    }
    for number, (name, changes) in enumerate(other, start=91):
        made = {"Name": name, "Guid": guid(number), "Enabled": True, "AddressSpaces": ["SMTP:*;1"]}
        objects["ForeignConnector"] = [{**made, **changes}]
    known = servers and [
        {"Name": "EX01", "AdminDisplayVersion": SERVER_VERSIONS[v]} for v in servers
    ]
    text = HEAD + policy
    read = policy_of(text)
    return Case(
        Exchange(objects, version), read, read.regions[region], dict(lens), known, text=text
    )


FOUND = {
    # a value that the property cannot have
    "null for what is never null": case(properties("Port: null"), [("Out", GOOD)]),
    "present false for what is never null": case(
        properties("MaxMessageSize: {present: false}"), [("Out", GOOD)]
    ),
    "size beyond what Exchange takes": case(
        properties("MaxMessageSize: {min: 3 GB, max: 4 GB}"), [("Out", GOOD)]
    ),
    # ties
    "smart hosts beside DomainValidation without TlsDomain": case(
        'connector: {name: "Out"}\n', [("Out", {**DNS, **LEVEL})]
    ),
    "no smart hosts wanted": case(
        properties("SmartHosts: {present: false}", "DNSRoutingEnabled: {ignore: true}"),
        [("Out", GOOD)],
    ),
    "no smart hosts wanted, DNS routing wanted": case(
        properties("SmartHosts: []", "DNSRoutingEnabled: true"), [("Out", GOOD)]
    ),
    "DNS routing wanted": case(properties("DNSRoutingEnabled: true"), [("Out", GOOD)]),
    "DNS routing wanted of what uses it": case(
        'connector:\n  name: "Out"\n  properties: {DNSRoutingEnabled: true}\n', [("Out", DNS)]
    ),
    # credentials
    "Basic authentication let be beside new hosts": case(
        properties("SmartHostAuthMechanism: {ignore: true}"), [("Out", BASIC)], region="eu"
    ),
    "Basic authentication let be beside new hosts, as wanted": case(
        properties("SmartHostAuthMechanism: BasicAuth"), [("Out", BASIC)], region="eu"
    ),
    # names
    "name taken by a foreign connector": case(
        'connector: {name: "Fax"}\n', [("Out", GOOD)], other=[("Fax", {})]
    ),
    "no name and no Guid": case(
        "",
        [("Out", GOOD), ("Internet", DNS)],
        lens={
            (guid(2), "Guid"): "absent",
            (guid(2), "Name"): "absent",
            (guid(2), "Identity"): "absent",
        },
    ),
    "two of one name, one without a Guid": case(
        "", [("Out", GOOD), ("Net", DNS), ("Net", DNS)], lens={(guid(2), "Guid"): "absent"}
    ),
    "one of two of one name is renamed": case(
        'connector: {name: "A"}\n', [("B", GOOD), ("B", GOOD)]
    ),
    # creation
    "created without address spaces": case(properties("AddressSpaces: {ignore: true}")),
    "created without DNS routing": case(properties("DNSRoutingEnabled: {ignore: true}")),
    "created where DNS routing is wanted": case(properties("DNSRoutingEnabled: true")),
    "created with TlsAuthLevel alone": case(properties("TlsAuthLevel: CertificateValidation")),
    "created with TlsDomain alone": case(properties("TlsDomain: gateway.example")),
    "created with DomainValidation alone": case(properties("TlsAuthLevel: DomainValidation")),
    "created with DomainSecureEnabled": case(properties("DomainSecureEnabled: true")),
    "created with RequireTLS and IgnoreSTARTTLS": case(
        properties("RequireTLS: true", "IgnoreSTARTTLS: true")
    ),
    "created where the version is not known": case(
        properties("CloudServicesMailEnabled: false"), version="2010"
    ),
    "created where the version is not known, 2010's": case(
        properties("IsCoexistenceConnector: false"), version="2019"
    ),
    "created where two versions are": case(
        properties("CloudServicesMailEnabled: false"), version="2010", servers=["2010", "2019"]
    ),
    "created under a pack": case("packs: [tls]\n"),
    "created under a pack for all": case("packs: [own.yaml]\n"),
    "created under a pack of CIS": case("packs: [cis-exchange-2019]\n"),
    "created where a person must choose": case(properties("Comment: {present: true}")),
    "created where the pattern chooses": case(properties("Fqdn: {matches: '.*contoso.com'}")),
    "created with null for what is never null": case(properties("Port: null")),
    "created where null is wanted and is the default": case(properties("Comment: null")),
    "created with two servers wanted": case(properties("SourceTransportServers: {min: 2}")),
    "created that does not lead to the gateway": case(
        properties("SmartHosts: [smtp.partner.example]")
    ),
    "created that is disabled": case(properties("Enabled: false"), [("Internet", DNS)]),
    "created that carries not all mail": case(
        properties('AddressSpaces: ["SMTP:contoso.com;1"]'), [("Internet", DNS)]
    ),
    # after the change another control applies, or another connector is the subject
    "a condition begins to hold": case(
        "packs: [own.yaml]\n", [("Out", {**GOOD, "Enabled": False})]
    ),
    "a condition begins to hold, and contradicts": case(
        "packs: [tls]\n"
        + properties("TlsAuthLevel: {equals: EncryptionOnly, when: {RequireTLS: true}}"),
        [("Out", GOOD)],
    ),
    "an exemption ceases to hold": case(
        properties("MaxMessageSize: {max: 25 MB}")
        + EXEMPT.format("Out", "MaxMessageSize", "{Port: 587}"),
        [("Out", {**GOOD, "Port": 587})],
    ),
    "an exemption is for the name that is changed": case(
        'connector: {name: "New"}\n' + EXEMPT.format("Out", "SourceTransportServers", "{Port: 25}"),
        [("Out", {**GOOD, "SourceTransportServers": []})],
    ),
    "the hosts that are wanted are not the gateway's": case(
        properties("SmartHosts: [smtp.partner.example]"), [("Out", GOOD), ("Second", GOOD)]
    ),
    # others
    "EdgeSync's own under a control for all": case(
        "packs: [own.yaml]\n", [("Out", GOOD), ("EdgeSync - HQ to Internet", DNS)]
    ),
    "EdgeSync's own is the subject": case(
        "", [("EdgeSync - HQ to Internet", {**GOOD, "Port": 587})]
    ),
    "null in the export for what is never null": case(
        "", [("Out", GOOD)], lens={(guid(1), "IsScopedConnector"): "null"}
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_the_laws_hold_where_they_once_did_not(name):
    for found in FOUND[name].exchange.objects["SendConnector"]:
        refuse_state(found)
    followed = follow(FOUND[name])
    broken = []
    for law in LAWS:
        try:
            law(followed)
        except AssertionError as error:
            broken.append(f"{law.__name__}: {error}")
    assert not broken, "\n".join(broken)
