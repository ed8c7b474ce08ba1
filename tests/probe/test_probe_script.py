"""The script that probes from an Exchange server, held to a grammar: no engine runs here."""

from __future__ import annotations

import json
import re

import pytest

from auditor.collect.probe.script import script
from auditor.probefile import read_probe
from tests.unit.test_script import nodes_of

HOSTS = ["us-smtp-outbound-1.mimecast.com", "[192.0.2.25]"]
TEXT = script(HOSTS, 25, "mail.contoso.com", "na", "1.2.3")
NODES = nodes_of(TEXT)
CODE = re.sub(r"(?m)^ *#.*$", "", re.sub(r"(?s)<#.*?#>", "", TEXT))


def texts(kind):
    return [node.text.decode() for node in NODES if node.type == kind]


def test_it_parses_whatever_its_line_ends():
    for ends in ("\n", "\r\n"):
        nodes = nodes_of(TEXT.replace("\n", ends))
        assert not [node.text for node in nodes if node.is_error or node.is_missing]


def test_it_contacts_the_hosts_that_it_was_given_and_says_what_it_was_told():
    assert re.search(r"(?s)\$hosts = @\((.*?)\n\)", TEXT)[1].split(",") == [
        f"\n    '{host}'" for host in HOSTS
    ]
    assert "$port = 25\n" in TEXT
    assert "$ehlo = 'mail.contoso.com'\n" in TEXT
    assert "$region = '\"na\"'\n" in TEXT
    assert '"tool": "audit 1.2.3 (script)"' in TEXT
    assert "@" not in re.sub(r"@[({]|@\(", "", CODE).replace("$args", "")
    assert "$region = 'null'" in script(HOSTS, 25, None, "\u0440'; x", "1")


def test_it_calls_nothing_that_changes_anything_and_sends_no_message():
    functions = set(re.findall(r"(?m)^function (\w+)", TEXT))
    commands = set(texts("command_name"))
    assert commands - functions == {
        *("New-Object", "Set-StrictMode", "Split-Path", "Test-Path", "Where-Object"),
        *("Write-Host", "Write-Verbose"),
    }
    said = set(re.findall(r"(?:Say|Send) \$session (?:'[a-z-]+' )?\(?'([A-Z]+)", CODE))
    assert said == {"EHLO", "STARTTLS", "QUIT"}
    assert not re.search(r"\b(DATA|BDAT|MAIL FROM|RCPT)\b", CODE)
    assert not re.search(r"(?i)invoke-|iex\b|Remove-|Start-|Stop-", CODE)
    assert re.findall(r"\[IO\.File\]::\w+", CODE) == ["[IO.File]::WriteAllText"]


@pytest.mark.parametrize(
    "newer",
    [
        *(r"\[ordered\]", r"\[pscustomobject\]", r"(?<=\s)-in\b", r"-notin\b", r"-sh[lr]\b"),
        *(r"\$PSItem", r"\$using:", r"ConvertTo-Json", r"Where-Object [^{]", r"\.Where\("),
        *(r"\.ForEach\(", r"::new\(", r"\busing\b", r"\bclass\b", r"&&", r"\|\|", r"\?\?"),
        *(r"@'", r'@"', r"`\s*$", r"Resolve-DnsName", r"Test-NetConnection"),
    ],
)
def test_nothing_that_windows_powershell_2_has_not(newer):
    assert not re.search(newer, CODE, re.IGNORECASE | re.MULTILINE), newer


def test_it_is_ascii_in_lines_that_people_read():
    assert TEXT.isascii()
    assert "\t" not in TEXT
    assert "\r" not in TEXT
    assert max(map(len, TEXT.splitlines())) <= 110


def test_what_it_writes_is_what_is_read():
    """Every key of its JSON is one that the reader knows, and none is missing."""
    keys = set(re.findall(r'"(\w+)": ', CODE))
    assert keys == {
        *("schema", "probed_at", "machine", "tool", "ehlo", "resolver", "region", "relay"),
        *("hosts", "domains", "host", "port", "lookups", "attempts", "record", "seconds"),
        *("addresses", "canonical", "failure", "kind", "text", "address", "local", "steps"),
        *("encryption", "name", "reply", "code", "lines", "version", "cipher", "chain"),
        *("untrusted", "name_matches", "subject", "issuer", "names", "not_before"),
        *("not_after", "sha256"),
    }
    kinds = set(re.findall(r"Failed '([a-z-]+)'", CODE)) | set(
        re.findall(r"InvalidDataException '([a-z-]+)'", CODE)
    )
    for kind in kinds:
        step = {
            "name": "ehlo",
            "seconds": 0.1,
            "reply": None,
            "failure": {"kind": kind, "text": ""},
        }
        attempt = {"address": "192.0.2.1", "local": None, "steps": [step], "encryption": None}
        host = {"host": "a.test", "port": 25, "lookups": [], "attempts": [attempt]}
        document = {
            "schema": "audit-probe/1",
            "probed_at": "2026-11-24T08:00:00Z",
            "machine": "EX01",
            "tool": "t",
            "ehlo": "e",
            "resolver": [],
            "region": None,
            "relay": None,
            "hosts": [host],
            "domains": [],
        }
        probe = read_probe(json.dumps(document).encode(), "f")
        assert probe.hosts[0].attempts[0].steps[0].failure.kind == kind
    assert {"no-answer", "refused", "closed", "too-long", "garbled", "tls", "stopped"} <= kinds


@pytest.mark.parametrize(
    "wrong",
    [
        {"hosts": ["a'; Remove-Item x"]},
        {"ehlo": "a'b"},
        {"version": "1'"},
        {"hosts": ["Gr\u00fc\u00df.example"]},
    ],
)
def test_nothing_that_could_end_a_literal_gets_into_it(wrong):
    with pytest.raises(ValueError, match="not a"):
        script(
            **{"hosts": HOSTS, "port": 25, "ehlo": None, "region": None, "version": "1", **wrong}
        )
