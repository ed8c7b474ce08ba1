"""The file of the printed script: what its markers say must fit what is there."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.collect import read_snapshots
from auditor.collect.cmdlets import CMDLETS
from auditor.errors import AuditError, CutOffError, InputError, UndecidedError, UsageError
from auditor.model import CollectionError

CASES = Path(__file__).parent.parent / "cases"


def text_of(case: str) -> str:
    return (CASES / case / "input.xml").read_text("utf-8-sig")


WHOLE = text_of("script-complete")


def read(text: str):
    return read_snapshots([("org.xml", text.encode())])


def swapped(pattern: str, replacement: str, text: str = WHOLE) -> str:
    changed, times = re.subn(pattern, replacement, text, count=1, flags=re.DOTALL)
    assert times == 1, pattern
    return changed


def test_every_object_is_kept_under_its_cmdlet():
    snapshot = read(WHOLE)
    counts = {noun: len(found) for noun, found in snapshot.objects.items()}
    assert set(counts) == {wanted.cmdlet.noun for wanted in CMDLETS}
    assert sorted(counts.values()) == [0, 0, 1, 1, 1, 1, 1, 1, 1, 2, 2]
    assert counts["ExchangeServer"] == counts["TransportService"] == 2
    assert snapshot.errors == ()


def test_the_provenance_says_who_collected_where_and_when():
    origin = read(WHOLE).provenance
    assert origin.kind == "script"
    assert origin.location == "org.xml"
    assert origin.files == ("org.xml",)
    assert origin.collected_at == datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert origin.tool == "audit 0.1.0, script"
    assert origin.server == "EX01"
    assert origin.account == "CONTOSO\\auditor"


def test_on_2010_the_transport_servers_have_their_own_noun():
    snapshot = read(text_of("script-2010"))
    assert len(snapshot.objects["TransportServer"]) == 2
    assert "TransportService" not in snapshot.objects
    assert snapshot.objects["EdgeSubscription"] == ()


def test_what_was_refused_is_an_error_and_no_empty_answer():
    snapshot = read(text_of("script-refused-cmdlet"))
    assert CollectionError("Get-ExchangeServer", "Access is denied.") in snapshot.errors
    assert {error.refused for error in snapshot.errors} == {True, False}
    assert "ExchangeServer" not in snapshot.objects
    assert len(snapshot.errors) == 8


def test_what_came_beside_an_error_is_kept_with_it():
    text = swapped(
        r"<LST />(\s*</Obj>\s*<S N=\"ConnectorAuditorCmdlet\">Get-AdSiteLink)",
        r"<LST><S>One  site&#xA;is broken.</S><S></S></LST>\1",
    )
    snapshot = read(text)
    assert len(snapshot.objects["AdSiteLink"]) == 1
    assert snapshot.errors == (
        CollectionError("Get-AdSiteLink", "One site is broken."),
        CollectionError("Get-AdSiteLink", "no reason was given"),
    )


def test_very_many_and_very_long_errors_are_shortened():
    many = "".join(f"<S>{number} {'x' * 5000}</S>" for number in range(50))
    text = swapped(
        r"<LST />(\s*</Obj>\s*<S N=\"ConnectorAuditorCmdlet\">Get-AdSiteLink)",
        rf"<LST>{many}</LST>\1",
    )
    errors = read(text).errors
    assert len(errors) == 21
    assert errors[-1].reason == "and 30 more errors"
    assert max(len(error.reason) for error in errors) == 1000


_ERRORS = r'<Obj N="ConnectorAuditorErrors"[^>]*>(?:(?!</Obj>).)*</Obj>'


@pytest.mark.parametrize("none", ["<Nil N='ConnectorAuditorErrors' />", "<Nil %s />"])
def test_an_empty_list_of_errors_may_have_become_null(none):
    text = swapped(_ERRORS, none.replace("%s", 'N="ConnectorAuditorErrors"'))
    assert read(text).errors == ()


def test_a_single_error_may_have_become_a_text():
    text = swapped(
        _ERRORS + r"(\s*<S N=\"ConnectorAuditorCmdlet\">Get-AdSite<)",
        r'<S N="ConnectorAuditorErrors">No.</S>\1',
    )
    assert read(text).errors == (CollectionError("Get-AdSite", "No."),)


def test_a_credential_is_never_kept():
    secret = (
        '<Obj N="AuthenticationCredential" RefId="990"><Props><S N="UserName">u</S></Props></Obj>'
    )
    found = read(swapped(r'<Nil N="AuthenticationCredential" />', secret))
    (connector,) = found.objects["SendConnector"]
    assert connector["AuthenticationCredential"] == "(set; dropped)"


END = r'(<I32 N="ConnectorAuditorEnd">)11(</I32>)'
COUNT = r'(<I32 N="ConnectorAuditorCount">)1(</I32>)'
SERVER = r'<S N="ConnectorAuditorServer">EX01</S>'
TIME = "2026-11-23T08:00:00Z"

REFUSED = {
    "no begin": (r"<Obj RefId=\"0\">.*?</Obj>", ""),
    "begin twice": (r"(<Obj RefId=\"0\">.*?</Obj>)", r"\1\1"),
    "other format": ("audit-script/1", "audit-script/2"),
    "format is a number": (
        r'<S N="ConnectorAuditorFormat">[^<]*</S>',
        '<I32 N="ConnectorAuditorFormat">1</I32>',
    ),
    "version of a kind": (r"Version\">0.1.0", 'Version">0.1.0; x'),
    "begin lacks one": (SERVER, ""),
    "begin has more": (SERVER, SERVER + '<S N="Other">x</S>'),
    "server null": (SERVER, '<Nil N="ConnectorAuditorServer" />'),
    "server empty": (SERVER, '<S N="ConnectorAuditorServer"></S>'),
    "server long": (SERVER, f'<S N="ConnectorAuditorServer">{"x" * 1001}</S>'),
    "time without zone": (TIME, "2026-11-23T08:00:00"),
    "time garbage": (TIME, "yesterday"),
    "time out of all bounds": (TIME, "0001-01-01T00:00:00+23:59"),
    "unknown cmdlet": ("Get-AdSiteLink<", "Get-Mailbox<"),
    "changing cmdlet": ("Get-AdSiteLink<", "Set-AdSiteLink<"),
    "cmdlet is a number": (
        r'<S N="ConnectorAuditorCmdlet">Get-AdSite<',
        '<I32 N="ConnectorAuditorCmdlet">1</I32><S N="x"><',
    ),
    "cmdlet twice": ("Get-AdSiteLink<", "Get-AdSite<"),
    "connectors unsaid": ("Get-SendConnector<", "Get-TransportServer<"),
    "count negative": (COUNT, r"\g<1>-1\2"),
    "count huge garbage": (COUNT, rf"\g<1>{'9' * 5000}\2"),
    "count garbage": (COUNT, r"\g<1>one\2"),
    "count boolean": (COUNT, r'<B N="ConnectorAuditorCount">true</B>'),
    "count text": (COUNT, r'<S N="ConnectorAuditorCount">1</S>'),
    "count null": (COUNT, r'<Nil N="ConnectorAuditorCount" />'),
    "errors are numbers": (r"<LST />(\s*</Obj>\s*<S N=\"Conn)", r"<LST><I32>1</I32></LST>\1"),
    "errors are an object": (_ERRORS, '<Obj N="ConnectorAuditorErrors" RefId="991"><Props/></Obj>'),
    "end is a text": (END, r'<S N="ConnectorAuditorEnd">11</S>'),
    "end and more": (END, r'\g<1>11\2<I32 N="ConnectorAuditorMore">1</I32>'),
    "more after the end": (r"</Objs>", r"<Obj RefId='993'><MS><S N='Name'>x</S></MS></Obj></Objs>"),
    "end twice": (r"(<Obj [^>]*>(?:(?!<Obj ).)*ConnectorAuditorEnd.*?</Obj>)", r"\1\1"),
    "a marker in an object": (
        r'<B N="DNSRoutingEnabled">',
        '<S N="ConnectorAuditorCmdlet">Get-SendConnector</S><B N="DNSRoutingEnabled">',
    ),
    "another kind of object": (
        r"<B N=\"HubSiteEnabled\">",
        '<S N="Bindings"></S><S N="RemoteIPRanges"></S><B N="HubSiteEnabled">',
    ),
}
CUT = {
    "count too high": (COUNT, r"\g<1>2\2"),
    "count too low": (COUNT, r"\g<1>0\2"),
    "count huge": (COUNT, r"\g<1>99999999999999999999\2"),
    "end too high": (END, r"\g<1>12\2"),
    "end too low": (END, r"\g<1>10\2"),
    "no end": (r"<Obj [^>]*>(?:(?!<Obj ).)*ConnectorAuditorEnd.*?</Obj>", ""),
    "a marker lost": (
        r'<I32 N="ConnectorAuditorCount">1</I32>(?:(?!ConnectorAuditorCmdlet).)*'
        r'<S N="ConnectorAuditorCmdlet">Get-OrganizationConfig</S>',
        '<S N="Name">x</S>',
    ),
}


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_markers_that_are_not_the_scripts_are_refused(change):
    with pytest.raises(InputError) as caught:
        read(swapped(*change))
    assert caught.value.place.file == "org.xml"
    assert caught.value.place.line
    assert caught.value.hint


def test_a_send_connector_that_shows_no_sign_of_one_is_refused():
    text = swapped(r'<B N="DNSRoutingEnabled">.*?</MS>', '<S N="Name">x</S></MS>')
    assert read(text).objects["SendConnector"] == ({"Name": "x"},)
    with pytest.raises(InputError, match="among those of Get-SendConnector"):
        read(swapped("<T>Selected[^<]*SmtpSendConnectorConfig</T>", "", text))


@pytest.mark.parametrize("change", CUT.values(), ids=CUT)
def test_what_is_missing_makes_the_file_cut_off(change):
    with pytest.raises(CutOffError):
        read(swapped(*change))


def test_cut_at_any_object_it_is_never_a_smaller_organisation():
    ends = [match.end() for match in re.finditer(r"\r?\n  </Obj>", WHOLE)]
    assert len(ends) > 20
    for end in ends[:-1]:
        with pytest.raises(CutOffError):
            read(WHOLE[:end] + "</Objs>")
    assert read(WHOLE[: ends[-1]] + "</Objs>")


def test_without_any_object_it_is_never_a_smaller_organisation():
    objects = re.findall(r"\n  <Obj .*?\n  </Obj>", WHOLE, re.DOTALL)
    for gone in objects:
        # Types are written once and referred to: only what stands alone can be taken out.
        with pytest.raises(AuditError):
            read(WHOLE.replace(gone, "", 1))


@pytest.mark.parametrize("case", ["script-refused-connectors", "script-connectors-and-error"])
def test_send_connectors_that_could_not_be_collected_decide_nothing(case):
    with pytest.raises(UndecidedError, match="could not be collected"):
        read(text_of(case))


def test_two_files_of_the_script_are_two_organisations():
    with pytest.raises(UsageError, match="both hold Get-SendConnector"):
        read_snapshots([("a.xml", WHOLE.encode()), ("b.xml", WHOLE.encode())])


def test_its_provenance_survives_beside_another_file():
    files = [
        (name, (CASES / "script-and-export" / name).read_bytes())
        for name in ("input-1.xml", "input-2.xml")
    ]
    for order in (files, files[::-1]):
        snapshot = read_snapshots(order)
        assert snapshot.provenance.kind == "clixml+script"
        assert snapshot.provenance.server == "EX01"
        assert snapshot.provenance.location == "input-1.xml"
        assert len(snapshot.objects["ExchangeServer"]) == 2
