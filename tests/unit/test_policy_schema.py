"""The schemas for editors say what the readers say, and are never stricter than these."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest
import yaml

from auditor.errors import NOWHERE, PolicyError
from auditor.kinds import BOOLEAN
from auditor.policy import documents, exemptions, load_policy, packs
from auditor.policy.controls import DETAILS, SPECIAL
from auditor.policy.load import _load as kept
from auditor.policy.matchers import MATCHERS
from auditor.policy.pack_files import load_pack
from auditor.policy.schema import pack_schema, policy_schema
from auditor.properties import PROPERTIES, SETTINGS, Property
from auditor.textfile import decode
from auditor.yamlfile import Node, parse
from tests.conftest import ROOT

SCHEMAS = {"policy": policy_schema(), "pack": pack_schema()}
VALIDATORS = {what: jsonschema.Draft7Validator(schema) for what, schema in SCHEMAS.items()}
HEAD = "schema: audit-policy/1\nname: x\nversion: '1'\n"
CHILD = HEAD + "extends: mimecast\n"
PACK = "schema: audit-pack/1\nname: x\ncontrols:\n"

# What yaml-language-server 1.25 acts upon or shows, of what is used here.
KEYWORDS = {
    "$ref", "$schema", "additionalProperties", "allOf", "anyOf", "const", "definitions",
    "description", "else", "enum", "examples", "if", "items", "maximum", "minItems", "minProperties",
    "minimum", "pattern", "patternErrorMessage", "properties", "required", "then", "title", "type",
}  # fmt: skip


def plain(node: Node) -> object:
    """What an editor sees of a YAML value."""
    if isinstance(node.value, dict):
        return {key: plain(value) for key, value in node.value.items()}
    if isinstance(node.value, tuple):
        return [plain(item) for item in node.value]
    return node.value


def faults(what: str, text: str) -> list[str]:
    """What a validator has to say to a policy or a pack."""
    found = VALIDATORS[what].iter_errors(plain(parse(text, "x.yaml", PolicyError)))
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in found]


def subschemas(schema: object):
    """A schema and all that it is made of."""
    if not isinstance(schema, dict):
        return
    yield schema
    for key in ("if", "then", "else", "items", "additionalProperties"):
        yield from subschemas(schema.get(key))
    for key in ("anyOf", "allOf"):
        for part in schema.get(key, ()):
            yield from subschemas(part)
    for key in ("properties", "definitions"):
        for part in schema.get(key, {}).values():
            yield from subschemas(part)


@pytest.mark.parametrize("what", SCHEMAS)
def test_the_file_that_ships_is_what_the_tables_give(what):
    path = f"policies/audit-{what}-1.schema.json"
    again = f"audit policy schema{' --packs' if what == 'pack' else ''} > {path}"
    text = json.dumps(SCHEMAS[what], indent=2) + "\n"
    assert (ROOT / path).read_text("utf-8") == text, f"Make it again: {again}"


@pytest.mark.parametrize("what", SCHEMAS)
def test_it_is_a_schema_that_editors_understand(what):
    schema = SCHEMAS[what]
    jsonschema.Draft7Validator.check_schema(schema)
    for part in subschemas(schema):
        assert part.keys() <= KEYWORDS
        if "$ref" in part:  # the draft ignores what is beside it
            assert part.keys() <= {"$ref", "description"}
            assert part["$ref"].removeprefix("#/definitions/") in schema["definitions"]
        for pattern in (part["pattern"],) if "pattern" in part else ():
            assert re.compile(pattern)
            assert pattern.isascii()
            assert "(?" not in pattern  # JavaScript has other groups


@pytest.mark.parametrize("what", SCHEMAS)
def test_every_key_has_its_help(what):
    for part in subschemas(SCHEMAS[what]):
        if "type" in part:
            for key, value in part.get("properties", {}).items():
                assert value["description"], key


def test_every_key_of_the_readers_is_there():
    policy, pack = SCHEMAS["policy"], SCHEMAS["pack"]
    definitions = policy["definitions"]
    assert tuple(policy["properties"]) == documents.KEYS
    assert tuple(policy["properties"]["controls"]["properties"]) == SPECIAL
    assert tuple(definitions["exemption"]["properties"]) == exemptions.KEYS
    assert tuple(definitions["requirements"]["properties"]) == tuple(PROPERTIES)
    assert tuple(definitions["connector"]["properties"]["properties"]["properties"]) == tuple(
        PROPERTIES
    )
    assert tuple(pack["properties"]) == packs.KEYS
    assert tuple(pack["definitions"]["control"]["properties"]) == packs.CONTROL_KEYS


def test_a_new_property_and_a_new_matcher_appear_by_themselves(monkeypatch):
    def read_odd(node, name, kind):
        """The value is odd."""

    monkeypatch.setitem(MATCHERS, "odd", read_odd)
    monkeypatch.setitem(PROPERTIES, "Shiny", Property(BOOLEAN, since="2019"))
    definitions = policy_schema()["definitions"]
    shiny = definitions["connector"]["properties"]["properties"]["properties"]["Shiny"]
    assert shiny["description"].startswith("Holds a boolean; Exchange 2019 and later.")
    control = definitions[shiny["$ref"].rpartition("/")[2]]
    assert control["properties"]["odd"] == {"description": "The value is odd."}


SINGLE = [
    True, 25, 1, 4096, "smart_hosts", *SETTINGS, "00:10:00", "Default", "None", "192.0.2.1", "a.example",
    "DomainValidation",
]  # fmt: skip
GIVEN = [Node(one, NOWHERE) for one in SINGLE]
GIVEN += [Node((node,), NOWHERE) for node in GIVEN]


def reads(word: str, name: str) -> bool:
    """Whether a matcher can be asked of a property, with whatever value."""
    for node in GIVEN:
        try:
            MATCHERS[word](node, name, PROPERTIES[name].kind)
        except PolicyError:
            continue
        return True
    return False


@pytest.mark.parametrize("name", PROPERTIES)
def test_a_property_has_the_matchers_that_can_apply_and_no_others(name):
    definitions = SCHEMAS["policy"]["definitions"]
    can = [word for word in MATCHERS if reads(word, name)]
    asked = definitions["requirements"]["properties"][name]["$ref"].rpartition("/")[2]
    assert list(definitions[asked]["properties"]) == can
    control = definitions[asked.replace("-requirement", "-control")]
    assert list(control["properties"]) == [*can, "ignore", *DETAILS]


def right():
    yield from ((path, "policy") for path in (ROOT / "policies").glob("*.yaml"))
    yield from ((path, "pack") for path in (ROOT / "policies/packs").glob("*.yaml"))
    for pattern in ("valid/**/*.yaml", "lint/*.yaml", "lint/packs/*.yaml"):
        for path in (ROOT / "tests/policies").glob(pattern):
            is_pack = "schema: audit-pack/1" in decode(path.read_bytes(), path.name)
            yield path, "pack" if is_pack else "policy"
    for path in (ROOT / "tests/cases").glob("*/policy.yaml"):
        case = yaml.safe_load((path.parent / "case.yaml").read_text("utf-8"))
        if case["exit"] != 2:
            yield path, "policy"


RIGHT = list(right())
NAMES = [str(path.relative_to(ROOT)) for path, _ in RIGHT]


@pytest.mark.parametrize(("path", "what"), RIGHT, ids=NAMES)
def test_what_is_right_conforms(path, what):
    assert faults(what, decode(path.read_bytes(), path.name)) == []


@pytest.mark.parametrize(
    ("path", "what"), [(path, what) for path, what in RIGHT if ROOT / "policies" in path.parents]
)
def test_what_ships_names_its_schema(path, what):
    first = path.read_text("utf-8").partition("\n")[0]
    named = first.removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / named).resolve() == ROOT / f"policies/audit-{what}-1.schema.json"


def test_the_policies_of_the_documentation_conform():
    blocks = re.findall(
        r"```yaml\n(schema: audit-p.*?)```", (ROOT / "README.md").read_text(), re.DOTALL
    )
    assert blocks
    for block in blocks:
        assert faults("pack" if "audit-pack/1" in block else "policy", block) == []


def of(properties: str) -> str:
    return f"{CHILD}connector: {{properties: {{{properties}}}}}\n"


GOOD = [
    HEAD + "gateway: {name: g, domains: [g.example]}\nregions: {}\n",
    CHILD + "region: null\nwarn_days: 0\npacks: []\nexemptions: []\ncontrols: {}\nconnector: {name: null}\n",
    CHILD.replace("'1'", "1.0"),
    CHILD + "regions: {na: {state: unconfirmed}, X: {smart_hosts: ['[192.0.2.1]']}}\n",
    CHILD + "controls: {ConnectorPresent: {ignore: true}, OtherOutboundConnectors: {why: w}}\n",
    of("Port: '25'"),
    of("Port: +25"),
    of("Port: null"),
    of("Port: {}"),
    of("Port: {ignore: true}"),
    of("Port: {one_of: [25, '26', null]}"),
    of("Port: {min: 25, max: '26', when: {Enabled: true}, severity: low, references: []}"),
    of("Port: {not_applicable_because: so}"),
    of("Port: {when: {RequireTLS: {ignore: true}, Enabled: {equals: true}}}"),
    of("Enabled: $true"),
    of("Enabled: {equals: ' TRUE '}"),
    of("SmartHostAuthMechanism: none"),
    of("SmartHostAuthMechanism: 16"),
    of("SmartHostAuthMechanism: '0'"),
    of("SmartHostAuthMechanism: {one_of: [basicauth, None, 8, null], matches: 'B.*'}"),
    of("ErrorPolicies: 0"),
    of("ErrorPolicies: DowngradeAuthFailures"),
    of("MaxMessageSize: 36700160"),
    of("MaxMessageSize: '35 MB (36,700,160 bytes)'"),
    of("MaxMessageSize: {max: 50mb, min: 0}"),
    of("MaxMessageSize: UNLIMITED"),
    of("MaxMessageSize: {equals_from: TransportConfig.MaxSendSize}"),
    of("ConnectionInactivityTimeOut: 00:10:00"),
    of("ConnectionInactivityTimeOut: {max: PT10M}"),
    of("SmartHosts: null"),
    of("SmartHosts: a.example"),
    of("SmartHosts: []"),
    of("SmartHosts: {region: smart_hosts, min: 2, includes: [a.b], excludes: [c.d], matches: x}"),
    of("SourceTransportServers: {subset_of: [EX01], present: true}"),
    of("Comment: ''"),
    of("TlsDomain: '*.contoso.com'"),
    of("SourceIPAddress: {one_of: ['::', 192.0.2.1]}"),
]  # fmt: skip


@pytest.mark.parametrize("text", GOOD)
def test_what_the_reader_takes_conforms(text, tmp_path):
    (tmp_path / "p.yaml").write_text(text, "utf-8")
    kept.cache_clear()
    assert load_policy("p.yaml", tmp_path)
    assert faults("policy", text) == []


EXEMPTION = "connector: a, reason: b, owner: c, approved_by: d, expires: 2027-01-31"
BAD = [
    "",
    "- a\n",
    "name: x\nversion: '1'\nextends: mimecast\n",
    HEAD,
    HEAD + "gateway: {name: g}\nregions: {}\n",
    HEAD + "gateway: {name: g, domains: [g.example]}\nregions: {na: {state: confirmed}}\n",
    CHILD.replace("policy/1", "policy/2"),
    CHILD.replace("'1'", "''"),
    CHILD.replace("name: x", "name: 5"),
    CHILD + "rgion: na\n",
    CHILD + "warn_days: '30'\n",
    CHILD + "warn_days: 3661\n",
    CHILD + "packs: tls\n",
    CHILD + "gateway: {domain: [a.b]}\n",
    CHILD + "gateway: {domains: []}\n",
    CHILD + "regions: {x: {smart_hosts: []}}\n",
    CHILD + "regions: {x: {smart_hosts: [a.b], state: sure}}\n",
    CHILD + "controls: {ConectorPresent: {}}\n",
    CHILD + "controls: {ConnectorPresent: {when: {Enabled: true}}}\n",
    CHILD + "controls: {ConnectorPresent: {severity: hi}}\n",
    CHILD + "exemptions: [{connector: a}]\n",
    CHILD + f"exemptions: [{{{EXEMPTION}, until: x}}]\n",
    CHILD + f"exemptions: [{{{EXEMPTION}, starts: 1.1.2026}}]\n",
    CHILD + f"exemptions: [{{{EXEMPTION}, evidence: abc}}]\n",
    CHILD + f"exemptions: [{{{EXEMPTION}, only_if: {{}}}}]\n",
    CHILD + f"exemptions: [{{{EXEMPTION}, only_if: {{Port: {{ignore: true}}}}}}]\n",
    of("Prt: 25"),
    of("Port: on"),
    of("Port: 99999"),
    of("Port: [25]"),
    of("Port: {eqals: 25}"),
    of("Port: {ignore: false}"),
    of("Port: {min: null}"),
    of("Port: {includes: [25]}"),
    of("Port: {matches: '25'}"),
    of("Port: {region: smart_hosts}"),
    of("Port: {equals_from: TransportConfig.MaxSendSize}"),
    of("Port: {when: {Enabled: {}}, equals: 25}"),
    of("Enabled: on"),
    of("Enabled: 1"),
    of("Enabled: {min: true}"),
    of("Enabled: {present: yes}"),
    of("Name: 5"),
    of("SmartHostAuthMechanism: Basic"),
    of("SmartHostAuthMechanism: {one_of: []}"),
    of("SmartHosts: {one_of: [a.b]}"),
    of("SmartHosts: {region: hosts}"),
    of("SmartHosts: {includes: []}"),
    of("SourceTransportServers: [5]"),
    of("SourceTransportServers: {min: '2'}"),
    of("MaxMessageSize: 50 MX"),
    of("MaxMessageSize: -1"),
    of("MaxMessageSize: {equals_from: TransportConfig.Other}"),
    of("ConnectionInactivityTimeOut: 600"),
]


@pytest.mark.parametrize("text", BAD)
def test_what_the_reader_refuses_is_refused(text, tmp_path):
    (tmp_path / "p.yaml").write_text(text, "utf-8")
    kept.cache_clear()
    with pytest.raises(PolicyError):
        load_policy("p.yaml", tmp_path)
    assert faults("policy", text)


GOOD_CONTROLS = [
    "{id: a, property: Port, equals: 25, scope: all, state: unconfirmed, title: t}",
    "{id: 2.2, properties: {SmartHosts: {present: true}, DNSRoutingEnabled: false}}",
    "{id: a, not_applicable_because: so}",
    "{id: a, property: MaxMessageSize, equals_from: TransportConfig.MaxSendSize, why: w}",
    "{id: a, property: TlsAuthLevel, one_of: [1, domainvalidation], when: {RequireTLS: true}}",
]
BAD_CONTROLS = [
    "{property: Port, equals: 25}",
    "{id: a}",
    "{id: a, equals: 25}",
    "{id: a, property: Prt, equals: 25}",
    "{id: a, property: Port, equals: on}",
    "{id: a, property: Port, includes: [a]}",
    "{id: a, property: SmartHosts, one_of: [a]}",
    "{id: a, property: Port, equals: 25, ignore: true}",
    "{id: a, property: Port, equals: 25, scope: every}",
    "{id: a, property: Port, properties: {Enabled: true}}",
    "{id: a, present: true, properties: {Enabled: true}}",
    "{id: a, properties: {}}",
    "{id: a, properties: {Port: {severity: low}}}",
]


@pytest.mark.parametrize("control", [*GOOD_CONTROLS, *BAD_CONTROLS])
def test_a_control_of_a_pack_is_judged_as_the_reader_does(control, tmp_path):
    text = f"{PACK}  - {control}\n"
    (tmp_path / "p.yaml").write_text(text, "utf-8")
    if control in GOOD_CONTROLS:
        assert load_pack(tmp_path / "p.yaml").controls
        assert faults("pack", text) == []
        return
    with pytest.raises(PolicyError):
        load_pack(tmp_path / "p.yaml")
    assert faults("pack", text)
