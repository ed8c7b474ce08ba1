"""Every matcher on the values of every kind, decided both ways, in one table."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

import pytest

from auditor.errors import PolicyError
from auditor.model import ABSENT, Region, Scene, Undecided, Unreadable
from auditor.policy.matchers import MATCHERS, read_matchers
from auditor.policy.matchers.pattern import matches_whole
from auditor.properties import PROPERTIES
from auditor.yamlfile import parse

NA = Region("na", "North America", (), ("a.example", "b.example"))
MB = 1 << 20


class Settings(dict):
    """An organisation's settings."""

    def __missing__(self, name):
        return ABSENT


def matcher(name, text):
    """The matcher that a policy asks for of a property."""
    node = parse(text, "p.yaml", PolicyError)
    return read_matchers(node.value, name, PROPERTIES[name].kind)


def value(name, raw):
    return PROPERTIES[name].kind.read(raw)


# property, matchers, raw values that are right, raw values that are not
HOLDS = [
    ("Enabled", "equals: true", [True, "$true"], [False, None]),
    ("Enabled", "one_of: [true, null]", [True, None], [False]),
    ("Enabled", "present: true", [True, False], [None]),
    ("Enabled", "present: false", [None], [True, False]),
    ("Port", "equals: 25", [25, "25"], [26, None]),
    ("Port", "equals: 1", [1], [2]),
    ("Port", "one_of: [25, 587]", [25, 587], [465, None]),
    ("Port", "min: 25", [25, 26], [24, None]),
    ("Port", "max: 25", [25, 24], [26, None]),
    ("Port", "{min: 25, max: 30}", [25, 28, 30], [24, 31, None]),
    ("Name", "equals: Out", ["out", "OUT", " Out "], ["Out2", None]),
    ("Name", "one_of: [A, B]", ["a", "B"], ["C", None]),
    ("Name", "matches: 'out.*'", ["Outbound", "OUT"], ["x out", None, ""]),
    ("Comment", "equals: A", ["A"], ["a", None]),
    ("Comment", "matches: 'a|ab'", ["a", "ab"], ["A", "abc", "", None]),
    ("Comment", "matches: '.*'", ["x"], ["", None]),
    ("Fqdn", "equals: mail.example", ["MAIL.example.", "mail.example"], ["mail2.example", None]),
    ("Fqdn", r"matches: '.*\.EXAMPLE'", ["mail.example"], ["mail.example.com"]),
    ("SourceIPAddress", "equals: '2001:db8::1'", ["2001:DB8:0::1"], ["2001:db8::2", None]),
    ("SourceIPAddress", r"matches: '192\.0\.2\.\d+'", ["192.0.2.7"], ["192.0.3.7"]),
    ("MaxMessageSize", "equals: 35 MB", ["35 MB (36,700,160 bytes)", 36700160], ["Unlimited", 35]),
    ("MaxMessageSize", "max: 35 MB", [35 * MB, 1], [35 * MB + 1, "Unlimited", None]),
    ("MaxMessageSize", "min: 35 MB", [35 * MB, "Unlimited"], [35 * MB - 1, None]),
    ("MaxMessageSize", "min: 1024", [1024], [1023]),
    ("MaxMessageSize", "min: 0", [0, 1], [None]),
    ("MaxMessageSize", "max: Unlimited", ["Unlimited", 1 << 50], [None]),
    ("MaxMessageSize", "min: Unlimited", ["Unlimited"], [1 << 50, None]),
    ("MaxMessageSize", "one_of: [1 MB, Unlimited]", [MB, "unlimited"], [2 * MB]),
    ("ConnectionInactivityTimeOut", 'equals: "00:10:00"', ["0:10:00"], ["00:10:01", None]),
    ("ConnectionInactivityTimeOut", 'min: "00:10:00"', ["00:10:00", "1.00:00:00"], ["00:09:59"]),
    ("ConnectionInactivityTimeOut", 'max: "00:10:00"', ["00:10:00"], ["00:10:00.0000001", None]),
    ("TlsAuthLevel", "equals: DomainValidation", [3, "domainvalidation"], [2, None]),
    ("TlsAuthLevel", "one_of: [null, DomainValidation]", [3, None], [1]),
    ("TlsAuthLevel", "matches: '.*validation'", ["CertificateValidation", 3], [1, None]),
    ("AddressSpaces", "equals: ['SMTP:*;1']", [["*"], ["smtp:*; 1"]], [["*;2"], ["*", "a.b"], []]),
    ("AddressSpaces", "includes: ['a.b']", [["SMTP:A.B;1"], ["*", "a.b"]], [["*"], ["a.b;2"], []]),
    ("AddressSpaces", "excludes: ['a.b']", [["*"], [], ["a.b;2"]], [["SMTP:A.B;1"], ["*", "a.b"]]),
    ("AddressSpaces", "subset_of: ['a.b', '*']", [["a.b"], ["*", "a.b"]], [[], ["a.b", "c.d"]]),
    ("AddressSpaces", "matches: 'smtp:.*;1'", [["*"], ["a.b", "*"]], [["a.b;2", "*"], []]),
    ("AddressSpaces", "max: 1", [["*"], []], [["*", "a.b"]]),
    ("AddressSpaces", "min: 1", [["*"]], [[]]),
    ("AddressSpaces", "max: 0", [[]], [["*"]]),
    ("AddressSpaces", "present: true", [["*"]], [[], None]),
    ("AddressSpaces", "present: false", [[], None], [["*"]]),
    ("SmartHosts", "equals: [a.b]", [["A.B."], "a.b"], [["a.b", "c.d"], [], None]),
    ("SmartHosts", "includes: ['[192.0.2.1]']", [["192.0.2.1", "a.b"]], [["192.0.2.2"]]),
    ("SmartHosts", "{includes: [a.b], max: 2}", [["a.b"], ["a.b", "c.d"]], [["a.b", "c.d", "e.f"]]),
    ("SourceTransportServers", "equals: [EX01]", [["ex01.contoso.com"]], [["EX1"], ["EX01", "EX02"]]),
    ("SourceTransportServers", "includes: [EX01]", [["ex01.a.b"], ["ex01.a.b", "ex01.c.d"]], [["EX1"]]),
    ("SourceTransportServers", "includes: [ex01.a.b, ex01.c.d]", [["ex01.c.d", "EX01"]], [["EX01"]]),
    ("SourceTransportServers", "excludes: [EX01]", [["EX1"], []], [["ex01.a.b", "ex01.c.d"], ["EX01"]]),
    ("SourceTransportServers", "subset_of: [EX01]", [["ex01.a.b"]], [["ex01.a.b", "ex01.c.d"], []]),
    ("SourceTransportServers", "subset_of: [ex01.a.b]", [["EX01"]], [["ex01.c.d"]]),
    ("SourceTransportServers", "max: 1", [["EX01", "ex01"]], [["EX01", "EX02"]]),
    ("ConnectedDomains", "includes: [a]", [["a", "b"]], [["A"], ["b"]]),
    ("ConnectedDomains", "matches: '.*'", [["a", "b"]], [["a", ""], [""], []]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "right", "wrong"), HOLDS, ids=lambda one: str(one)[:40])
def test_a_matcher_holds_of_what_is_right_and_of_nothing_else(name, text, right, wrong):
    asked = matcher(name, text)
    for raw in right:
        assert asked.holds(value(name, raw)) is True, raw
    for raw in wrong:
        assert asked.holds(value(name, raw)) is False, raw


def test_every_matcher_is_in_the_table():
    assert set(MATCHERS) - {"region", "equals_from"} == {
        key for _, text, _, _ in HOLDS for key in parse(text, "t", PolicyError).value
    }


def test_true_is_not_one():
    assert matcher("Port", "equals: 1").holds(True) is False
    assert matcher("Enabled", "equals: true").holds(1) is False


# property, matchers, what the report says is expected, what a person reads
SAID = [
    ("Port", "equals: 25", 25, "be 25"),
    ("Port", "equals: null", None, "be (not set)"),
    ("Enabled", "one_of: [true, null]", {"one_of": [True, None]}, "be one of: true, (not set)"),
    ("SmartHosts", "equals: [b.c, a.b]", ["a.b", "b.c"], "be a.b, b.c"),
    ("SmartHosts", "includes: [a.b]", {"includes": ["a.b"]}, "hold at least: a.b"),
    ("SmartHosts", "excludes: [a.b, c.d]", {"excludes": ["a.b", "c.d"]}, "hold none of: a.b, c.d"),
    ("SmartHosts", "subset_of: [a.b]", {"subset_of": ["a.b"]}, "hold something, and nothing but: a.b"),
    ("Name", "matches: x+", {"matches": "x+"}, "match the pattern x+"),
    ("MaxMessageSize", "max: 50 MB", {"max": 50 * MB}, "be at most 50 MB"),
    ("MaxMessageSize", "min: Unlimited", {"min": "Unlimited"}, "be at least Unlimited"),
    ("SmartHosts", "min: 2", {"min": 2}, "hold at least 2 items"),
    ("SmartHosts", "max: 1", {"max": 1}, "hold at most 1 item"),
    ("SmartHosts", "max: 0", {"max": 0}, "hold at most 0 items"),
    ("Comment", "present: true", {"present": True}, "be set to something"),
    ("Comment", "present: false", {"present": False}, "be left empty"),
    ("SmartHosts", "region: smart_hosts", {"region": "smart_hosts"}, "be exactly the smart hosts of the region"),
    ("MaxMessageSize", "equals_from: TransportConfig.MaxSendSize", {"equals_from": "TransportConfig.MaxSendSize"}, "be the same as TransportConfig.MaxSendSize"),
    ("Port", "{min: 1, max: 9}", {"min": 1, "max": 9}, "be at least 1, and be at most 9"),
    ("Port", "{equals: 5, max: 9}", {"equals": 5, "max": 9}, "be 5, and be at most 9"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "expected", "must"), SAID, ids=lambda one: str(one)[:40])
def test_a_matcher_says_what_it_wants(name, text, expected, must):
    asked = matcher(name, text)
    assert asked.expected() == expected
    assert asked.must(name) == must
    assert asked.needs_region is ("region" in text)
    # In any organisation and region that changes nothing for what depends on neither.
    if "region" not in text and "from" not in text:
        assert asked.within(Scene(NA, Settings())) == asked


def test_the_hosts_of_the_region_are_known_in_a_region_only():
    asked = matcher("SmartHosts", "{region: smart_hosts, max: 2}")
    assert asked.needs_region
    assert asked.holds(NA.smart_hosts) is False
    assert asked.within(Scene()).holds(NA.smart_hosts) is False
    inside = asked.within(Scene(NA))
    assert not inside.needs_region
    assert inside.holds(NA.smart_hosts) is True
    assert inside.holds(("a.example",)) is False
    assert inside.expected() == {"equals": ["a.example", "b.example"], "max": 2}
    assert inside.compared(("a.example",)) == (NA.smart_hosts, ("a.example",))


SEND_SIZE = "TransportConfig.MaxSendSize"


def test_a_setting_of_the_organisation_is_looked_up():
    asked = matcher("MaxMessageSize", f"equals_from: {SEND_SIZE}")
    inside = asked.within(Scene(None, Settings({SEND_SIZE: 25 * MB})))
    assert inside.holds(25 * MB) is True
    assert inside.holds(24 * MB) is False
    assert inside.expected() == 25 * MB
    assert inside.must("MaxMessageSize") == f"be 25 MB, as {SEND_SIZE} is"
    nothing = asked.within(Scene(None, Settings({SEND_SIZE: None})))
    assert nothing.holds(None) is True


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (None, "Get-TransportConfig was not collected"),
        (Settings(), "Get-TransportConfig was not collected"),
        (Settings({SEND_SIZE: Unreadable("broken")}), "it could not be read: broken"),
    ],
)
def test_a_setting_that_is_not_known_leaves_it_undecided(settings, reason):
    asked = matcher("MaxMessageSize", f"{{equals_from: {SEND_SIZE}, max: 50 MB}}")
    inside = asked.within(Scene(None, settings))
    result = inside.holds(25 * MB)
    assert result == Undecided(f"{SEND_SIZE} is needed, and {reason}")
    # What is wrong anyway is certain.
    assert inside.holds(60 * MB) is False
    with pytest.raises(AssertionError, match="neither true nor false"):
        bool(result)


def test_nothing_was_looked_up_yet():
    asked = matcher("MaxMessageSize", f"equals_from: {SEND_SIZE}")
    assert asked.holds(1) == Undecided(f"{SEND_SIZE} is needed, and it was not looked up")


@pytest.mark.parametrize("pattern", ["a" * 1000, "(?:a{100}){100}", "(?:a{,100}){1,100}"])
def test_a_pattern_may_be_large(pattern):
    assert matcher("Name", f"matches: '{pattern}'").expected() == {"matches": pattern}


@pytest.mark.parametrize("text", sorted({row[1] for row in SAID}))
def test_a_matcher_never_changes(text):
    name = next(row[0] for row in SAID if row[1] == text)
    asked = matcher(name, text)
    assert not hasattr(asked, "__dict__")
    for field in fields(asked):
        with pytest.raises(FrozenInstanceError):
            setattr(asked, field.name, None)


def test_only_equality_is_compared_value_by_value():
    for name, text, *_ in SAID:
        asked = matcher(name, text)
        compared = asked.compared(value(name, [] if PROPERTIES[name].kind.is_list else None))
        assert (compared is not None) is ("equals:" in text), text


# what does not count, property, matchers, the same without it
WITHOUT = [
    (("EX02",), "equals: [EX01, ex02.a.b]", ["ex01"]),
    (("EX02",), "includes: [EX01, EX02]", {"includes": ["ex01"]}),
    (("EX02",), "excludes: [EX01, EX02]", {"excludes": ["EX01", "EX02"]}),
    (("EX02",), "subset_of: [EX01, EX02]", {"subset_of": ["EX01", "EX02"]}),
    (("EX02",), "min: 2", {"min": 2}),
    (("EX02",), "{includes: [EX01, EX02], present: true}", {"includes": ["ex01"], "present": True}),
    (("EX02",), "matches: 'EX.*'", {"matches": "EX.*"}),
]


@pytest.mark.parametrize(("gone", "text", "expected"), WITHOUT)
def test_what_does_not_count_is_not_asked_for(gone, text, expected):
    asked = matcher("SourceTransportServers", text).without(gone)
    assert asked.expected() == expected


def test_a_single_value_has_no_items_that_could_not_count():
    for name, text, *_ in SAID:
        if not PROPERTIES[name].kind.is_list or "region" in text:
            asked = matcher(name, text)
            assert asked.without(("x",)).expected() == asked.expected()


def test_a_pattern_that_never_ends_is_given_up():
    assert matches_whole("(a|aa)+b", False, "a" * 60) is None
    asked = matcher("ConnectedDomains", "matches: '(a|aa)+b|c'")
    assert isinstance(asked.holds(("a" * 60, "c")), Undecided)
    assert asked.holds(("a" * 60, "d")) is False
    assert asked.holds(("aab", "c")) is True


@pytest.mark.parametrize(
    ("pattern", "ignores", "text", "found"),
    [
        ("ex-s", True, "EX-S", True),
        ("EX-S", True, "ex-s", True),
        ("ex-s", False, "EX-S", False),
        ("ex-s", True, "ex-ſ", False),
        ("ex-ſ", True, "ex-ſ", True),
        ("büro", True, "BÜRO", True),
        ("straße", True, "STRAßE", True),
        ("a.c", True, "a\nc", False),
        (r"[^\s]{2}", True, "ab", True),
    ],
)
def test_letter_case_is_ignored_as_lower_case_is(pattern, ignores, text, found):
    assert matches_whole(pattern, ignores, text) is found


# property, matchers, part of what is said
REFUSED = [
    ("Enabled", "max: 1", "'max' cannot apply to Enabled, which holds a boolean"),
    ("Port", "matches: '2.'", "'matches' cannot apply to Port, which holds a whole number"),
    ("MaxMessageSize", "matches: 'x'", "cannot apply"),
    ("ConnectionInactivityTimeOut", "matches: 'x'", "cannot apply"),
    ("Enabled", "matches: 'x'", "cannot apply"),
    ("Name", "min: 1", "cannot apply to Name, which holds a name"),
    ("SourceIPAddress", "max: 1", "which holds an IP address"),
    ("TlsAuthLevel", "min: 1", "cannot apply"),
    ("Port", "includes: [25]", "'includes' cannot apply"),
    ("Port", "excludes: [25]", "'excludes' cannot apply"),
    ("Name", "subset_of: [a]", "'subset_of' cannot apply"),
    ("SmartHosts", "one_of: [[a.b]]", "'one_of' cannot apply to SmartHosts, which holds smart hosts"),
    ("Name", "region: smart_hosts", "'region' cannot apply"),
    ("SmartHostsString", "region: hosts", "cannot be 'hosts'"),
    ("Port", "equals_from: TransportConfig.MaxSendSize", "'equals_from' cannot apply"),
    ("MaxMessageSize", "equals_from: TransportConfig.MaxSize", "Did you mean"),
    ("Port", "one_of: []", "at least one"),
    ("SmartHosts", "includes: []", "at least one"),
    ("SmartHosts", "min: -1", "the length of a list"),
    ("SmartHosts", "min: true", "the length of a list"),
    ("SmartHosts", "max: a.b", "the length of a list"),
    ("Port", "min: null", "needs a value"),
    ("Port", "max: 70000", "from 1 to 65535"),
    ("MaxMessageSize", "max: 1", "1 without a unit is 1 bytes"),
    ("MaxMessageSize", "equals: 1023", "Write the unit: 1023 MB."),
    ("Name", "matches: '('", "no regular expression"),
    ("Name", "matches: 'a{i}'", "a brace that is not a count"),
    ("Name", r"matches: 'a\\{i}'", "a brace that is not a count"),
    ("Name", "matches: '[[a]]'", "no regular expression"),
    ("Name", "matches: 'a{4294967294}'", "it is too large"),
    ("Name", "matches: '(?:a{500}){30}'", "it is too large"),
    ("Name", "matches: '(?:a{73}){137}'", "it is too large"),
    ("Name", f"matches: '{'a' * 1001}'", "it is too large"),
    ("Name", "matches: ''", "must not be empty"),
    ("Name", "matches: 5", "must be text"),
    ("Enabled", "present: 1", "true or false"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "said"), REFUSED)
def test_what_cannot_be_asked_is_refused(name, text, said):
    with pytest.raises(PolicyError) as caught:
        matcher(name, text)
    assert said in f"{caught.value.message} {caught.value.hint}"
    assert caught.value.place.line == 1


@pytest.mark.parametrize(
    "pattern", [r"a\{i}", "a{2}", "a{2,}", "a{,2}", "a{2,3}", r"\\a{1}", "[ab]+"]
)
def test_counts_and_escaped_braces_are_patterns(pattern):
    assert matcher("Name", f"matches: '{pattern}'").expected() == {"matches": pattern}
