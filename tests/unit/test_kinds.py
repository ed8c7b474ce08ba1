"""Each kind of value to the letter: its limits, its spellings, and what is said where it fails."""

from __future__ import annotations

import pytest

from auditor.kinds import (
    ADDRESS_SPACES,
    BOOLEAN,
    HOST,
    INTEGER,
    IP_ADDRESS,
    NAME,
    SERVERS,
    SIZE,
    SMART_HOSTS,
    TEXT,
    TEXTS,
    TIME_SPAN,
    UNLIMITED,
    Kind,
    enumeration,
    same_server,
)
from auditor.kinds.address_spaces import domain_of, read_address_space
from auditor.kinds.base import (
    CUT_REASON,
    TWICE_REASON,
    TWO_FORMS_REASON,
    TYPE_NAME_REASON,
    agreed,
    is_cut,
    is_type_name,
    text_of,
    whole,
)
from auditor.kinds.hosts import host_name, ip_address, read_smart_host
from auditor.kinds.servers import read_server
from auditor.model import CONTRADICTION, Unreadable

COLOURS = enumeration("colour", {"None": 0, "Red": 1, "Dark Red": 2})
NOTES = ("value", "Count", "Length", "PSComputerName", "RunspaceId", "PSShowComputerName")
TYPE_NAME = "Microsoft.Exchange.Data.X"


def reason(value):
    """Why a value cannot be read."""
    assert isinstance(value, Unreadable), value
    return value.reason


# What all kinds share.


def test_a_kind_stays_as_it_is():
    kind = Kind("x", str)
    assert (kind.is_list, kind.textual, kind.ignores_case) == (False, False, False)
    assert (kind.measure, kind.example, kind.members, kind.names) == (None, "", (), ())
    with pytest.raises(AttributeError):
        kind.name = "y"
    assert not hasattr(kind, "__dict__")


@pytest.mark.parametrize(
    ("kind", "is_list", "textual", "ignores_case", "phrase"),
    [
        (ADDRESS_SPACES, True, True, True, "address spaces"),
        (SERVERS, True, True, True, "servers"),
        (SMART_HOSTS, True, True, True, "smart hosts"),
        (TEXTS, True, True, False, "texts"),
        (BOOLEAN, False, False, False, "a boolean"),
        (INTEGER, False, False, False, "a whole number"),
        (SIZE, False, False, False, "a size"),
        (TIME_SPAN, False, False, False, "a time span"),
        (TEXT, False, True, False, "a text"),
        (NAME, False, True, True, "a name"),
        (HOST, False, True, True, "a host name"),
        (IP_ADDRESS, False, True, True, "an IP address"),
        (COLOURS, False, True, True, "a colour"),
    ],
)
def test_what_each_kind_is(kind, is_list, textual, ignores_case, phrase):
    found = (kind.is_list, kind.textual, kind.ignores_case, kind.phrase)
    assert found == (is_list, textual, ignores_case, phrase)


@pytest.mark.parametrize(
    ("kind", "expected", "actual", "compared"),
    [
        (NAME, "A", "a", ("a", "a")),
        (NAME, "A", None, ("a", None)),
        (NAME, None, "A", (None, "a")),
        (NAME, None, None, (None, None)),
        (TEXT, "A", "a", ("A", "a")),
        (NAME, 5, True, (5, True)),
        (SERVERS, None, ("EX01",), (None, ("ex01",))),
        (SERVERS, ("EX01",), ("ex01.a.example",), (("ex01.a.example",), ("ex01.a.example",))),
    ],
)
def test_values_compare_without_what_does_not_count(kind, expected, actual, compared):
    assert kind.compared(expected, actual) == compared


def test_a_kind_says_what_compares_of_values_that_are_there_only():
    kind = Kind("x", str, key=str.lower)
    assert kind.compared(None, "A") == (None, "a")
    assert kind.compared("A", None) == ("a", None)


@pytest.mark.parametrize(
    ("kind", "items", "others", "lacking", "shared"),
    [
        (TEXTS, (), ("a",), (), ()),
        (TEXTS, ("a",), (), ("a",), ()),
        (TEXTS, ("a", "c"), ("b", "c"), ("a",), ("c",)),
        (TEXTS, ("c", "a"), ("b", "c"), ("a",), ("c",)),
        (TEXTS, ("b",), ("a",), ("b",), ()),
        (TEXTS, ("A",), ("a",), ("A",), ()),
        (SERVERS, ("A",), ("a",), (), ("a",)),
        (SERVERS, ("a",), ("a.x", "a.y"), (), ("a",)),
        (SERVERS, ("a.x", "a.y"), ("a",), ("a.y",), ("a.x", "a.y")),
        (SERVERS, ("a", "a.x"), ("a.x",), ("a",), ("a", "a.x")),
        (SERVERS, ("a", "b"), ("b.x",), ("a",), ("b",)),
        (SERVERS, ("a.x",), ("a.y",), ("a.x",), ()),
    ],
)
def test_items_have_partners_and_each_is_the_partner_of_one(kind, items, others, lacking, shared):
    assert kind.lacking(items, others) == lacking
    assert kind.shared(items, others) == shared


def test_equal_items_are_one_whatever_else_is_alike():
    kind = Kind("x", str, is_list=True, alike=lambda item, other: False)
    again = "".join(["a", "b"])
    assert kind.shared(("ab", "c"), (again,)) == ("ab",)
    assert kind.lacking(("ab", "c"), (again,)) == ("c",)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("a", "a"),
        ("", ""),
        (5, None),
        (None, None),
        ({"ToString": "a"}, "a"),
        ({"ToString": "a", "Other": 1}, "a"),
        ({"ToString": 5}, None),
        ({"ToString": None, "value": "a"}, None),
        ({"value": "a"}, "a"),
        ({"value": 5}, None),
        (dict.fromkeys(NOTES, "a"), "a"),
        ({"value": "a", "Count": 1, "Other": 1}, None),
        ({"Count": 1}, None),
        (["a"], None),
    ],
)
def test_the_text_of_a_raw_value(raw, text):
    assert text_of(raw) == text


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        (5, 5),
        (5.0, 5),
        (-5.0, -5),
        (5.5, None),
        (True, None),
        (False, None),
        ("5", None),
        (10**30, 10**30),
        (float((1 << 53) - 1), (1 << 53) - 1),
        (float(1 - (1 << 53)), 1 - (1 << 53)),
        (float(1 << 53), None),
        (-float(1 << 53), None),
        (1e300, None),
        (float("inf"), None),
        (float("nan"), None),
    ],
)
def test_whole_numbers_that_json_keeps_exactly(raw, number):
    found = whole(raw)
    assert found == number
    assert type(found) is type(number)


@pytest.mark.parametrize(
    ("text", "type_name", "cut"),
    [
        ("System.Object[]", True, False),
        ("Deserialized.System.Collections.ArrayList", True, False),
        (TYPE_NAME, True, False),
        ("List`1[System.String]", True, False),
        ("system.example", False, False),
        ("a...", False, True),
        ("a…", False, True),
        ("...a", False, False),
    ],
)
def test_names_of_types_and_what_is_cut(text, type_name, cut):
    assert (is_type_name(text), is_cut(text)) == (type_name, cut)


@pytest.mark.parametrize(
    ("kind", "raw", "said"),
    [
        (BOOLEAN, 5, "5 is not a boolean"),
        (BOOLEAN, "x", "'x' is not a boolean"),
        (BOOLEAN, "x" * 70, f"'{'x' * 59}…' is not a boolean"),
        (IP_ADDRESS, "x", "'x' is not an IP address"),
        (INTEGER, "x", "'x' is not a whole number"),
        (INTEGER, True, "true is not a whole number"),
        (SIZE, [], "the export holds an object where a size is expected"),
        (IP_ADDRESS, {}, "the export holds an object where an IP address is expected"),
        (SIZE, {CONTRADICTION: []}, TWICE_REASON),
        (BOOLEAN, {CONTRADICTION: [], "value": True}, TWICE_REASON),
        (COLOURS, {CONTRADICTION: [], "value": "Red"}, TWICE_REASON),
        (BOOLEAN, f" {TYPE_NAME} ", TYPE_NAME_REASON),
        (ADDRESS_SPACES, 5, "5 is not a list of address spaces"),
        (ADDRESS_SPACES, ["SMTP:a b;1"], "'SMTP:a b;1' is not an address space"),
        (SMART_HOSTS, ["a b"], "'a b' is not a host"),
        (SERVERS, [5], "5 is not a server name"),
        (TEXTS, [None], "None is not a text"),
        (SIZE, -1, "-1 is not a size"),
        (TIME_SPAN, 5, "5 is not a time span"),
        (HOST, "a b", "'a b' is not a host name"),
        (COLOURS, "a-b", "'a-b' is not a colour"),
        (
            BOOLEAN,
            {"value": True, "Value": "False"},
            "the export gives the boolean as an object without one clear value",
        ),
    ],
)
def test_what_cannot_be_read_says_why(kind, raw, said):
    assert reason(kind.read(raw)) == said


@pytest.mark.parametrize(
    ("readings", "value"),
    [
        (["a"], "a"),
        ([1 << 40, 2 << 39], 1 << 40),
        ([5, 6], None),
        ([6, 5], None),
        ([5, 5, 6], None),
        ([], None),
    ],
)
def test_forms_of_one_value_must_agree(readings, value):
    found = agreed("x", iter(readings))
    assert isinstance(found, Unreadable) if value is None else found == value


# Lists.


@pytest.mark.parametrize(
    ("raw", "items"),
    [
        (None, ()),
        ("", ()),
        ("  ", ()),
        ("{}", ()),
        ("{ }", ()),
        ([], ()),
        ((), ()),
        ("{b}", ("b",)),
        ("{bb.a, aa.b}", ("aa.b", "bb.a")),
        ("{bb,aa}", ("aa", "bb")),
        (["b", "a"], ("a", "b")),
        (("b", "a"), ("a", "b")),
        (["a", "a"], ("a",)),
        (["b", "a", "b"], ("a", "b")),
        ({"value": ["b", "a"], "Count": 2}, ("a", "b")),
        ({"value": ["b", "a"]}, ("a", "b")),
        ({"value": [], "Count": 0}, ()),
        ({"value": ["a"] * 300, "Count": 300}, ("a",)),
        ({"ToString": "a"}, ("a",)),
        ({"value": "a", "PSComputerName": "x"}, ("a",)),
    ],
)
def test_a_list_in_every_shape(raw, items):
    assert TEXTS.read(raw) == items


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (["a", "b..."], CUT_REASON),
        (["a", {"ToString": "b…"}], CUT_REASON),
        (["a", TYPE_NAME], TYPE_NAME_REASON),
        ([{"ToString": f" {TYPE_NAME} "}], TYPE_NAME_REASON),
        (TYPE_NAME, TYPE_NAME_REASON),
        ("{a, b...}", CUT_REASON),
        ("{a, b", CUT_REASON),
        ("a, b}", CUT_REASON),
        ("a...", CUT_REASON),
        ({"value": ["a", "b"], "Count": 3}, CUT_REASON),
        ({"value": ["a", "b"], "Count": 1}, CUT_REASON),
        ({"value": ["a"], "Other": 1}, "the export holds an object where a text is expected"),
    ],
)
def test_a_list_that_is_not_whole(raw, said):
    assert reason(TEXTS.read(raw)) == said


@pytest.mark.parametrize("text", ["a b", "a,b", "a;b", "a\tb"])
def test_a_text_with_a_separator_leaves_doubt(text):
    assert "joined" in reason(TEXTS.read(text))
    assert TEXTS.read([text]) == (text,)
    assert TEXTS.read(f"{text}| c|") == tuple(sorted((text, "c")))


def test_an_item_in_two_forms():
    rich = {"Address": "*", "Type": "SMTP", "Cost": 1}
    assert ADDRESS_SPACES.read([rich]) == ("SMTP:*;1",)
    assert ADDRESS_SPACES.read([{"ToString": "smtp:*", **rich}]) == ("SMTP:*;1",)
    assert reason(ADDRESS_SPACES.read([{"ToString": "SMTP:*;2", **rich}])) == TWO_FORMS_REASON


# Booleans, numbers, text.


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (True, True),
        (False, False),
        (None, None),
        (" $True ", True),
        ("FALSE", False),
        ("$false", False),
        ({"value": "true", "Value": True}, True),
        ({"Name": False, "PSComputerName": "True"}, False),
    ],
)
def test_booleans(raw, value):
    assert BOOLEAN.read(raw) is value


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (None, None),
        (25, 25),
        (" +25 ", 25),
        ("-25", -25),
        ({"ToString": "25"}, 25),
        ("9" * 18, 10**18 - 1),
        (0, 0),
    ],
)
def test_whole_numbers(raw, value):
    assert INTEGER.read(raw) == value


@pytest.mark.parametrize("raw", ["9" * 19, "2x5", "٢٥", "", {}, True, 2.5])
def test_no_whole_numbers(raw):
    assert isinstance(INTEGER.read(raw), Unreadable)


def test_only_numbers_have_a_measure():
    assert [INTEGER.measure(value) for value in (25, -1, "25", ())] == [25, -1, 0, 0]
    assert [SIZE.measure(value) for value in (25, 0, UNLIMITED)] == [25, 0, 1 << 64]
    assert [TIME_SPAN.measure(span) for span in ("00:00:01", "x")] == [10_000_000, 0]


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (TEXT, None, None),
        (TEXT, " a ", " a "),
        (TEXT, "", ""),
        (TEXT, True, "True"),
        (TEXT, 2.5, "2.5"),
        (TEXT, {"ToString": "a"}, "a"),
        (NAME, None, None),
        (NAME, " A ", "A"),
        (NAME, 5, "5"),
        (NAME, {"Name": " A ", "ToString": "x/A"}, "A"),
        (NAME, {"Name": 5, "ToString": "x/A"}, "x/A"),
    ],
)
def test_texts_and_names(kind, raw, value):
    assert kind.read(raw) == value


@pytest.mark.parametrize("kind", [TEXT, NAME])
@pytest.mark.parametrize("raw", [TYPE_NAME, f" {TYPE_NAME} ", {"ToString": TYPE_NAME}])
def test_the_name_of_a_type_is_no_text(kind, raw):
    assert reason(kind.read(raw)) == TYPE_NAME_REASON


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (None, None),
        (0, "None"),
        (1.0, "Red"),
        ("1", "Red"),
        (" 1 ", "Red"),
        ("red", "Red"),
        ("blue", "blue"),
        ("a, b", "a, b"),
        ("a,b", "a,b"),
        (7, "7"),
        (-7, "-7"),
        ("+7", "7"),
        ((1 << 32) - 1, str((1 << 32) - 1)),
        (1 - (1 << 32), str(1 - (1 << 32))),
        ({"value": 1, "Value": "Red"}, "Red"),
        ({"ToString": "red", "value": 1}, "Red"),
    ],
)
def test_a_member_by_name_or_number(raw, value):
    assert COLOURS.read(raw) == value


@pytest.mark.parametrize(
    "raw", [1 << 32, -(1 << 32), 1 << 33, "", " ", "a b", True, [], {"value": 1, "Value": "None"}]
)
def test_no_member(raw):
    assert isinstance(COLOURS.read(raw), Unreadable)


def test_only_a_closed_enumeration_names_its_members():
    assert COLOURS.members == COLOURS.names == ("None", "Red", "Dark Red")
    assert (COLOURS.example, COLOURS.key("RED")) == ("None", "red")
    half_known = enumeration("x", {"A": 0}, closed=False)
    assert (half_known.members, half_known.names) == ((), ("A",))


# Sizes and time spans.


@pytest.mark.parametrize(
    ("raw", "size"),
    [
        (None, None),
        (0, 0),
        (5.0, 5),
        ("5", 5),
        ("5 B", 5),
        ("5KB", 5 * 1024),
        ("5 mb", 5 * 1024**2),
        ("5\u202fGB", 5 * 1024**3),
        ("5 TB", 5 * 1024**4),
        (" unlimited ", UNLIMITED),
        ({"IsUnlimited": True, "Value": 5}, UNLIMITED),
        ({"IsUnlimited": False, "Value": 5}, 5),
        ({"Value": "5 KB"}, 5120),
        ({"Value": {"ToString": "5 KB"}}, 5120),
        ({"Value": 0}, 0),
        ({"ToString": "5 KB (5,120 bytes)"}, 5120),
        ((1 << 64) - 1, (1 << 64) - 1),
        (str((1 << 64) - 1), (1 << 64) - 1),
        ("16777215 TB", 16_777_215 << 40),
        (f"16,777,216 TB ({(1 << 64) - 1:,} bytes)", (1 << 64) - 1),
    ],
)
def test_sizes(raw, size):
    assert SIZE.read(raw) == size


@pytest.mark.parametrize(
    "raw",
    [
        -1,
        True,
        "",
        "a",
        "x",
        "unlimited x",
        "5 XB",
        1 << 64,
        1 << 65,
        str(1 << 64),
        "16777216 TB",
        f"16,777,216 TB ({1 << 64:,} bytes)",
        {"Value": None},
        {"Value": -1},
        {"IsUnlimited": 1},
        [5],
    ],
)
def test_no_sizes(raw):
    assert isinstance(SIZE.read(raw), Unreadable)


@pytest.mark.parametrize(
    ("raw", "span"),
    [
        (None, None),
        ("00:10:00", "00:10:00"),
        ("23:59:59", "23:59:59"),
        ("1.00:00:00", "1.00:00:00"),
        ("0.00:00:00", "00:00:00"),
        ("-00:00:01", "-00:00:01"),
        ("1.02:03:04.0000005", "1.02:03:04.0000005"),
        ("00:00:00.5", "00:00:00.5000000"),
        ("10675199.02:48:05.4775807", "10675199.02:48:05.4775807"),
        ("-10675199.02:48:05.4775808", "-10675199.02:48:05.4775808"),
        ("PT10M", "00:10:00"),
        ("PT36H", "1.12:00:00"),
        ("-P1DT2H3M4.5S", "-1.02:03:04.5000000"),
        ({"Ticks": 0}, "00:00:00"),
        ({"Ticks": 1}, "00:00:00.0000001"),
        ({"Ticks": -1}, "-00:00:00.0000001"),
        ({"Ticks": 9_999_999}, "00:00:00.9999999"),
        ({"Ticks": 10_000_000}, "00:00:01"),
        ({"Ticks": 600_000_000}, "00:01:00"),
        ({"Ticks": 36_000_000_000}, "01:00:00"),
        ({"Ticks": 864_000_000_000}, "1.00:00:00"),
        ({"Ticks": (1 << 63) - 1}, "10675199.02:48:05.4775807"),
        ({"Ticks": -(1 << 63)}, "-10675199.02:48:05.4775808"),
        ({"ToString": "00:00:01", "Ticks": 10_000_000}, "00:00:01"),
    ],
)
def test_time_spans(raw, span):
    assert TIME_SPAN.read(raw) == span
    if isinstance(raw, dict):
        assert TIME_SPAN.measure(span) == raw["Ticks"]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("24:00:00", "hours to 23"),
        ("00:60:00", "minutes to 59"),
        ("00:00:60", "minutes to 59"),
        ("PT", "not a time span"),
        ("x", "not a time span"),
        ({"Ticks": "1"}, "an object"),
        ({"Ticks": 1 << 63}, "beyond"),
        ({"Ticks": 1 << 64}, "beyond"),
        ({"Ticks": -(1 << 63) - 1}, "beyond"),
        ("10675199.02:48:05.4775808", "beyond"),
        ({"ToString": "00:00:01", "Ticks": 1}, "one clear value"),
    ],
)
def test_no_time_spans(raw, said):
    assert said in reason(TIME_SPAN.read(raw))


# Hosts and addresses.


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (" A.Example. ", "a.example"),
        ("a.", "a"),
        ("a", "a"),
        ("5", "5"),
        ("1.a", "1.a"),
        ("_a", "_a"),
        ("a-", "a-"),
        ("--", "--"),
        ("bücker.example", "xn--bcker-kva.example"),
        ("ＡＢ.example", "ab.example"),
        ("bücker.example。", "xn--bcker-kva.example"),
        ("ß.example", "xn--zca.example"),
        ("", None),
        (".", None),
        ("..", None),
        ("a..", None),
        (".a", None),
        ("-a", None),
        ("a..b", None),
        ("a.1", None),
        ("1.2.3.4", None),
        ("ü..example", None),
        ("ü\u202e.example", None),
    ],
)
def test_host_names(text, name):
    assert host_name(text) == name


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" 192.0.2.1 ", "192.0.2.1"),
        ("[192.0.2.1]", "192.0.2.1"),
        ("IPv6:2001:DB8::1", "2001:db8::1"),
        ("[ipv6:2001:db8:0:0::1]", "2001:db8::1"),
        (f"fe80::1%{'A' * 56}", f"fe80::1%{'a' * 56}"),
        (f"fe80::1%{'A' * 57}", None),
        (f"fe80::1%{'A' * 58}", None),
        ("[192.0.2.1", None),
        ("192.0.2.1]", None),
        ("1.2.3", None),
        ("1.2.3.4.5", None),
        ("12", None),
        ("zzzzz192.0.2.1", None),
        ("zzzz:2001:db8::1", None),
        ("a.example", None),
        (":", None),
        ("", None),
    ],
)
def test_addresses(text, address):
    assert ip_address(text) == address


@pytest.mark.parametrize(
    ("raw", "host"),
    [
        ("A.example", "a.example"),
        ("192.0.2.1", "[192.0.2.1]"),
        ({"IsIPAddress": True, "Address": "192.0.2.1", "Domain": "a.example"}, "[192.0.2.1]"),
        ({"IsIPAddress": True, "Address": {"ToString": "192.0.2.1"}}, "[192.0.2.1]"),
        ({"IsIPAddress": True, "Address": {"IPAddressToString": "192.0.2.1"}}, "[192.0.2.1]"),
        ({"IsIPAddress": False, "Address": "192.0.2.1", "Domain": "a.example"}, "a.example"),
        ({"Domain": {"ToString": "a.example"}}, "a.example"),
        ({"Domain": {"Domain": "a.example"}}, "a.example"),
        ({"IsIPAddress": 1, "Address": "192.0.2.1", "Domain": "a.example"}, "a.example"),
        ({"IsIPAddress": True, "Address": 5, "Domain": "a.example"}, None),
        ({"IsIPAddress": True, "Domain": "a.example"}, None),
        ({"Domain": {"Other": "a.example"}}, None),
        ({}, None),
    ],
)
def test_a_smart_host(raw, host):
    found = read_smart_host(raw)
    assert isinstance(found, Unreadable) if host is None else found == host


@pytest.mark.parametrize("text", ["b|a", "b;a", "b,a", "b\na", "b a", "b\ta", "{b, a}", "b|a|b"])
def test_any_one_sign_joins_hosts(text):
    assert SMART_HOSTS.read(text) == ("a", "b")


@pytest.mark.parametrize("text", ["c|b a", "c|b;a", "c;b,a", "c,b\na", "c|", ";c"])
def test_two_signs_do_not(text):
    assert isinstance(SMART_HOSTS.read(text), Unreadable)


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (HOST, None, None),
        (HOST, " ", ""),
        (HOST, " *.A.example ", "*.a.example"),
        (HOST, "A.example.", "a.example"),
        (HOST, {"ToString": "a.example"}, "a.example"),
        (IP_ADDRESS, None, None),
        (IP_ADDRESS, "::1", "::1"),
        (IP_ADDRESS, {"IPAddressToString": "::1"}, "::1"),
        (IP_ADDRESS, {"ToString": "::1", "IPAddressToString": "::2"}, "::1"),
    ],
)
def test_one_host_or_address(kind, raw, value):
    assert kind.read(raw) == value


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (HOST, "*"),
        (HOST, "*."),
        (HOST, "*a.example"),
        (HOST, 5),
        (HOST, {}),
        (IP_ADDRESS, 5),
        (IP_ADDRESS, "a.example"),
        (IP_ADDRESS, {"IPAddressToString": 5}),
    ],
)
def test_no_host_or_address(kind, raw):
    assert isinstance(kind.read(raw), Unreadable)


def test_the_name_of_a_type_is_no_host():
    assert reason(HOST.read(f" {TYPE_NAME} ")) == TYPE_NAME_REASON


# Address spaces.


@pytest.mark.parametrize(
    ("raw", "space"),
    [
        ("*", "SMTP:*;1"),
        ("--", "SMTP:--;1"),
        ("a.example", "SMTP:a.example;1"),
        (" smtp: *.A.example. ; 7 ", "SMTP:*.a.example;7"),
        ("SMTP:*;1", "SMTP:*;1"),
        ("SMTP:*;100", "SMTP:*;100"),
        ("SMTP:*;007", "SMTP:*;7"),
        ("local:SMTP:a.example;5", "Local:SMTP:a.example;5"),
        ("LOCAL:*", "Local:SMTP:*;1"),
        ("localhost", "SMTP:localhost;1"),
        ("mobile:*;2", "MOBILE:*;2"),
        ("X400:c=us;a= ;p=x;1", "X400:c=us;a= ;p=x;1"),
        ("x400:c=us", "X400:c=us;1"),
        ({"Type": "SMTP", "Address": "*", "Cost": 5}, "SMTP:*;5"),
        ({"Type": "SMTP", "Address": "*", "Cost": 5, "Domain": "*"}, "SMTP:*;5"),
        ({"Type": "SMTP", "Address": "*", "Cost": 5, "IsLocal": True}, "Local:SMTP:*;5"),
        ({"Type": "SMTP", "Address": "*", "Cost": 5, "IsLocal": False}, "SMTP:*;5"),
        ({"Type": "SMTP", "Address": "*", "Cost": 5, "IsLocal": 1}, "SMTP:*;5"),
        (
            {"Type": "SMTP", "Address": "*.a.example", "Cost": 5, "Domain": "a.example"},
            "SMTP:*.a.example;5",
        ),
    ],
)
def test_an_address_space(raw, space):
    assert read_address_space(raw) == space


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("SMTP:a.example;0", "the cost 0, which is not 1 to 100"),
        ("SMTP:a.example;101", "the cost 101, which is not 1 to 100"),
        ("SMTP:a.example;x", "'SMTP:a.example;x' has no readable cost"),
        ("SMTP:a.example;", "no readable cost"),
        ("SMTP:a.example;1234567890", "no readable cost"),
        ("SMTP:a.example;1;2", "'SMTP:a.example;1;2' is not an address space"),
        ("SMTP:;1", "'SMTP:;1' is not an address space"),
        ("SMTP:*.--;1", "'SMTP:*.--;1' is not an address space"),
        ("SMTP:**;1", "not an address space"),
        ("X400:;1", "'X400:;1' is not an address space"),
        ("MOBILE:a SMTP:b;1", "'MOBILE:a SMTP:b;1' is not an address space"),
        ({"Type": "SMTP", "Address": "*", "Cost": 1, "Domain": "a.example"}, "not an address"),
        ({"Type": "SMTP", "Address": "a.example", "Cost": 1, "Domain": "*"}, "not an address"),
        ({"Type": "SMTP", "Address": "*", "Cost": 1, "Domain": "!"}, "not an address"),
        ({"Type": 1, "Address": "*", "Cost": 1}, "an object"),
        ({"Type": "SMTP", "Address": 1, "Cost": 1}, "an object"),
        ({"Type": "SMTP", "Address": "*", "Cost": "1"}, "an object"),
    ],
)
def test_no_address_space(raw, said):
    assert said in reason(read_address_space(raw))


@pytest.mark.parametrize(
    ("text", "spaces"),
    [
        ("SMTP:*;1", ("SMTP:*;1",)),
        ("SMTP:*;1;", None),
        ("SMTP:b;SMTP:a;5;SMTP:c;7", ("SMTP:a;5", "SMTP:b;1", "SMTP:c;7")),
        ("b;a;5", ("SMTP:a;5", "SMTP:b;1")),
        ("1;2", ("SMTP:1;2",)),
        ("b;1;2", ("SMTP:2;1", "SMTP:b;1")),
        ("SMTP:b|SMTP:a;5", ("SMTP:a;5", "SMTP:b;1")),
        ("SMTP:b\nSMTP:a;5", ("SMTP:a;5", "SMTP:b;1")),
        ("SMTP:b;2,SMTP:a;5", ("SMTP:a;5", "SMTP:b;2")),
        ("Local:SMTP:b;2;SMTP:a", ("Local:SMTP:b;2", "SMTP:a;1")),
        ("X400:c=us;a=x", None),
        ("X400:c=us;a=x;2", ("X400:c=us;a=x;2",)),
        ("X400:c=us;a=x;1;SMTP:*;1", None),
    ],
)
def test_joined_address_spaces(text, spaces):
    found = ADDRESS_SPACES.read(text)
    assert isinstance(found, Unreadable) if spaces is None else found == spaces


def test_spaces_joined_with_the_sign_that_they_hold():
    said = reason(ADDRESS_SPACES.read("X400:c=us;a=x;1; smtp:*;1"))
    assert said == "the export joined the address spaces with the sign that they hold"


@pytest.mark.parametrize(
    ("space", "domain"),
    [
        ("SMTP:*;1", "*"),
        ("Local:SMTP:*.a.example;5", "*.a.example"),
        ("X400:c=us;1", None),
        ("MOBILE:a.example;1", None),
    ],
)
def test_the_domain_of_an_address_space(space, domain):
    assert domain_of(space) == domain


# Servers.


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (" EX01 ", "EX01"),
        ("EX01.contoso.com.", "EX01.contoso.com"),
        ("CN=EX01,CN=Servers,DC=c", "EX01"),
        ("cn=EX01,DC=c", "EX01"),
        ("contoso.com/Servers/EX01", "EX01"),
        ({"Name": "EX01", "DistinguishedName": "CN=EX02,DC=c"}, "EX01"),
        ({"Name": "", "DistinguishedName": "CN=EX02,DC=c"}, "EX02"),
        ({"ToString": "EX03", "Name": "EX01"}, "EX03"),
    ],
)
def test_a_server(raw, name):
    assert read_server(raw) == name


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("contoso/Servers/EX01", "'contoso/Servers/EX01' is not a server name"),
        ("a..b/Servers/EX01", "'a..b/Servers/EX01' is not a server name"),
        ("c.example/Servers/EX 01", "'c.example/Servers/EX 01' is not a server name"),
        ("CN=EX 01,DC=c", "'CN=EX 01,DC=c' is not a server name"),
        ("OU=x,DC=c", "'OU=x,DC=c' is not a server name"),
        ("EX 01", "'EX 01' is not a server name"),
        ({"Name": 5}, "an object"),
        ({}, "an object"),
        (5, "5 is not a server name"),
        ("EX02,CN=EX01,DC=c", "joined"),
        ("CN=EX01,DC=c;CN=EX02,DC=c", "joined"),
        ("CN=EX01,DC=c|x", "joined"),
        ("CN=EX01,CN=Servers,DC=c,CN=EX02,CN=Servers,DC=c", "joined"),
        ("CN=EX01,DC=c CN=EX02,DC=c", "joined"),
        ("c.example/EX01;x", "joined"),
        ("c.example/EX01,x", "joined"),
        ("c.example/EX01|x", "joined"),
        ("c.example/EX01 c.example/EX02", "joined"),
        ("c.example/Servers/EX01 d.example/servers/EX02", "joined"),
    ],
)
def test_no_one_server(raw, said):
    assert said in reason(read_server(raw))


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        ("EX02, EX01", ("EX01", "EX02")),
        ("EX02,EX01", ("EX01", "EX02")),
        ("EX02 EX01", ("EX01", "EX02")),
        ("c.example/EX02|c.example/EX01", ("EX01", "EX02")),
        ("c.example/EX02\n c.example/EX01\n", ("EX01", "EX02")),
        ("CN=EX02,DC=c | CN=EX01,DC=c", ("EX01", "EX02")),
        ("CN=EX01,DC=c", ("EX01",)),
    ],
)
def test_joined_servers(raw, names):
    assert SERVERS.read(raw) == names


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("EX01", "ex01", True),
        ("EX01", "ex01.a.example", True),
        ("ex01.a.example", "EX01", True),
        ("EX01.a.example", "ex01.A.example.", True),
        ("ex01.a.example", "ex01.b.example", False),
        ("EX01", "EX02", False),
        ("EX02", "EX01", False),
        ("EX 01", "ex 01", True),
        ("EX 01", "EX 02", False),
    ],
)
def test_two_names_of_one_server(one, other, same):
    assert same_server(one, other) is same


@pytest.mark.parametrize(
    ("expected", "actual", "compared"),
    [
        (("EX01",), ("EX01",), (("ex01",), ("ex01",))),
        (
            ("EX02", "EX01"),
            ("ex01.a.example", "EX02"),
            (("ex01.a.example", "ex02"), ("ex01.a.example", "ex02")),
        ),
        (
            ("EX01", "ex01.a.example"),
            ("ex01.a.example", "ex01.b.example"),
            (("ex01.a.example", "ex01.b.example"), ("ex01.a.example", "ex01.b.example")),
        ),
        (
            ("EX01",),
            ("ex01.a.example", "ex01.b.example"),
            (("ex01",), ("ex01.a.example", "ex01.b.example")),
        ),
        (
            ("ex01.a.example", "EX02"),
            ("ex02.a.example", "EX01"),
            (("ex01.a.example", "ex02.a.example"), ("ex01.a.example", "ex02.a.example")),
        ),
        (
            ("EX01", "ex01.b.example"),
            ("ex01.a.example",),
            (("ex01.a.example", "ex01.b.example"), ("ex01.a.example",)),
        ),
        (
            ("ex01.a.example",),
            ("EX01", "ex01.b.example"),
            (("ex01.a.example",), ("ex01.a.example", "ex01.b.example")),
        ),
        (
            ("EX01", "EX02"),
            ("EX01", "ex01.a.example"),
            (("ex01", "ex02"), ("ex01", "ex01.a.example")),
        ),
        (
            ("EX01", "ex01.a.example"),
            ("EX01", "EX02"),
            (("ex01", "ex01.a.example"), ("ex01", "ex02")),
        ),
        (("EX 01",), ("ex 01",), (("ex 01",), ("ex 01",))),
        (("EX01", "ex01."), ("EX02",), (("ex01",), ("ex02",))),
        (5, ("EX01",), (5, ("ex01",))),
        (("EX01",), 5, (("ex01",), 5)),
    ],
)
def test_bare_names_are_written_in_full_where_one_fits(expected, actual, compared):
    assert SERVERS.compared(expected, actual) == compared


@pytest.mark.parametrize(
    "joined", ["CN=EX01,CN=Servers,DC=c,x", "CN=EX01,CN=Servers,DC=c EX02", "CN=EX01,DC=c\nEX02"]
)
def test_a_second_server_behind_a_distinguished_name_is_never_lost(joined):
    assert isinstance(read_server(joined), Unreadable)
