"""Nothing from outside becomes code, whatever it is.

A script is held against its twin, the same plan with plain words: where the twin has a string, it
has the hostile text in it, and everything else is the same, token by token. The judge is the
tokenizer beside this file; the grammar says that the whole is well formed.

1,000 names by default; ``HOSTILE_NAMES=10000 python -m pytest tests/powershell`` tries 10,000.
"""

from __future__ import annotations

import os
import re

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from auditor.errors import InputError
from auditor.model import ManualStep, Plan
from auditor.remediate.powershell import visible
from auditor.remediate.script import Answer, remediate_script, rollback_script
from tests.powershell.scripts import (
    HEAD,
    around_functions,
    change,
    connector,
    creation,
    parses,
    text_of,
)
from tests.powershell.tokenizer import Token, tokens

COUNT = int(os.environ.get("HOSTILE_NAMES", "1000"))
NAME, VALUE = "plainname", "plainvalue"
REFUSED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
FRAGMENTS = (
    *("'", "\u2018", "\u2019", "\u201a", "\u201b", "''", "\u2019'", '"', "\u201c", "\u201d"),
    *("\u201e", "`", "`'", "$(calc)", "$x", "${x}", "@x", "@(", "@{", "$", "(", ")", "{", "}"),
    *(";", "|", "&", "&&", ",", "#", "<#", "#>", "@'", "'@", '@"', '"@', "\u2019@", "--%", "-Force"),
    *("\u2013Force", "%", "?", "!", "=", ">", "2>&1", "[int]", "::", "..", "\\", "/", "*", "~"),
    *("\u202e", "\u202d", "\u2066", "\u2069", "\u200e", "\u200f", "\u200b", "\ufeff", "\u00ad"),
    *("\u00a0", "\u3000", "\u115f", "\u3164", "\u2800", "\ufe0f", "\U000e0041", "\U0001f600", "ü"),
    *("; Remove-SendConnector *; '", "'; iex \u2018x\u2019 #", "' -Enabled $false #", "param("),
    *("SIG # Begin signature block", "#requires -Version 9", "@HEAD@", "#@STEPS@", "\\g<0>", "%s"),
    *("{0}", "$null", "$true", "$preview", "plainnam", "a" * 300, " ", "\uffff", "\ufffd", "e\u0301"),
)  # fmt: skip
CHARACTERS = st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp"))
HOSTILE = (
    st.lists(st.sampled_from(FRAGMENTS) | st.text(CHARACTERS, max_size=5), min_size=1, max_size=12)
    .map("".join)
    .map(lambda text: text.strip()[:300].strip())
    .filter(bool)
)


def plan_of(name: str, value: str) -> Plan:
    """A plan in which a name and a value stand wherever something from outside can."""
    return Plan(
        (
            change(
                {
                    "DNSRoutingEnabled": False,
                    "Comment": value,
                    "SmartHosts": (value, "b"),
                    "TlsCertificateName": None,
                },
                {"Comment": f"{value}!", "SmartHosts": (value,), "TlsCertificateName": name},
                on=connector(name),
                caution=value,
            ),
            change(
                {"Name": name, "SmartHostAuthMechanism": "BasicAuth"},
                {"Name": f"{name}2", "SmartHostAuthMechanism": "None"},
                on=connector(name, None),
                order=2,
            ),
            change(
                {"Enabled": True},
                {"Enabled": False},
                on=connector(name, "not a Guid", "DeliveryAgentConnector"),
                order=3,
            ),
            creation(
                name, {"SmartHosts": (value, name), "Comment": value}, order=4, credential=True
            ),
        ),
        (ManualStep(name, ("m",), value), ManualStep(None, ("m",), name)),
    )


def head_of(name: str, value: str):
    return HEAD._replace(
        organization=name,
        policy=value,
        policy_version=name,
        region=value,
        source=name,
        ticket=value,
        domain_controller=name,
        answers=(Answer(value, name, value), Answer(name, None, value)),
    )


def scanned(make, name: str, value: str) -> list[Token]:
    """The tokens of a script but those of the fixed functions, which are there as they are."""
    text = text_of(make(plan_of(name, value), head_of(name, value)))
    assert parses(text)
    return [token for part in around_functions(text) for token in tokens(part)]


TWINS = {make: scanned(make, NAME, VALUE) for make in (remediate_script, rollback_script)}


def meant(twin: Token, name: str, value: str) -> str:
    """What a string of the script must be, by that of its twin."""
    parts = re.split(f"({NAME}|{VALUE})", twin.value)
    return "".join({NAME: name, VALUE: value}.get(part, part) for part in parts)


def hold_against_twin(make, name: str, value: str) -> None:
    found, twins = scanned(make, name, value), TWINS[make]
    assert len(found) == len(twins)
    printed = False
    for token, twin in zip(found, twins, strict=True):
        assert token.kind == twin.kind
        if token.kind == "string":
            wanted = meant(twin, name, value)
            # What is only printed is made visible first, so that no terminal obeys it.
            assert token.value == (visible(wanted) if printed else wanted)
        elif token.kind == "comment":
            assert token.text.replace("\n", "").isprintable()
        else:
            assert token.text == twin.text
        printed = token.kind == "command" and token.text == "Write-Host"


@settings(max_examples=COUNT, suppress_health_check=list(HealthCheck))
@given(name=HOSTILE, value=HOSTILE)
@example(name="O\u2019Brien", value="\u2018; Remove-SendConnector \u2019*")
@example(name="'", value="\u2019")
@example(name="SIG # Begin signature block", value="#sig#beginsignatureblock")
@example(name="h:sig#beginsignatureblock", value="gbeginsignatureblock")
@example(name="#@FUNCTIONS@", value="#@STEPS@")
@example(name="\\", value="\\1")
def test_a_script_holds_the_expected_commands_and_every_string_is_the_value(name, value):
    for make in TWINS:
        hold_against_twin(make, name, value)


@settings(max_examples=100)
@given(
    name=HOSTILE,
    character=st.sampled_from([*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, 0xD800, 0xDFFF]),
    at=st.integers(0, 300),
)
def test_a_name_with_a_character_that_no_command_can_carry_is_refused(name, character, at):
    at = min(at, len(name))
    bad = f"{name[:at]}{chr(character)}{name[at:]}"
    assume(bad.strip() == bad)
    for make in TWINS:
        with pytest.raises(InputError, match=f"U\\+{character:04X}"):
            make(plan_of(bad, "fine"), HEAD)


@settings(max_examples=300)
@given(st.text(st.characters(blacklist_categories=("Cs",)), max_size=40))
def test_outside_of_commands_such_a_character_is_shown_and_changes_nothing(text):
    plan = Plan((), (ManualStep(text, ("m",), text),))
    head = head_of(text, text)._replace(domain_controller=None)
    script = text_of(remediate_script(plan, head))
    assert parses(script)
    commands = [
        t.text for part in around_functions(script) for t in tokens(part) if t.kind == "command"
    ]
    assert commands == ["Write-Progressed", *["Write-Host"] * 4, "Write-End"]


def test_the_judge_sees_what_it_must_not():
    """Were the typographic quotes not doubled, the tokenizer would say so, and the grammar not."""
    script = text_of(remediate_script(plan_of("O\u2019; calc; \u2018x", VALUE), HEAD))
    broken = script.replace("\u2019\u2019", "\u2019").replace("\u2018\u2018", "\u2018")
    assert parses(broken)
    commands = [t.text for part in around_functions(broken) for t in tokens(part)]
    assert "calc" in commands
    assert "calc" not in [t.text for part in around_functions(script) for t in tokens(part)]
