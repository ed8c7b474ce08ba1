"""deepdiff's door: every kind of change, the same order every time."""

from __future__ import annotations

import pytest

from auditor.evaluate import compare
from auditor.model import Change


@pytest.mark.parametrize(
    ("expected", "actual", "changes"),
    [
        (True, False, [Change("changed", "", True, False)]),
        (25, None, [Change("changed", "", 25, None)]),
        (1, True, [Change("changed", "", 1, True)]),
        ("a", 1, [Change("changed", "", "a", 1)]),
        (
            ("a", "b"),
            ("b", "c"),
            [Change("removed", "/0", "a", None), Change("added", "/1", None, "c")],
        ),
        (("a",), (), [Change("removed", "/0", "a", None)]),
        ((), ("a",), [Change("added", "/0", None, "a")]),
        (("a",), None, [Change("changed", "", ["a"], None)]),
        ({"x": 1}, {"x": 2}, [Change("changed", "/x", 1, 2)]),
        ({"a/b~": 1}, {}, [Change("removed", "/a~1b~0", 1, None)]),
        ({}, {"x": ("a",)}, [Change("added", "/x", None, ["a"])]),
        ({"x": 1, "y": 2}, {"x": 1}, [Change("removed", "/y", 2, None)]),
        (
            {"a": 1, "b": 2, "e": 3},
            {"b": 3, "d": 4, "e": 4},
            [
                Change("removed", "/a", 1, None),
                Change("added", "/d", None, 4),
                Change("changed", "/b", 2, 3),
                Change("changed", "/e", 3, 4),
            ],
        ),
    ],
)
def test_changes(expected, actual, changes):
    assert list(compare.changes(expected, actual)) == changes


def test_equal_values_have_no_changes():
    assert compare.changes(("a", "b"), ("a", "b")) == ()


def test_an_unknown_kind_of_change_is_a_fault(monkeypatch):
    monkeypatch.setattr(compare, "_KINDS", {})
    with pytest.raises(ValueError, match="values_changed"):
        compare.changes(1, 2)
