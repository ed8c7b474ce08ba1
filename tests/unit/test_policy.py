"""The built-in policy holds the contract's facts; a wrong policy is refused with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import AuditError, PolicyError, UsageError
from auditor.model import Scene
from auditor.policy import builtin_names, find_region, load_policy
from auditor.policy.load import _load as kept
from auditor.yamlfile import parse

HEAD = "schema: audit-policy/1\nname: x\nversion: '1'\n"
CHILD = HEAD + "extends: mimecast\n"
HERE = Path()


@pytest.fixture
def load(tmp_path):
    """Loads a policy from text."""

    def read(text: str | bytes):
        path = tmp_path / "p.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        kept.cache_clear()
        return load_policy("p.yaml", tmp_path)

    return read


REGIONS = {
    "na": (["us", "us-a", "cusa"], "us-smtp-outbound-{}.mimecast.com", "confirmed"),
    "usb": (["us-b", "cusb"], "usb-smtp-outbound-{}.mimecast.com", "confirmed"),
    "uspcom": ([], "uspcom-smtp-outbound-{}.mimecast-pscom-us.com", "unconfirmed"),
    "ca": (["cca"], "ca-smtp-outbound-{}.mimecast.com", "unconfirmed"),
    "eu": (["uk", "cuk"], "eu-smtp-outbound-{}.mimecast.com", "confirmed"),
    "de": (["cde"], "de-smtp-outbound-{}.mimecast.com", "unconfirmed"),
    "je": (["offshore", "jersey"], "je-smtp-outbound-{}.mimecast-offshore.com", "unconfirmed"),
    "za": (["sa", "csa"], "za-smtp-outbound-{}.mimecast.co.za", "confirmed"),
    "au": (["cau"], "au-smtp-outbound-{}.mimecast.com", "confirmed"),
}


def test_the_built_in_policy_has_the_nine_regions():
    policy = load_policy("mimecast", HERE)
    found = {r.id: (list(r.aliases), list(r.smart_hosts), r.state) for r in policy.regions.values()}
    assert found == {
        key: (aliases, [host.format(1), host.format(2)], state)
        for key, (aliases, host, state) in REGIONS.items()
    }


@pytest.mark.parametrize("word", [w for key, row in REGIONS.items() for w in (key, *row[0])])
def test_a_region_goes_by_its_id_and_aliases_in_any_case(word):
    policy = load_policy("mimecast", HERE)
    region = find_region(policy, word.upper())
    assert region is not None
    assert word == region.id or word in region.aliases


def test_the_built_in_policy_has_every_control_with_a_reason_and_references():
    controls = load_policy("mimecast", HERE).controls
    assert list(controls) == [
        "ConnectorPresent",
        "Enabled",
        "AddressSpaces",
        "DNSRoutingEnabled",
        "SmartHosts",
        "SmartHostAuthMechanism",
        "SourceTransportServers",
        "IsScopedConnector",
        "Port",
        "OtherOutboundConnectors",
        "BypassRoutes",
    ]
    for control in controls.values():
        assert control.why
        assert control.references
        assert control.position.file == "mimecast.yaml"
        assert control.position.line


def test_naming_the_connector_puts_its_name_under_control(load):
    control = load(CHILD + "connector: {name: Out}\n").controls["Name"]
    assert control.severity == "low"
    assert control.why


def test_the_digest_is_of_what_the_policy_says_and_not_of_how(load):
    one = load(CHILD + "connector: {properties: {Port: 26}}\n").sha256
    other = load(CHILD + "# a comment\nconnector:\n  properties:\n    Port: {equals: 26}\n").sha256
    third = load(CHILD + "connector: {properties: {Port: 27}}\n").sha256
    assert one == other != third


def test_a_region_is_asked_for_wherever_its_hosts_are(load):
    text = CHILD + "connector: {properties: {SmartHosts: {region: smart_hosts, present: true}}}\n"
    with pytest.raises(UsageError, match="which region"):
        find_region(load(text), None)


def test_several_matchers_must_all_hold(load):
    policy = load(CHILD + "connector: {properties: {Port: {equals: 25, present: true}}}\n")
    ((_, matcher),) = policy.controls["Port"].requirements
    assert matcher.expected() == {"equals": 25, "present": True}
    assert matcher.holds(25)
    assert not matcher.holds(26)
    assert not matcher.holds(None)
    assert matcher.compared(26) == (25, 26)
    policy = load(
        CHILD + "connector: {properties: {SmartHosts: {region: smart_hosts, present: false}}}\n"
    )
    hosts = policy.regions["na"].smart_hosts
    ((_, matcher),) = policy.controls["SmartHosts"].requirements
    inside = matcher.within(Scene(policy.regions["na"]))
    assert not inside.holds(hosts)
    assert inside.expected() == {"equals": list(hosts), "present": False}


def test_a_name_can_be_ignored(load):
    text = CHILD + "connector: {name: Out, properties: {Name: {ignore: true}}}\n"
    assert "Name" not in load(text).controls


def test_international_domains_of_a_gateway_are_a_labels(load):
    assert load(CHILD + "gateway: {domains: [B\u00fccher.de.]}\n").gateway.domains == (
        "xn--bcher-kva.de",
    )


def test_a_child_inherits_and_replaces(load):
    text = CHILD + (
        "gateway: {name: Ours}\ncontrols: {ConnectorPresent: {severity: low}}\n"
        "connector:\n  properties:\n    Port: {severity: low}\n    Enabled: {equals: true, why: So.}\n"
        "    TlsAuthLevel: DomainValidation\n    IsScopedConnector: {ignore: true}\n"
        "regions: {NA: {smart_hosts: [a.example]}, own: {smart_hosts: [b.example], aliases: [me]}}\n"
    )
    policy = load(text)
    assert policy.gateway.name == "Ours"
    assert "mimecast.com" in policy.gateway.domains
    assert policy.controls["ConnectorPresent"].severity == "low"
    assert policy.controls["ConnectorPresent"].why
    assert policy.controls["Port"].severity == "low"
    assert policy.controls["Port"].requirements[0].matcher.expected() == 25
    assert policy.controls["Enabled"].severity == "critical"
    assert policy.controls["Enabled"].why == "So."
    assert policy.controls["TlsAuthLevel"].severity == "medium"
    assert "IsScopedConnector" not in policy.controls
    assert policy.regions["na"].smart_hosts == ("a.example",)
    assert policy.regions["na"].aliases == ("us", "us-a", "cusa")
    assert find_region(policy, "ME").smart_hosts == ("b.example",)


def test_a_policy_may_stand_alone(load):
    policy = load(
        HEAD + "gateway: {name: Own, domains: [gw.example]}\n"
        "regions: {}\nconnector: {properties: {SmartHosts: [out.gw.example]}}\n"
    )
    assert find_region(policy, None) is None
    assert list(policy.controls) == [
        "ConnectorPresent",
        "SmartHosts",
        "OtherOutboundConnectors",
        "BypassRoutes",
    ]


WRONG = {
    "empty": ("", "empty", None),
    "not a mapping": ("- a\n", "this is no policy", 1),
    "no schema": ("name: x\n", "begin with its schema", 1),
    "other schema": ("schema: audit-policy/2\n", "knows audit-policy/1 only", 1),
    "no name": ("schema: audit-policy/1\n", "needs a name", 1),
    "number for text": ("schema: audit-policy/1\nname: x\nversion: 3\n", 'in quotes: "3"', 3),
    "empty text": ("schema: audit-policy/1\nname: ''\nversion: '3'\n", "must not be empty", 2),
    "no gateway": (HEAD, "needs a gateway", 1),
    "no regions": (HEAD + "gateway: {name: x, domains: [a.b]}\n", "needs regions", 1),
    "half a gateway": (HEAD + "gateway: {name: x}\nregions: {}\n", "needs domains", 4),
    "unknown parent": (HEAD + "extends: mimcast\n", "Did you mean 'mimecast'?", 4),
    "region without hosts": (CHILD + "regions: {x: {title: X}}\n", "has no smart_hosts", 5),
    "region with no hosts": (CHILD + "regions: {x: {smart_hosts: []}}\n", "at least one", 5),
    "region with a text": (CHILD + "regions: {x: {smart_hosts: a.b}}\n", "must be a list", 5),
    "region with a bad host": (CHILD + "regions: {x: {smart_hosts: [a b]}}\n", "not a host", 5),
    "region state": (CHILD + "regions: {na: {state: sure}}\n", "state cannot be", 5),
    "alias taken": (CHILD + "regions: {x: {smart_hosts: [a.b], aliases: [US]}}\n", "used by", 5),
    "unknown region key": (CHILD + "regions: {na: {host: a}}\n", "no key 'host'", 5),
    "unknown control": (CHILD + "controls: {ConectorPresent: {}}\n", "'ConnectorPresent'?", 5),
    "bad severity": (
        CHILD + "controls: {ConnectorPresent: {severity: hi}}\n",
        "severity cannot",
        5,
    ),
    "bad references": (CHILD + "controls: {ConnectorPresent: {references: a}}\n", "be a list", 5),
    "unknown matcher": (CHILD + "connector: {properties: {Port: {eqals: 1}}}\n", "'equals'?", 5),
    "port beyond": (CHILD + "connector: {properties: {Port: 99999}}\n", "from 1 to 65535", 5),
    "time span beyond": (
        CHILD + "connector: {properties: {ConnectionInactivityTimeOut: '00:00:00'}}\n",
        "from 00:00:01 to 1.00:00:00",
        5,
    ),
    "ignore false, special": (
        CHILD + "controls: {ConnectorPresent: {ignore: false}}\n",
        "only be true",
        5,
    ),
    "region twice": (CHILD + "regions: {X: {smart_hosts: [a.b]}, x: {}}\n", "is there twice", 5),
    "two names": (
        CHILD + "connector: {name: A, properties: {Name: {equals: B}}}\n",
        "Name cannot be another",
        5,
    ),
    "null tag": (CHILD + "region: !!null na\n", "tag", 5),
    "half a character": (CHILD.encode() + b"# \xc3", "Save the file as UTF-8", 5),
    "code page": (CHILD.encode() + b"# B\xfcro\n", "Save the file as UTF-8", 5),
    "blank name": (CHILD + "connector: {name: ' '}\n", "must not be empty", 5),
    "wildcard domain": (CHILD + "gateway: {domains: ['*.mimecast.com']}\n", "not a domain", 5),
    "name too long": (HEAD + f"extends: {'y' * 300}\n", "there is no policy", 4),
    "nul in a name": (HEAD + 'extends: "a\\0b"\n', "there is no policy", 4),
    "deep": (HEAD + "x: " + "[" * 50_000, "nested too deep", 4),
    "deep lines": (HEAD + "x:\n" + "".join(f"{' ' * n}- \n" for n in range(150)), "", None),
    "ignore false": (
        CHILD + "connector: {properties: {Port: {ignore: false}}}\n",
        "only be true",
        5,
    ),
    "ignore and more": (
        CHILD + "connector: {properties: {Port: {ignore: true, equals: 1}}}\n",
        "is ignored and has",
        5,
    ),
    "region elsewhere": (
        CHILD + "connector: {properties: {Port: {region: smart_hosts}}}\n",
        "gives smart hosts",
        5,
    ),
    "region word": (
        CHILD + "connector: {properties: {SmartHosts: {region: hosts}}}\n",
        "cannot be 'hosts'",
        5,
    ),
    "list for one": (CHILD + "connector: {properties: {Port: [25]}}\n", "one whole number", 5),
    "number for name": (CHILD + "connector: {name: 5}\n", "Put it in quotes", 5),
    "number in list": (
        CHILD + "connector: {properties: {SourceTransportServers: [5]}}\n",
        "Put it in quotes",
        5,
    ),
    "not an enumeration value": (
        CHILD + "connector: {properties: {SmartHostAuthMechanism: Basic}}\n",
        "Did you mean 'BasicAuth'?",
        5,
    ),
    "words of yaml": (CHILD + "connector: {properties: {Enabled: on}}\n", "not a boolean", 5),
    "octal": (CHILD + "connector: {properties: {Port: 0o31}}\n", "not a whole number", 5),
    "underscore": (CHILD + "connector: {properties: {Port: 2_5}}\n", "not a whole number", 5),
    "present word": (
        CHILD + "connector: {properties: {SourceTransportServers: {present: yes}}}\n",
        "true or false",
        5,
    ),
    "tab": (CHILD + "connector:\n\tname: x\n", "with blanks, not with tabs", 6),
    "two documents": (CHILD + "---\nname: y\n", "second document", 5),
    "anchor to itself": (CHILD + "connector: &a {name: *a}\n", "", 5),
    "list as key": (CHILD + "? [a]\n: b\n", "plain text", 5),
    "too deep": (CHILD + "x: " + "[" * 60 + "]" * 60 + "\n", "nested too deep", 5),
    "control character": (HEAD.encode() + b"a: \x00\n", "", None),
    "not text": (b"\xff\xfe\xff\xdf\x00", "", None),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_policy_is_refused_with_its_place(load, name):
    text, words, line = WRONG[name]
    with pytest.raises(AuditError) as caught:
        load(text)
    error = caught.value
    assert words in f"{error.message} {error.hint}", f"{error.message} {error.hint}"
    assert error.place.file in {"p.yaml"}
    assert error.place.line == line or line is None
    assert error.exit_status == 2
    assert isinstance(error, PolicyError)


def test_an_alias_bomb_is_refused(load):
    text = CHILD + "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True):
        text += f"{new}: &{new} [{', '.join(f'*{old}' for _ in range(10))}]\n"
    with pytest.raises(PolicyError, match="too large"):
        load(text)


def test_a_policy_too_large_is_not_read(load):
    with pytest.raises(PolicyError, match="too large"):
        load("#" * (4 * 1024 * 1024 + 1))


def test_a_file_that_is_a_folder_is_no_policy(tmp_path):
    (tmp_path / "p.yaml").mkdir()
    with pytest.raises(UsageError, match="there is no file"):
        load_policy("p.yaml", tmp_path)


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text):
    try:
        node = parse(text, "x.yaml", PolicyError)
    except PolicyError as error:
        assert error.message
    else:
        assert node.place.file == "x.yaml"


def test_built_in_names():
    assert builtin_names() == ["mimecast"]
