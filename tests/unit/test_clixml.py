"""CLIXML: the real capture, psrpcore as a second opinion, and what hostile files try."""

from __future__ import annotations

from pathlib import Path

import psrpcore
import pytest
from psrpcore.types import PSObject, deserialize_clixml

from auditor.collect import clixml, read_snapshots
from auditor.errors import AuditError, CutOffError, InputError
from auditor.model import ABSENT, Unreadable
from auditor.normalise import normalise
from auditor.properties import PROPERTIES

ROOT = Path(__file__).resolve().parents[2]
CAPTURE = ROOT.parent / "shared/captures/exchange-2019-get-sendconnector.xml"
HEAD = '<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">'

needs_capture = pytest.mark.skipif(
    not CAPTURE.is_file(), reason="the capture of a real Exchange 2019 is not beside this checkout"
)


def objects(body: str) -> list[dict]:
    return [found.properties for found in clixml.read(f"{HEAD}{body}</Objs>", "x.xml")]


def one(props: str) -> dict:
    return objects(f'<Obj RefId="0"><Props>{props}</Props></Obj>')[0]


@needs_capture
def test_the_real_capture_reads_without_one_unreadable_property():
    snapshot = read_snapshots([(CAPTURE.name, CAPTURE.read_bytes())])
    (connector,) = normalise(snapshot).send
    values = {name: connector.properties[name] for name in PROPERTIES}
    assert not {name for name, value in values.items() if isinstance(value, Unreadable)}
    assert {name for name, value in values.items() if value is ABSENT} == {
        "IsCoexistenceConnector",
        "LinkedReceiveConnector",
    }
    assert values["SmartHosts"] == ("microsoft-com.mail.protection.outlook.com",)
    assert values["AddressSpaces"] == ("SMTP:*;1",)
    assert values["SourceIPAddress"] == "0.0.0.0"  # a reference into the list of smart hosts
    assert values["MaxMessageSize"] == 36_700_160
    assert len(snapshot.objects["SendConnector"][0]) == 57


@needs_capture
def test_psrpcore_reads_the_same_from_the_real_capture():
    text = CAPTURE.read_text("utf-8-sig")
    (ours,) = clixml.read(text, CAPTURE.name)
    cipher = psrpcore.types.PSCryptoProvider
    (theirs,) = deserialize_clixml(text, cipher)
    names = [
        p.name for p in theirs.PSObject.adapted_properties + theirs.PSObject.extended_properties
    ]
    assert set(ours.properties) == set(names) - {"SerializationData"}
    for name, value in ours.properties.items():
        assert printed(value) == printed(getattr(theirs, name)), name


def printed(value: object) -> object:
    """A value of either reader in one form: texts, and lists of texts."""
    if isinstance(value, dict):
        return value.get("ToString", value.get("Value"))
    if isinstance(value, list):
        return [printed(item) for item in value]
    if hasattr(value, "isoformat"):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, PSObject) and value.PSObject.to_string is not None:
        return str(value.PSObject.to_string)
    if value is None or isinstance(value, bool):
        return value
    return str(value)


@pytest.mark.parametrize(
    ("xml", "value"),
    [
        ('<S N="a">x</S>', "x"),
        ('<S N="a">B_x00FC_ro_x005F_x</S>', "Büro_x"),
        ('<S N="a">_xD83D__xDE00_</S>', "\U0001f600"),
        ('<B N="a">true</B>', True),
        ('<B N="a">kaputt</B>', "kaputt"),
        ('<I32 N="a">-5</I32>', -5),
        ('<I32 N="a"></I32>', ""),
        ('<Nil N="a" />', None),
        ('<SS N="a">0123</SS>', {"SecureString": "(dropped)"}),
        ('<Db N="a">0.5</Db>', "0.5"),
        ('<Obj N="a" RefId="1"><I32>7</I32></Obj>', 7),
        (
            '<Obj N="a" RefId="1"><ToString>None</ToString><I32>0</I32></Obj>',
            {"ToString": "None", "Value": 0},
        ),
        ('<Obj N="a" RefId="1"><IE><S>x</S><Nil /></IE></Obj>', ["x", None]),
        (
            '<Obj N="a" RefId="1"><DCT><En><S N="Key">k</S><I32 N="Value">1</I32></En></DCT></Obj>',
            {"k": 1},
        ),
        ('<Ref N="a" RefId="99" />', {"Ref": "99", "Unresolved": True}),
    ],
)
def test_values(xml, value):
    assert one(xml) == {"a": value}


def test_a_property_given_twice_with_two_values_is_not_readable():
    found = one('<B N="Enabled">false</B><B N="Enabled">true</B>')
    assert isinstance(PROPERTIES["Enabled"].kind.read(found["Enabled"]), Unreadable)


def test_binary_blobs_are_never_kept():
    found = one('<S N="a">x</S><BA N="SerializationData">AAEAAAD/////</BA>')
    assert found == {"a": "x"}


def test_type_names_are_followed_by_reference():
    body = (
        '<Obj RefId="0"><TN RefId="0"><T>Some.Type</T></TN><Props><S N="a">1</S></Props></Obj>'
        '<Obj RefId="1"><TNRef RefId="0" /><Props><S N="a">2</S></Props></Obj>'
    )
    found = clixml.read(f"{HEAD}{body}</Objs>", "x.xml")
    assert [item.type_name for item in found] == ["Some.Type", "Some.Type"]


def bomb(levels: int) -> str:
    """Each object holds the one before ten times: 10 ** levels values in a few lines."""
    body = '<Obj RefId="1"><Props><S N="a">x</S></Props></Obj>'
    for level in range(2, levels + 2):
        refs = "".join(f'<Ref RefId="{level - 1}" />' for _ in range(10))
        body += f'<Obj RefId="{level}"><LST>{refs}</LST></Obj>'
    return body


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        (f"{HEAD}{bomb(9)}</Objs>", InputError, "more than 5,000,000 values"),
        (HEAD + '<Obj RefId="0"><LST>' * 60, InputError, "nested more than 100 deep"),
        (f'<!DOCTYPE x SYSTEM "file:///etc/passwd">{HEAD}</Objs>', InputError, "document type"),
        (f"{HEAD}<![CDATA[<!ENTITY x 'y'>]]></Objs>", InputError, "entities"),
        (f"{HEAD}<S>text</S></Objs>", InputError, "not objects"),
        (f"{HEAD}<LST><S>x</S></LST></Objs>", InputError, "where it cannot be"),
        ("<Objs><Obj></Objs>", InputError, "damaged"),
        (HEAD, CutOffError, "cut off"),
        (f"{HEAD}<Obj RefI", CutOffError, "cut off"),
    ],
)
def test_refused(text, error, words):
    with pytest.raises(error, match=words) as caught:
        clixml.read(text, "x.xml")
    assert caught.value.place.file == "x.xml"


HIDDEN = '<Obj RefId="9"><Props><S N="Name">Hidden</S><B N="Enabled">true</B></Props></Obj>'


@pytest.mark.parametrize(
    "tag", ["Props", "MS", "DCT", "BA", "ToString", "TN", "T", "S", "En", "LST"]
)
@pytest.mark.parametrize(
    "where", ["{}", '<Obj RefId="1">{}</Obj>', '<Obj RefId="1"><Props>{}</Props></Obj>']
)
def test_no_object_can_stand_where_nobody_looks_for_it(tag, where):
    body = where.format(f"<{tag}>{HIDDEN}</{tag}>")
    try:
        found = objects(body)
    except InputError:
        return
    assert "Hidden" in str(found)


@pytest.mark.parametrize(
    "inside",
    [
        "<LST><S>SMTP:--;1</S></LST><LST><S>SMTP:*;1</S></LST>",
        '<LST><S>SMTP:--;1</S></LST><Props><S N="a">SMTP:*;1</S></Props>',
        "<LST><S>SMTP:--;1</S></LST><S>SMTP:*;1</S>",
        "<ToString>a</ToString><ToString>b</ToString><LST><S>SMTP:--;1</S></LST>",
        "<LST /><LST /><LST><S>SMTP:--;1</S></LST>",
    ],
)
def test_a_list_that_contradicts_itself_is_not_readable(inside):
    found = one(f'<Obj N="AddressSpaces" RefId="1">{inside}</Obj>')
    assert isinstance(PROPERTIES["AddressSpaces"].kind.read(found["AddressSpaces"]), Unreadable)


def test_the_prefix_of_output_format_xml_is_passed_over():
    assert clixml.read(
        f'#< CLIXML\n{HEAD}<Obj RefId="0"><Props><S N="a">x</S></Props></Obj></Objs>', "x"
    )


def test_every_cut_of_an_export_is_found():
    text = (ROOT / "examples/compliant.xml").read_bytes().decode("utf-16")
    end = text.rindex("</Objs>") + len("</Objs>")
    for length in range(1, end, 97):
        with pytest.raises(AuditError):
            clixml.read(text[:length], "x.xml")
