"""Markdown: two parsers judge that names from outside stay text.

markdown-it-py reads CommonMark with tables; cmark-gfm is GitHub's own parser, with its autolinks.
"""

from __future__ import annotations

import html
import re
import time
from collections import Counter

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from auditor.remediate.powershell import unspeakable
from auditor.report.markdown import escaping
from auditor.report.printable import printable
from tests.conftest import connector, export
from tests.report.hostile import NAMES, snapshot
from tests.report.scenes import every

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
EXTENSIONS = ["table", "autolink", "strikethrough", "tagfilter", "tasklist"]
ACTIVE = {"html_inline", "html_block", "link_open", "image", "s_open"}


def kinds(text: str) -> Counter[str]:
    """How often each kind of token is in a text, also inside of lines."""
    found = PARSER.parse(text)
    return Counter(t.type for one in found for t in (one, *(one.children or [])))


def github(text: str) -> str:
    return cmarkgfm.markdown_to_html_with_extensions(
        text, options=Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES, extensions=EXTENSIONS
    )


def tags(text: str) -> Counter[str]:
    return Counter(re.findall(r"<(\w+)", github(text)))


def words(text: str) -> str:
    """What a reader of GitHub's HTML reads."""
    return html.unescape(re.sub(r"<[^>]*>", "", github(text))).strip()


BLOCKS = ("heading_open", "table_open", "tr_open", "td_open", "blockquote_open", "hr",
          "ordered_list_open", "code_block")  # fmt: skip
TAGS = ("h1", "h2", "h3", "table", "tr", "td", "th", "blockquote", "ol", "hr")
BY_COMMANDS = ("fence", "list_item_open", "bullet_list_open", "paragraph_open")
"""How many there are of these depends on how many commands there are."""
SPEAKABLE = [name for name in NAMES if not unspeakable(name)]
"""Of the others there is no command, but advice."""


@pytest.mark.parametrize("names", [NAMES, SPEAKABLE], ids=["all", "speakable"])
def test_a_hostile_report_has_the_shape_of_a_tame_one(written, names):
    hostile = written("markdown", every(snapshot(names)))
    tame = written("markdown", every(snapshot([f"n{n}" for n in range(len(names))])))
    found, twin = kinds(hostile), kinds(tame)
    assert not ACTIVE & set(found)
    same = (*BLOCKS, "strong_open", "em_open", *(BY_COMMANDS if names is SPEAKABLE else ()))
    assert {kind: found[kind] for kind in same} == {kind: twin[kind] for kind in same}
    found, twin = tags(hostile), tags(tame)
    assert not {"a", "img", "del", "input", "sup", "script"} & set(found)
    assert {tag: found[tag] for tag in TAGS} == {tag: twin[tag] for tag in TAGS}
    assert hostile.replace("\n", "").isprintable()


def outside_code(text: str) -> str:
    return re.sub(r"(?s)<(code|pre)\b.*?</\1>", "", github(text))


def test_what_sites_would_link_is_in_code(written):
    shown = outside_code(written("markdown", every(snapshot(NAMES))))
    for hazard in ("@", "evil.example", "://", "www.", "#1", "!2", "GH-3", "owner/repo#", ":smile:",
                   "0123456789abcdef", "$x"):  # fmt: skip
        assert hazard not in shown, hazard


SHORT = [name for name in NAMES if len(name) < 300]
HOSTILE = st.lists(
    st.sampled_from([*SHORT, *"|`\\*_[]()<>#!@&~-+=.:;$ '\"{}1", "\n", "www.", "http://", "a", " "])
    | st.text(max_size=4),
    max_size=8,
).map("".join)


@pytest.mark.parametrize("write", [escaping.text, escaping.code])
@given(said=HOSTILE)
def test_any_text_stays_text_wherever_it_stands(write, said):
    made = write(said)
    shown = " ".join(printable(said).split())
    assert " ".join(words(made).split()) == shown
    for around in ("{}", "# {}", "- a {}", "a\n{}"):
        found, twin = kinds(around.format(made)), kinds(around.format("a"))
        assert not ACTIVE & set(found)
        same = {*BLOCKS, *BY_COMMANDS} - ({"paragraph_open"} if not shown else set())
        assert {kind: found[kind] for kind in same} == {kind: twin[kind] for kind in same}
    row = escaping.table(("A", "B"), [(made, "x")])
    assert kinds(row)["td_open"] == 2
    assert tags(row)["td"] == 2
    cell = re.findall(r"(?s)<td>(.*?)</td>", github(row))[0]
    assert " ".join(html.unescape(re.sub("<[^>]*>", "", cell)).split()) == shown


@pytest.mark.parametrize("said", [part * 50_000 + "a" for part in (".", "'(", "`", "a.", " ", "@")])
def test_long_texts_take_no_long_time(said):
    began = time.process_time()
    escaping.text(said)
    escaping.code(said)
    assert time.process_time() - began < 2


@given(said=HOSTILE)
def test_a_block_holds_what_it_was_given(said):
    (fence,) = PARSER.parse(escaping.block(said, "powershell"))
    assert fence.type == "fence"
    assert fence.content == "\n".join(map(printable, said.split("\n"))) + "\n"


def test_the_verdict_is_first_and_commands_are_whole(written):
    text = written("markdown", "drifted")
    assert text.startswith(
        "# Connector audit result: DRIFT\n\n[//]: # (audit-report/1, Markdown)\n\n**Outb"
    )
    fences = [token.content for token in PARSER.parse(text) if token.type == "fence"]
    assert len(fences) == 3
    assert fences[0].startswith("Set-SendConnector -Identity '3f0c1d52")
    assert "audit-report/1" not in words(text)
    for said in (
        "expected: us-smtp-outbound-1.mimecast.com, us-smtp",
        "actual: 587",
        "Where mail goes",
    ):
        assert said in words(text)


def test_a_compliant_report_says_so(written):
    text = written("markdown", "compliant")
    assert words(text).startswith(
        "Connector audit result: COMPLIANT\nAll outbound mail leaves through"
    )
    assert "## Failed" not in text


def test_every_status_and_each_exemption_with_its_end_is_there(written):
    shown = words(written("markdown", "every"))
    for said in ("Failed", "Could not be decided", "exempt", "not-applicable", "pass", "2027-01-31",
                 "CHG0012345", "ciso@contoso.com", "Archive [feed](x) | =1+1",
                 "nobody <asked> for *it*"):  # fmt: skip
        assert said in shown, said


def test_a_command_with_backticks_stays_in_its_block(written):
    data = export(
        connector(Name="```\n# x", Guid="not one", Port=587),
        connector(Name="`" * 9, Port=587, Guid="y"),
    )
    text = written("markdown", every(data))
    assert kinds(text)["fence"] == text.count("powershell\n")
    assert "```````" in text


def test_a_thousand_findings_are_written(written):
    text = written("markdown", every(snapshot([f"n{n}" for n in range(500)])))
    assert text.count("\n### ") >= 1000


def test_a_run_that_failed_leaves_no_old_pass(failed):
    text = failed("markdown")
    assert text.startswith(
        "# Connector audit result: NOT EVALUATED\n\n[//]: # (audit-report/1, Markdown)\n"
    )
    assert "COMPLIANT" not in text
    assert "Nothing was evaluated: " in words(text)
    assert "b[a]d|`x`.xml" in words(text)
