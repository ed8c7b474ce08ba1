"""What differs between two snapshots, and what does not: rename, spelling, doubt, duplicates."""

from __future__ import annotations

import itertools
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.history.differences import differences
from auditor.model import CONTRADICTION, CollectionError
from auditor.properties import PROPERTIES
from tests.conftest import REMOVED, connector
from tests.diff.snapshots import as_json, between, everything, read, snapshot

GUIDS = [f"{n}1111111-2222-3333-4444-555555555555" for n in range(9)]
FORMATS = ("json", "xml", "txt", "csv")


def named(name, guid=GUIDS[1], **changes):
    return connector(Name=name, Guid=guid, **changes)


def labels(entities):
    return [one.label for one in entities]


def changes_of(found):
    return {change.property: (change.old, change.new) for one in found.changed
            for change in one.changes}  # fmt: skip


def doubts_of(found):
    return {(one.property, one.why) for one in found.not_compared}


def test_nothing_differs_from_itself():
    found = between([named("A"), named("B", GUIDS[2])], [named("B", GUIDS[2]), named("A")])
    assert found.outcome == "same"
    assert found.pairs == 2


# What Exchange means the same by: property, one spelling, another.
SAME = [
    ("AddressSpaces", ["SMTP:*;1"], ["smtp:*; 1"]),
    ("AddressSpaces", ["*"], "SMTP:*;1"),
    ("AddressSpaces", ["SMTP:a.b;1", "SMTP:*;1"], ["SMTP:*;1", "SMTP:a.b;1", "SMTP:*;1"]),
    ("SmartHosts", ["Mail.Contoso.com."], ["mail.contoso.com"]),
    ("SmartHosts", ["[192.0.2.1]"], ["192.0.2.1"]),
    ("SmartHosts", ["a.b", "c.d"], {"value": ["c.d", "a.b"], "Count": 2}),
    ("SourceTransportServers", ["EX01"], ["ex01.contoso.com"]),
    ("MaxMessageSize", "35 MB (36,700,160 bytes)", 36_700_160),
    ("MaxMessageSize", "35 MB (36.700.160 Bytes)", "35MB"),
    ("ConnectionInactivityTimeOut", "00:10:00", {"Ticks": 6_000_000_000}),
    ("Enabled", "$true", True),
    ("SmartHostAuthMechanism", 0, "none"),
    ("SmartHostAuthMechanism", {"value": 2, "Value": "BasicAuth"}, "BasicAuth"),
    ("ProtocolLoggingLevel", "verbose", 1),
    ("Port", "25", 25),
    ("Name", "outbound mail to mimecast", "Outbound Mail to Mimecast"),
    ("Fqdn", "MAIL.contoso.com", "mail.contoso.com."),
    ("ConnectorType", 0, "Default"),
    ("SourceIPAddress", "0.0.0.0", {"IPAddressToString": "0.0.0.0"}),
    ("TlsDomain", None, None),
    # Not in the table of properties.
    ("FutureFlag", "True", True),
    ("FutureNumber", "7", 7),
    ("FutureList", ["b", "a"], ["a", "b", "a"]),
    ("FutureList", ["a"], "a"),
    ("FutureList", "{a, b}", ["b", "a"]),
    ("FutureList", [], None),
    ("FutureSize", "35 MB (36,700,160 bytes)", 36_700_160),
    ("FutureSize", "Unlimited", {"IsUnlimited": True}),
    ("FutureSpan", "0:10:00", {"Ticks": 6_000_000_000}),
    ("FutureMoment", "/Date(1795336200000)/", "2026-11-22T09:30:00+01:00"),
    ("FutureKind", {"ToString": "Verbose", "Value": 1}, 1),
    ("FutureKind", {"ToString": "Verbose", "Value": 1}, "Verbose"),
    ("FutureServer", {"Name": "EX01", "DistinguishedName": "CN=EX01,DC=a"}, "EX01"),
    ("FutureServer", "a.b/Servers/EX01", {"ToString": "a.b/Servers/EX01", "Name": "EX01"}),
    ("FutureServers", [{"Name": "EX01"}, {"Name": "EX02"}], ["EX02", "EX01"]),
    ("FutureKinds", [{"ToString": "A", "Value": 1}, {"ToString": "B", "Value": 2}], [2, 1]),
    ("FutureKinds", [{"ToString": "A", "Value": 1}, {"ToString": "B", "Value": 2}], ["B", "A"]),
    ("FutureObject", {"A": 1, "B": {"C": "x"}}, {"b": {"c": "x"}, "a": "1"}),
]


@pytest.mark.parametrize(("name", "one", "other"), SAME, ids=str)
def test_two_spellings_of_one_value_are_no_difference(name, one, other):
    for old, new in ((one, other), (other, one)):
        found = between([connector(**{name: old})], [connector(**{name: new})])
        assert found.outcome == "same", found


# property, before, after, and as they are shown.
DIFFERENT = [
    ("Enabled", True, False, True, False),
    ("Port", 25, "587", 25, 587),
    ("SmartHosts", ["b.b", "a.a"], ["a.a"], ["a.a", "b.b"], ["a.a"]),
    ("SourceTransportServers", ["EX1"], ["EX10"], ["EX1"], ["EX10"]),
    ("AddressSpaces", ["*;1"], ["*;2"], ["SMTP:*;1"], ["SMTP:*;2"]),
    ("MaxMessageSize", "1 MB", "Unlimited", 1 << 20, "Unlimited"),
    ("SmartHostAuthMechanism", "None", 2, "None", "BasicAuth"),
    ("TlsAuthLevel", None, "DomainValidation", None, "DomainValidation"),
    ("Comment", None, "", None, ""),
    ("Comment", "a", "A", "a", "A"),
    ("TlsDomain", "a.b", None, "a.b", None),
    ("ConnectorType", "Default", "XPremises", "Default", "XPremises"),
    ("ConnectorType", 0, 1, "Default", "1"),
    ("ConnectionInactivityTimeOut", "00:10:00", "00:10:01", "00:10:00", "00:10:01"),
    ("SourceIPAddress", "0.0.0.0", "192.0.2.1", "0.0.0.0", "192.0.2.1"),
    ("AuthenticationCredential", None, "(set; dropped)", None, "(set; dropped)"),
    ("FutureFlag", True, False, True, False),
    ("FutureKinds", [{"ToString": "A", "Value": 1}], [2], ["A"], [2]),
    ("FutureFlag", True, "Sometimes", True, "Sometimes"),
    ("FutureList", ["a", "b"], ["a", "c"], ["a", "b"], ["a", "c"]),
    ("FutureList", ["a"], [], ["a"], []),
    ("FutureText", "a", "A", "a", "A"),
    ("FutureText", "007", "7", "007", "7"),
    ("FutureText", "a", None, "a", None),
    ("FutureText", "", None, "", None),
    ("FutureSize", "Unlimited", 500, "Unlimited", 500),
    ("FutureServer", "a.b/Servers/EX01", "c.d/Servers/EX01",
     "a.b/Servers/EX01", "c.d/Servers/EX01"),
    ("FutureServers", ["x/EX01"], ["y/EX01"], ["x/EX01"], ["y/EX01"]),
    ("FutureObject", {"A": {"C": 1}}, {"A": {"C": 2}}, {"A": {"C": 1}}, {"A": {"C": 2}}),
    ("FutureKind", {"ToString": "A", "Value": 1}, 2, "A", 2),
]  # fmt: skip


@pytest.mark.parametrize(("name", "one", "other", "shown", "after"), DIFFERENT, ids=str)
def test_a_change_of_a_property_is_found_both_ways(name, one, other, shown, after):
    for old, new, pair in ((one, other, (shown, after)), (other, one, (after, shown))):
        found = between([connector(**{name: old})], [connector(**{name: new})])
        assert changes_of(found) == {name: pair}
        assert json.dumps(changes_of(found)[name]) == json.dumps(pair)  # 0 is not false
        assert found.outcome == "different"
        assert not found.added + found.removed + found.renamed


@pytest.mark.parametrize("name", sorted(PROPERTIES.keys() - {"Name", "Identity", "Id", "Guid"}))
def test_no_property_of_a_connector_goes_unseen(name):
    """Each is compared, or says that it cannot be, or is one that changes by itself."""
    found = between([connector(**{name: None})], [connector(**{name: "True"})])
    passing = name.startswith("When") or name in {"OriginatingServer", "ObjectState"}
    derived = name == "SmartHostsString"
    assert (found.outcome == "same") == (passing or derived), found


PASSING = {
    "WhenChanged": "x", "WhenCreatedUTC": "x", "whenchanged": "x", "RunspaceId": "x",
    "PSComputerName": "x", "PSShowComputerName": "x", "OriginatingServer": "x",
    "ObjectState": "Changed", "SerializationData": "x",
}  # fmt: skip


@pytest.mark.parametrize("name", PASSING)
def test_what_changes_by_itself_is_left_out(name):
    for old, new in itertools.permutations([{}, {name: "x"}, {name: "y"}], 2):
        assert between([{**connector(), **old}], [{**connector(), **new}]).outcome == "same"


def test_a_rename_is_a_rename_and_what_follows_from_it_is_not_repeated():
    paths = [{"Identity": n, "Id": n, "DistinguishedName": f"CN={n},DC=a"} for n in ("A", "B")]
    found = between([named("A", **paths[0])], [named("B", **paths[1])])
    (one,) = found.renamed
    assert (one.former, one.entity.name, one.changes) == ("A", "B", ())
    assert not found.added + found.removed + found.not_compared
    assert found.outcome == "different"


def test_a_rename_hides_no_other_change():
    found = between([named("A", Port=25)], [named("B", Port=26)])
    assert [one.former for one in found.renamed] == ["A"]
    assert changes_of(found) == {"Port": (25, 26)}


def test_names_that_were_swapped_are_two_renames():
    found = between(
        [named("A", GUIDS[1]), named("B", GUIDS[2])], [named("B", GUIDS[1]), named("A", GUIDS[2])]
    )
    assert {(one.former, one.entity.name) for one in found.renamed} == {("A", "B"), ("B", "A")}


@pytest.mark.parametrize("guid", ["{%s}", " %s", "UPPER"])
def test_a_guid_is_one_however_it_is_spelled(guid):
    other = "ABCDEF11-2222-3333-4444-555555555555"
    spelled = other.lower() if guid == "UPPER" else guid % other
    found = between([named("A", other)], [named("B", spelled)])
    assert len(found.renamed) == 1


def test_what_was_made_anew_is_not_what_it_was():
    found = between([named("A", GUIDS[1])], [named("A", GUIDS[2])])
    assert labels(found.added) == labels(found.removed) == ["A"]


def test_added_and_removed():
    found = between([named("A"), named("B", GUIDS[2])], [named("A"), named("C", GUIDS[3])])
    assert (labels(found.added), labels(found.removed)) == (["C"], ["B"])
    assert found.pairs == 1


@pytest.mark.parametrize(
    ("old", "new"), [(REMOVED, REMOVED), (GUIDS[1], REMOVED), (REMOVED, GUIDS[1]), (None, "")]
)
def test_without_a_guid_the_name_decides(old, new):
    found = between([named("A", old, Port=25)], [named("a ", new, Port=26)])
    assert changes_of(found)["Port"] == (25, 26)
    assert not found.added + found.removed
    moved = between([named("A", REMOVED)], [named("B", REMOVED)])
    assert labels(moved.added) + labels(moved.removed) == ["B", "A"]


def test_a_guid_is_believed_before_a_name():
    old = [named("A", GUIDS[1]), named("B", GUIDS[2])]
    new = [named("B", REMOVED), named("A", GUIDS[2])]
    found = between(old, new)
    # B of old is A of new by its Guid; what is left are A and a B that may be it or not.
    assert [one.former for one in found.renamed] == ["B"]
    assert (labels(found.removed), labels(found.added)) == (["A"], ["B"])


@pytest.mark.parametrize("guid", [GUIDS[1], REMOVED])
def test_duplicates_hide_nothing(guid):
    one, other = named("A", guid, Port=25), named("A", guid, Port=26)
    third = named("A", guid, Port=27)
    assert between([one, other], [other, one]).outcome == "same"
    lost = between([one, other], [other])
    assert labels(lost.removed) == ["A"]
    assert not lost.changed
    more = between([one], [one, other])
    assert labels(more.added) == ["A"]
    changed = between([one, other], [other, third])
    assert changes_of(changed) == {"Port": (25, 27)}


def test_the_same_output_twice_is_one_connector():
    assert between([named("A")], [named("A"), named("A")]).outcome == "same"


def test_the_same_guid_with_other_values_stays_two():
    found = between([named("A", Enabled=False)], [named("A", Enabled=False), named("A", Enabled=0)])
    assert len(found.added) == 1


def test_what_has_neither_a_name_nor_a_guid_is_compared_all_the_same():
    one = connector(Name=REMOVED, Guid=REMOVED)
    assert between([one, {**one, "Port": 26}], [{**one, "Port": 26}, one]).outcome == "same"
    assert changes_of(between([one], [{**one, "Port": 26}])) == {"Port": (25, 26)}
    assert len(between([one], [one, one]).added) == 1


UNREADABLE = [
    ("SmartHosts", ["a.b", "..."]),
    ("SmartHosts", "System.Object[]"),
    ("Enabled", "perhaps"),
    ("Port", {CONTRADICTION: True}),
    ("FutureList", "System.Collections.ArrayList"),
    ("FutureList", "{a, b...}"),
    ("FutureList", ["a", "b…"]),
    ("FutureThing", {CONTRADICTION: True}),
]


@pytest.mark.parametrize(("name", "raw"), UNREADABLE, ids=str)
def test_what_cannot_be_read_is_never_called_equal(name, raw):
    good = connector(**{name: [] if name == "SmartHosts" else 25})
    bad = connector(**{name: raw})
    for old, new, words in ((bad, good, "old"), (good, bad, "new"), (bad, bad, "both")):
        found = between([old], [new])
        ((property_, why),) = doubts_of(found)
        assert property_ == name
        assert words in why
        assert found.outcome == "undecided"


def test_one_doubt_takes_nothing_from_what_is_certain():
    found = between([connector(SmartHosts="System.Object[]")], [connector(Port=26)])
    assert found.outcome == "different"
    assert [name for name, _ in doubts_of(found)] == ["SmartHosts"]


@pytest.mark.parametrize("name", ["SmartHosts", "Port", "FutureFlag"])
def test_what_a_side_lacks_is_not_compared(name):
    full, less = connector(FutureFlag=True), connector(**{name: REMOVED})
    for old, new, side in ((full, less, "old"), (less, full, "new")):
        found = between([old], [new])
        assert (name, f"only the {side} snapshot has it") in doubts_of(found)
        assert not found.changed


def test_what_all_of_a_side_lack_is_said_once():
    many = [named(f"C{n}", GUIDS[n], FutureFlag=True) for n in range(9)]
    found = between(many, [connector(**one, FutureFlag=REMOVED) for one in
                           ({k: v for k, v in m.items() if k != "FutureFlag"} for m in many)])  # fmt: skip
    (doubt,) = found.not_compared
    assert (doubt.entity, doubt.property) == (None, "FutureFlag")


def test_smart_hosts_stand_in_for_their_text_and_are_said_once():
    text = connector(SmartHosts=REMOVED, SmartHostsString="a.b,c.d")
    both = connector(SmartHosts=["a.b", "c.d"], SmartHostsString="a.b,c.d")
    assert between([text], [both]).outcome == "same"
    other = connector(SmartHosts=["a.b"], SmartHostsString="a.b")
    assert list(changes_of(between([both], [other]))) == ["SmartHosts"]
    assert list(changes_of(between([text], [{**text, "SmartHostsString": "x.y"}]))) == [
        "SmartHostsString"
    ]


@pytest.mark.parametrize("kinds", [("csv", "json"), ("json", "format-list"), ("clixml+csv", "x")])
@pytest.mark.parametrize("name", ["Comment", "FutureText"])
def test_null_and_empty_are_not_told_apart_where_an_export_does_not(kinds, name):
    found = between([connector(**{name: None})], [connector(**{name: ""})], kinds)
    assert found.outcome == "undecided"
    assert between([connector(**{name: None})], [connector(**{name: "x"})], kinds).changed


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("ConnectorType", 1, "XPremises"),
        ("FutureKind", 1, "Verbose"),
        ("FutureKind", [1, 2], "a b"),
        ("FutureKinds", [1, 2], ["A", "B"]),
        ("FutureFlag", False, 0),
    ],
)
def test_a_number_and_a_name_that_may_be_one_are_not_compared(name, old, new):
    found = between([connector(**{name: old})], [connector(**{name: new})])
    assert found.outcome == "undecided"


def test_names_of_unknown_properties_mind_no_case():
    one, other = connector(futureflag=True), connector(FutureFlag=True)
    assert between([one], [other]).outcome == "same"
    assert between([{**one, "FutureFlag": False}], [other]).outcome == "undecided"


DOMAIN = {"Name": "contoso.com", "Guid": GUIDS[3], "DomainName": "contoso.com", "Default": "True"}
OTHER_CMDLETS = [
    ("AcceptedDomain", DOMAIN, {**DOMAIN, "DomainType": "Authoritative"}, "undecided"),
    ("AcceptedDomain", DOMAIN, {**DOMAIN, "Default": True}, "same"),
    ("AcceptedDomain", DOMAIN, {**DOMAIN, "Default": False}, "different"),
    ("AcceptedDomain", DOMAIN, {**DOMAIN, "Name": "Main"}, "different"),
    ("TransportConfig", {"MaxSendSize": "10 MB"}, {"MaxSendSize": 10 << 20}, "same"),
    ("TransportConfig", {"MaxSendSize": "10 MB"}, {"MaxSendSize": "Unlimited"}, "different"),
    ("TransportConfig", {"MaxSendSize": "10 MB"}, {"MaxSendSize": "..."}, "undecided"),
    ("ExchangeServer", {"Name": "EX01"}, {"Name": "ex01", "OriginatingServer": "DC1"}, "same"),
    ("ExchangeServer", {"Identity": "EX01", "Site": "A"}, {"Identity": "EX01", "Site": "B"},
     "different"),
    ("AdSiteLink", {"Name": "L", "Sites": ["A", "B"]}, {"Name": "L", "Sites": ["B", "A"]}, "same"),
]  # fmt: skip


@pytest.mark.parametrize(("noun", "old", "new", "outcome"), OTHER_CMDLETS, ids=str)
def test_objects_of_other_cmdlets_are_compared_too(noun, old, new, outcome):
    assert differences(snapshot(**{noun: [old]}), snapshot(**{noun: [new]})).outcome == outcome


def test_what_was_collected_only_once_is_not_compared():
    both = snapshot(AcceptedDomain=[DOMAIN]), snapshot()
    for (old, new), side in ((both, "old"), (both[::-1], "new")):
        found = differences(old, new)
        (doubt,) = found.not_compared
        assert doubt[:3] == ("AcceptedDomain", None, None)
        assert doubt.why == f"only the {side} snapshot has it"
        assert found.outcome == "undecided"
    assert differences(snapshot(AcceptedDomain=[]), snapshot(AcceptedDomain=[])).outcome == "same"


REFUSED = CollectionError("Get-AcceptedDomain", "access denied", refused=True)
LOST = CollectionError("Get-AcceptedDomain", "timed out")


@pytest.mark.parametrize("error", [REFUSED, LOST])
def test_why_a_side_lacks_a_cmdlet_is_said(error):
    found = differences(snapshot(AcceptedDomain=[DOMAIN]), snapshot(error))
    assert doubts_of(found) == {(None, f"only the old snapshot has it: {error.reason}")}


def test_what_neither_may_read_is_no_news_every_night_but_what_was_lost_is():
    assert differences(snapshot(REFUSED), snapshot(REFUSED)).outcome == "same"
    assert differences(snapshot(REFUSED), snapshot(LOST)).outcome == "undecided"


def test_of_a_part_nobody_says_that_something_is_gone():
    other = {**DOMAIN, "Name": "fabrikam.com", "Guid": GUIDS[4]}
    whole, part = snapshot(AcceptedDomain=[DOMAIN, other]), snapshot(LOST, AcceptedDomain=[DOMAIN])
    for old, new in ((whole, part), (part, whole)):
        found = differences(old, new)
        assert found.outcome == "undecided"
        assert {one.entity.label for one in found.not_compared if one.entity} == {"fabrikam.com"}
    changed = snapshot(AcceptedDomain=[{**DOMAIN, "Default": False}, other])
    assert differences(part, changed).changed


def test_both_names_of_the_transport_service_are_one():
    service = {"Name": "EX01", "PickupDirectoryPath": "x"}
    found = differences(snapshot(TransportServer=[service]), snapshot(TransportService=[service]))
    assert (found.outcome, found.pairs) == ("same", 1)


def test_the_administrator_audit_log_is_not_compared():
    error = CollectionError("Search-AdminAuditLog", "timed out")
    one, other = snapshot(AdminAuditLog=[{"Caller": "a"}]), snapshot(AdminAuditLog=[])
    for old, new in itertools.permutations([one, other, snapshot(), snapshot(error)], 2):
        assert differences(old, new).outcome == "same"


@pytest.mark.parametrize(
    ("one", "other"), list(itertools.combinations(["rich", "mixed", "plain"], 2))
)
def test_an_organisation_does_not_differ_by_how_it_was_exported(one, other):
    for old, new in ((one, other), (other, one)):
        found = differences(read(everything(old)), read(everything(new)))
        assert found.outcome == "same", found
        assert found.pairs == 15
    changed = differences(read(everything(one)), read(everything(other, drifted=True)))
    assert [one.entity.name for one in changed.changed] == [
        "Outbound Mail to Mimecast",
        "Partner 003",
    ]


@pytest.mark.parametrize("shape", ["rich", "mixed", "plain"])
def test_clixml_and_json_of_one_organisation_do_not_differ(shape):
    clixml = read(everything(shape))
    rich = read(everything("rich")).objects
    objects = {noun: [as_json(dict(one)) for one in found] for noun, found in rich.items()}
    again = snapshot(**json.loads(json.dumps(objects)))
    for old, new in ((clixml, again), (again, clixml)):
        found = differences(old, new)
        assert not found.added + found.removed + found.changed, found
        assert found.pairs == 15


@pytest.mark.parametrize(("one", "other"), list(itertools.permutations(FORMATS, 2)))
@pytest.mark.parametrize("name", ["compliant", "drifted"])
def test_the_examples_are_the_same_in_every_format(one, other, name):
    from tests.conftest import ROOT

    old, new = ((ROOT / "examples" / f"{name}.{form}").read_bytes() for form in (one, other))
    assert differences(read(old), read(new)).outcome == "same"


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda part: (
        st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=4), part, max_size=3)
    ),
    max_leaves=6,
)
ROWS = st.lists(st.dictionaries(st.sampled_from([*list(PROPERTIES)[:12], "Name", "Guid", "Odd"]),
                                ANY, max_size=5), max_size=4)  # fmt: skip


@given(ROWS, st.randoms(use_true_random=False))
def test_whatever_an_export_holds_differs_not_from_itself_in_another_order(rows, order):
    found = between(rows, order.sample(rows, len(rows)))
    assert found.outcome in {"same", "undecided"}, found


@given(ROWS, ROWS)
def test_backwards_the_same_differs(old, new):
    there, back = between(old, new), between(new, old)
    assert there.outcome == back.outcome
    assert there.pairs == back.pairs
    assert len(there.added) == len(back.removed)


@pytest.mark.parametrize("guid", [None, "old", "both"])
def test_thousands_of_connectors_that_nothing_tells_apart_are_compared_in_time(guid):
    def rows(start, side):
        own = guid in {side, "both"}
        return [
            connector(Name="A", Guid=f"{start}-{n}" if own else REMOVED, Port=n)
            for n in range(start, start + 5000)
        ]

    began = time.monotonic()
    found = between(rows(0, "old"), rows(1, "new"))
    pairs = 0 if guid == "both" else 5000
    assert (found.pairs, len(found.removed), len(found.added)) == (pairs, *[5000 - pairs] * 2)
    assert time.monotonic() - began < 20
