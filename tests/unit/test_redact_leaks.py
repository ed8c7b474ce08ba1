"""What redaction once let through, or broke: one row for each."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from auditor.collect import json_export, read_snapshots
from auditor.collect.cmdlets import COLLECTED_NOUNS
from auditor.collect.identify import KNOWN_NAMES
from auditor.digests import actual_digest, sha256
from auditor.errors import InputError, PolicyError
from auditor.evaluate import evaluate
from auditor.evaluate.gateway_hosts import recognise
from auditor.model import CollectionError, Provenance, Unreadable
from auditor.normalise import normalise
from auditor.policy import find_region, load_policy
from auditor.properties import PROPERTIES
from auditor.redact import builtin, redact
from auditor.redact.names import Names
from auditor.redact.texts import redacted_sentence, redacted_text
from auditor.redact.words import is_documented, is_number
from auditor.snapshot import write_snapshot
from tests.conftest import connector, export
from tests.unit.test_redact import (
    NOW,
    SECRETS,
    findings,
    mimecast,
    of,
    own_policy,
    redact_with,
    reread,
    secrets_of,
    stand_in,
)


def handed_over(redacted):
    """All that is handed over, in lower case."""
    texts = [write_snapshot(redacted.snapshot).decode(), redacted.policy or ""]
    return "".join([*texts, *redacted.packs, *redacted.packs.values()]).lower()


def shown(value, names=None):
    return redacted_text(value, names or Names(builtin()))


OWN = "gateway: {name: Quzzle relay, domains: [%s]}\nregions:\n  quzzle-hq: {title: Quzzle, aliases: [quzzle-ber], smart_hosts: [%s]}\nregion: %s\n"
HOSTS = ["relay1.quzzle.com", "[10.9.8.7]"]


@pytest.mark.parametrize("word", ["quzzle-hq", "QUZZLE-ber"])
@pytest.mark.parametrize(
    ("domain", "listed", "actual"),
    [
        ("quzzle.com", HOSTS, HOSTS),
        ("quzzle.com", HOSTS, ["relay2.quzzle.com"]),
        ("quzzle.com", HOSTS, ["mail.other.org"]),
        (".Quzzle.COM.", ["QUZ-smtp-outbound-1.quzzle.com"], ["quz-smtp-inbound-1.quzzle.com"]),
        ("quzzle.com", ["quz-smtp-outbound-1.quzzle.com"], ["quz-smtp-journal-1.quzzle.com"]),
        ("quzzle.com", ["quz-smtp-outbound-1.quzzle.com"], ["quz-smtp-journal-1.other.com"]),
        ("mail.quzzle.co.uk", ["a.mail.quzzle.co.uk"], ["b.quzzle.co.uk"]),
        ("gw.example", ["relay1.gw.example"], ["mail.quzzle.com"]),
        ("gw.example", ["relay1.gw.example"], ["relay2.quzzle.example"]),
        ("mimecast.com", ["quzzle.mimecast.com"], ["quzzle.mimecast.com"]),
        ("mimecast.com", ["us-smtp-outbound-1.mimecast.com"], ["quzzle.mimecast.com"]),
        ("mimecast.com", ["us-smtp-outbound-1.mimecast.com"], ["us-smtp-journal-9.mimecast.com"]),
    ],
)
def test_a_gateway_of_ones_own_is_hidden_and_judged_alike(domain, listed, actual, word, tmp_path):
    policy, text = own_policy(tmp_path, OWN % (domain, json.dumps(listed)[1:-1], word))
    row = connector(
        SmartHosts=actual, Fqdn="mail.quzzle.com", SourceTransportServers=["quzex1.quzzle.com"]
    )
    snapshot = of(row, connector(Name="Zz", SmartHosts=listed, AddressSpaces=["SMTP:x.org;1"]))
    redacted = redact(snapshot, policy, [text])
    assert not [word for word in ("quz", "10.9.8.7", "gw.") if word in handed_over(redacted)]
    again, theirs = reread(redacted, tmp_path)
    region = find_region(policy, None)
    assert theirs.default_region == stand_in(redacted, region) == "region-1"
    assert theirs.gateway.name == "the gateway"
    expected = findings(snapshot, policy, region)
    assert findings(again, theirs, find_region(theirs, None)) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("us-smtp-outbound-1.mimecast.com", "us-smtp-outbound-1.mimecast.com"),
        ("us-smtp-o365-outbound-2.mimecast.com", "us-smtp-o365-outbound-2.mimecast.com"),
        ("quzzle-smtp-inbound-1.mimecast.com", "grid1-smtp-inbound-1.mimecast.com"),
        ("quzzle-berlin.mimecast.com", "host-1.mimecast.com"),
        ("a.quzzle.mimecast.co.za", "host-1.host-2.mimecast.co.za"),
        ("*.mimecast.com", "*.mimecast.com"),
        ("quzzle.mail.onmicrosoft.com", "host-1.mail.onmicrosoft.com"),
        ("us-smtp-outbound-1.mimecats.com", "us-smtp-outbound-1.domain-1.example"),
        ("mimecast.com.evil.org", "host-1.host-2.domain-1.example"),
        ("evilmimecast.com", "domain-1.example"),
    ],
)
def test_hosts_under_a_vendors_domains(host, expected):
    found = Names(builtin()).host(host)
    assert found == expected
    if "-smtp-" in host:
        role = [getattr(recognise(name, mimecast()), "role", None) for name in (host, found)]
        assert role[0] == role[1]


NUMBERS_THAT_STAY = [
    *("25", "65535", "-1", "0.5", "15.2", "Version 14", "Version 15.2 (Build 1118.7)"),
    *("0.1 (8.0.535.0)", "0.20 (15.0.0.0)", "15.20.1118.007", "15.01.2507.061"),
    *("2024-02-05T11:30:00Z", "2/5/2024 11:30:00 AM", "23.11.2026", "00:10:00", "1.00:00:00"),
    *("35 MB (36,700,160 bytes)", "35 MB", "PT10M"),
]


@pytest.mark.parametrize("text", NUMBERS_THAT_STAY)
def test_numbers_that_say_nothing_stay(text):
    assert is_number(text)
    assert shown(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *(
            "010.020.030.040",
            "15.020.030.040",
            "203.0.113.7 (10.11.12.13)",
            "10.66.77.88 (10.1.2.3)",
        ),
        *("Version 10.66.77.88", "Version 15.2.3.4", "10.77.88", "10.77.88.0/24", "10.1.2.3."),
        *("4989123456", "+49", "089123456", "0049 89 1234", "10.11.12.13 B", "123456"),
        *("{48, 130, 81, 85, 90}", "48|130|81|85", "{48, 130, 81, 85...}", "48, 130, 81, 85..."),
        *("Version 15.2 (Build Quzzle)", "10.20.30.40;10.20.30.41"),
    ],
)
def test_numbers_that_could_be_an_address_or_a_telephone_do_not(text):
    assert shown(text).rstrip(".").startswith("text-")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("use 4989123456, please", "text-1 text-2, please"),
        ("server 0049 89 1234", "server text-1"),
        ("the limit of 1000 objects, error 403", "the limit of 1000 objects, error 403"),
        ("use 4989123456 10.77.88 now", "text-1 text-2 text-3 text-4"),
        ("no access at 10.77.88", "no access at text-1"),
        ("no access at 010.020.030.040:", "no access at text-1:"),
        ("error in version 10.66.77.88", "error in version 192.0.2.1"),
        ("Get-AdSite not available by Get-Edge", "Get-AdSite not available by text-1"),
    ],
)
def test_numbers_and_cmdlets_of_a_message(text, expected):
    assert redacted_sentence(text, Names(builtin())) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (4989123456, "text-1"),
        (65535, 65535),
        (True, True),
        (2.5, 2.5),
        (1e9, "text-1"),
        ({"Address": 16909060}, {"Address": "text-1"}),
        ({"Address": 25}, {"Address": 25}),
        (["48", "130", "81", "85"], ["text-1"]),
        ([48, "130", 81, " 85"], ["text-1"]),
        ([True, True, False, True], [True, True, False, True]),
        (["48", "130", "81"], ["48", "130", "81"]),
        ({"Value": {"Quzzle": 1}}, {"Value": {"key-2": 1}}),
        ("EDGE", "server-3"),
        ("MAILBOX", "MAILBOX"),
    ],
)
def test_values_of_other_properties(value, expected):
    server = {"Name": "EDGE", "Quzzle_Note": value, "ServerRole": "Edge", "MaxSendSize": 4989123456}
    found = redact(of(connector(), ExchangeServer=(server,)), mimecast()).snapshot
    assert found.objects["ExchangeServer"] == (
        {"Name": "server-3", "key-1": expected, "ServerRole": "Edge", "MaxSendSize": 4989123456},
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            "CN=EDGE,OU=Enterprise,DC=quzzle,DC=com",
            "CN=text-1,OU=text-2,DC=domain-1,DC=example",
        ),
        (
            "CN=Mobile,CN=Servers,CN=Microsoft Exchange,DC=a,DC=b",
            "CN=host-1,CN=Servers,CN=Microsoft Exchange,DC=domain-1,DC=example",
        ),
        ("quzzle.com/Notes/Europe", "domain-1.example/text-1/text-2"),
        ("/o=Enterprise/ou=Europe", "/o=organization-1/ou=text-1"),
        ("C=DE, L=Europe", "C=text-1,L=text-2"),
        ("CN=Users,CN=10.1.2.3", "CN=Users,CN=192.0.2.1"),
    ],
)
def test_words_that_are_names_in_a_path(value, expected):
    assert shown(value) == expected


@pytest.mark.parametrize("name", ["EX01.contoso.com:25", "my server", "a,b", "CN=a b,CN=Servers"])
def test_a_server_that_cannot_be_read_still_cannot(name):
    server = {"Name": "EX01", "Fqdn": name, "AdminDisplayVersion": "Version 15.2 (Build 1.1)"}
    snapshot = of(connector(SourceTransportServers=["EX01"]), ExchangeServer=(server,))
    policy = mimecast()
    redacted = redact(snapshot, policy).snapshot
    na = policy.regions["na"]
    assert findings(redacted, policy, na) == findings(snapshot, policy, na)


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("Version 14", "Version 14"),
        ("15.2.3.4", "15.2"),
        ("10.66.77.88", "192.0.2.1"),
        ("Version 10.66.77.88", "text-1"),
        ("Version 15.2 (Bereitstellung 1.2)", "Version 15.2"),
        ("Version 153.2", "text-1"),
    ],
)
def test_versions_of_servers(version, expected):
    server = {"Name": "EX01", "AdminDisplayVersion": version}
    redacted = redact(of(connector(), ExchangeServer=(server,)), mimecast()).snapshot
    assert redacted.objects["ExchangeServer"][0]["AdminDisplayVersion"] == expected


def test_an_object_called_as_a_word_is_hidden():
    objects = {"AcceptedDomain": ({"Name": "Enterprise", "DomainType": "Authoritative"},)}
    found = redact(of(connector(), **objects), mimecast()).snapshot.objects["AcceptedDomain"]
    assert found == ({"Name": "text-1", "DomainType": "Authoritative"},)


def test_names_of_properties_stay_where_exchange_gave_them():
    row = connector(ContosoOwner="Ann", **{"Quzzle_Note": 1, "x y": 2}, RedactedTwin=1)
    found = redact(of(row), mimecast())
    (again,) = found.snapshot.objects["SendConnector"]
    assert [key for key in again if key not in PROPERTIES] == [
        *("key-1", "key-2", "key-3", "RedactedTwin")
    ]
    assert found.names["key-2"] == "Quzzle_Note"
    assert all(map(is_documented, [*PROPERTIES, *KNOWN_NAMES]))


def test_properties_that_are_known_of_other_objects_are_documented():
    from tests.live import surroundings

    written = [
        surroundings.exchange_server("EX01"),
        surroundings.transport_service("EX01"),
        surroundings.accepted_domain(),
        surroundings.transport_config(),
        surroundings.ad_site(),
        surroundings.ad_site_link(),
        surroundings.organization_config(),
    ]
    head = '<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">'
    files = [("c.json", export(connector()))]
    files += [(f"{n}.xml", f"{head}{text}</Objs>".encode()) for n, text in enumerate(written)]
    snapshot = read_snapshots(files)
    assert len(snapshot.objects) == len(files)
    keys = {key for rows in snapshot.objects.values() for row in rows for key in row}
    assert [key for key in keys if not is_documented(key)] == []


@pytest.mark.parametrize("path", [True, False])
def test_several_files_become_one_that_names_none(path, tmp_path):
    folder = mimecast().files[0].rpartition("/")[0]
    parent = f"{folder}/mimecast.yaml" if path else "mimecast"
    head = "schema: audit-policy/1\nversion: quzzle 1\n"
    base = f"{head}name: quzzle-base\nextends: {parent}\nconnector: {{properties: {{Port: {{severity: low}}, Fqdn: a.quzzle.com}}}}\n"
    own = f"{head}name: quzzle\nextends: quzzle.yaml\nconnector: {{name: Quzzle, properties: {{Port: 26, Fqdn: {{severity: low}}}}}}\n"
    (tmp_path / "quzzle.yaml").write_text(base, "utf-8")
    (tmp_path / "own.yaml").write_text(own, "utf-8")
    policy = load_policy("own.yaml", tmp_path)
    snapshot = of(connector(Name="QUZZLE", Fqdn="a.quzzle.com", Port=27))
    redacted = redact(snapshot, policy, [own, base])
    assert [word for word in ("quzzle", folder.lower()) if word in handed_over(redacted)] == []
    assert '"extends": "mimecast"' in redacted.policy
    again, theirs = reread(redacted, tmp_path)
    na = policy.regions["na"]
    assert findings(again, theirs, na) == findings(snapshot, policy, na)


def test_a_policy_that_extends_nothing(tmp_path):
    text = "schema: audit-policy/1\nname: q\nversion: '1'\n" + OWN % ("q.com", "a.q.com", "null")
    (tmp_path / "own.yaml").write_text(text, "utf-8")
    policy = load_policy("own.yaml", tmp_path)
    _, theirs = reread(redact(of(connector()), policy, [text]), tmp_path)
    assert list(theirs.regions) == ["region-1"]
    assert theirs.gateway.domains == ("domain-1.example",)
    assert theirs.default_region is None


@pytest.mark.parametrize(
    ("name", "value", "actual"),
    [
        ("ConnectedDomains", "'a, b'", ["a, b"]),
        ("ConnectedDomains", "{equals: 'a|b'}", ["a|b"]),
        ("AddressSpaces", "'X400:c=us;a=b,d;2'", ["X400:c=us;a=b,d;2"]),
        ("AddressSpaces", "SMTP:contoso.com;2", ["contoso.com;2"]),
        ("SourceTransportServers", "EX01", ["ex01.contoso.com"]),
        ("SourceTransportServers", "null", []),
        ("SmartHosts", "[10.1.2.3]", ["[10.1.2.3]"]),
        ("SmartHosts", "10.1.2.3", ["[10.1.2.3]"]),
        ("MaxMessageSize", "35 MB", "36700160"),
        ("MaxMessageSize", "1048575 TB", "1152920405095219200"),
        ("MaxMessageSize", "18446744073709551615", "18446744073709551615 B"),
        ("MaxMessageSize", "{min: 18446744073709551615}", "Unlimited"),
        ("MaxMessageSize", "{equals_from: TransportConfig.MaxSendSize}", "36700160"),
        ("ConnectedDomains", "{includes: [a], min: 2}", ["a", ""]),
        ("Name", "{matches: 'Outbound .*', why: quzzle}", "Outbound Mail to Mimecast"),
        ("ConnectionInactivityTimeOut", "0:10:00", "00:10:00"),
        ("Comment", "'{a, b}'", "{a, b}"),
        ("TlsAuthLevel", "1", "EncryptionOnly"),
        ("Port", "'25'", 25),
        ("Fqdn", "'*.contoso.com'", "*.contoso.com"),
        ("SourceIPAddress", "10.1.2.3", "10.1.2.3"),
        ("WhenCreated", "2/5/2024 11:30:00 AM", "2/5/2024 11:30:00 AM"),
        ("ExchangeVersion", "0.1 (8.0.535.0)", "0.1 (8.0.535.0)"),
        ("OrganizationId", "''", ""),
        ("Identity", "'EX01\\x'", "EX01\\x"),
    ],
)
def test_a_redacted_policy_can_be_loaded_and_says_the_same(name, value, actual, tmp_path):
    policy, text = own_policy(tmp_path, f"connector: {{properties: {{{name}: {value}}}}}\n")
    limits = ({"MaxSendSize": "35 Mo (36 700 160 octets)"},)
    snapshot = of(connector(**{name: actual}), TransportConfig=limits)
    again, theirs = reread(redact(snapshot, policy, [text]), tmp_path)
    expected = findings(snapshot, policy, policy.regions["na"])
    assert findings(again, theirs, policy.regions["na"]) == expected
    if name not in {"AddressSpaces", "SmartHosts"}:
        assert (name, "pass") in [row[:2] for row in expected[1]]


@pytest.mark.parametrize(("brackets", "inner"), [("[]", ""), ("{}", '"a":')])
@pytest.mark.parametrize("depth", [200, 900, 980])
def test_what_is_nested_deep_is_read_or_refused(depth, brackets, inner):
    deep = f"{brackets[0]}{inner}" * depth + '"QUZ"' + brackets[1] * depth
    text = json.dumps([connector()])[:-2] + f', "Own": {deep}, "Comment": {deep}}}]'
    try:
        redacted = redact(read_snapshots([("c.json", text.encode())]), mimecast())
    except InputError as error:
        assert "nested too deep" in str(error)
        assert depth > 900
    else:
        assert "quz" not in handed_over(redacted)


@pytest.mark.parametrize("wrap", [lambda inner: [inner], lambda inner: {"a": inner}])
def test_what_is_nested_too_deep_is_an_error_and_no_crash(wrap):
    deep = "QUZ"
    for _ in range(5000):
        deep = wrap(deep)
    with pytest.raises(InputError, match="nested too deep"):
        redact(of(connector(Own=deep)), mimecast())


@pytest.mark.parametrize("text", ["1e400", "-1e400", "NaN", "Infinity", "-Infinity"])
def test_a_number_without_end_is_never_a_value_and_can_be_kept(text):
    raw = json_export.parse(text, "c.json")
    assert all(isinstance(known.kind.read(raw), Unreadable) for known in PROPERTIES.values())
    assert all(isinstance(known.kind.read([raw]), Unreadable) for known in PROPERTIES.values())
    row = json.dumps([connector()])[:-2] + f', "Port": {text}, "Own": [{text}]}}]'
    row = row.replace('"Port": 25, ', "")
    snapshot = read_snapshots([("c.json", row.encode())])
    assert read_snapshots([("s.json", write_snapshot(snapshot))]) == snapshot
    policy = mimecast()
    verdict, found, _ = findings(snapshot, policy, policy.regions["na"])
    assert verdict == "incomplete"
    assert [row[0] for row in found if row[1] == "unknown"] == ["Port"]


def test_what_says_where_it_came_from_is_of_known_words():
    origin = Provenance(
        kind="json+quzzle+script",
        location="quzzle.json",
        tool="audit 1.0quzzle",
        files=("quzzle.json", "quzzle"),
        server="QUZ01",
        account="QUZ\\ann",
        cautions=("insecure", "quzzle is insecure", "cleartext"),
    )
    cmdlets = ["Get-AdSite", "AdSite", "Get-Quzzle", "QuzzleSite", "Get-Site of Quzzle"]
    errors = tuple(CollectionError(name, "Get-Quzzle and Get-AdSite failed") for name in cmdlets)
    snapshot = replace(of(connector()), provenance=origin, errors=errors)
    redacted = redact(snapshot, mimecast())
    assert "quz" not in handed_over(redacted)
    found = redacted.snapshot.provenance
    assert found.kind == "json+redacted+script"
    assert found.tool == "(redacted)"
    assert found.cautions == ("insecure", "redacted", "cleartext")
    assert [error.cmdlet for error in redacted.snapshot.errors] == [
        *("Get-AdSite", "AdSite", "redacted", "redacted", "redacted")
    ]
    assert redacted.snapshot.errors[0].reason == "text-1 and Get-AdSite failed"
    assert "AdSite" in COLLECTED_NOUNS


@pytest.mark.parametrize(
    "tool", ["audit 0.1.0", "audit 1.10.2rc1", "auditor/1.0.dev3", "audit 0.1.0, script"]
)
def test_the_tool_is_still_said(tool):
    snapshot = of(connector())
    snapshot = replace(snapshot, provenance=replace(snapshot.provenance, tool=tool))
    assert redact(snapshot, mimecast()).snapshot.provenance.tool == f"{tool} (redacted)"


def test_many_connectors_take_work_in_proportion(monkeypatch):
    asked = []
    connector_of = Names.connector
    monkeypatch.setattr(
        Names, "connector", lambda self, name: asked.append(name) or connector_of(self, name)
    )
    rows = [connector(Name=f"C {n}", Identity=f"EX01\\C {n}") for n in range(50)]
    redact(of(*rows), mimecast())
    assert len(asked) < 10 * len(rows)


EXEMPT = "reason: r, owner: o, approved_by: a, expires: 2027-01-31"


def test_of_two_values_with_one_digest_each_has_its_own(tmp_path):
    """A comment compares by letter case, a host does not: their stand-ins differ."""
    digest = f"sha256:{sha256('quzzle.com')}"
    text = "connector: {properties: {Comment: b, Fqdn: c.com}}\nexemptions:\n" + "".join(
        f"  - {{connector: '*', control: {name}, evidence: '{digest}', {EXEMPT}}}\n"
        for name in ("Comment", "Fqdn")
    )
    policy, text = own_policy(tmp_path, text)
    snapshot = of(connector(Comment="quzzle.com", Fqdn="quzzle.com", Port=26))
    redacted = redact(snapshot, policy, [text])
    again, theirs = reread(redacted, tmp_path)
    na = policy.regions["na"]
    assert [state for state, _ in findings(snapshot, policy, na)[2]] == ["in use"] * 2
    assert findings(again, theirs, na) == findings(snapshot, policy, na)
    one, other = (exemption.evidence for exemption in theirs.exemptions)
    assert one != other


def test_there_is_evidence_of_no_connector_at_all(tmp_path):
    digest = f"sha256:{sha256(False)}"
    item = f"{{connector: null, control: ConnectorPresent, evidence: '{digest}', {EXEMPT}}}"
    policy, text = own_policy(tmp_path, f"exemptions: [{item}]\n")
    redacted = redact(of(), policy, [text])
    assert reread(redacted, tmp_path)[1].exemptions[0].evidence == digest


def test_a_pattern_of_the_name_that_the_policy_gives_still_matches_it(tmp_path):
    own = "connector: {name: Quzzle 1, properties: {Name: {matches: 'Quzzle .'}}}\n"
    policy, text = own_policy(tmp_path, own)
    _, theirs = reread(redact(of(connector(Name="Other")), policy, [text]), tmp_path)
    assert theirs.connector_name == "Connector 2"


def test_what_a_wildcard_covers_is_marked_and_so_are_names_that_exchange_gives(tmp_path):
    names = ["EdgeSync - HQ to Internet", "Intra-Organization SMTP Send Connector", "Zz"]
    names += ["EdgeSync - Inbound to HQ", "Archive"]
    own = "exemptions:\n" + "".join(
        f"  - {{connector: '{pattern}', {EXEMPT}}}\n"
        for pattern in ("EdgeSync - * to Internet", "?n*", "**", " EDGESYNC - * TO INTERNET ", "Zz")
    )
    policy, text = own_policy(tmp_path, own)
    snapshot = of(*(connector(Name=name) for name in names))
    redacted = redact(snapshot, policy, [text])
    rows = redacted.snapshot.objects["SendConnector"]
    assert [row["Name"] for row in rows] == [
        "Connector 2 (1)",
        "Further connector 4 (2)",
        "Further connector 5",
        "EdgeSync - Inbound to Hub 1",
        "Connector 1",
    ]
    again, theirs = reread(redacted, tmp_path)
    assert [exemption.connector for exemption in theirs.exemptions] == [
        *("*(1)*", "*(2)*", "*", "*(1)*", "Further connector 5")
    ]
    na = policy.regions["na"]
    assert findings(again, theirs, na) == findings(snapshot, policy, na)


def test_a_built_in_policy_with_a_pack_of_ones_own_becomes_a_policy(tmp_path):
    pack = "schema: audit-pack/1\nname: quzzle\ncontrols: [{id: QUZ, property: Port, equals: 26}]\n"
    (tmp_path / "quzzle.yaml").write_text(pack, "utf-8")
    policy = load_policy("mimecast", tmp_path, [("tls", tmp_path), ("quzzle.yaml", tmp_path)])
    snapshot = of(connector())
    redacted = redact_with(snapshot, policy)
    assert "quz" not in handed_over(redacted)
    again, theirs = reread(redacted, tmp_path)
    assert [found.name for found in theirs.packs] == ["tls", "pack-1"]
    na = policy.regions["na"]
    assert findings(again, theirs, na, redacted.names) == findings(snapshot, policy, na)


def test_an_id_of_ones_own_is_mapped_also_where_a_built_in_pack_has_it(tmp_path):
    pack = "schema: audit-pack/1\nname: q\ncontrols: [{id: V-259670, property: Port, equals: 26}]\n"
    (tmp_path / "q.yaml").write_text(pack, "utf-8")
    item = f"{{connector: '*', control: V-259670, {EXEMPT}}}"
    policy, _ = own_policy(tmp_path, f"packs: [q.yaml]\nexemptions: [{item}]\n")
    snapshot = of(connector())
    redacted = redact_with(snapshot, policy)
    again, theirs = reread(redacted, tmp_path)
    na = policy.regions["na"]
    assert findings(again, theirs, na, redacted.names) == findings(snapshot, policy, na)
    assert [use.control for use in theirs.exemptions] == ["control-1"]


def test_a_pack_that_is_none_is_an_error(tmp_path):
    (tmp_path / "quzzle.yaml").write_text(
        "schema: audit-pack/1\nname: q\ncontrols: [{id: q, property: Port, equals: 26}]\n", "utf-8"
    )
    policy = load_policy("mimecast", tmp_path, [("quzzle.yaml", tmp_path)])
    with pytest.raises(PolicyError, match="no pack"):
        redact(of(connector()), policy, [], [("pack-1.yaml", "- a list")])


# Names, as a policy and an organisation share them: {0} to {2} are secrets.
NAMES = ("{0}", "{0} {1}", "{1} {0}", "[{0}] {2}", "EdgeSync - {0} to Internet", "{2}.{1}")
HOSTS_OF = ("{0}.{1}.com", "{1}.com", "*.{0}.com", "{0}", "us-smtp-outbound-1.mimecast.com")
TEXTS_OF = ("{0}", "{1} {2}", "{0}@{1}.com", "CN={0},CN=Servers,DC={1},DC=com", "10.1.2.3", "")
VALUES_OF = {
    "Name": (NAMES, False),
    "Fqdn": (HOSTS_OF, False),
    "Comment": (TEXTS_OF, False),
    "TlsCertificateName": (("<I>CN={0}<S>CN={1}.com", "{2}"), False),
    "SourceIPAddress": (("10.1.2.3", "10.1.2.4", "fe80::1"), False),
    "ProtocolLoggingLevel": (("None", "Verbose"), False),
    "SmartHosts": ((*HOSTS_OF[3:], "[10.1.2.3]", "{0}-smtp-inbound-1.mimecast.com"), True),
    "AddressSpaces": (("SMTP:*;1", "SMTP:{0}.com;2", "SMTP:*.{1}.com;1", "X400:c={2};5"), True),
    "SourceTransportServers": (("{0}", "{0}.{1}.com", "{1}", "{2}.com"), True),
    "ConnectedDomains": (("{0}", "{1}.com", ""), True),
}
PATTERNS_OF = (
    ".*",
    "{0}.*",
    ".*{1}.*",
    "(?i){0}|{1}.*",
    "[^{0}]*",
    r"\\S+",
    "10[.].*",
    "(.|..)+{0}!",
)
COVERING = ("{0}", "{0}*", "*{1}", "* {1}", "?" * 5 + "*", "*", "**", "[{0}] *", "*to Internet")
SAID = ("{0}", "{1} for {0}", "CHG0{2}", "{0}@{1}.com", "https://{0}.com/{1}", "2026-01-01", "17")


class Drawing:
    """Parts of policies about three secrets."""

    def __init__(self, draw):
        self.draw = draw
        self.secrets = [draw(SECRETS) for _ in range(3)]

    def one(self, options):
        found = self.draw(st.sampled_from(options))
        return found.format(*self.secrets) if isinstance(found, str) else found

    def some(self, options):
        return [self.one(options) for _ in range(self.draw(st.integers(1, 3)))]

    def perhaps(self, **made):
        return {key: make() for key, make in made.items() if self.draw(st.booleans())}

    def value(self, name):
        options, is_list = VALUES_OF[name]
        return self.some(options) if is_list else self.one(options)

    def matchers(self, name):
        options, is_list = VALUES_OF[name]
        # An item of a policy's list is never empty, one of an organisation's can be.
        several = lambda: self.some([one for one in options if one or not is_list])  # noqa: E731
        equal = lambda: several() if is_list else self.one(options)  # noqa: E731
        ways = {"equals": equal, "matches": lambda: self.one(PATTERNS_OF), "present": lambda: True}
        if is_list:
            ways |= dict.fromkeys(("includes", "excludes", "subset_of"), several)
            ways |= dict.fromkeys(("min", "max"), lambda: self.draw(st.integers(0, 3)))
        else:
            ways["one_of"] = several
        chosen = self.draw(st.lists(st.sampled_from(sorted(ways)), min_size=1, max_size=2))
        return {way: ways[way]() for way in chosen}

    def required(self):
        names = self.draw(st.lists(st.sampled_from(sorted(VALUES_OF)), min_size=1, max_size=2))
        return {name: self.matchers(name) for name in names}

    def details(self):
        said = lambda: self.one(SAID)  # noqa: E731
        level = lambda: self.one(("high", "low"))  # noqa: E731
        lines = lambda: self.some(SAID)  # noqa: E731
        found = self.perhaps(why=said, severity=level, references=lines, when=self.required)
        never = self.draw(st.integers(0, 5)) == 0
        return found | ({"not_applicable_because": said()} if never else {})

    def properties(self):
        return {name: asked | self.details() for name, asked in self.required().items()}

    def control(self, identifier):
        name = self.draw(st.sampled_from(sorted(VALUES_OF)))
        one = {"property": name, **self.matchers(name)}
        asked = self.draw(st.sampled_from([one, {"properties": self.required()}]))
        more = self.perhaps(
            title=lambda: self.one(SAID),
            scope=lambda: self.one(("all", "subject")),
            state=lambda: "unconfirmed",
        )
        return {"id": identifier.format(*self.secrets), **asked, **self.details(), **more}

    def pack(self, ids):
        head = {"schema": "audit-pack/1", "name": self.one(SAID)}
        head |= self.perhaps(version=lambda: self.one(SAID), title=lambda: self.one(SAID))
        return head | {"controls": [self.control(identifier) for identifier in ids]}

    def exemption(self, controls):
        connector = self.draw(st.sampled_from([self.one(COVERING), self.one(NAMES), None]))
        said = ("reason", "owner", "approved_by")
        found = {"connector": connector, **{key: self.one(SAID) for key in said}}
        expires = self.draw(st.sampled_from(["2026-11-30", "2026-12-01", "9999-12-31"]))
        more = self.perhaps(
            control=lambda: self.one(controls),
            ticket=lambda: self.one(SAID),
            starts=lambda: "2026-11-30",
            evidence=lambda: f"sha256:{'0' * 64}",
        )
        only = self.perhaps(only_if=self.required) if connector is not None else {}
        return found | {"expires": expires} | more | only

    def connector(self):
        return connector(**{name: self.value(name) for name in VALUES_OF})


def write_policy(folder, policy, packs):
    for number, pack in enumerate(packs):
        (folder / f"own-{number}.yaml").write_text(json.dumps(pack), "utf-8")
    (folder / "policy.yaml").write_text(json.dumps(policy), "utf-8")


def with_evidence(policy, snapshot, loaded):
    """The policy, its exemptions that ask for a digest with those of findings that fail."""
    audit = evaluate(normalise(snapshot), loaded, loaded.regions["na"], NOW, snapshot)
    found = {f.control.id: actual_digest(f) for f in audit.findings if f.status == "fail"}
    exemptions = [
        one
        | {"evidence": found.get(one.get("control", "OtherOutboundConnectors")) or one["evidence"]}
        if "evidence" in one
        else one
        for one in policy["exemptions"]
    ]
    return policy | {"exemptions": exemptions}


OWN_IDS = (("{0}-1", "{1} 2"), ("V-259670", "control-1"))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_name_is_left_of_any_policy_and_the_findings_are_the_same(data):
    drawn = Drawing(data.draw)
    packs = [drawn.pack(ids) for ids in OWN_IDS]
    ids = [control["id"] for pack in packs for control in pack["controls"]]
    controls = [*ids, "OtherOutboundConnectors", "ConnectorPresent", "Comment", "Fqdn", "2.2.9"]
    policy = {
        "schema": "audit-policy/1",
        "name": drawn.one(SAID),
        "version": drawn.one(SAID),
        "extends": "mimecast",
        "packs": ["own-0.yaml", "cis-exchange-2019", "own-1.yaml"],
        "connector": {"properties": drawn.properties()},
        "controls": {"OtherOutboundConnectors": {"why": drawn.one(SAID)}},
        "exemptions": [drawn.exemption(controls) for _ in range(data.draw(st.integers(1, 4)))],
    }
    policy["connector"] |= drawn.perhaps(name=lambda: drawn.one(NAMES))
    rows = [drawn.connector() for _ in range(data.draw(st.integers(1, 4)))]
    snapshot = of(*rows, connector())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_policy(folder, policy, packs)
        try:
            loaded = load_policy("policy.yaml", folder)
        except PolicyError:
            assume(False)
        policy = with_evidence(policy, snapshot, loaded)
        (folder / "again").mkdir()
        write_policy(folder / "again", policy, packs)
        loaded = load_policy("policy.yaml", folder / "again")
        redacted = redact_with(snapshot, loaded)
        written = handed_over(redacted)
        assert [word for word in secrets_of(rows, policy, packs) if word in written] == []
        again, theirs = reread(redacted, folder)
        na = loaded.regions["na"]
        assert findings(again, theirs, na, redacted.names) == findings(snapshot, loaded, na)
