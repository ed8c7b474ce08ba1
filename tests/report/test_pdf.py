"""The sign-off document: its text is the audit's, whatever names say; its pages hold all of it."""

from __future__ import annotations

import importlib.util
import io
import re
import subprocess
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader

from auditor.errors import InputError, Place, UsageError
from auditor.report import FORMATS, render, render_errors
from auditor.report.checklist import checklist
from auditor.report.notes import notes
from auditor.report.pdf.glyphs import code_points, missing
from auditor.report.printable import printable
from auditor.report.sheet import PAPERS, Sheet
from auditor.snapshot import digest
from tests.conftest import REMOVED, ROOT, connector, export
from tests.report.pdf_audits import NOW, attestations, signed_audit

VAULT = connector(
    Name="The vault",
    Guid="22222222-2222-3333-4444-555555555555",
    AddressSpaces=["SMTP:vault.contoso.com;1"],
    SmartHosts=["vault.contoso.com"],
)
FONTS = {
    "chinese": ("truetype/droid/DroidSansFallbackFull.ttf", "fonts-droid-fallback"),
    "arabic": ("opentype/fonts-hosny-amiri/Amiri-Regular.ttf", "fonts-hosny-amiri"),
}


def font(name: str) -> Path:
    """A font of Debian's."""
    file, package = FONTS[name]
    path = Path("/usr/share/fonts") / file
    assert path.is_file(), f"the tests need Debian's package {package}"
    return path


def named(name: str) -> bytes:
    """An export in which a leftover connector has a name."""
    guid = "33333333-2222-3333-4444-555555555555"
    return export(connector(), connector(Name=name, Guid=guid, SmartHosts=["relay.example"]))


def text_of(pdf: bytes) -> str:
    """All text of the body, without white space; what runs along at head and foot is left out."""
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf), strict=True).pages]
    text = unicodedata.normalize("NFC", "\n".join(pages))
    running = r"Evaluated at [-0-9]+ [:0-9]+ UTC\s*Page \d+ of \d+|^.*Snapshot\s*[0-9a-f]{12}$"
    return squeezed(re.sub(running, "", text, flags=re.MULTILINE))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def print_with_warnings(audit, **sheet):
    said: list[str] = []
    return text_of(render("pdf", audit, Sheet(warn=said.append, **sheet))), said


def examples(folder):
    drifted = (ROOT / "examples/drifted.xml").read_bytes()
    compliant = (ROOT / "examples/compliant.xml").read_bytes()
    blind = connector(Port=REMOVED, SmartHosts="a b…")
    return {
        "drifted": signed_audit(drifted, folder, attestations()[:2], file="drifted.xml"),
        "compliant": signed_audit(compliant, folder, attestations(), file="compliant.xml"),
        "exempt": signed_audit(export(connector(), VAULT), folder, attestations(remark="Seen.")),
        "undecided": signed_audit(export(blind), folder),
        "empty": signed_audit(export(), folder, organization=None),
    }


@pytest.mark.parametrize("name", ["drifted", "compliant", "exempt", "undecided", "empty"])
def test_the_text_is_that_of_the_audit(name, tmp_path):
    audit = examples(tmp_path)[name]
    text = text_of(render("pdf", audit))
    wanted = [audit.verdict.upper(), audit.region.title, "2026-11-23 08:00:00 UTC", *notes(audit)]
    wanted += [digest(audit.snapshot), audit.policy.sha256, audit.organization or "not named"]
    for finding in audit.findings:
        wanted += [finding.control.id, finding.message, finding.severity]
        wanted += [finding.connector.label] if finding.connector else []
    for line in checklist(audit):
        wanted += [line.step.number + line.step.title, *line.evidence]
    for said in audit.attestations:
        wanted += [said.name, said.role, said.date.isoformat(), said.remark]
    for use in audit.exemptions:
        one = use.exemption
        wanted += [one.approved_by, one.expires.isoformat(), one.owner, one.reason, use.state]
        wanted += [f"{use.state}, {use.days_left} day"] if use.days_left > 0 else []
    for route in audit.routes.routes if audit.routes else ():
        wanted += [*(mail[1:] for mail in route.mail), *(c.label for c in route.connectors)]
    for change in audit.plan.changes if audit.plan else ():
        wanted += [change.cmdlet, change.name, change.caution or "", *change.parameters]
    for step in audit.plan.manual if audit.plan else ():
        wanted.append(step.advice)
    wanted += audit.go_live.reasons
    assert [part for part in wanted if squeezed(printable(part)) not in text] == []


def test_failures_show_what_was_expected_and_what_is(tmp_path):
    text = text_of(render("pdf", examples(tmp_path)["drifted"]))
    assert "Expectedus-smtp-outbound-1.mimecast.com,us-smtp-outbound-2.mimecast.com" in text
    assert "Actualeu-smtp-outbound-1.mimecast.com,us-smtp-outbound-1.mimecast.com" in text


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("drifted", "Not ready to go live"),
        ("exempt", "Ready to go live"),
        ("undecided", "Not ready to go live"),
    ],
)
def test_the_cover_says_whether_it_may_go_live(name, state, tmp_path):
    audit = examples(tmp_path)[name]
    cover = PdfReader(io.BytesIO(render("pdf", audit))).pages[0].extract_text()
    assert squeezed(state) in squeezed(cover)
    assert audit.verdict.upper() in cover
    assert "Contoso" in cover


def test_where_nobody_signs_off_there_are_lines_to_fill_in(tmp_path):
    audit = replace(examples(tmp_path)["compliant"], attestations=None, go_live=None)
    text = text_of(render("pdf", audit))
    assert "golive" not in text
    assert text.count("ConfirmedNotconfirmedNotapplicableNameRoleDateRemark") == 5
    assert text.count("NameRoleDateSignature") == 2


def test_the_same_audit_gives_the_same_bytes(tmp_path, monkeypatch):
    first = render("pdf", examples(tmp_path)["drifted"])
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    assert render("pdf", examples(tmp_path)["drifted"]) == first


@pytest.mark.parametrize("paper", PAPERS)
def test_it_is_an_accessible_pdf_of_its_paper(paper, tmp_path):
    pdf = render("pdf", examples(tmp_path)["drifted"], Sheet(paper))
    reader = PdfReader(io.BytesIO(pdf), strict=True)
    sizes = {"a4": (595, 842), "letter": (612, 792)}
    for page in reader.pages:
        assert (round(page.mediabox.width), round(page.mediabox.height)) == sizes[paper]
    assert 4 <= len(reader.pages) <= 9
    assert reader.metadata.title == "Send connector audit: Contoso"
    assert reader.metadata.author is None
    assert reader.metadata.creation_date == NOW
    catalogue = reader.trailer["/Root"]
    assert catalogue["/Lang"] == "en"
    assert catalogue["/MarkInfo"]["/Marked"]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    titles = [entry.title for entry in reader.outline if not isinstance(entry, list)]
    assert titles[:3] == ["Checklist", "Findings", "Exemptions"]
    assert titles[3:] == ["Routes", "Remediation plan", "Evidence", "Signatures"]
    assert any(mark in pdf for mark in FORMATS["pdf"].marks)


HOSTILE = [
    '#panic("x")',
    "$x^2$ *bold* _it_ `raw` <label> @ref",
    "\n= Heading\n- item",
    '#import "@preview/x:1.0.0": *',
    "\\u{4e2d} \\ // comment /* */ ~ --- ... '\"",
    '] #read("/etc/passwd") [',
    "(/Type /Page) endobj stream %%EOF",
    "a\x01b\x1b[2J\u202e\u2028\u200b\ufeff\ud800\ue000\uffff",
    "ﬁ office e\u0301 Ǆ ỗ",
    "…" * 300,
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_text_and_nothing_else(name, tmp_path):
    audit = signed_audit(
        named(name),
        tmp_path,
        attestations(name.strip() or "x", name) if "\ud800" not in name else (),
        organization=name,
        approver=name if name.isprintable() else "someone",
    )
    text, said = print_with_warnings(audit)
    whole = squeezed(unicodedata.normalize("NFC", printable(name.strip())))
    assert text.count(whole) >= 4
    assert said == []


@pytest.mark.parametrize(
    "name", ["Zürich Łódź Đặng Ğüneş", "Ελλάδα Ὀδυσσεύς", "Москва Київ Ђорђе", "№ 1 – “x” € → ✓"]
)
def test_latin_greek_and_cyrillic_come_out_whole_and_without_a_warning(name, tmp_path):
    audit = signed_audit(named(name), tmp_path, attestations(name), organization=name)
    text, said = print_with_warnings(audit)
    assert text.count(squeezed(name)) >= 5
    assert said == []


def test_what_no_font_has_becomes_code_points_with_one_warning(tmp_path):
    audit = signed_audit(named("中文 ⟦U+4E2D⟧ 😀"), tmp_path, organization="日本ﷺ")
    text, said = print_with_warnings(audit)
    assert "⟦U+4E2DU+6587⟧⟦U+27E6⟧U+4E2D⟦U+27E7⟧⟦U+1F600⟧" in text
    assert "⟦U+65E5U+672C" in text
    assert "Charactersthatarenotprinted" in text
    assert not set("中文日本😀") & set(text)
    assert len(said) == 1
    assert "中 (U+4E2D)" in said[0]
    assert "--font FILE" in said[0]


def test_many_characters_that_no_font_has_are_one_sentence(tmp_path):
    name = "".join(map(chr, range(0x4E00, 0x4E00 + 3000)))
    text, said = print_with_warnings(signed_audit(named(name), tmp_path))
    assert squeezed(code_points(name)) in text
    assert len(said) == 1
    assert "and 2995 more" in said[0]
    assert len(said[0]) < 300


@pytest.mark.parametrize(
    ("fonts", "name"), [(["chinese"], "中文连接器"), (["chinese", "arabic"], "中文 ڜڜ پښتو")]
)
def test_with_a_font_it_is_printed_as_it_is(fonts, name, tmp_path):
    audit = signed_audit(named(name), tmp_path)
    pdf = render("pdf", audit, Sheet(fonts=tuple(map(font, fonts)), warn=pytest.fail))
    assert name.split()[0] in text_of(pdf)
    assert "U+" not in text_of(pdf)
    assert b"DroidSansFallback" in pdf
    assert (b"Amiri" in pdf) == ("arabic" in fonts)


def test_a_font_that_is_none_is_refused_with_its_place(tmp_path):
    (tmp_path / "no.ttf").write_bytes(b"no font")
    audit = examples(tmp_path)["compliant"]
    for path in (tmp_path / "no.ttf", tmp_path / "missing.ttf", tmp_path):
        with pytest.raises(UsageError) as refused:
            render("pdf", audit, Sheet(fonts=(path,)))
        assert refused.value.place == Place(str(path))


def margins(pdf: bytes, folder: Path) -> list[int]:
    """Of each page, how many millimetres at the sides are without ink."""
    (folder / "it.pdf").write_bytes(pdf)
    command = ["pdftoppm", "-gray", "-r", "25.4", str(folder / "it.pdf"), str(folder / "page")]
    subprocess.run(command, check=True, capture_output=True)
    found = []
    for path in sorted(folder.glob("page*.pgm")):
        head = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", path.read_bytes())
        width, pixels = int(head[1]), path.read_bytes()[head.end() :]
        columns = [min(pixels[x::width]) < 200 for x in range(width)]
        inked = [x for x, ink in enumerate(columns) if ink]
        found.append(min(inked[0], width - 1 - inked[-1]))
        path.unlink()
    return found


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize(
    "name", ["x" * 10_000, "W" * 1000, "ab.cD-" * 300, "中" * 500, "long words " * 200]
)
def test_long_names_wrap_within_the_page_and_stay_whole(name, paper, tmp_path):
    audit = signed_audit(
        named(name),
        tmp_path,
        attestations(name[:3000].strip()),
        organization=name,
        approver=name[:500],
    )
    pdf = render("pdf", audit, Sheet(paper))
    assert min(margins(pdf, tmp_path)) >= 19
    shown = "U+4E2D" if name[0] == "中" else squeezed(name)
    assert shown in text_of(pdf)
    cover = PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    assert "DRIFT" in cover


def test_hundreds_of_findings_are_all_there(tmp_path):
    more = [
        connector(
            Name=f"Left over {i:03}",
            Guid=f"22222222-2222-3333-4444-{i:012}",
            AddressSpaces=[f"SMTP:d{i}.example;1"],
            SmartHosts=[f"h{i}.example"],
        )
        for i in range(150)
    ]
    audit = signed_audit(export(connector(), *more), tmp_path)
    assert audit.summary["fail"] >= 300
    text = text_of(render("pdf", audit))
    assert [f.message for f in audit.findings if squeezed(f.message) not in text] == []


def test_a_failure_is_a_page_that_says_why():
    error = InputError("it is #panic() cut", Place("中.xml", 3, 4), "Export it again.")
    pdf = render_errors("pdf", [error], NOW)
    text = text_of(pdf)
    assert "Nothingwasevaluated" in text
    assert "Itis#panic()cut" in text
    assert "in⟦U+4E2D⟧.xml,line3,column4" in text
    assert "Exportitagain." in text
    assert len(PdfReader(io.BytesIO(pdf), strict=True).pages) == 1
    assert render_errors("pdf", [error], NOW) == pdf
    assert render_errors("pdf", [error])


def test_what_typst_says_of_missing_glyphs_is_read():
    said = 'error: PDF/UA-1 error: the text `"%s"` could not be displayed with font `"A"`\n'
    texts = ["中", r"\u{7}", r"\"", r"\\", r"a\u{301}", r"\n"]
    assert missing("".join(said % text for text in texts)) == {
        "中",
        "\x07",
        '"',
        "\\",
        "a\u0301",
        "\n",
    }
    assert missing("error: something else") == set()


def check(audit, *arguments):
    return audit(
        "check",
        "-r",
        "na",
        "-s",
        ROOT / "examples/drifted.xml",
        "--as-of",
        "2026-11-23",
        *arguments,
    )


def test_without_typst_it_is_refused_with_what_to_install(audit, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "auditor.report.find_spec", lambda name: None if name == "typst" else find(name)
    )
    result = check(audit, "--output", "pdf=report.pdf")
    assert result.status == 2
    assert "needs the library typst" in result.err
    assert "pip install 'connector-auditor[pdf]'" in result.err
    assert not Path("report.pdf").exists()


def test_it_goes_to_files_only(audit):
    assert check(audit, "--format", "pdf").status == 2
    assert check(audit, "--output", "pdf=report.pdf", "--paper", "letter").status == 1
    assert Path("report.pdf").read_bytes().startswith(b"%PDF-")


def test_a_run_that_fails_replaces_our_pdf_and_no_other(audit):
    check(audit, "--output", "pdf=ours.pdf")
    Path("other.pdf").write_bytes(b"%PDF-1.7\nsomebody else's\n%%EOF\n")
    other = Path("other.pdf").read_bytes()
    Path("cut.xml").write_text("no export")
    result = audit(
        "check", "-r", "na", "-s", "cut.xml", "-o", "pdf=ours.pdf", "-o", "pdf=other.pdf"
    )
    assert result.status == 2
    assert "Nothingwasevaluated" in text_of(Path("ours.pdf").read_bytes())
    assert Path("other.pdf").read_bytes() == other
