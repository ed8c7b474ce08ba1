"""The printed script, held to a grammar of PowerShell: no engine runs here.

The grammar takes any version's syntax, so what PowerShell 2.0 has not is looked for by name.
"""

from __future__ import annotations

import re

import pytest
import tree_sitter
import tree_sitter_powershell

from auditor.collect import marked
from auditor.collect.cmdlets import CMDLETS, Cmdlet
from auditor.collect.script import script

TEXT = script("1.2.3")
_PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))


def nodes_of(text: str) -> list[tree_sitter.Node]:
    found = [_PARSER.parse(text.encode()).root_node]
    for node in found:
        found.extend(node.children)
    return found


NODES = nodes_of(TEXT)


def texts(kind: str) -> list[str]:
    return [node.text.decode() for node in NODES if node.type == kind]


CODE = re.sub(r"(?s)<#.*?#>", "", TEXT)
CODE = re.sub(r"(?m)^ *#.*$", "", CODE)


def test_it_parses():
    assert not [node.text for node in NODES if node.is_error or node.is_missing]
    # The grammar does notice.
    broken = nodes_of(TEXT.replace("foreach ($line in $wanted) {", "foreach ($line in {", 1))
    assert any(node.is_error or node.is_missing for node in broken)


def test_it_calls_nothing_that_changes_anything():
    assert set(texts("command_name")) == {
        *("Add-Member", "Export-Clixml", "Get-Command", "New-Object", "Select-Object"),
        *("Set-StrictMode", "Split-Path", "Test-Path", "Write-Host"),
    }
    # What is called by a variable: the collecting block, and a name of the list.
    assert sorted(texts("command_name_expr")) == ["$collect", "$name"]
    assert texts("command_invokation_operator") == ["&", "&"]
    assert "-cnotmatch '\\AGet-[A-Za-z]+\\z'" in TEXT
    assert not re.search(r"(?i)invoke-|iex\b|\bSet-(?!StrictMode)|Remove-|\bNew-(?!Object)", CODE)


def test_it_asks_for_every_cmdlet_of_the_table_in_its_order():
    listed = re.search(r"\$wanted = @\((.*?)\n\)", TEXT, re.DOTALL)
    lines = re.findall(r"'([^']*)'", listed[1])
    assert lines == [" ".join(str(c) for c in wanted.choices) for wanted in CMDLETS]
    for line in lines:
        assert all(Cmdlet(name).name == name for name in line.split(" "))
    assert "'Get-TransportService Get-TransportServer'" in TEXT


def test_only_methods_that_change_nothing_are_called():
    called = {re.sub(r"\(.*", "", text, flags=re.DOTALL) for text in texts("invokation_expression")}
    assert {name.rpartition(".")[2] for name in called} == {
        *("GetUnresolvedProviderPathFromPSPath", "[object]::ReferenceEquals", "Split", "ToString"),
    }
    assert {text.strip("[]") for text in texts("type_literal")} == {
        *("DateTime", "Environment", "Globalization.CultureInfo", "int", "object", "string"),
        "System.Management.Automation.ErrorRecord",
    }


@pytest.mark.parametrize(
    "newer",
    [
        # 3.0: https://learn.microsoft.com/powershell/scripting/windows-powershell/whats-new
        *(
            r"\[ordered\]",
            r"\[pscustomobject\]",
            r"(?<=\s)-in\b",
            r"-notin\b",
            r"-sh[lr]\b",
            r"[3-6*]>",
        ),
        *(r"\$PSScriptRoot", r"\$PSItem", r"\$using:", r"ConvertTo-Json", r"Unblock-File"),
        *(r"\bworkflow\b", r"Where-Object [^{]", r"ForEach-Object [^{]", r"-Raw\b"),
        r"Export-Clixml[^\n]*-LiteralPath",
        # 4.0, 5.0 and 7.
        *(r"\.Where\(", r"\.ForEach\(", r"-PipelineVariable", r"\bconfiguration\b", r"::new\("),
        *(r"\busing\b", r"\bclass\b", r"\benum\b", r"&&", r"\|\|", r"\?\?", r"\?\."),
        # Here-strings, and a backtick at a line's end.
        *(r"@'", r'@"', r"`\s*$"),
    ],
)
def test_nothing_that_windows_powershell_2_has_not_or_that_line_ends_break(newer):
    assert not re.search(newer, CODE, re.IGNORECASE | re.MULTILINE), newer


def test_it_is_ascii_with_lines_of_a_width_that_people_read():
    assert TEXT.isascii()
    assert "\r" not in TEXT
    assert "\t" not in TEXT
    assert TEXT.endswith("\n")
    assert max(len(line) for line in TEXT.splitlines()) <= 108
    assert "@CMDLETS@" not in TEXT
    assert not re.search(r"'@[A-Z]+@'", TEXT)


def test_it_runs_the_same_with_any_line_ends():
    expected = [node.type for node in NODES]
    for ends in ("\r\n", "\r\r\n"):
        changed = nodes_of(TEXT.replace("\n", ends))
        assert not any(node.is_error or node.is_missing for node in changed)
        assert [node.type for node in changed if node.type != "comment"] == [
            kind for kind in expected if kind != "comment"
        ]


def test_nothing_secret_is_written():
    assert "@('SerializationData', '*Credential*', '*Password*', '*Secret*')" in TEXT
    assert "Select-Object -Property * -ExcludeProperty $dropped" in TEXT
    # Of what a cmdlet returned, only the copy goes on to the file.
    emitted = [line.strip() for line in CODE.splitlines()]
    assert "$kept" in emitted
    assert "$item" not in emitted


def test_it_writes_the_markers_that_the_reader_knows():
    written = set(re.findall(r"ConnectorAuditor[A-Z]\w+", CODE))
    assert written == {*marked._BEGIN, *marked._CMDLET, *marked._END}
    assert f"= '{marked.FORMAT}'" in TEXT
    assert "= '1.2.3'" in TEXT


def test_it_says_how_to_run_it_and_what_to_do_next():
    for part in (
        *("Exchange Management Shell", "View-Only Organization Management", "Add-PSSnapin"),
        *("ReadAllText", "audit check --region na --snapshot", "-DomainController", ".SYNOPSIS"),
    ):
        assert part in TEXT
    assert "-NoClobber" in TEXT


@pytest.mark.parametrize("version", ["", "1'; Remove-Item x", "1\n", "1 2", "\u0661", "$x", "1`n"])
def test_a_version_that_could_be_code_is_refused(version):
    with pytest.raises(ValueError, match="not a version"):
        script(version)


@pytest.mark.parametrize("version", ["0.1.0", "1.0.0rc1", "1.0.dev1+g12ab.d20261123"])
def test_any_version_of_ours_is_taken(version):
    assert f"ConnectorAuditorVersion = '{version}'" in script(version)
