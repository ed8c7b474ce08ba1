"""What counts as equal: reading never raises, is idempotent, and spellings agree."""

from __future__ import annotations

import ipaddress
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.kinds import SERVERS, UNLIMITED, same_server
from auditor.kinds.hosts import host_name, ip_address
from auditor.model import Unreadable
from auditor.normalise import LazyProperties
from auditor.properties import PROPERTIES

KINDS = {known.kind.name: known.kind for known in PROPERTIES.values()}

RAW = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(
        ["{a, b...}", "SMTP:*;1", "True", "35 MB (36,700,160 bytes)", "System.Object[]"]
    ),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["ToString", "Value", "value", "Count", "Domain", "Name", "Ticks"]),
            inner,
        )
    ),
    max_leaves=8,
)
LABEL = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=8)
HOSTS = st.lists(LABEL, min_size=2, max_size=4).map(".".join).filter(lambda h: not h[-1].isdigit())


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@given(raw=RAW)
def test_reading_never_raises(kind, raw):
    value = kind.read(raw)
    assert value is None or isinstance(value, bool | int | str | tuple | Unreadable)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@given(raw=RAW)
def test_reading_is_idempotent(kind, raw):
    value = kind.read(raw)
    if isinstance(value, Unreadable):
        return
    again = kind.read(list(value) if isinstance(value, tuple) else value)
    assert again == value


@pytest.mark.parametrize("name", PROPERTIES)
@given(raw=RAW)
def test_every_property_reads_the_same_twice(name, raw):
    properties = LazyProperties({name: raw})
    assert properties[name] == properties[name]


@given(HOSTS, st.booleans(), st.booleans(), st.data())
def test_spellings_of_a_host_agree(host, dot, upper, data):
    shuffled = "".join(c.upper() if data.draw(st.booleans()) else c for c in host)
    spelled = (shuffled.upper() if upper else shuffled) + ("." if dot else "")
    assert host_name(f" {spelled} ") == host_name(host) == host


@given(HOSTS, HOSTS)
def test_two_hosts_are_never_one(one, other):
    assert (host_name(one) == host_name(other)) == (one == other)


@given(st.ip_addresses())
def test_spellings_of_an_address_agree(address):
    long = address.exploded.upper()
    assert ip_address(f"[{long}]") == ip_address(str(address)) == str(ipaddress.ip_address(long))


@given(HOSTS.map(lambda d: d) | st.just("*"), st.integers(1, 100), st.data())
def test_spellings_of_an_address_space_agree(domain, cost, data):
    read = PROPERTIES["AddressSpaces"].kind.read
    kind = data.draw(st.sampled_from(["SMTP:", "smtp:", "Smtp:"] + ([""] if domain else [])))
    blank = data.draw(st.sampled_from(["", " ", "  "]))
    tail = data.draw(st.sampled_from([f";{blank}{cost}"] + ([""] if cost == 1 else [])))
    assert read([f"{kind}{domain.upper()}{tail}"]) == (f"SMTP:{domain};{cost}",)


@given(st.integers(0, 1 << 50))
def test_spellings_of_a_size_agree(size):
    read = PROPERTIES["MaxMessageSize"].kind.read
    spellings = [size, float(size), str(size), f"{size} B", f"1 KB ({size:,} bytes)"]
    separators = ".'\u00a0\u202f "
    spellings += [f"1.5 MB ({size:,} Bytes)".replace(",", s) for s in separators]
    assert {read(spelling) for spelling in spellings} == {size}
    assert read(UNLIMITED.lower()) == UNLIMITED != size


@given(st.integers(0, 10**15))
def test_spellings_of_a_time_span_agree(ticks):
    read = PROPERTIES["ConnectionInactivityTimeOut"].kind.read
    text = read({"Ticks": ticks})
    assert isinstance(text, str)
    assert read(text) == read({"ToString": text}) == text


@given(st.lists(HOSTS, max_size=5), st.data())
def test_lists_are_sets(hosts, data):
    read = PROPERTIES["SmartHosts"].kind.read
    shuffled = data.draw(st.permutations(hosts)) + hosts[:1]
    joined = data.draw(st.sampled_from(["|", ";", ",", ", ", " ", "\n"])).join(hosts)
    assert read(hosts) == read(shuffled) == read("{" + ", ".join(hosts) + "}") == read(joined)


@given(HOSTS, HOSTS)
def test_a_bare_server_name_is_the_first_label(one, other):
    bare = one.partition(".")[0]
    assert same_server(bare.upper(), one)
    assert same_server(one, other) == (one == other)
    assert same_server(bare, other) == (bare == other.partition(".")[0])


@pytest.mark.parametrize(
    ("expected", "actual", "equal"),
    [
        (["EX01"], ["ex01.contoso.com"], True),
        (["ex01.contoso.com"], ["EX01"], True),
        (["EX01", "EX02"], ["ex02.contoso.com", "EX01"], True),
        (["EX01", "ex01.contoso.com"], ["ex01.contoso.com"], False),
        (["EX01", "ex01.b.example"], ["ex01.a.example", "ex01.b.example"], True),
        (["EX1"], ["EX10"], False),
        (["EX01", "ex01.b.example"], ["EX01", "ex01.a.example"], False),
        (["ex01.contoso"], ["ex01.contoso.com"], False),
        (["EX01"], ["ex01.a.example", "ex01.b.example"], False),
        (["ex01.a.example"], ["ex01.b.example"], False),
        (["EX01", "EX02"], ["ex01.contoso.com"], False),
    ],
)
def test_lists_of_servers(expected, actual, equal):
    left, right = SERVERS.compared(SERVERS.read(expected), SERVERS.read(actual))
    assert (left == right) is equal


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("SourceTransportServers", ["contoso.com/Configuration/Servers/EX01"], ("EX01",)),
        ("SourceTransportServers", "CN=EX01,CN=Servers,DC=contoso,DC=com", ("EX01",)),
        (
            "SmartHosts",
            [{"IsIPAddress": True, "Address": {"IPAddressToString": "192.0.2.1"}}],
            ("[192.0.2.1]",),
        ),
        ("SmartHosts", [{"IsIPAddress": False, "Domain": {"Domain": "a.example"}}], ("a.example",)),
        ("SmartHosts", "[IPv6:2001:db8::1]", ("[2001:db8::1]",)),
        ("AddressSpaces", "SMTP:*;1;SMTP:a.example;5", ("SMTP:*;1", "SMTP:a.example;5")),
        (
            "AddressSpaces",
            "SMTP:a.example;SMTP:b.example",
            ("SMTP:a.example;1", "SMTP:b.example;1"),
        ),
        ("AddressSpaces", "X400:c=us;a= ;p=x;1", ("X400:c=us;a= ;p=x;1",)),
        ("AddressSpaces", "SMTP:*;1|X400:c=us;a= ;p=x;1", ("SMTP:*;1", "X400:c=us;a= ;p=x;1")),
        ("SourceIPAddress", {"IPAddressToString": "0.0.0.0"}, "0.0.0.0"),
        ("TlsDomain", "*.Mimecast.com.", "*.mimecast.com"),
        ("ErrorPolicies", "Default", "Default"),
        ("ErrorPolicies", 3, "3"),
        ("ConnectedDomains", "a|b", ("a", "b")),
        ("Comment", 5, "5"),
        ("Fqdn", "mail.contoso.com", "mail.contoso.com"),
        ("Enabled", "$true", True),
        ("ConnectionInactivityTimeOut", "23:59:59", "23:59:59"),
        ("MaxMessageSize", "1 TB", 1 << 40),
        ("AddressSpaces", "SMTP:*;1, SMTP:a.example;5", ("SMTP:*;1", "SMTP:a.example;5")),
        ("AddressSpaces", [" SMTP:*;1 "], ("SMTP:*;1",)),
        ("SourceTransportServers", [{"Name": "EX01"}], ("EX01",)),
        ("SourceTransportServers", [{"DistinguishedName": "CN=EX01,CN=Servers,DC=c"}], ("EX01",)),
        ("ConnectedDomains", "a", ("a",)),
        ("Name", " X ", "X"),
        ("Enabled", {"value": True, "PSComputerName": "ex01", "RunspaceId": "1"}, True),
        ("AddressSpaces", [{"value": "SMTP:*;1", "PSComputerName": "ex01"}], ("SMTP:*;1",)),
        ("SmartHosts", {"value": ["a.example"], "PSComputerName": "ex01"}, ("a.example",)),
        ("SmartHostAuthMechanism", 0.0, "None"),
        ("Fqdn", " ", ""),
        ("Port", 25.0, 25),
        ("MaxMessageSize", "35\u00a0MB", 36_700_160),
        ("MaxMessageSize", {"Value": {"ToString": "35 MB (36,700,160 bytes)"}}, 36_700_160),
        ("ConnectionInactivityTimeOut", {"Ticks": 6e9}, "00:10:00"),
        (
            "SourceTransportServers",
            "CN=EX01,CN=Servers,DC=c|CN=EX02,CN=Servers,DC=c",
            ("EX01", "EX02"),
        ),
        ("Port", "25", 25),
        ("Identity", {"Name": "X", "Depth": 1}, "X"),
        ("ConnectionInactivityTimeOut", "-1.02:03:04.5", "-1.02:03:04.5000000"),
    ],
)
def test_readable(name, raw, value):
    assert PROPERTIES[name].kind.read(raw) == value


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("AddressSpaces", "SMTP:*;"),
        ("AddressSpaces", "SMTP:*;101"),
        ("AddressSpaces", "SMTP:*contoso.com;1"),
        ("AddressSpaces", "X400:c=us;a= ;p=x;1;SMTP:*;1"),
        ("AddressSpaces", ["X400:;1"]),
        ("AddressSpaces", 1),
        ("AddressSpaces", [{"Type": "SMTP"}]),
        ("SmartHosts", [None]),
        ("SmartHosts", "{a, b"),
        ("SmartHosts", [{"Domain": 5}]),
        ("SmartHosts", "b\u00fc\u202ecker..example"),
        ("SourceTransportServers", [{"Depth": 1}]),
        ("SourceTransportServers", ["a b"]),
        ("SourceTransportServers", ["CN=EX01,CN=Servers,DC=c|CN=EX02,CN=Servers,DC=c"]),
        ("SourceTransportServers", ["c.example/Servers/EX01 c.example/Servers/EX02"]),
        ("SourceIPAddress", "300.1.1.1"),
        ("SourceIPAddress", {}),
        ("ConnectionInactivityTimeOut", "25:00:00"),
        ("ConnectionInactivityTimeOut", "P"),
        ("ConnectionInactivityTimeOut", {}),
        ("MaxMessageSize", "35 MB (36,700,1"),
        ("MaxMessageSize", f"x ({'9' * 30} bytes)"),
        ("MaxMessageSize", "1,5 MB"),
        ("MaxMessageSize", -1),
        ("Port", True),
        ("Port", "25.5"),
        ("Enabled", 1),
        ("Enabled", ""),
        ("ConnectedDomains", "a b"),
        ("ConnectedDomains", [[]]),
        ("SmartHostAuthMechanism", ""),
        ("SmartHostAuthMechanism", {"ToString": "None", "Value": 8}),
        ("SmartHostAuthMechanism", {}),
        ("Comment", {}),
        ("ConnectedDomains", ["a", "b..."]),
        ("ConnectedDomains", "{a, b...}"),
        ("SourceTransportServers", ["EX01..contoso.com"]),
        ("AddressSpaces", ["SMTP:*;1x"]),
        ("AddressSpaces", ["MOBILE:*;1;1"]),
        ("AddressSpaces", ["MOBILE:a SMTP:*"]),
        ("AddressSpaces", [{"Type": "SMTP", "Address": "*", "Cost": "1"}]),
        ("SmartHostAuthMechanism", "a b"),
        ("SmartHostAuthMechanism", False),
        ("MaxMessageSize", "35 MB (36,700,160 bytes) x"),
        ("SmartHosts", "[192.0.2.10"),
        ("Enabled", {"ToString": "False", "value": True}),
        ("Enabled", {"value": False, "Value": "True"}),
        ("AddressSpaces", [{"ToString": "SMTP:--;1", "Address": "*", "Type": "SMTP", "Cost": 1}]),
        ("SmartHosts", [{"ToString": "a.example", "IsIPAddress": False, "Domain": "b.example"}]),
        ("ConnectionInactivityTimeOut", {"ToString": "00:10:00", "Ticks": 1}),
        ("SourceTransportServers", "a/EX03 b/EX01|EX02"),
        ("SourceTransportServers", ["EX05 a/EX01"]),
        ("SourceTransportServers", ["EX03/EX01"]),
        ("SmartHosts", "{a.example, b.example, }"),
        ("SmartHosts", "a.example,,b.example"),
        ("SmartHosts", "a.example,b.exam ple.example"),
        ("AddressSpaces", "{SMTP:--;1, }"),
        ("AddressSpaces", "SMTP:--;1|"),
        ("AddressSpaces", "SMTP:--;1;;"),
        ("TlsDomain", "Microsoft.Exchange.Data.SmtpDomainWithSubdomains"),
        ("TlsCertificateName", "Microsoft.Exchange.Data.SmtpX509Identifier"),
        ("SourceTransportServers", ["Microsoft.Exchange.Data.Directory.ADObjectId"]),
        ("SourceTransportServers", "{Microsoft.Exchange.Data.X, Microsoft.Exchange.Data.X}"),
        ("SourceTransportServers", "CN=EX01,CN=Servers,DC=c CN=EX02,CN=Servers,DC=c"),
        ("SourceTransportServers", "CN=EX01,CN=Servers,DC=c;CN=EX02,CN=Servers,DC=c"),
        ("SourceTransportServers", "c.example/Servers/EX01 c.example/Servers/EX02"),
        ("AddressSpaces", "MOBILE:*;1 SMTP:*;1"),
        ("AddressSpaces", ["MOBILE:*;1 SMTP:*;1"]),
        ("AddressSpaces", "MOBILE:*;1;*;1"),
        ("AddressSpaces", "X400:c=US;a= ;p=C;1 SMTP:*;1"),
        ("SmartHosts", "1.2.3.4.5"),
        ("MaxMessageSize", "-1 (36,700,160 bytes)"),
        ("MaxMessageSize", "x (36,700,160 bytes)"),
        ("MaxMessageSize", {"Value": {"Value": {"Value": 5}}}),
    ],
)
def test_unreadable(name, raw):
    value = PROPERTIES[name].kind.read(raw)
    assert isinstance(value, Unreadable)
    assert value.reason
