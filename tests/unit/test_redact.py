"""Redaction: the same findings, and not one name."""

from __future__ import annotations

import itertools
import re
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.collect import read_snapshots
from auditor.digests import actual_digest, fingerprints, sha256
from auditor.errors import NOWHERE, AuditError, PolicyError
from auditor.evaluate import evaluate
from auditor.model import CollectionError, Exemption, Provenance, Snapshot, Unreadable
from auditor.normalise import normalise
from auditor.policy import find_region, load_policy, own_files, own_packs
from auditor.properties import PROPERTIES
from auditor.redact import Kept, builtin, redact
from auditor.redact.evidence import evidence_digests
from auditor.redact.names import Names
from auditor.redact.texts import redacted_sentence, redacted_text
from auditor.snapshot import write_snapshot
from auditor.textfile import decode
from tests.conftest import connector

NOW = datetime(2026, 12, 1, tzinfo=UTC)
EXEMPTION = Exemption(
    None, "", "", "", "", None, None, NOW.date(), (), f"sha256:{'0' * 64}", NOWHERE
)
CASES = sorted(path.parent for path in (Path(__file__).parents[1] / "cases").glob("*/case.yaml"))


def inputs(folder):
    """A case's snapshot, policy and region; None if one of them cannot be had."""
    case = yaml.safe_load((folder / "case.yaml").read_text("utf-8"))
    words = case.get("arguments", [])
    packs = [(word, folder) for option, word in itertools.pairwise(words) if option == "--pack"]
    own = "policy.yaml" if (folder / "policy.yaml").is_file() else "mimecast"
    try:
        policy = load_policy(own, folder, packs)
        region = find_region(policy, case.get("region"))
        found = [(path.name, path.read_bytes()) for path in sorted(folder.glob("input*"))]
        return read_snapshots(found), policy, region
    except AuditError:
        return None


READABLE = [folder for folder in CASES if inputs(folder) is not None]


def findings(snapshot, policy, region, originals=MappingProxyType({})):
    """All of an audit that names nothing; ``originals``: the key to the ids of controls."""
    audit = evaluate(normalise(snapshot), policy, region, NOW, snapshot)
    found = [
        (
            originals.get(f.control.id, f.control.id),
            f.status,
            f.severity,
            f.actual_state,
            sorted(change.change for change in f.changes),
            (f.connector.cmdlet, f.connector.position) if f.connector else None,
            policy.exemptions.index(f.exemption) if f.exemption else None,
        )
        for f in audit.findings
    ]
    uses = [(use.state, use.exemption.expires) for use in audit.exemptions]
    return audit.verdict, found, uses


def of(*connectors, **objects):
    return Snapshot(
        None,
        Provenance("json", "contoso.json", files=("contoso.json",)),
        {"SendConnector": connectors, **objects},
    )


def mimecast():
    return load_policy("mimecast", Path())


def own_policy(tmp_path, text, name="own.yaml"):
    head = "schema: audit-policy/1\nname: contoso\nversion: '1'\nextends: mimecast\n"
    (tmp_path / name).write_text(head + text, "utf-8")
    return load_policy(name, tmp_path), head + text


def digests(snapshot, policy, region):
    """Control and digest of every finding that an exemption covers or could cover."""
    audit = evaluate(normalise(snapshot), policy, region, NOW, snapshot)
    failed = [finding for finding in audit.findings if finding.status in {"fail", "exempt"}]
    return [(finding.control.id, actual_digest(finding)) for finding in failed]


def redact_with(snapshot, policy):
    """A snapshot with its policy, of which all files of the user's own are read."""
    texts, packs = (
        [decode(path.read_bytes(), path.name, PolicyError) for path in paths]
        for paths in (own_files(policy), own_packs(policy))
    )
    named = [(f"pack-{number}.yaml", text) for number, text in enumerate(packs, start=1)]
    return redact(snapshot, policy, texts, named)


def reread(redacted, tmp_path, policy=None):
    """A redacted snapshot and policy as they are read back; ``policy``: if that is built in."""
    snapshot = read_snapshots([("s.json", write_snapshot(redacted.snapshot))])
    if redacted.policy is None:
        return snapshot, policy or mimecast()
    folder = Path(tempfile.mkdtemp(dir=tmp_path))
    for name, text in {"policy.yaml": redacted.policy, **redacted.packs}.items():
        (folder / name).write_text(text, "utf-8")
    return snapshot, load_policy("policy.yaml", folder)


def stand_in(redacted, region):
    """What a region of the user's own is called now."""
    return next((new for new, old in redacted.names.items() if old == region.id), region.id)


def test_most_cases_can_be_read():
    assert len(READABLE) >= 600


@pytest.mark.parametrize("folder", READABLE, ids=lambda folder: folder.name)
def test_the_findings_of_every_case_are_the_same(folder, tmp_path):
    snapshot, policy, region = inputs(folder)
    redacted = redact_with(snapshot, policy)
    expected = findings(snapshot, policy, region)
    again, theirs = reread(redacted, tmp_path, policy)
    new = find_region(theirs, stand_in(redacted, region) if region else None)
    assert findings(again, theirs, new, redacted.names) == expected
    # Whatever an exemption could ask for has a digest afterwards.
    asked = [replace(EXEMPTION, control=control.id) for control in policy.all_controls]
    known = evidence_digests(snapshot, again, replace(policy, exemptions=tuple(asked)))
    befores, afters = digests(snapshot, policy, region), digests(again, theirs, new)
    for (control, before), (_, after) in zip(befores, afters, strict=True):
        assert known.get((control, before)) == after
    # Once more: nothing that matters changes.
    twice = redact_with(again, theirs)
    originals = {key: redacted.names.get(name, name) for key, name in twice.names.items()}
    again, theirs = reread(twice, tmp_path, theirs)
    last = find_region(theirs, new.id if new else None)
    assert findings(again, theirs, last, originals) == expected
    assert twice.snapshot.provenance.tool.count("(redacted)") == 1


# What no part of the output may hold: not a word of English, nor of any stand-in.
SECRETS = st.text("qxzjvk", min_size=4, max_size=9)
SHAPES = (
    "{0}",
    "{0}.{1}.com",
    "*.{0}.net.",
    "{0}.mail.onmicrosoft.com",
    "SMTP:{0}.{1}.org;5",
    "X400:c=us;a={0};p={1};3",
    "{0}:*;1",
    "smtp:{0}@{1}.com",
    "{0}\\{1}",
    "CN={0}\\, {1},CN=Servers,CN={1},CN=Microsoft Exchange,CN=Services,DC={0},DC=local",
    "{1}.com/Configuration/Sites/{0}",
    "/o={0}/ou={1}/cn=Configuration/cn=Servers/cn={0}",
    "<I>CN={0}, O={1}<S>CN=mail.{1}.com",
    "https://{0}.{1}.com/{0}?{1}",
    "EdgeSync - {0} to Internet",
    "EdgeSync - Inbound to {1}",
    "{{{0}, {1}...}}",
    "{0}|{1}",
    "{0}…",
    "System.Collections.{0}",
    "{0}`1[[{1}]]",
    "Version 15.2 (Build {0})",
    "Get-{0}",
    "35 MB ({0} bytes)",
    "[ipv6:fe80::1%{0}]",
    "10.1.2.3",
    "[10.1.2.4]",
    "10.1.2.5|{0}",
    "{0} {1}",
    "-{0}-\n{1}",
)
TEXTS = st.builds(str.format, st.sampled_from(SHAPES), st.shared(SECRETS, key="a"), SECRETS)
KEYS = st.sampled_from(["ToString", "Name", "Value", "value", "Domain", "Address", "IsUnlimited"])
RAW = st.recursive(
    st.none() | st.booleans() | st.integers(0, 99) | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(KEYS, inner, max_size=3)
        | st.dictionaries(TEXTS, inner, max_size=2)
    ),
    max_leaves=6,
)
ROW = st.dictionaries(
    st.sampled_from([*PROPERTIES, "AuthenticationCredential", "PSComputerName", "Custom"]),
    RAW,
    max_size=12,
)
OTHERS = st.dictionaries(
    st.sampled_from(["ExchangeServer", "AcceptedDomain", "AdSite", "OrganizationConfig", "Other"]),
    st.lists(
        st.dictionaries(
            st.sampled_from(["Name", "Fqdn", "Identity", "Site", "ServerRole", "DomainName", "X"])
            | TEXTS.map("the {}".format),
            RAW,
            max_size=6,
        ),
        max_size=2,
    ).map(tuple),
    max_size=2,
)


def strings(value):
    """Every text of a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from strings(item)


def secrets_of(*values):
    """Words of the generated alphabet: the only ones of four letters or more."""
    words = "[qxzjvk]{4,}|10[.][0-9.]+"
    return {word for text in strings(values) for word in re.findall(words, text)}


@settings(max_examples=200)
@given(st.lists(ROW, max_size=3), OTHERS, TEXTS, TEXTS)
def test_no_name_is_left_and_the_findings_are_the_same(rows, others, organization, reason):
    base = [connector(**row) for row in rows]
    snapshot = replace(
        of(*base, connector(), **others),
        organization=organization,
        errors=(CollectionError("Get-AdSite", f"{reason} was denied"),),
        provenance=Provenance("json", reason, None, reason, (reason, f"{reason}.json")),
    )
    policy = mimecast()
    redacted = redact(snapshot, policy)
    written = write_snapshot(redacted.snapshot).decode().lower()
    assert not [word for word in secrets_of(*base, others, organization, reason) if word in written]
    region = policy.regions["na"]
    assert findings(redacted.snapshot, policy, region) == findings(snapshot, policy, region)
    assert redact(snapshot, policy) == redacted


def test_values_equal_before_are_equal_after_and_others_are_not():
    """By the rules of each property, over all pairs of spellings."""
    for name, known in PROPERTIES.items():
        raws = [raw for raw in SPELLINGS if not isinstance(known.kind.read(raw), Unreadable)]
        redacted = redact(of(*({name: raw} for raw in raws)), mimecast()).snapshot
        after = [known.kind.read(row[name]) for row in redacted.objects["SendConnector"]]
        before = [known.kind.read(raw) for raw in raws]
        for (a, x), (b, y) in itertools.combinations(zip(before, after, strict=True), 2):
            same, still = known.kind.compared(a, b), known.kind.compared(x, y)
            assert (same[0] == same[1]) is (still[0] == still[1]), (name, a, b, x, y)


SPELLINGS = [
    *("EX01", "ex01", "ex01.contoso.com", "EX01.CONTOSO.COM.", "ex1", "ex01.fabrikam.com"),
    *("contoso.com", "*.contoso.com", "mail.contoso.com", "a.mail.contoso.com", "contoso.co.uk"),
    *("bücher.example", "xn--bcher-kva.example", "*.com", "com", "ex01.com", "contoso"),
    *("[192.0.2.1]", "192.0.2.1", "192.0.2.2", "2001:DB8:0::1", "[2001:db8::1]", "10.0.0.1"),
    *("contoso.onmicrosoft.com", "contoso.mail.onmicrosoft.com", "mail.onmicrosoft.com"),
    *(
        "SMTP:contoso.com; 1",
        "smtp:*.contoso.com;1",
        "X400:c=us;a=b;2",
        "x400:c=us;a=b; 2",
        "FAX:*",
    ),
    *("us-smtp-outbound-1.mimecast.com", "US-smtp-outbound-1.MIMECAST.com.", "evil-mimecast.com"),
    *("text-1", "domain-1.example", "host-1", "server-1", "Connector 1", "192.0.2.254", ""),
    *("CN=EX01,CN=Servers,DC=contoso,DC=com", "CN=ex01,CN=Servers,DC=contoso,DC=com"),
    ["EX01", "EX02"],
    ["ex02.contoso.com", "EX01"],
    [],
]


def test_a_bare_name_stays_short_for_its_full_one():
    row = connector(SourceTransportServers=["EX01"], Fqdn="ex01.contoso.com.")
    redacted = redact(of(row), mimecast())
    (found,) = redacted.snapshot.objects["SendConnector"]
    assert found["SourceTransportServers"] == ["server-1"]
    assert found["Fqdn"] == "server-1.domain-1.example"
    assert redacted.names["server-1"] == "ex01"
    assert redacted.names["domain-1"] == "contoso.com"


def test_a_wildcard_covers_the_same_domains():
    spaces = [
        "SMTP:*.contoso.com;1",
        "SMTP:a.b.contoso.com;2",
        "SMTP:contoso.com;3",
        "SMTP:x.org;4",
    ]
    found = redact(of(connector(AddressSpaces=spaces)), mimecast()).snapshot
    (row,) = found.objects["SendConnector"]
    hosts = [space[5:-2] for space in row["AddressSpaces"]]
    star = next(host for host in hosts if host.startswith("*."))
    assert sum(host.endswith(star[1:]) for host in hosts if host != star) == 1
    assert star[2:] in hosts

    found = redact(of(connector(AddressSpaces=["SMTP:*.com;1", *spaces])), mimecast()).snapshot
    (row,) = found.objects["SendConnector"]
    assert sum(space[5:-2].endswith(".top-1.example") for space in row["AddressSpaces"]) == 4


def test_connectors_sort_as_before_and_edgesync_keeps_its_form():
    names = [
        "Archive",
        "b",
        "EdgeSync - HQ to Internet",
        "EdgeSync - Inbound to HQ",
        "Zebra",
        "ZEBRA",
    ]
    names += ["EdgeSync - Default-First-Site-Name to Internet", "Überweg", ""]
    redacted = redact(of(*(connector(Name=name) for name in names)), mimecast())
    after = [row["Name"] for row in redacted.snapshot.objects["SendConnector"]]
    assert sorted(names, key=str.lower) == [
        name for _, name in sorted(zip(after, names, strict=True), key=lambda p: p[0].lower())
    ]
    assert after[2:4] == ["EdgeSync - Hub 1 to Internet", "EdgeSync - Inbound to Hub 1"]
    assert after[4] == after[5]
    assert after[6] == "EdgeSync - Default-First-Site-Name to Internet"


def test_where_the_order_allows_no_form_all_are_numbered():
    names = ["EdgeSync - A to Internet", "EdgeSync - B", "EdgeSync - C to Internet"]
    redacted = redact(of(*(connector(Name=name) for name in names)), mimecast())
    after = [row["Name"] for row in redacted.snapshot.objects["SendConnector"]]
    assert after == ["Connector 1", "Connector 2", "Connector 3"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("EX01\\Relay", "host-1\\person-1"),
        ("CONTOSO\\admin", "host-1\\person-1"),
        ("Ann.Lee@contoso.com", "person-1@domain-1.example"),
        ("https://mail.contoso.com:443/PowerShell/", "https://host-1.domain-1.example:443/"),
        ("https://10.1.2.3/x", "https://192.0.2.1/"),
        ("S-1-5-21-1-2-3-500", "S-1-5-21-0-0-0-1"),
        ("S-1-5-18", "S-1-5-18"),
        (
            "CN=HQ,CN=Sites,CN=Configuration,DC=a,DC=b",
            "CN=Site 1,CN=Sites,CN=Configuration,DC=domain-1,DC=example",
        ),
        ("/o=First Organization/ou=x", "/o=First Organization/ou=text-1"),
        ("contoso.com/Configuration/Sites/HQ", "domain-1.example/Configuration/Sites/Site 1"),
        ("<I>CN=Contoso CA<S>CN=mail.contoso.com", "<I>CN=text-1<S>CN=host-1.domain-1.example"),
        ("{a.com, b.org…}", "{domain-1.example, domain-2.example...}"),
        ("a.com|Default", "domain-1.example|Default"),
        ("Deserialized.System.Collections.Secret", "System.Object[]"),
        ("11/23/2026 8:00:00 AM", "11/23/2026 8:00:00 AM"),
        ("23.11.2026 08:00:00", "23.11.2026 08:00:00"),
        ("2022-03-23T17:51:11+01:00", "2022-03-23T17:51:11+01:00"),
        ("/Date(1648050071000)/", "/Date(1648050071000)/"),
        ("Version 15.2 (Build 1118.7)", "Version 15.2 (Build 1118.7)"),
        ("Mailbox, ClientAccess", "Mailbox, ClientAccess"),
        ("{0292c782-9804-4d8b-ae0e-e1c7ab90852b}", "{0292c782-9804-4d8b-ae0e-e1c7ab90852b}"),
        ("us-smtp-outbound-1.mimecast.com", "us-smtp-outbound-1.mimecast.com"),
        ("+49 89 123456", "text-1"),
        ("CHG0012345", "text-1"),
        ("a word", "text-1"),
    ],
)
def test_texts(text, expected):
    assert redacted_text(text, Names(builtin())) == expected


def test_a_message_keeps_its_plain_words():
    names = Names(builtin())
    text = "Access to CONTOSO\\ann is denied: Get-AdSite, 403 on ex01.contoso.com."
    assert redacted_sentence(text, names) == (
        "Access to host-1\\person-1 is denied: Get-AdSite, 403 on host-2.domain-1.example."
    )


def test_addresses_go_on_where_the_ranges_for_documentation_end():
    names = Names(Kept((), frozenset({"[192.0.2.1]"})))
    found = [names.address(f"10.0.{n // 256}.{n % 256}") for n in range(800)]
    assert found[0] == "192.0.2.2"
    assert found[-1].startswith("198.18.")
    assert len(set(found)) == 800
    assert names.address("192.0.2.1") == "192.0.2.1"
    assert names.address("2001:db8::1") == "2001:db8::1"


def test_bytes_and_numbers_of_an_address_do_not_pass():
    rich = {"Address": 16777343, "AddressFamily": 2, "IPAddressToString": "127.0.0.2"}
    server = {
        "Name": "EX01",
        "Rich": rich,
        "Bytes": [67, 79, 78, 84],
        "Size": {"IsUnlimited": True},
    }
    redacted = redact(of(connector(), ExchangeServer=(server,)), mimecast())
    (found,) = redacted.snapshot.objects["ExchangeServer"]
    assert found == {
        "Name": "server-1",
        "key-1": "192.0.2.1",
        "key-2": ["text-1"],
        "key-3": "Unlimited",
    }


def test_a_credential_is_never_kept():
    row = connector(AuthenticationCredential={"UserName": "relay"})
    redacted = redact(of(row), mimecast()).snapshot
    assert redacted.objects["SendConnector"][0]["AuthenticationCredential"] == "(set; dropped)"


def test_objects_that_differed_only_in_a_spelling_stay_two():
    rows = [
        connector(Comment=None),
        connector(Comment=None, SourceTransportServers=["ex01", "EX02"]),
    ]
    snapshot = of(rows[0], *rows)
    redacted = redact(snapshot, mimecast()).snapshot
    assert len(normalise(redacted).send) == len(normalise(snapshot).send) == 2


def test_a_guid_stays_and_so_do_fingerprints():
    row = connector(Port=26)
    policy = mimecast()
    before, after = (
        evaluate(normalise(s), policy, policy.regions["na"], NOW, s)
        for s in (of(row), redact(of(row), policy).snapshot)
    )
    assert fingerprints(before.findings) == fingerprints(after.findings)


POLICY = """\
# Contoso's own
region: na
packs: [stig-exchange-2019-mailbox, contoso/pack.yaml]
connector:
  name: outbound mail to MIMECAST
  properties:
    SourceTransportServers: [ex01.contoso.com, EX02]
    Fqdn: {equals: mail.contoso.com, severity: low, why: because of Contoso, references: [contoso]}
    Port: {ignore: true}
    Comment: null
    MaxMessageSize: 35 MB
controls:
  OtherOutboundConnectors: {severity: high, why: Contoso}
"""


def test_a_policy_is_redacted_alike(tmp_path):
    text = POLICY.replace("packs: [stig-exchange-2019-mailbox, contoso/pack.yaml]\n", "")
    policy, text = own_policy(tmp_path, text)
    row = connector(
        SourceTransportServers=["EX01", "ex02.contoso.com"],
        Fqdn="MAIL.contoso.com.",
        MaxMessageSize="36700160",
        Comment=None,
    )
    snapshot = of(row, connector(Name="Bypass", SmartHosts=[]))
    redacted = redact(snapshot, policy, [text])
    again, theirs = reread(redacted, tmp_path)
    region = policy.regions["na"]
    expected = findings(snapshot, policy, region)
    assert findings(again, theirs, region) == expected
    assert {status for _, status, *_ in expected[1]} == {"pass", "fail"}
    words = ("contoso", "ex01", "outbound mail", "#")
    assert not [word for word in words if word in redacted.policy.lower()]


def test_policies_that_extend_another_become_one(tmp_path):
    _, base = own_policy(tmp_path, "connector: {name: Contoso relay}\n", "base.yaml")
    own = "schema: audit-policy/1\nname: contoso\nversion: '2'\nextends: base.yaml\n"
    (tmp_path / "own.yaml").write_text(own, "utf-8")
    policy = load_policy("own.yaml", tmp_path)
    redacted = redact(of(connector(Name="contoso RELAY")), policy, [own, base])
    assert '"extends": "mimecast"' in redacted.policy
    again, theirs = reread(redacted, tmp_path)
    assert again.objects["SendConnector"][0]["Name"] == theirs.connector_name


LATER = """\
packs: [stig-exchange-2019-mailbox, own/contoso.yaml]
warn_days: 30
connector:
  properties:
    SourceTransportServers: {includes: [EX01], max: 3}
    Comment: {matches: "Contoso.*"}
    Fqdn: {one_of: [a.contoso.com, b.contoso.com], when: {TlsDomain: c.contoso.com}}
    SmartHosts: {matches: ".*", not_applicable_because: Contoso}
    MaxMessageSize: {equals_from: TransportConfig.MaxSendSize}
exemptions:
  - connector: Vault*
    control: CONTOSO-1
    reason: Archive of Contoso
    owner: ann@contoso.com
    approved_by: ann@contoso.com
    ticket: CHG0012345
    expires: 9999-12-31
    only_if: {AddressSpaces: ["SMTP:vault.contoso.com;1"], Comment: {matches: "^contoso"}}
    evidence: "sha256:EVIDENCE"
  - {connector: "*", control: Port, reason: a, owner: b, approved_by: c, expires: 2027-01-31, evidence: "sha256:OTHER"}
  - {connector: nowhere?, control: V-259670, reason: a, owner: b, approved_by: c, expires: 2027-01-31}
  - {connector: null, control: ConnectorPresent, reason: a, owner: b, approved_by: c, expires: 2027-01-31}
"""
LATER_PACK = """\
# Contoso's
schema: audit-pack/1
name: contoso
title: Rules of Contoso
controls:
  - id: CONTOSO-1
    title: Spaces of Contoso
    property: AddressSpaces
    excludes: ["SMTP:vault.contoso.com;1"]
    scope: all
    state: unconfirmed
    references: [Contoso 1]
"""


def test_what_the_policy_language_has_beside_is_redacted_too(tmp_path):
    row = connector(Name="vault 2", AddressSpaces=["vault.contoso.com"], Comment="Contoso's")
    snapshot = of(connector(Name="Vault 1"), row, connector(Name="Third"))
    (tmp_path / "own").mkdir()
    (tmp_path / "own/contoso.yaml").write_text(LATER_PACK, "utf-8")
    digest = sha256(["SMTP:vault.contoso.com;1"])
    text = LATER.replace("EVIDENCE", digest).replace("OTHER", "0" * 63 + "1")
    policy, text = own_policy(tmp_path, text)
    # Only in a text that nobody has checked a pattern can be wrong.
    text = text.replace('SmartHosts: {matches: ".*"', 'SmartHosts: {matches: "("')
    redacted = redact(snapshot, policy, [text], [("s-pack-1.yaml", LATER_PACK)])
    written = redacted.policy + redacted.packs["s-pack-1.yaml"]
    assert not [w for w in ("contoso", "vault", "ann", "ex01", "chg") if w in written.lower()]
    found = yaml.safe_load(redacted.policy)
    rows = redacted.snapshot.objects["SendConnector"]
    properties = found["connector"]["properties"]
    assert found["packs"] == ["stig-exchange-2019-mailbox", "s-pack-1.yaml"]
    assert found["warn_days"] == 30
    assert properties["Comment"] == {"matches": re.escape(rows[1]["Comment"])}
    assert properties["SmartHosts"]["matches"] == "(?!)"
    assert properties["SourceTransportServers"] == {"includes": ["server-1"], "max": 3}
    assert len(properties["Fqdn"]["one_of"]) == 2
    assert properties["MaxMessageSize"] == {"equals_from": "TransportConfig.MaxSendSize"}
    names = [row["Name"] for row in rows]
    assert names == ["Connector 2 (1)", "Connector 3 (1)", "Connector 1"]
    first, other, nowhere, none = found["exemptions"]
    assert [e["connector"] for e in found["exemptions"]] == ["*(1)*", "*", "*(2)*", None]
    assert [e["control"] for e in (first, other, nowhere, none)] == [
        *("control-1", "Port", "V-259670", "ConnectorPresent")
    ]
    assert redacted.names["*(1)*"] == "Vault*"
    assert first["owner"] == "person-1@domain-1.example"
    assert first["expires"] == "9999-12-31"
    assert first["only_if"]["AddressSpaces"] == rows[1]["AddressSpaces"]
    assert first["evidence"] == f"sha256:{sha256(rows[1]['AddressSpaces'])}"
    assert other["evidence"] == f"sha256:{'0' * 64}"
    pack = yaml.safe_load(redacted.packs["s-pack-1.yaml"])
    assert pack.pop("controls") == [
        {
            "id": "control-1",
            "title": "text-3",
            "property": "AddressSpaces",
            "excludes": rows[1]["AddressSpaces"],
            "scope": "all",
            "state": "unconfirmed",
            "references": ["text-4"],
        }
    ]
    assert pack == {"schema": "audit-pack/1", "name": "pack-1", "title": "text-2"}


def test_a_text_that_is_no_policy_is_an_error():
    with pytest.raises(PolicyError):
        redact(of(connector()), mimecast(), ["- a list"])


def test_the_snapshot_says_that_it_is_redacted(tmp_path):
    origin = Provenance(
        kind="live",
        location="https://mail.contoso.com/",
        collected_at=NOW,
        tool="audit 1.0",
        files=("a b.xml", "c"),
        server="EX01",
        account="CONTOSO\\ann",
        cautions=("insecure",),
    )
    snapshot = replace(of(connector()), provenance=origin, organization="Contoso")
    redacted = redact(snapshot, mimecast()).snapshot
    assert redacted.provenance == Provenance(
        "live",
        "redacted",
        NOW,
        "audit 1.0 (redacted)",
        ("file-1.xml", "file-2"),
        cautions=("insecure",),
    )
    assert redacted.organization == "organization-1"
    again, _ = reread(redact(snapshot, mimecast()), tmp_path)
    assert again == redacted


def test_free_text_is_replaced_whatever_it_looks_like():
    rows = [connector(Comment="4989123456", AdminDisplayName=""), connector(Comment="2026-01-01")]
    found = redact(of(*rows), mimecast()).snapshot.objects["SendConnector"]
    assert [row["Comment"] for row in found] == ["text-1", "text-2"]
    assert found[0]["AdminDisplayName"] == ""


def test_a_version_stays_and_what_is_added_to_it_does_not():
    versions = ["Version 15.2 (Build 1118.7)", "Version 15.2 (built for Contoso)", "of Contoso"]
    servers = tuple({"Name": f"EX{n}", "AdminDisplayVersion": v} for n, v in enumerate(versions))
    found = redact(of(connector(), ExchangeServer=servers), mimecast()).snapshot
    assert [server["AdminDisplayVersion"] for server in found.objects["ExchangeServer"]] == [
        "Version 15.2 (Build 1118.7)",
        "Version 15.2",
        "text-1",
    ]


def test_sites_and_organisations_are_known_wherever_they_stand():
    site = "contoso.com/Configuration/Sites/HQ"
    objects = {
        "AdSite": ({"Name": "HQ", "Identity": site}, {"Name": "Default-First-Site-Name"}),
        "AdSiteLink": ({"Name": "DEFAULTIPSITELINK", "Cost": 5, "Sites": [site, "HQ"]},),
        "OrganizationConfig": ({"Name": "Contoso", "Guid": {"ToString": "  "}, "X": "contoso"},),
    }
    found = redact(of(connector(), **objects), mimecast()).snapshot.objects
    mapped = "domain-1.example/Configuration/Sites/Hub 1"
    assert found["AdSite"][0] == {"Name": "Hub 1", "Identity": mapped}
    assert found["AdSite"][1] == {"Name": "Default-First-Site-Name"}
    assert found["AdSiteLink"][0]["Sites"] == [mapped, "Hub 1"]
    assert found["OrganizationConfig"][0] == {
        "Name": "organization-1",
        "Guid": "  ",
        "key-1": "organization-1",
    }


def test_an_object_without_end_is_replaced():
    deep = "EX01"
    for _ in range(60):
        deep = [{"Name": [deep]}]
    written = write_snapshot(redact(of(connector(Own=deep)), mimecast()).snapshot)
    assert b"EX01" not in written.split(b'"key-1"')[1]


def test_what_carries_no_known_name_of_a_cmdlet_is_replaced():
    errors = (CollectionError("Get-Site of Contoso", "failed"), CollectionError("AdSite", "failed"))
    found = redact(replace(of(connector()), errors=errors), mimecast()).snapshot
    assert [error.cmdlet for error in found.errors] == ["redacted", "AdSite"]


def test_an_internal_connector_keeps_its_name():
    names = ["Intra-Organization SMTP Send Connector", "Archive", "Zone"]
    found = redact(of(*(connector(Name=name) for name in names)), mimecast()).snapshot
    assert [row["Name"] for row in found.objects["SendConnector"]] == [
        "Intra-Organization SMTP Send Connector",
        "Connector 1",
        "Other connector 3",
    ]


@pytest.mark.parametrize(
    "text", ["contoso.com/x", "/o=x/zz=y", "CN=x,ZZ=y", "CN=x,y", "a@-b-", "DC=-"]
)
def test_what_is_half_a_name_is_not_left(text):
    found = redacted_text(text, Names(builtin()))
    assert "contoso" not in found
    assert not {"x", "y", "a@-b-"} & set(re.split("[/=,]", found))


def test_an_identity_beside_a_name_keeps_its_parts():
    row = connector(Name="Relay", Identity="EX01\\Relay", Id="Relay")
    (found,) = redact(of(row), mimecast()).snapshot.objects["SendConnector"]
    assert (found["Identity"], found["Id"]) == ("server-1\\Connector 1", "Connector 1")
    # Without a readable name it is the name, and sorts among the others.
    row = connector(Name=None, Identity="EX01\\Relay")
    (found,) = redact(of(row), mimecast()).snapshot.objects["SendConnector"]
    assert found["Identity"] == "Connector 1"


def test_the_key_leads_back():
    row = connector(Name="Contoso relay", Fqdn="mail.contoso.com", SourceIPAddress="10.1.2.3")
    redacted = redact(of(row), mimecast())
    (found,) = redacted.snapshot.objects["SendConnector"]
    assert redacted.names[found["Name"]] == "Contoso relay"
    assert redacted.names[found["SourceIPAddress"]] == "10.1.2.3"
    assert [redacted.names[part] for part in found["Fqdn"].split(".")[:2]] == [
        "mail",
        "contoso.com",
    ]


def test_nothing_of_it_needs_a_name():
    snapshot = of(connector(Name="  "), {"Enabled": True, "SmartHosts": []})
    assert findings(redact(snapshot, mimecast()).snapshot, mimecast(), None) == findings(
        snapshot, mimecast(), None
    )
