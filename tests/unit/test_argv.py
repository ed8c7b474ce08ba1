"""The quick parser and typer read the same table, and never differently."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.cli import app, argv
from auditor.cli.commands import COMMANDS
from auditor.errors import UsageError

OPTIONS = COMMANDS["check"].options
WORDS = [f"--{option.name}" for option in OPTIONS] + [o.short for o in OPTIONS if o.short]
VALUES = ["na", "table", "json", "x.json", "-", "--", "", "a=b", "-r", "--quiet", "-qv", "-rna"]
WORDS += [f"{word}=na" for word in WORDS]


@given(st.lists(st.sampled_from(WORDS + VALUES), max_size=6))
def test_what_the_quick_parser_reads_typer_reads_alike(words):
    quick = argv.parse(["check", *words])
    if quick is None:
        return
    slow = app.parse(["check", *words], "0")
    assert isinstance(slow, argv.Invocation)
    assert dict(slow.given) == dict(quick.given)
    assert slow.command is quick.command


@pytest.mark.parametrize(
    "words",
    [
        ["-r", "na", "-s", "x.json"],
        ["--region", "na", "--snapshot", "x.json", "--snapshot", "-"],
        ["--region=na", "--snapshot=x.json", "--quiet"],
        ["-o", "json=a.json", "-o", "table=b.txt", "--exit-zero"],
    ],
)
def test_plain_command_lines_need_no_typer(words):
    quick = argv.parse(["check", *words])
    assert quick is not None
    slow = app.parse(["check", *words], "0")
    assert isinstance(slow, argv.Invocation)
    assert dict(slow.given) == dict(quick.given)


@pytest.mark.parametrize(
    "words",
    [[], ["--help"], ["check", "--help"], ["check", "-qv"], ["check", "-rna"], ["check", "x"], ["nope"],
     ["check", "--quiet=1"], ["check", "--region"], ["check", "--region", "--quiet"]],
)  # fmt: skip
def test_everything_else_is_left_to_typer(words):
    assert argv.parse(words) is None


@pytest.mark.parametrize(
    "words", [["check", "--nope"], ["nope"], ["check", "--region"], ["check", "x"]]
)
def test_a_wrong_command_line_is_a_usage_error(words):
    with pytest.raises(UsageError) as caught:
        app.parse(words, "0")
    assert "--help" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("words", "value"),
    [
        (["check", "--format", "json"], "json"),
        (["check", "--format=json", "--nope"], "json"),
        (["check", "-f", "json"], "json"),
        (["check", "-fjson"], "json"),
        (["check", "-qf", "json"], "json"),
        (["check", "-qvf=json"], "json"),
        (["check", "-s", "x-f"], None),
        (["check", "--format"], None),
        (["check"], None),
    ],
)
def test_a_glimpse_finds_the_format_in_a_wrong_command_line(words, value):
    assert argv.glimpse(words, "format", "-f") == value
