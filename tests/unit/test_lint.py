"""The linter: a file in tests/policies/lint is a test; what it must find stands in its comments.

``# expect: error 12:9 part of the message`` is one remark, in the order of the places; a file
without such a line must be clean. Each rule has a file of its name, and a near miss.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import NOWHERE
from auditor.kinds import INTEGER, SERVERS, SMART_HOSTS
from auditor.model import Scene
from auditor.policy import builtin_names, builtin_packs, find_pack, load_policy
from auditor.policy.documents import is_pack, read_document, read_file
from auditor.policy.lint import RULES, Remark, lint, lint_pack
from auditor.policy.lint.draft import Draft
from auditor.policy.lint.values import clash
from auditor.policy.matchers import Equals
from auditor.policy.matchers.base import AllOf
from auditor.policy.matchers.bounds import Bound
from auditor.policy.matchers.pattern import Matches
from auditor.policy.matchers.presence import IsPresent
from auditor.policy.matchers.sets import Excludes, Includes, SubsetOf
from auditor.policy.pack_files import load_pack

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests/policies/lint"
FILES = sorted(FOLDER.glob("*.yaml"))
PACKS = sorted((FOLDER / "packs").glob("*.yaml"))
TODAY = date(2026, 11, 23)
EXPECT = re.compile(r"# expect: (error|warning) (?:(\S+\.yaml):)?(\d+):(\d+) (.+)")


def remarks_of(path: Path, folder: Path = Path()) -> tuple[Remark, ...]:
    policy, document = load_policy(str(path), folder), read_document(str(path), folder)
    return lint(policy, document, TODAY)


def check(path: Path, remarks: tuple[Remark, ...]) -> None:
    lines = [line for line in path.read_text("utf-8").splitlines() if line.startswith("# expect:")]
    expected = [EXPECT.fullmatch(line) for line in lines]
    assert None not in expected, lines
    assert len(remarks) == len(expected), remarks
    for remark, (level, file, line, column, words) in zip(
        remarks, (match.groups() for match in expected), strict=True
    ):
        assert words in remark.message
        assert remark.level == level
        assert remark.place == (file or path.name, int(line), int(column))
        assert remark.hint
        assert remark.hint.endswith((".", "]")), remark.hint
        assert not remark.message.endswith("."), remark.message


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_policy_has_the_remarks_that_its_comments_say(path):
    check(path, remarks_of(path))


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_a_pack_has_the_remarks_that_its_comments_say(path):
    check(path, lint_pack(load_pack(path), read_file(path)))


@pytest.mark.parametrize("name", RULES)
def test_every_rule_has_a_file_that_it_finds_something_in_and_one_that_it_does_not(name):
    rule = RULES[name]
    assert rule.check.__name__ == name.replace("-", "_")
    assert rule.check.__doc__
    for file, finds in ((f"{name}.yaml", True), (f"{name}-near-miss.yaml", False)):
        path = FOLDER / file
        draft = Draft(load_policy(file, FOLDER), read_document(file, FOLDER), TODAY)
        assert any(rule.check(draft)) is finds
        # A near miss may prove less than the built-in policy, and is told so.
        others = re.findall(
            r"# expect: (?!warning .*(?:may be|applies only|always so))", path.read_text("utf-8")
        )
        assert finds or not others


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_without_a_document_the_same_errors_are_found_less_exactly(path):
    policy = load_policy(str(path), Path())
    exact, rough = remarks_of(path), lint(policy, None, TODAY)
    said = {re.sub(r" is (ignored|not under).*", "", r.message) for r in rough}
    for remark in exact:
        if remark.level == "error":
            assert re.sub(r" is (ignored|not under).*", "", remark.message) in said
    for remark in rough:
        assert remark.place != NOWHERE
        assert remark.place.line


@pytest.mark.parametrize("name", builtin_names())
def test_the_built_in_policies_are_clean(name):
    assert remarks_of(Path(name)) == ()


@pytest.mark.parametrize("name", builtin_packs())
def test_the_built_in_packs_are_clean_and_so_is_a_policy_with_them(name):
    path = find_pack(name, Path())
    assert lint_pack(load_pack(path), read_file(path)) == ()
    assert lint_pack(load_pack(path)) == ()
    policy = load_policy("mimecast", Path(), [(name, Path())])
    assert lint(policy, read_document("mimecast", Path()), TODAY) == ()


def test_a_pack_without_its_document_is_said_to_be_wrong_at_its_ids():
    path = FOLDER / "packs/impossible.yaml"
    assert [remark.place.line for remark in lint_pack(load_pack(path))] == [4, 8, 8]


def test_the_policies_of_the_readme_are_clean(tmp_path):
    text = (ROOT / "README.md").read_text("utf-8")
    blocks = re.findall(r"^```yaml\n(schema: audit-policy/1\n.*?)^```", text, re.M | re.S)
    assert blocks
    for index, block in enumerate(blocks):
        path = tmp_path / f"{index}.yaml"
        path.write_text(block, "utf-8")
        assert remarks_of(path) == ()


def test_the_examples_are_clean():
    for path in (ROOT / "examples").rglob("*.yaml"):
        node = read_file(path)
        if is_pack(node):
            assert lint_pack(load_pack(path), node) == ()
        elif "audit-policy/" in path.read_text("utf-8"):
            assert remarks_of(path) == (), path


def test_an_expired_exemption_is_said_on_the_day_after_its_last():
    path = str(FOLDER / "exemption-expired-near-miss.yaml")
    policy, document = load_policy(path, Path()), read_document(path, Path())
    assert lint(policy, document, date(2026, 11, 23)) == ()
    (remark,) = lint(policy, document, date(2026, 11, 24))
    assert "expired on 2026-11-23" in remark.message


def test_exemptions_without_nodes_are_said_to_be_wrong_where_they_begin():
    path = FOLDER / "exemption-expired.yaml"
    policy = load_policy(str(path), Path())
    (remark,) = lint(policy, None, TODAY)
    assert remark.place == policy.exemptions[0].position
    moved = replace(policy, exemptions=policy.exemptions * 2)
    assert len(lint(moved, read_document(str(path), Path()), TODAY)) == 2


def test_an_expired_exemption_is_not_also_too_wide():
    path = str(FOLDER / "exemption-of-every-connector.yaml")
    policy, document = load_policy(path, Path()), read_document(path, Path())
    messages = [remark.message for remark in lint(policy, document, date(2027, 2, 1))]
    assert len(messages) == 2
    assert all("expired on 2027-01-31" in message for message in messages)


def test_no_exemption_that_covers_something_is_said_to_cover_nothing():
    covering = [
        path.parent / "policy.yaml"
        for path in (ROOT / "tests/cases").glob("*/case.yaml")
        if re.search(r": exempt$", path.read_text("utf-8"), re.M)
    ]
    policies = [path for path in covering if path.exists()]
    assert policies
    remarks = {path: remarks_of(path) for path in policies}
    assert [
        (path, remark)
        for path, found in remarks.items()
        for remark in found
        if "can never cover" in remark.message or "never covers" in remark.message
    ] == []


NAMES = ("a.example", "b.example", "c.example")
LISTS = [
    items
    for count in range(7)
    for items in combinations((*NAMES, "d.example", "e.example", "f.example"), count)
]
few = st.lists(st.sampled_from(NAMES), min_size=1, unique=True).map(lambda names: tuple(names))
LIST_MATCHERS = {
    "includes": few.map(lambda items: Includes(SMART_HOSTS, items)),
    "excludes": few.map(lambda items: Excludes(SMART_HOSTS, items)),
    "subset_of": few.map(lambda items: SubsetOf(SMART_HOSTS, items)),
    "equals": few.map(lambda items: Equals(SMART_HOSTS, tuple(sorted(items)))),
    "present": st.booleans().map(IsPresent),
    "matches": st.sampled_from(["[ab].*", "[a-z].*"]).map(lambda text: Matches(text, True)),
    "min": st.integers(0, 3).map(lambda count: Bound(SMART_HOSTS, count, False)),
    "max": st.integers(0, 3).map(lambda count: Bound(SMART_HOSTS, count, True)),
}
NUMBER_MATCHERS = {
    "min": st.integers(1, 5).map(lambda number: Bound(INTEGER, number, False)),
    "max": st.integers(1, 5).map(lambda number: Bound(INTEGER, number, True)),
    "equals": st.integers(1, 5).map(lambda number: Equals(INTEGER, number)),
    "present": st.booleans().map(IsPresent),
}


@given(st.fixed_dictionaries({}, optional=LIST_MATCHERS).filter(bool))
def test_matchers_of_a_list_clash_exactly_where_no_list_satisfies_them(parts):
    both = AllOf(parts)
    # Without a pattern the lists that are tried leave nothing out; with one there are more.
    possible = any(both.holds(items) is True for items in LISTS)
    impossible = clash(both, SMART_HOSTS, [Scene()]) is not None
    assert not (possible and impossible)
    if "matches" not in parts:
        assert possible or impossible


@given(st.fixed_dictionaries({}, optional=NUMBER_MATCHERS).filter(bool))
def test_matchers_of_a_number_clash_exactly_where_no_number_satisfies_them(parts):
    both = AllOf(parts)
    possible = any(both.holds(number) is True for number in (None, *range(1, 6)))
    assert possible is (clash(both, INTEGER, [Scene()]) is None)


SERVER_NAMES = ("ex1", "ex2", "ex1.a.example", "ex1.b.example", "ex2.a.example")
servers = st.lists(st.sampled_from(SERVER_NAMES), min_size=1, unique=True).map(tuple)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "includes": servers.map(lambda items: Includes(SERVERS, items)),
            "excludes": servers.map(lambda items: Excludes(SERVERS, items)),
            "subset_of": servers.map(lambda items: SubsetOf(SERVERS, items)),
            "matches": st.sampled_from(["ex1", ".*[.]a[.]example"]).map(
                lambda text: Matches(text, True)
            ),
        },
    ).filter(bool)
)
def test_matchers_of_servers_never_clash_where_some_servers_satisfy_them(parts):
    both = AllOf(parts)
    names = (*SERVER_NAMES, "ex1.c.example", "ex3")
    tried = (some for count in range(4) for some in combinations(names, count))
    if clash(both, SERVERS, [Scene()]) is not None:
        assert not any(both.holds(some) is True for some in tried)
