"""Values, commands and scripts as PowerShell reads them; hostile ones are in tests/powershell."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

import auditor
from auditor.errors import InputError
from auditor.evaluate.audit import evaluate
from auditor.model import Plan, Provenance, Snapshot
from auditor.normalise import normalise
from auditor.policy import load_policy
from auditor.properties import SETTABLE
from auditor.remediate.command import command, rollback_command
from auditor.remediate.powershell import array, comment, literal, unspeakable, visible
from auditor.remediate.script import Head, remediate_script, rollback_script
from auditor.snapshot import digest
from tests.powershell.scripts import (
    FUNCTIONS,
    GUID,
    HEAD,
    ROOT,
    change,
    connector,
    creation,
    parses,
    text_of,
)
from tests.powershell.tokenizer import tokens, values

LITERALS = [
    (None, "$null"),
    (True, "$true"),
    (False, "$false"),
    (0, "0"),
    (25, "25"),
    ("", "''"),
    ("Büro", "'Büro'"),
    ("O'Brien", "'O''Brien'"),
    ("'\u2018\u2019\u201a\u201b", "'''\u2018\u2018\u2019\u2019\u201a\u201a\u201b\u201b'"),
    ('$(x) `n "q" #', "'$(x) `n \"q\" #'"),
    ("a\u202eb", "'a\u202eb'"),
    ((), "$null"),
    (("a",), "'a'"),
    (("a", "b'c"), "'a','b''c'"),
]


@pytest.mark.parametrize(("value", "expected"), LITERALS)
def test_a_value_as_a_literal(value, expected):
    assert literal(value) == expected


ARRAYS = [
    ((), "@()"),
    (("a",), "@('a')"),
    (("a", "b"), "@('a','b')"),
    ("a", "'a'"),
    (None, "$null"),
]


@pytest.mark.parametrize(("value", "expected"), ARRAYS)
def test_a_list_in_a_table_stays_one(value, expected):
    assert array(value) == expected


@given(st.text())
def test_any_text_is_a_literal_of_that_value_or_refused(text):
    if unspeakable(text) is not None:
        with pytest.raises(InputError):
            literal(text)
        return
    (token,) = tokens(literal(text))
    assert (token.kind, token.value) == ("string", text)


@pytest.mark.parametrize(
    "character",
    [*map(chr, (0, 7, 9, 0xA, 0xD, 0x1B, 0x1F, 0x7F, 0x85, 0x9F)), "\u2028", "\u2029", "\udc00"],
)
@pytest.mark.parametrize("make", [str, lambda text: ("fine", text)])
def test_a_character_that_no_command_can_carry_is_refused_by_name(character, make):
    with pytest.raises(InputError) as caught:
        literal(make(f"Net{character}x"))
    assert f"U+{ord(character):04X}" in caught.value.message
    assert "'Net" in caught.value.message
    assert caught.value.message.isprintable()
    assert caught.value.hint


COMMENTS = [
    ("Büro", "# Büro"),
    ("", "#"),
    ("a\nb\r\n#requires", r"# a\u000ab\u000d\u000a#requires"),
    ("a #> b <# c", r"# a \u0023> b <\u0023 c"),
    ("a\u202eb\u200e\u115f\u00a0c", r"# a\u202eb\u200e\u115f c"),
    ("\U000e0041\u2028\x1b[31m", r"# \U000e0041\u2028\u001b[31m"),
    ("SET TEXT SIGNATURE", "# SET TEXT SIGNATURE"),
]


@pytest.mark.parametrize(("text", "expected"), COMMENTS)
def test_a_comment_shows_what_it_holds(text, expected):
    assert comment(text) == expected


@pytest.mark.parametrize(
    "text",
    ["SIG # Begin signature block", "sig#begin signature", "h:sig#beginsignatureblock", "begin signature block"],
)  # fmt: skip
def test_a_comment_is_never_taken_for_a_signature(text):
    assert [token.kind for token in tokens(f"# {text}")] == ["signature"]
    (token,) = tokens(comment(text))
    assert token.kind == "comment"
    assert token.text.startswith(f"# {text} (")


@given(st.text())
def test_a_comment_is_one_line_of_which_everything_is_seen(text):
    (token,) = tokens(comment(text))
    assert token.kind == "comment"
    assert token.text.isprintable()
    assert visible(visible(text)) == visible(text)


ON = connector("Outbound")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("MaxMessageSize", 36_700_160, "'35 MB'"),
        ("MaxMessageSize", 2 << 30, "'2 GB'"),
        ("MaxMessageSize", 10_240, "'10 KB'"),
        ("MaxMessageSize", 36_700_161, "36700161"),
        ("MaxMessageSize", 0, "0"),
        ("MaxMessageSize", "Unlimited", "'Unlimited'"),
        ("Port", 1024, "1024"),
        ("ConnectionInactivityTimeOut", "00:10:00", "'00:10:00'"),
        ("AddressSpaces", ("SMTP:*;1",), "'SMTP:*;1'"),
        ("TlsAuthLevel", None, "$null"),
        ("SourceTransportServers", (), "$null"),
    ],
)
def test_a_parameter(name, value, expected):
    made = change({name: "before"}, {name: value}, on=ON)
    assert command(made, None) == f"Set-SendConnector -Identity '{GUID}' -{name} {expected}"


def test_a_command_names_the_domain_controller_and_asks_for_a_password():
    made = change(
        {"SmartHostAuthMechanism": "None"},
        {"SmartHostAuthMechanism": "BasicAuth"},
        on=ON,
        credential=True,
    )
    assert command(made, "dc01.contoso.com") == (
        f"Set-SendConnector -Identity '{GUID}' -SmartHostAuthMechanism 'BasicAuth' "
        "-AuthenticationCredential (Get-Credential) -DomainController 'dc01.contoso.com'"
    )
    assert rollback_command(made, None) == (
        f"Set-SendConnector -Identity '{GUID}' -SmartHostAuthMechanism 'None'"
    )


def test_the_way_back_asks_for_the_password_that_was():
    made = change(
        {"SmartHostAuthMechanism": "BasicAuthRequireTLS"}, {"SmartHostAuthMechanism": "None"}, on=ON
    )
    assert rollback_command(made, None).endswith(
        "-SmartHostAuthMechanism 'BasicAuthRequireTLS' -AuthenticationCredential (Get-Credential)"
    )
    assert "The password cannot be restored" in text_of(rollback_script(Plan((made,), ()), HEAD))


def test_a_connector_is_created_by_name_and_disabled_again():
    made = creation("Outbound to Mimecast", {"AddressSpaces": ("SMTP:*;1",), "Port": 25})
    assert command(made, "dc01") == (
        "New-SendConnector -Name 'Outbound to Mimecast' -Usage Custom "
        "-AddressSpaces 'SMTP:*;1' -Port 25 -DomainController 'dc01'"
    )
    assert rollback_command(made, None) == (
        "Set-SendConnector -Identity 'Outbound to Mimecast' -Enabled $false"
    )


@pytest.mark.parametrize(
    ("guid", "identity"),
    [
        (GUID, GUID),
        (f"{{{GUID.upper()}}}", GUID),
        ("00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000001"),
        ("00000000-0000-0000-0000-000000000000", "Net"),
        (f"{GUID}-1", "Net"),
        ("(redacted)", "Net"),
        (None, "Net"),
    ],
)
def test_a_connector_is_addressed_by_its_guid_else_by_its_name(guid, identity):
    made = change({"Port": 26}, {"Port": 25}, on=connector("Net", guid))
    assert command(made, None) == f"Set-SendConnector -Identity '{identity}' -Port 25"


def test_a_connector_that_was_renamed_is_found_by_its_new_name():
    made = change({"Name": "Net"}, {"Name": "Out"}, on=connector("Net", None))
    assert command(made, None) == "Set-SendConnector -Identity 'Net' -Name 'Out'"
    assert rollback_command(made, None) == "Set-SendConnector -Identity 'Out' -Name 'Net'"


def test_a_connector_without_name_and_guid_is_refused():
    made = change({"Port": 26}, {"Port": 25}, on=connector(None, None))
    for write in (command, rollback_command):
        with pytest.raises(InputError, match="neither Guid nor name"):
            write(made, None)
    by_guid = change({"Port": 26}, {"Port": 25}, on=connector(None, GUID))
    assert command(by_guid, None) == f"Set-SendConnector -Identity '{GUID}' -Port 25"


@pytest.mark.parametrize("noun", ["ForeignConnector", "DeliveryAgentConnector"])
def test_other_connectors_are_only_switched(noun):
    other = connector("Fax", GUID, noun)
    made = change({"Enabled": True}, {"Enabled": False}, on=other)
    assert command(made, None) == f"Set-{noun} -Identity '{GUID}' -Enabled $false"
    assert rollback_command(made, None) == f"Set-{noun} -Identity '{GUID}' -Enabled $true"
    with pytest.raises(ValueError, match="Comment"):
        command(change({"Comment": "a"}, {"Comment": "b"}, on=other), None)


@pytest.mark.parametrize(
    "made",
    [
        change({"Guid": "a"}, {"Guid": "b"}, on=ON),
        change({"Enabled: $(x)": True}, {"Enabled: $(x)": False}, on=ON),
        creation("x", {"Name": "y"}),
        replace(
            change({"Enabled": True}, {"Enabled": False}, on=ON), cmdlet="Remove-SendConnector"
        ),
        replace(change({}, {}, on=ON), cmdlet="iex"),
    ],
)
def test_only_the_parameters_of_four_cmdlets_are_ever_written(made):
    with pytest.raises(ValueError, match="not to be written"):
        command(made, None)
    for name in SETTABLE:
        assert f" -{name} 'y'" in command(change({name: "x"}, {name: "y"}, on=ON), None)


def test_what_changes_nothing_has_nothing_to_undo():
    plan = Plan((change({"Port": 25}, {"Port": 25}, on=ON),), ())
    assert "Set-SendConnector" not in values(
        tokens(text_of(rollback_script(plan, HEAD))), "command"
    )


def test_an_empty_plan_is_a_script_that_does_nothing():
    for make in (remediate_script, rollback_script):
        text = text_of(make(Plan((), ()), HEAD))
        assert parses(text)
        assert not {"Set-SendConnector", "New-SendConnector"} & set(values(tokens(text), "command"))


def test_the_head_says_what_the_plan_answers_and_no_more():
    raw = {"Name": "Out", "Guid": GUID, "Enabled": True, "AddressSpaces": ["SMTP:*;1"], "Port": 26}
    raw |= {"SmartHosts": ["us-smtp-outbound-1.mimecast.com"], "DNSRoutingEnabled": False}
    snapshot = Snapshot("Contoso", Provenance("json", "c.json"), {"SendConnector": (raw,)})
    policy = load_policy("mimecast", ROOT)
    region, now = policy.regions["na"], datetime(2026, 11, 23, tzinfo=UTC)
    audit = evaluate(normalise(snapshot), policy, region, now, snapshot)
    audit = replace(audit, organization="Contoso")
    marks = {f.control.id: m for m, f in zip(auditor.digests.fingerprints(audit.findings), audit.findings, strict=True)}  # fmt: skip
    made = replace(change({"Port": 26}, {"Port": 25}, on=audit.subject), findings=(marks["Port"],))
    head = Head.of(audit, Plan((made,), ()), "CHG1", None)
    assert [(a.control, a.connector) for a in head.answers] == [("Port", "Out")]
    assert head == Head(
        *("Contoso", policy.name, policy.version, policy.sha256, "na", "c.json", digest(snapshot)),
        *(now, auditor.__version__, "CHG1", None, head.answers),
    )
    text = text_of(remediate_script(Plan((made,), ()), head))
    for line in (
        *("# Organisation: Contoso", "# Region: na", "# Ticket: CHG1", "# From: c.json"),
        *("# Audited: 2026-11-23T00:00:00Z", f"# Its sha256: {digest(snapshot)}"),
        *(f"# Written by: connector-auditor {auditor.__version__}", "$domainController = $null"),
        f"# - Port on Out: {head.answers[0].message}",
    ):
        assert f"\n{line}\n" in text


TEMPLATES = {
    name: (ROOT / f"auditor/remediate/{name}.ps1").read_bytes()
    for name in ("remediate", "rollback", "functions")
}
CODE = "\n".join(
    t.text for data in TEMPLATES.values() for t in tokens(data.decode()) if t.kind != "comment"
)


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_fixed_text_is_ascii_with_lines_that_people_read(name):
    data = TEMPLATES[name]
    assert data.isascii()
    assert b"\t" not in data
    assert max(map(len, data.split(b"\n"))) <= 100


def test_the_fixed_functions_change_nothing():
    found = tokens(FUNCTIONS)
    own = set(values(found, "function"))
    assert set(values(found, "command")) - own == {
        *("Get-Command", "Get-Credential", "Get-DeliveryAgentConnector", "Get-ForeignConnector"),
        *("Get-SendConnector", "New-Object", "Set-StrictMode", "Sort-Object", "Write-Host"),
    }
    made = re.findall(r"New-Object ([\w.]+)", FUNCTIONS)
    assert set(made) == {
        *("System.Collections.ArrayList", "System.Globalization.IdnMapping"),
        # Of a preview: nobody is asked for a password.
        *("System.Management.Automation.PSCredential", "System.Security.SecureString"),
    }
    assert "&" not in [t.text for t in found]
    assert set(values(found, "type")) == {
        *(
            "[Net.IPAddress]",
            "[StringComparer]",
            "[StringComparison]",
            "[TimeSpan]",
            "[char]",
            "[object]",
        ),
        *("[hashtable]", "[string[]]", "[string]", "[switch]", "[void]"),
    }
    assert not values(found, "expandable")


def test_every_function_is_used_and_every_command_of_a_script_is_known():
    functions = set(values(tokens(FUNCTIONS), "function"))
    plan = Plan(
        (
            change({"Port": 26}, {"Port": 25}, on=ON),
            creation("New", {"Port": 25}, order=2, credential=True),
        ),
        (),
    )
    called = set()
    for make in (remediate_script, rollback_script):
        found = set(values(tokens(text_of(make(plan, HEAD))), "command"))
        assert {name for name in found if name.partition("-")[0] not in {"Get", "New", "Set"}} <= {
            *functions,
            *("Sort-Object", "Write-Host"),
        }
        called |= found
    assert functions <= called


@pytest.mark.parametrize(
    "newer",
    [
        # 3.0: https://learn.microsoft.com/powershell/scripting/windows-powershell/whats-new
        *(r"^\[ordered\]$", r"^\[pscustomobject\]$", r"^-(not)?in$", r"^-sh[lr]$", r"[3-6*]>"),
        *(r"\$PSScriptRoot", r"\$PSItem", r"\$using:", r"^ConvertTo-Json$", r"^workflow$", r"-Raw"),
        *("^Invoke-", "^iex$", "^ForEach-Object$", "^Where-Object$", "^-Parallel$", "^-Message$"),
        # 4.0, 5.0 and 7, and aliases.
        *(r"^ForEach$(?<!foreach)", "^-PipelineVariable$", "^configuration$", r"^new$", "^using$"),
        *("^class$", "^enum$", r"^&&$", r"^\|\|$", r"^\?", "^(gci|gm|gal|select|sort|where|echo)$"),
        # A backtick at a line's end, and here-strings.
        *("`", "^@'", '^@"'),
    ],
)
def test_nothing_that_windows_powershell_2_has_not(newer):
    assert not re.search(newer, CODE, re.MULTILINE), newer
