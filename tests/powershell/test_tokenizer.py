"""The judge itself: each rule of PowerShell that it knows, by examples."""

from __future__ import annotations

import pytest

from tests.powershell.tokenizer import UnfinishedError, edits, flat, tokens, values

STRINGS = [
    ("''", [""]),
    ("'red'", ["red"]),
    ("'What''s the time?'", ["What's the time?"]),
    ("''''", ["'"]),
    # Typographic quotes open, close and double, and any of them pairs with any other.
    ("\u2018red\u2019", ["red"]),
    ("'a\u2019", ["a"]),
    ("\u201ared\u201b", ["red"]),
    ("'a\u2019\u2019b'", ["a\u2019b"]),
    ("'a\u2018\u2018b\u201b\u201b'", ["a\u2018b\u201b"]),
    ("'a\u2019; 'b'", ["a", "b"]),
    # Nothing else is special in a verbatim string.
    ("'a`'", ["a`"]),
    ("'$x $(y) ${z} \"q\" #c <#d #>'", ['$x $(y) ${z} "q" #c <#d #>']),
    ("'two\nlines'", ["two\nlines"]),
    ("'a','b'", ["a", "b"]),
    ("@('a','b')", ["a", "b"]),
    ("Set-X -A 'a' -B:'b'", ["a", "b"]),
    ("word'in it'", ["in it"]),
    ("# 'no'\n'yes'", ["yes"]),
    ("<# 'no' \n 'no' #> 'yes'", ["yes"]),
    ("@'\nit's\n'@", ["it's"]),
    ("@'\n'@", [""]),
    ("@'\n\n'@", [""]),
    ("@\u2018 \r\na\r\nb\r\n\u2019@ + 'c'", ["a\r\nb", "c"]),
    ("@'\n '@\n'@", [" '@"]),
    ("\"it's\" 'a'", ["a"]),
    ("\"$('a' + \"b$('c')\")\" 'd'", ["a", "c", "d"]),
    ("a#'b' 'c'", ["b", "c"]),
]


@pytest.mark.parametrize(("text", "expected"), STRINGS)
def test_strings_have_the_value_that_powershell_gives_them(text, expected):
    assert values(tokens(text), "string") == expected


EXPANDABLE = [
    ('"a"', "a", []),
    ('"a""b"', 'a"b', []),
    ("\u201ca\u201d", "a", []),
    ('\u201ea\u201d\u201db"', "a\u201db", []),
    ('"a`"b"', 'a"b', []),
    ('"a`tb``"', "a\tb`", []),
    ('"a $x b"', "a $x b", ["x"]),
    ('"a `$x"', "a $x", []),
    ('"${a b}:$c:d"', "${a b}:$c:d", ["a b", "c:d"]),
    ('"$"', "$", []),
    ('"5$"', "5$", []),
    ('"$(Get-X $y)"', "$(Get-X $y)", ["y"]),
    ('"$(")")"', '$(")")', []),
    ('"$((1) + $z) $w"', "$((1) + $z) $w", ["z", "w"]),
    ('@"\na $x\n"@', "a $x", ["x"]),
    ('@"\n"a`$x"\n"@', '"a`$x"', []),
]


@pytest.mark.parametrize(("text", "value", "variables"), EXPANDABLE)
def test_variables_and_commands_in_expandable_strings_are_found(text, value, variables):
    (token,) = tokens(text)
    assert (token.kind, token.value) == ("expandable", value)
    assert values([token], "variable") == variables


def test_a_command_in_a_string_is_a_command():
    found = tokens('Write-Host "a $(Remove-X -All; \u201cb$(Get-Y)\u201d)"')
    assert values(found, "command") == ["Write-Host", "Remove-X", "Get-Y"]


@pytest.mark.parametrize(
    "text",
    [
        *("'a", "'a''", "\u2018", "'a\u2019\u2019", '"a', '"a`"', '"a$(b"', "<# a", "<#>"),
        *("@'\na", "@'\na'@", '@"\na\n', '"$(', "'a\u2019\u201b"),
    ],
)
def test_what_does_not_end_is_refused(text):
    with pytest.raises(UnfinishedError):
        tokens(text)


KINDS = [
    ("Get-X", "command"),
    ("  Get-X", "command"),
    ("& Get-X", "operator command"),
    (". Get-X", "operator command"),
    (r".\a.ps1 -Apply", "command parameter"),
    ("Get-X|Get-Y;Get-Z", "command operator command operator command"),
    ("Get-X Get-Y", "command word"),
    ("Get-X `\n Get-Y", "command word"),
    ("Get-X\nGet-Y", "command line command"),
    ("Get-X\rGet-Y\r\nGet-Z", "command line command line command"),
    ("Get-X # Get-Y", "command comment"),
    ("Get-X#Get-Y", "command"),
    ("Get-X;# Get-Y", "command operator comment"),
    ("'a'#b", "string comment"),
    ("Get-X <# y #> z", "command comment word"),
    ("Get-X <# # > #>#> z", "command comment comment"),
    ("$x = Get-X", "variable operator command"),
    ("$x = $y + 1", "variable operator variable operator number"),
    ("$x[0]", "variable operator number operator"),
    ("$x.Count", "variable operator member"),
    ("$x.Trim('a').Length", "variable operator member operator string operator operator member"),
    ("[string] $x", "type variable"),
    ("[string[]] $x", "type variable"),
    ("[string]::Join", "type operator member"),
    ("Get-X -A -B:$true", "command parameter parameter variable"),
    ("Get-X \u2013A \u2014B \u2015C", "command parameter parameter parameter"),
    ("Get-X @y", "command variable"),
    ("@{ A = 1; B = Get-X }", "operator key operator number operator key operator command operator"),
    ("@{\nA = 1\nB = 2\n}", "operator line key operator number line key operator number line operator"),
    ("{ A = 1 }", "operator command operator number operator"),
    ("if ($a) { b } else { c }", " ".join(("keyword operator variable operator operator command",
     "operator keyword operator command operator"))),
    ("foreach ($a in $b) {}", "keyword operator variable keyword variable operator operator operator"),
    ("function Get-X { y }", "keyword function operator command operator"),
    ("return Get-X", "keyword command"),
    ("7z a", "command word"),
    ("7", "number"),
    ("1gb + 0x1F - 1.5e3", "number operator number operator number"),
    ("${a b}", "variable"),
    ("$$ $? $^", "variable variable variable"),
    ("$global:x $env:Path $a::b", "variable variable variable operator member"),
    ("$(Get-X)", "operator command operator"),
    ("a$b", "command variable"),
    ("#requires -Version 3", "requires"),
    ("#REQUIRES", "requires"),
    ("# requires -Version 3", "comment"),
    ("#required", "comment"),
    ("# SIG # Begin signature block", "signature"),
    ("#sig#begin SIGNATURE block", "signature"),
    ("# SIG - Begin signature lock", "signature"),
    ("# SIG # END SIGNATURE BLOCK", "signature"),
    ("# SET TEXT SIGNATURE", "comment"),
    ("# END BEGIN SCRIPT BLOCK", "comment"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kinds"), KINDS)
def test_kinds(text, kinds):
    assert [token.kind for token in tokens(text)] == kinds.split()


def test_blanks_of_all_sorts_part_words_and_a_mark_without_a_width_does_not():
    assert [t.text for t in tokens("a\u00a0b\u2003c\u0085d\u2028e\vf")] == list("abcdef")
    assert [t.text for t in tokens("\ufeffa\u200eb")] == ["\ufeffa\u200eb"]


def test_every_character_but_blanks_is_in_a_token():
    text = "function X { 'a' + \"b$c\" } # d\n@{ E = [int] 1 }"
    found = "".join(token.text for token in tokens(text))
    assert found == text.replace(" ", "").replace("#d", "# d")


def test_tokens_of_strings_come_after_them():
    assert [t.kind for t in flat(tokens('"a$b" $c'))] == ["expandable", "variable", "variable"]


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [("", "", 0), ("a", "", 1), ("kitten", "sitting", 3), ("flaw", "lawn", 2), ("a" * 12, "", 11)],
)
def test_edits(one, other, distance):
    assert edits(one, other) == distance
