"""Policies made from the schema, whole and broken: each is read, or refused with its place."""

from __future__ import annotations

import itertools
import json
import re
import time
from copy import deepcopy

import jsonschema
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.errors import AuditError, PolicyError
from auditor.model import Policy
from auditor.policy import load_policy
from auditor.policy.effective import effective_policy
from auditor.policy.load import _load as kept
from auditor.policy.schema import pack_schema, policy_schema
from auditor.yamlfile import parse
from tests.unit.test_policy_schema import CHILD, HEAD, plain

SCHEMA = policy_schema()
CONFORMS = jsonschema.Draft7Validator(SCHEMA)

# Far longer than a policy of this size takes on any machine.
SECONDS = 10

CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
some = settings(max_examples=100, suppress_health_check=CHECKS)

# What a text can be; a pattern picks those that fit. Many are something else to some reader.
WORDS = [
    "contoso", "Outbound Mail to Mimecast", "EX01", "mail.contoso.com", "*.contoso.com", "1.0",
    "25", "SMTP:*;1", "192.0.2.1", "TRUE", "$false", "35 MB (36,700,160 bytes)", "50mb", "none",
    "unlimited", "00:10:00", "1.00:00:00", "PT10M", "verbose", "2026-01-01", "2027-12-31",
    f"sha256:{'0' * 64}", "null", "~", "no", "0x1F", "010", "1_000", "<<", "=", "- a", "a: b # c",
    "#", "'", '"', "{a}", "&a", "*a", "!a", "%a", "@a", "a\nb", "a\n", " a ", "a\tb", "a\u2028b",
    "\u0085a", "\ufeffa", "\x7f", "B\u00fccher", "\U0001f4e7", "word " * 30, "x" * 200, "a  b " * 30,
    "\n\n a\n  b",
]  # fmt: skip
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
REGIONS = st.sampled_from(["na", "NA", "eu", "own"])


class Maker:
    """Makes what conforms to a schema, as far as the keywords of ours go."""

    def __init__(self, schema):
        self.definitions = schema["definitions"]

    def of(self, schema):
        if "$ref" in schema:
            return self.of(self.definitions[schema["$ref"].rpartition("/")[2]])
        if "const" in schema or "enum" in schema:
            return st.sampled_from(schema.get("enum") or [schema["const"]])
        if "type" not in schema:  # the first is what is meant mostly
            first, *others = [self.of(part) for part in schema["anyOf"]]
            return st.one_of(first, first, first, *others)
        types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        return st.one_of([getattr(self, word)(schema) for word in types])

    def both(self, one, other):
        """What conforms to a schema and to what is needed besides."""
        if "$ref" in one:
            one = self.definitions[one["$ref"].rpartition("/")[2]]
        made = {**one, "required": [*one.get("required", ()), *other.get("required", ())]}
        for key, part in other.get("properties", {}).items():
            made["properties"] = {
                **made["properties"],
                key: self.both(one["properties"][key], part),
            }
        if "additionalProperties" in other:
            made["additionalProperties"] = self.both(
                one["additionalProperties"], other["additionalProperties"]
            )
        return made

    def null(self, schema):
        return st.none()

    def boolean(self, schema):
        return st.booleans()

    def number(self, schema):
        return st.sampled_from([1.5, 2.25])

    def integer(self, schema):
        return st.integers(schema.get("minimum"), schema.get("maximum", 1 << 40))

    def string(self, schema):
        fits = re.compile(schema.get("pattern", ""))
        members = [part["enum"] for part in schema.get("anyOf", ()) if "enum" in part]
        real = [*schema.get("examples", ()), *itertools.chain(*members)]
        real = [word for word in real if isinstance(word, str)]
        words = st.sampled_from([word for word in WORDS if fits.search(word)] or real)
        if real and schema.get("pattern") == r"\S":  # texts that must name something
            return st.sampled_from(real)
        if real:
            return st.one_of(*[st.sampled_from(real)] * 8, words)
        return st.one_of(words, TEXTS.filter(fits.search)) if fits.search("a") else words

    def array(self, schema):
        given_ones = [item for item in schema.get("examples", ()) if isinstance(item, list)]
        made = st.lists(self.of(schema["items"]), min_size=schema.get("minItems", 0), max_size=3)
        return st.one_of(st.sampled_from(given_ones), made) if given_ones else made

    def object(self, schema):
        return st.composite(lambda draw: self.mapping(draw, schema))()

    def mapping(self, draw, schema):
        """What is required, and some of the rest; of several ways to be right, one."""
        if "else" in schema:
            needs = schema["if"] if draw(st.booleans()) else schema["else"]
            schema = self.both(schema, needs)
        keys = dict(schema.get("properties", {}))
        needed = list(schema.get("required", ()))
        ways = [part["required"] for part in schema.get("anyOf", ()) if "required" in part]
        needed += draw(st.sampled_from(ways)) if ways else []
        branches = [
            part for part in schema.get("allOf", ()) if set(part["if"]["required"]) <= set(needed)
        ]
        if branches:
            branch = draw(st.sampled_from(branches))
            keys |= branch["if"].get("properties", {}) | branch["then"]["properties"]
        can = {"$ref", "type", "enum", "const", "anyOf"}
        keys = {key: part for key, part in keys.items() if part is not False and part.keys() & can}
        others = [key for key in keys if key not in needed]
        least = min(len(others), max(0, schema.get("minProperties", 0) - len(needed)))
        if others:
            some_of = st.lists(st.sampled_from(others), min_size=least, max_size=3, unique=True)
            needed += draw(some_of)
        made = {key: draw(self.of(keys[key])) for key in needed}
        if isinstance(schema.get("additionalProperties"), dict):
            values = self.of(schema["additionalProperties"])
            made |= draw(st.dictionaries(REGIONS, values, max_size=2))
        return {"ignore": True} if "ignore" in made else made


POLICIES = Maker(SCHEMA).of(SCHEMA)
PACKS = Maker(pack_schema()).of(pack_schema())

ODD = [
    None, True, False, -1, 0, 10**20, 1.5, float("nan"), "", " ", [], {}, [[]], [None], {"": None},
    {"a": {"b": []}}, "x" * 5000, "\0", "*", "[", "(", "(a+)+$", "1" * 30, "9999-99-99", "mimecast",
    "p.yaml", ".", "BypassRoutes", *WORDS,
]  # fmt: skip
DEEP: list[object] = []
for _ in range(60):
    DEEP = [DEEP]


def places(value):
    """Every container in a document, with each of its keys."""
    keys = value if isinstance(value, dict) else range(len(value))
    for key in list(keys):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from places(value[key])


@st.composite
def damaged(draw, documents):
    """A document with a few things wrong in it."""
    document = deepcopy(draw(documents))
    for _ in range(draw(st.integers(1, 3))):
        found = list(places(document))
        if not found:
            break
        container, key = draw(st.sampled_from(found))
        how = draw(st.sampled_from(["drop", "rename", "odd", "swap", "insert"]))
        other, there = draw(st.sampled_from(found))
        if how == "odd":
            container[key] = deepcopy(draw(st.sampled_from([*ODD, DEEP])))
        elif how == "swap":
            container[key], other[there] = deepcopy(other[there]), deepcopy(container[key])
        elif how == "drop":
            del container[key]
        elif isinstance(container, dict):
            name = draw(st.sampled_from([str(there), f"{key}s", "equals", "ignore", "Enabled", ""]))
            container[name] = container.pop(key) if how == "rename" else deepcopy(other[there])
        else:
            container.insert(key, deepcopy(other[there]))
    return document


def yaml_of(document):
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False)


def json_of(document):
    return json.dumps(document, ensure_ascii=False)


WRITERS = st.sampled_from([yaml_of, yaml_of, json_of])
ENCODINGS = st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16"])


@st.composite
def spoiled(draw, documents):
    """The bytes of a document, cut or with others among them."""
    data = draw(WRITERS)(draw(documents)).encode(draw(ENCODINGS))
    at = draw(st.integers(0, len(data)))
    if draw(st.booleans()):
        return data[:at]
    return data[:at] + draw(st.binary(max_size=8)) + data[at + draw(st.integers(0, 8)) :]


def load(folder, data):
    """The policy of some bytes, or how it was refused; fails on everything else."""
    (folder / "p.yaml").write_bytes(data if isinstance(data, bytes) else data.encode())
    kept.cache_clear()
    start = time.monotonic()
    try:
        return load_policy("p.yaml", folder)
    except AuditError as error:
        check_refusal(error, folder)
        return error
    finally:
        assert time.monotonic() - start < SECONDS


def check_refusal(error, folder):
    assert isinstance(error, PolicyError), error
    assert error.exit_status == 2
    assert error.message
    assert (folder / error.place.file).is_file()
    text = (folder / error.place.file).read_bytes()
    # What is no YAML at all, and a file with nothing in it, may have no line.
    if error.place.line is not None or not error.message.startswith("this is not YAML"):
        assert 1 <= error.place.line <= text.count(b"\n") + text.count(b"\r") + 5, error.message
        assert error.place.column >= 1


def test_what_the_schema_makes_mostly_loads(tmp_path):
    """Else the other tests here would only see the first line of defence."""
    loaded = []

    @settings(some, derandomize=True, database=None)
    @given(POLICIES, WRITERS)
    def run(document, write):
        assert not list(CONFORMS.iter_errors(document))
        loaded.append(isinstance(load(tmp_path, write(document)), Policy))

    run()
    assert sum(loaded) >= len(loaded) / 3, f"{sum(loaded)} of {len(loaded)}"


@some
@given(POLICIES, st.none() | POLICIES, WRITERS)
def test_the_effective_policy_is_the_policy(tmp_path, document, parent, write):
    if parent is not None:
        (tmp_path / "base.yaml").write_text(write(parent), "utf-8")
        document = {**document, "extends": "base.yaml"}
        # A child overlooks an exemption of a control that only its parent could know.
        if not isinstance(load(tmp_path, write(parent)), Policy):
            return
    policy = load(tmp_path, write(document))
    if not isinstance(policy, Policy):
        return
    text = effective_policy("p.yaml", tmp_path)
    again = load(tmp_path, text)
    assert isinstance(again, Policy), again
    assert again.sha256 == policy.sha256
    assert not list(CONFORMS.iter_errors(plain(parse(text, "x.yaml", PolicyError))))
    region = next(iter(policy.regions.values()), None)
    looked_at = load(tmp_path, effective_policy("p.yaml", tmp_path, region=region))
    assert isinstance(looked_at, Policy)


@some
@given(damaged(POLICIES), WRITERS)
def test_a_wrong_document_is_refused_or_conforms(tmp_path, document, write):
    """What the reader takes, an editor never shows as wrong."""
    text = write(document)
    if isinstance(load(tmp_path, text), Policy):
        seen = plain(parse(text, "x.yaml", PolicyError))
        assert not [error.message for error in CONFORMS.iter_errors(seen)]


@some
@given(spoiled(POLICIES))
def test_spoiled_bytes_are_refused_with_their_place(tmp_path, data):
    load(tmp_path, data)


COUNT = itertools.count()  # packs are kept by their path


@some
@given(PACKS | damaged(PACKS), WRITERS)
def test_packs_are_read_or_refused(tmp_path, document, write):
    name = f"pack{next(COUNT)}.yaml"
    (tmp_path / name).write_text(write(document), "utf-8")
    load(tmp_path, f"{CHILD}packs: [{name}]\n")


@some
@given(st.text() | st.builds(f"{HEAD}{{}}".format, st.text()) | st.binary())
def test_any_text_and_any_bytes_are_refused_with_their_place(tmp_path, data):
    data = data if isinstance(data, bytes) else data.encode("utf-8", "replace")
    assert isinstance(load(tmp_path, data), AuditError)
