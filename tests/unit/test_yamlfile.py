"""What is wrong with a YAML text is said in the same words, at the same place, by both readers."""

from __future__ import annotations

import random
import re
import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from auditor import yamlfile
from auditor.errors import AuditError, Place, PolicyError, UsageError
from auditor.textfile import decode
from auditor.yamlfile import flow, parse
from auditor.yamlwords import explained
from auditor.yamlwords.signs import lookalike, lookalike_sign, named
from auditor.yamlwords.trouble import Spot, Trouble
from tests.conftest import ROOT

INVALID = ROOT / "tests" / "policies" / "invalid"
PURE = yaml.BaseLoader
LOADERS = [PURE, *([yaml.CBaseLoader] if hasattr(yaml, "CBaseLoader") else [])]

QUOTE = "Write the same quote where the text ends."
COLON = "Write a colon and a blank between a key and its value."
NO_COLON = "Write a colon and a blank after a key; indent text that goes on from the line above."
TEXT_COLON = "Put text that holds a colon and a blank in quotes."
ALIKE = "Indent the keys or items of one level alike, with blanks."
TABS = "Indent with blanks, not with tabs."
COMMA = "Part entries by commas."
SIGNS = "Put the text in quotes."
STAR = 'An asterisk at the beginning needs quotes: "*".'
BANG = 'An exclamation mark at the beginning needs quotes: "!".'
BACKSLASH = "In double quotes a backslash begins a special character: use single quotes."
TAG = "Write the value without a tag."
DIRECTIVE = "Leave out the line that begins with %, or put text that does in quotes."
BLOCK = "Put it in quotes; or begin the text in the next line, indented."
LEAVE_OUT = "Leave it out, or put text that holds it in quotes."
COMMON = "Write common blanks, quotes and hyphens; or put the key in quotes."
BRACKET = "Text that begins with a bracket or a brace needs quotes."
LIST = (
    "Write [a, b], or each item on a line of its own; put text that begins with a dash in quotes."
)
TOO_LARGE = "the file is too large or nested too deep"
MORE = "there is more text after the closing"
LETTER = "which YAML takes for a letter."

# Text → message (a ~ stands for "this is not YAML: "), line, column, hint.
WRONG = {
    # quotes
    'a: 1\nb: "na\nc: 14\n': ("~this quote is never closed", 2, 4, QUOTE),
    "a: 'it\nb: 1\n": ("~this quote is never closed", 1, 4, QUOTE),
    'a: "x': ("~this quote is never closed", 1, 4, QUOTE),
    'a: "x\n---\nb: 1\n': ("~this quote is never closed", 1, 4, QUOTE),
    'region: "na\nwarn: "14"\n': ("~this quote is never closed", 1, 9, QUOTE),
    "a: 'it's'\nb: 1\n": (
        f"~{MORE} quote", 1, 8, "Put the whole text in quotes; write '' for a quote within them.",
    ),
    'a: "x" y\n': (
        f"~{MORE} quote", 1, 8, 'Put the whole text in quotes; write \\" for a quote within them.',
    ),
    '"x" y\n': (
        f"~{MORE} quote", 1, 5, 'Put the whole text in quotes; write \\" for a quote within them.',
    ),
    # brackets and braces
    "a: [x, y\nb: 14\n": ("~this bracket is never closed", 1, 4, "Write ] where it ends."),
    "a: [x, y\n": ("~this bracket is never closed", 1, 4, "Write ] where it ends."),
    "a: [x, ": ("~this bracket is never closed", 1, 4, "Write ] where it ends."),
    "[[[": ("~this bracket is never closed", 1, 3, "Write ] where it ends."),
    "a: &x [": ("~this bracket is never closed", 1, 7, "Write ] where it ends."),
    "a: {b: 1, c: 2\nd: 3\n": ("~this brace is never closed", 1, 4, "Write } where it ends."),
    "a: {b: [1, 2]\nc: 1\n": ("~this brace is never closed", 1, 4, "Write } where it ends."),
    "a: {b: 1}}\n": ("~there is one '}' too many", 1, 10, LEAVE_OUT),
    "a: [1]]\nb: 1\n": ("~there is one ']' too many", 1, 7, LEAVE_OUT),
    '{"a": 1}}\n': ("~there is one '}' too many", 1, 9, LEAVE_OUT),
    "a: }\n": ("~there is one '}' too many", 1, 4, LEAVE_OUT),
    "a: [1}\n": ("~'}' stands where ']' belongs", 1, 6, "Close first what begins in line 1, column 4."),
    "a: {b: ]\n": ("~']' stands where '}' belongs", 1, 8, "Close first what begins in line 1, column 4."),
    "a: [1] y\n": (f"~{MORE} ']'", 1, 8, "Put the whole text in quotes."),
    "a: {} y\n": (f"~{MORE} '}}'", 1, 7, "Put the whole text in quotes."),
    "a: {{ x }}\n": ("a key must be plain text", 1, 5, BRACKET),
    # commas
    'a: {"b": "c" "d": 1}\n': ("~a comma is missing before this", 1, 14, COMMA),
    'a: ["a" "b"]\n': ("~a comma is missing before this", 1, 9, COMMA),
    '{\n"a": 1\n"b": 2\n}\n': ("~a comma is missing before this", 3, 1, COMMA),
    "a: {b: c\n  d: e}\n": ("~a comma is missing before this", 2, 3, COMMA),
    "a: {b: c d: e}\n": ("~a colon is not allowed here", 1, 11, f"{TEXT_COLON} {COMMA}"),
    "a: [b,,c]\n": (
        "~there is nothing before this comma", 1, 7,
        "Leave it out, or put text that begins with it in quotes.",
    ),
    "a: ,b\n": (
        "~there is nothing before this comma", 1, 4,
        "Leave it out, or put text that begins with it in quotes.",
    ),
    # colons
    "r: na\nwarn_days 14\nc:\n  n: 1\n": ("~a colon is missing after this key", 2, 1, NO_COLON),
    "r: na\nwarn_days 14\n": ("~a colon is missing after this key", 2, 1, NO_COLON),
    "region na\nx: y\n": ("~a colon is missing after this key", 1, 1, NO_COLON),
    "region = na\n# c\n\nb: 1\n": ("~a colon is missing after this key", 1, 1, NO_COLON),
    "r: na\nregion:na\nx: y\n": ("~a blank is missing after this colon", 2, 7, COLON),
    "region:na\nx: y\n": ("~a blank is missing after this colon", 1, 7, COLON),
    "a: 1\nc:\n  name:x\n  b: 2\n": ("~a blank is missing after this colon", 3, 7, COLON),
    "a: text: more\n": ("~a second colon is not allowed in this line", 1, 8, TEXT_COLON),
    "- a: b: c\n": ("~a second colon is not allowed in this line", 1, 7, TEXT_COLON),
    ": a\n": (
        "~there is no key before this colon", 1, 1,
        "Write a key before it, or put text that begins with it in quotes.",
    ),
    f'"{"x" * 1200}": 1\n': (
        "~a colon is not allowed here", 1, 1203, f"Begin keys on lines of their own. {TEXT_COLON}",
    ),
    f"a: 1\n{'x' * 1200}: 1\n": ("~a colon is missing after this key", 2, 1, NO_COLON),
    "a: {\nb: 1\nc: 2\n}\n": ("~a comma is missing before this", 3, 1, COMMA),
    # indentation, lists
    "a:\n  b: 1\n   c: 2\n": (
        "~this line is indented deeper than the one above, which has a value already", 3, 4,
        f"{ALIKE} {TEXT_COLON}",
    ),
    "a: 1\n  b: 2\n": (
        "~this line is indented deeper than the one above, which has a value already", 2, 3,
        f"{ALIKE} {TEXT_COLON}",
    ),
    "a:\n    b: 1\n  c: 2\n": ("~this line is indented like none above it", 3, 3, ALIKE),
    "  a: 1\nb: 2\n": ("~this line is indented like none above it", 2, 1, ALIKE),
    "a:\n  - b\n - c\n": ("~this line is indented like none above it", 3, 2, ALIKE),
    "a: |\n    x\n  y\nb: 1\n": ("~this line is indented like none above it", 3, 3, ALIKE),
    "p:\n  - a\n  r: 1\n": (
        "~a key stands among the items of a list", 3, 3,
        "Begin an item with a dash and a blank; indent the key after a list less.",
    ),
    "p:\n  r: 1\n  - a\n": (
        "~an item of a list stands among keys", 3, 3,
        "Indent the items of a list below their key; keys and items cannot be mixed.",
    ),
    "a: - b\n": ("~a list cannot begin in this line", 1, 4, LIST),
    "a:\n  - b\n  -c\n": (
        "~a blank is missing after this dash", 3, 3, "An item of a list begins with a dash and a blank.",
    ),
    # tabs
    "a:\n\tb: 1\n": ("~a tab stands where blanks belong", 2, 1, TABS),
    "a: 1\n\tb: 2\n": ("~a tab stands where blanks belong", 2, 1, TABS),
    "a:\n  b: 1\n  \tc: 2\n": ("~a tab stands where blanks belong", 3, 3, TABS),
    "a:\n  -\tb\n": ("~a tab stands where blanks belong", 2, 4, TABS),
    "a: |\n\tx\n": ("~a tab stands where blanks belong", 2, 1, TABS),
    # signs at the beginning
    "a: *\n": ("~text cannot begin with '*'", 1, 4, STAR),
    "a: *.contoso.com\n": ("~text cannot begin with '*'", 1, 4, STAR),
    "a: [*, b]\n": ("~text cannot begin with '*'", 1, 5, STAR),
    "a: & b\n": ("~text cannot begin with '&'", 1, 4, 'An ampersand at the beginning needs quotes: "&".'),
    "a: !!\n": ("~text cannot begin with '!'", 1, 4, BANG),
    "a: !{x\n": ("~text cannot begin with '!'", 1, 4, BANG),
    "a: @x\n": ("~text cannot begin with '@'", 1, 4, SIGNS),
    "a: `x`\n": ("~text cannot begin with '`'", 1, 4, SIGNS),
    "a: %x\n": ("~text cannot begin with '%'", 1, 4, SIGNS),
    "a: ? b\n": ("~text cannot begin with '? '", 1, 4, SIGNS),
    "a: |x\n  b\n": ("~text cannot begin with '|' or '>'", 1, 4, BLOCK),
    "a: >=5\n": ("~text cannot begin with '|' or '>'", 1, 4, BLOCK),
    "a: &a &b 1\n": ("~this does not belong here", 1, 7, "Put text that holds signs in quotes."),
    "a: [- b]\n": ("~this does not belong here", 1, 5, "Put text that holds signs in quotes."),
    # anchors and aliases
    "a: *b\n": ("there is no anchor 'b' above this alias", 1, 4, STAR),
    "a: &x 1\nb: &x 2\n": ("the anchor 'x' is already there in line 1", 2, 4, "Give it another name."),
    "&x a: 1\nb: &x 2\n": ("the anchor 'x' is already there in line 1", 2, 4, "Give it another name."),
    "a: &x\n  b: *x\n": ("the anchor 'x' holds itself", 2, 6, "Write out what is meant here."),
    "a: &x [1]\n*x : 2\n": ("a key must be plain text", 2, 1, BRACKET),
    # backslashes
    'a: "C:\\Users"\n': ("~this backslash begins no special character", 1, 7, BACKSLASH),
    'a: "C:\\windows"\n': ("~this backslash begins no special character", 1, 7, BACKSLASH),
    'a: "\\d+"\n': ("~this backslash begins no special character", 1, 5, BACKSLASH),
    'a: "\\U00110000"\n': ("~there is no such character", 1, 5, "Write the character itself."),
    'a: "\\UFFFFFFFF"\n': ("~there is no such character", 1, 5, "Write the character itself."),
    # tags, directives, documents, keys
    "a: !size!mb 50\n": ("~the tag '!size!mb' is not allowed", 1, 4, TAG),
    "a: !important\n": ("the tag '!important' is not allowed", 1, 4, TAG),
    "a: !!map x\n": ("the tag '!!map' is not allowed", 1, 4, TAG),
    "!!binary x: 1\n": ("the tag '!!binary' is not allowed", 1, 1, TAG),
    "%YAML 3.0\n---\na: 1\n": ("~this directive is not known", 1, 1, DIRECTIVE),
    "%YAML 1.x\n---\na: 1\n": ("~this directive is not known", 1, 1, DIRECTIVE),
    "%YAML 1.1\n%YAML 1.1\n---\na: 1\n": ("~this directive is not known", 2, 1, DIRECTIVE),
    "%x: 1\n": ("~this directive is not known", 1, 1, DIRECTIVE),
    "%YAML 1.2\na: 1\n": ("~--- is missing before this", 2, 1, "Leave out the lines with %."),
    "a: 1\n---\nb: 2\n": ("~a second document begins here", 2, 1, "One file holds one document."),
    "a: 1\n...\nb: 2\n": (
        "~the document has ended before this", 3, 1,
        "Leave out the line with three dots, or what follows it.",
    ),
    "a: 1\na: 2\n": ("the key 'a' is already there in line 1", 2, 1, None),
    "a: {<<: {}}\n": ("merge keys are not allowed", 1, 5, "Write the keys out, or use extends."),
    "? [a]\n: b\n": ("a key must be plain text", 1, 3, BRACKET),
    # characters
    "a: 1\nb: \x07\n": (
        "~a control character (U+0007) is not allowed", 2, 4,
        'Take it out, or write it in double quotes as "\\x07".',
    ),
    "a: 1\r\nb: \x00\n": (
        "~a control character (U+0000) is not allowed", 2, 4,
        'Take it out, or write it in double quotes as "\\x00".',
    ),
    "a: 1\x85b: \U0001f600\x7f\n": (
        "~a control character (U+007F) is not allowed", 2, 5,
        'Take it out, or write it in double quotes as "\\x7f".',
    ),
    "a: \uffff\n": ("~a code that is no character (U+FFFF) is not allowed", 1, 4, "Take it out."),
    "a: \ud800\n": ("~half a character (U+D800) is not allowed", 1, 4, "Take it out."),
    "a: 1\n\ufeffb: 2\n": (
        "~a byte order mark (U+FEFF) stands in the middle", 2, 1,
        "Take it out: it came between two files put together.",
    ),
    "a:\n  \ufeffb: 1\n": (
        "the key '\\ufeffb' begins or ends with ZERO WIDTH NO-BREAK SPACE (U+FEFF)", 2, 3, COMMON,
    ),
    "a:\n\xa0 b: 1\n": (
        "the key '\\xa0 b' begins or ends with NO-BREAK SPACE (U+00A0)", 2, 1, COMMON,
    ),
    "\u201cregion\u201d: na\n": (
        "the key '\u201cregion\u201d' begins or ends with LEFT DOUBLE QUOTATION MARK (U+201C)", 1, 1,
        COMMON,
    ),
    "p:\n  \u2013 a: b\n": ("the key '\u2013 a' begins or ends with EN DASH (U+2013)", 2, 3, COMMON),
    "p:\n  \u2013 a\n  \u2013 b: c\n": (
        "~a colon is missing after this key", 2, 3,
        f"{NO_COLON} The line holds EN DASH (U+2013), {LETTER}",
    ),
    "a: \u201cx: y\u201d\n": (
        "~a second colon is not allowed in this line", 1, 6,
        f"{TEXT_COLON} The line holds LEFT DOUBLE QUOTATION MARK (U+201C), {LETTER}",
    ),
    "a:\xa0b\nc: 1\n": (
        "~a blank is missing after this colon", 1, 2,
        f"{COLON} The line holds NO-BREAK SPACE (U+00A0), {LETTER}",
    ),
    "a\uff1a b\nc: d\n": (
        "~a colon is missing after this key", 1, 1,
        f"{NO_COLON} The line holds FULLWIDTH COLON (U+FF1A), {LETTER}",
    ),
    # bounds
    "[" * 60: (TOO_LARGE, 1, 42, None),
    f"a: &x {'[' * 20}{']' * 20}\nb: {'[' * 21}*x{']' * 21}\n": (TOO_LARGE, 2, 25, None),
}  # fmt: skip

# Mistakes of files in tests/policies/invalid that are found here, in the same form.
FILES = {
    "encoding-code-page": ("byte 142 cannot be read as UTF-8", 7, 10, "Save the file as UTF-8."),
    "encoding-half-character": ("byte 127 cannot be read as UTF-8", 6, 6, "Save the file as UTF-8."),
    "encoding-mark-in-the-middle": (
        "~a byte order mark (U+FEFF) stands in the middle", 6, 1,
        "Take it out: it came between two files put together.",
    ),
    "encoding-mark-utf16-text-utf8": (
        "byte 119 cannot be read as UTF-16-LE", 1, 60, "Save the file as UTF-8.",
    ),
    "encoding-utf16-broken-pair": (
        "byte 275 cannot be read as UTF-16-LE", 7, 12, "Save the file as UTF-8.",
    ),
    "encoding-utf16-half": ("byte 231 cannot be read as UTF-16-LE", 5, 18, "Save the file as UTF-8."),
    "file-zip": (
        "this is no text file", 1, 1,
        "It is a zip file, or a document of an office program: name a text file.",
    ),
    "yaml-alias-bomb": (TOO_LARGE, 10, 20, None),
    "yaml-alias-undefined": ("there is no anchor 'home' above this alias", 6, 9, STAR),
    "yaml-anchor-in-itself": ("the anchor 'c' holds itself", 7, 9, "Write out what is meant here."),
    "yaml-anchor-twice": (
        "the anchor 'own' is already there in line 7", 9, 9, "Give it another name.",
    ),
    "yaml-backtick": ("~text cannot begin with '`'", 6, 9, SIGNS),
    "yaml-blank-missing-after-colon": ("~a blank is missing after this colon", 6, 7, COLON),
    "yaml-brace-too-many": ("~there is one '}' too many", 6, 21, LEAVE_OUT),
    "yaml-bracket-not-closed": ("~this bracket is never closed", 6, 8, "Write ] where it ends."),
    "yaml-colon-missing": ("~a colon is missing after this key", 7, 1, NO_COLON),
    "yaml-control-character": (
        "~a control character (U+0007) is not allowed", 7, 12,
        'Take it out, or write it in double quotes as "\\x07".',
    ),
    "yaml-deep": (TOO_LARGE, 6, 52, None),
    "yaml-directive": ("~this directive is not known", 2, 1, DIRECTIVE),
    "yaml-json-comma-missing": ("~a comma is missing before this", 6, 25, COMMA),
    "yaml-merge-key": (
        "merge keys are not allowed", 12, 7, "Write the keys out, or use extends.",
    ),
    "yaml-non-breaking-blanks": (
        "the key '\\xa0\\xa0name' begins or ends with NO-BREAK SPACE (U+00A0)", 7, 1, COMMON,
    ),
    "yaml-quote-not-closed": ("~this quote is never closed", 6, 9, QUOTE),
    "yaml-sequence-under-key-and-mapping": (
        "~a key stands among the items of a list", 8, 3,
        "Begin an item with a dash and a blank; indent the key after a list less.",
    ),
    "yaml-tab": ("~a tab stands where blanks belong", 7, 1, TABS),
    "yaml-tab-after-blanks": ("~a tab stands where blanks belong", 8, 3, TABS),
    "yaml-tag-binary": ("the tag '!!binary' is not allowed", 7, 9, TAG),
    "yaml-tag-int": ("the tag '!!int' is not allowed", 8, 11, TAG),
    "yaml-tag-on-a-key": ("the tag '!!binary' is not allowed", 6, 1, TAG),
    "yaml-tag-own": ("the tag '!size' is not allowed", 8, 21, TAG),
    "yaml-tag-python": ("the tag '!!python/object/apply:os.system' is not allowed", 6, 8, TAG),
    "yaml-tag-timestamp": ("the tag '!!timestamp' is not allowed", 11, 14, TAG),
    "yaml-tag-undefined": ("~the tag '!size!mb' is not allowed", 8, 21, TAG),
    "yaml-windows-path": ("~this backslash begins no special character", 7, 12, BACKSLASH),
    "yaml-zero-byte": (
        "~a control character (U+0000) is not allowed", 7, 12,
        'Take it out, or write it in double quotes as "\\x00".',
    ),
}  # fmt: skip

# What both readers make of texts; a place is line and column.
RIGHT = {
    "": (None, (1, 1)),
    "# nothing\n": (None, (1, 1)),
    "\ufeffa: 1\n": ({"a": (1, (1, 4))}, (1, 1)),
    "a: 1\r\nb: 'x'\r\n": ({"a": (1, (1, 4)), "b": ("x", (2, 4))}, (1, 1)),
    "a: no\nb: 010\nc: 1_0\nd: !!str 25\ne: '25'\nf: -25\n": (
        {
            "a": ("no", (1, 4)), "b": ("010", (2, 4)), "c": ("1_0", (3, 4)), "d": ("25", (4, 4)),
            "e": ("25", (5, 4)), "f": (-25, (6, 4)),
        },
        (1, 1),
    ),
    "a: &x Out\nb: *x\n": ({"a": ("Out", (1, 4)), "b": ("Out", (2, 4))}, (1, 1)),
    "a: &x [1]\nb:\n  - *x\n": (
        {"a": ([(1, (1, 8))], (1, 4)), "b": ([([(1, (1, 8))], (3, 5))], (3, 3))},
        (1, 1),
    ),
    "&x a: *x\n": ({"a": ("a", (1, 7))}, (1, 1)),
    "a: &x b\n*x : 1\n": ({"a": ("b", (1, 4)), "b": (1, (2, 6))}, (1, 1)),
    "null: 1\n25: 2\n": ({"null": (1, (1, 7)), "25": (2, (2, 5))}, (1, 1)),
    '"\xa0": 1\n': ({"\xa0": (1, (1, 6))}, (1, 1)),
    "a: \u2013 b \u201cc\u201d\n": ({"a": ("\u2013 b \u201cc\u201d", (1, 4))}, (1, 1)),
    "a: |\n  x: y\n": ({"a": ("x: y\n", (1, 4))}, (1, 1)),
}  # fmt: skip


@pytest.fixture(params=LOADERS, ids=lambda loader: loader.__name__)
def _reader(request, monkeypatch):
    monkeypatch.setattr(yamlfile, "_LOADER", request.param)


def refused(text, error=PolicyError):
    """How a text is refused: message, line, column, hint."""
    with pytest.raises(error) as caught:
        parse(text, "p.yaml", error)
    assert type(caught.value) is error
    place = caught.value.place
    assert place.file == "p.yaml"
    return caught.value.message, place.line, place.column, caught.value.hint


def meant(row):
    message, *others = row
    return (message.replace("~", "this is not YAML: ", 1), *others)


def plain(node):
    """A node's value and place, and those of what it holds."""
    value = node.value
    if isinstance(value, tuple):
        value = [plain(item) for item in value]
    elif isinstance(value, dict):
        value = {key: plain(item) for key, item in value.items()}
    return value, node.place[1:]


@pytest.mark.usefixtures("_reader")
@pytest.mark.parametrize("text", WRONG, ids=lambda text: ascii(text[:40]))
def test_a_mistake_is_explained(text):
    assert refused(text) == meant(WRONG[text])


@pytest.mark.usefixtures("_reader")
@pytest.mark.parametrize("name", FILES)
def test_a_file_with_a_mistake_is_explained(name):
    with pytest.raises(PolicyError) as caught:
        parse(decode((INVALID / f"{name}.yaml").read_bytes(), name, PolicyError), name, PolicyError)
    error = caught.value
    assert (error.message, *error.place[1:], error.hint) == meant(FILES[name])


@pytest.mark.usefixtures("_reader")
@pytest.mark.parametrize("text", RIGHT, ids=ascii)
def test_both_readers_give_the_same_nodes(text):
    assert plain(parse(text, "p.yaml", PolicyError)) == RIGHT[text]


def test_what_only_one_reader_takes(monkeypatch):
    """As the module says; whoever wants more must give up one of the readers."""
    only_libyaml = ("a: b\t\nc: d\n", "a: b\t# c\n", "a:\tb\n", "a: [b,\tc]\n")
    monkeypatch.setattr(yamlfile, "_LOADER", PURE)
    assert plain(parse("%FOO\n---\na: 1\n", "p.yaml", PolicyError))[0] == {"a": (1, (3, 4))}
    assert parse("a: {b:[c]}\n", "p.yaml", PolicyError).value["a"].value["b"].value
    for text in only_libyaml:
        assert refused(text)[::3] == ("this is not YAML: a tab stands where blanks belong", TABS)
    assert refused('a: "\\ud800"\n') == (
        "there is half a character in this text", 1, 4, "Write the character itself.",
    )  # fmt: skip
    assert refused('"\\ud800": 1\n')[0] == "there is half a character in this text"
    if len(LOADERS) > 1:
        monkeypatch.setattr(yamlfile, "_LOADER", LOADERS[1])
        for text in only_libyaml:
            assert parse(text, "p.yaml", PolicyError).value
        row = ("~a blank is missing after this colon", 1, 6, COLON)
        assert refused("a: {b:[c]}\n") == meant(row)
        assert refused("%FOO\n---\na: 1\n")[:3] == meant(("~this directive is not known", 1, 1))
        assert refused('a: "\\ud800"\n')[:3] == meant(("~there is no such character", 1, 5))


@pytest.mark.usefixtures("_reader")
def test_nothing_is_told_from_null():
    text = "a:\nb: null\nc: ~\nd: ''\ne: &x\nf: *x\ng: !!str\nh: # c\ni: [ ]\n"
    found = parse(text, "p.yaml", PolicyError).value
    assert {key for key, node in found.items() if node.blank} == {"a", "e", "f", "h"}
    assert {key for key, node in found.items() if node.value is None} == {*"abcefh"}
    assert found["a"].place == Place("p.yaml", 1, 3)
    assert parse("", "p.yaml", PolicyError).blank
    assert not parse("~", "p.yaml", PolicyError).blank


@pytest.mark.usefixtures("_reader")
def test_a_long_version_is_no_directive():
    message, line, _, hint = refused(f"%YAML 1.{'9' * 5000}\n---\na: 1\n")
    assert (message, line, hint) == ("this is not YAML: this directive is not known", 1, DIRECTIVE)


@pytest.mark.usefixtures("_reader")
@pytest.mark.parametrize(
    "text",
    [
        "a: *{}\n", "- &{0} 1\n- &{0} 1\n", "a: !{} 1\n", "a: !{}!x 1\n", "{0}: 1\n{0}: 2\n",
        "&{0} a: *{0}x\n", "a: &{0} [*{0}]\n", "%{}\n", "\u2013{}: 1\n", "a: b\n{} c\n",
    ],
)  # fmt: skip
def test_a_message_holds_little_of_the_text(text):
    message, _, _, hint = refused(text.format("k" * 900))
    assert len(message) < 200
    assert len(hint or "") < 200


@pytest.mark.usefixtures("_reader")
def test_aliases_are_counted_as_what_they_stand_for():
    text = f"- &x [{'a, ' * 98}a]\n" + "- *x\n" * 498 + "- b\n" * 99
    assert parse(text, "p.yaml", PolicyError)
    assert refused(f"{text}- b\n") == (TOO_LARGE, 599, 3, None)


@pytest.mark.usefixtures("_reader")
def test_the_error_is_the_one_asked_for():
    assert refused("a: *b\n", UsageError)[1:3] == (1, 4)


def test_words_that_no_row_holds_are_passed_on():
    trouble = Trouble("a: 1", f"while at work: it\nbroke {'x' * 900}", Spot(9, 9))
    said = explained(trouble)
    assert said[1:] == (1, 5, None)
    assert said.message.startswith("it broke xxx")
    assert len(said.message) == 200
    assert explained(Trouble("", ": ", Spot(1, 1))).message == "it cannot be read"
    said = explained(Trouble("\u2013 a", "a: b", Spot(1, 1)))
    assert said.hint == f"The line holds EN DASH (U+2013), {LETTER}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", None), ("a", None), ("\xe4", None), ("a \u2013 b", None), ("\u2013 b", "EN DASH (U+2013)"),
        ("na\u200b", "ZERO WIDTH SPACE (U+200B)"), ("\xaba\xbb", None), ("\u2212 b", "MINUS SIGN (U+2212)"),
    ],
)  # fmt: skip
def test_look_alikes_at_the_ends_of_a_text(text, found):
    if text == "\xaba\xbb":
        found = "LEFT-POINTING DOUBLE ANGLE QUOTATION MARK (U+00AB)"
    assert lookalike(text) == found


def test_look_alikes_among_letters_are_none():
    assert lookalike_sign("why: it\u2019s a \u201cword\u201d \u2013 or more") is None
    assert lookalike_sign("why: \u201cword\u201d") == "LEFT DOUBLE QUOTATION MARK (U+201C)"
    assert named("\x07") == "a control character (U+0007)"


def test_a_text_says_what_it_holds():
    def describe(text):
        return parse(text, "p.yaml", PolicyError).describe()

    assert describe("\u2013 tls") == "the text '\u2013 tls', with EN DASH (U+2013)"
    assert describe("tls") == "the text 'tls'"
    assert [describe(text) for text in ("", "~", "3", "true", "[]", "{}")] == [
        "nothing", "nothing", "the number 3", "the boolean true", "a list", "a mapping",
    ]  # fmt: skip


BINARIES = {
    b"PK\x03\x04\x14\x00": "a zip file, or a document of an office program",
    b"\xd0\xcf\x11\xe0\xa1": "a document of an office program",
    b"%PDF-1.7\n": "a PDF document",
    b"\x1f\x8b\x08": "a gzip file",
    b"\x89PNG\r\n\x1a\n": "a picture",
    b"MZ\x90\x00\x03": "a program",
}


@pytest.mark.parametrize("data", BINARIES, ids=ascii)
def test_no_text_file_is_called_so(data):
    with pytest.raises(PolicyError, match=r"^this is no text file$") as caught:
        decode(data, "p.yaml", PolicyError)
    assert caught.value.hint == f"It is {BINARIES[data]}: name a text file."
    assert caught.value.place == Place("p.yaml", 1, 1)


def test_other_data_is_no_text_either():
    with pytest.raises(PolicyError, match=r"^this is no text file$") as caught:
        decode(b"a\nb\x00\x01\xff\x02", "p.yaml", PolicyError)
    assert caught.value.place == Place("p.yaml", 2, 4)
    with pytest.raises(PolicyError) as caught:
        decode(b"a: B\xfcro\t\x1b[m\n", "p.yaml", PolicyError)
    assert caught.value.hint == "Save the file as UTF-8."


@given(st.text(max_size=60))
def test_flow_is_read_as_what_it_was(text):
    try:
        found = parse(flow(text), "p.yaml", PolicyError).value
    except AuditError:
        found = parse(f"[{flow(text)}]", "p.yaml", PolicyError).value[0].value
    assert found == text


SPOILERS = [
    *"\"'[]{}:#,\\|>&*!%@?-\t\r\n \x00\x07\x7f\x85\xa0\u2013\u201c\u2028\ufeff\uffff\ud800\U0001f600",
    ": ", "- ", "? ", "---\n", "...\n", "%YAML 3\n", "%TAG ! x\n", "*a", "&a ", "<<: *a", '"\\U', '"\\x',
    '"\\ud800"', '"\\UFFFFFFFF"', "!!str ", "!x!y ", "[[[[", "{{{{", "1" * 5000, "x" * 3000, ": " * 50,
]  # fmt: skip


def spoiled(text, dice):
    for _ in range(dice.randint(1, 4)):
        at, other = dice.randrange(len(text) + 1), dice.randrange(len(text) + 1)
        how = dice.randrange(5)
        if how < 3:
            text = text[:at] + dice.choice(SPOILERS) + text[at + (how == 1) * dice.randint(1, 5) :]
        elif how == 3:
            text = text[:at] + text[other : other + 80] + text[at:]
        else:
            text = text[:at] if dice.random() < 0.3 else text[:at] + text[at + 3 :]
    return text


@pytest.mark.usefixtures("_reader")
def test_spoiled_policies_are_read_or_refused_soon():
    dice = random.Random(1)
    texts = [path.read_text("utf-8") for path in sorted((ROOT / "policies").rglob("*.yaml"))]
    for _ in range(300):
        text = spoiled(dice.choice(texts), dice)
        start = time.monotonic()
        try:
            parse(text, "p.yaml", PolicyError)
        except PolicyError as error:
            assert 1 <= error.place.line <= len(re.split("\r\n|[\n\r\x85\u2028\u2029]", text))
            assert error.place.column >= 1
            assert len(error.message) < 300
        assert time.monotonic() - start < 10  # far longer than it takes on any machine
