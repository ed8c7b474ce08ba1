"""The page in a real browser: what it shows, what it does, and what it never does."""

from __future__ import annotations

import io
import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright
from pypdf import PdfReader

from tests.conftest import ROOT, connector, export
from tests.report.browser import executable, opened
from tests.report.hostile import NAMES, snapshot
from tests.signoff.answers import ALL, answers

DRIFTED = ROOT / "examples/drifted.xml"
POLICY = """
schema: audit-policy/1
name: contoso
version: "1"
extends: mimecast
exemptions:
  - {connector: Partner, reason: Contract until spring, owner: a@contoso.com, approved_by: ciso@contoso.com, starts: 2026-01-01, expires: 2027-03-31}
  - {connector: Gone, reason: Was once, owner: b@contoso.com, approved_by: ciso@contoso.com, expires: 2026-06-30}
"""
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        # A container has no user namespaces, so the browser's own sandbox cannot be had.
        browser = playwright.chromium.launch(
            executable_path=executable(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def page_of(audit, tmp_path):
    """Write the page of an audit; gives its path and the JSON report of the same."""

    def make(source, *options):
        path = tmp_path / "report.html"
        result = audit(
            *("check", "-r", "na", "-s", source, "--as-of", "2026-11-23", "-f", "json"),
            *("-o", f"html={path}", *options),
        )
        return path, json.loads(result.out)

    return make


@pytest.fixture
def drifted(page_of, tmp_path):
    policy = tmp_path / "contoso.yaml"
    policy.write_text(POLICY, "utf-8")
    return page_of(DRIFTED, "--policy", str(policy))


def shown(page):
    return page.locator(".finding:visible").count()


def test_everything_is_on_the_page(browser, drifted):
    path, report = drifted
    with opened(browser, path) as page:
        for details in page.locator("details").all():
            details.evaluate("one => { one.open = true; }")
        text = page.inner_text("body")
        for finding in report["findings"]:
            assert finding["control"] in text
            assert finding["message"] in text
            if finding["remediation"]:
                assert finding["remediation"]["command"] in text
        for note in report["notes"]:
            assert note in text
        assert report["policy"]["sha256"] in text
        assert report["snapshot"]["sha256"] in text
        assert page.title() == "Drift: Contoso"
        assert page.locator("h1").inner_text() == "Contoso"
        assert page.locator("svg").count() == 2


def test_what_differs_is_marked_inside_the_value(browser, drifted):
    with opened(browser, drifted[0]) as page:
        hosts = page.locator("article", has_text="SmartHosts").first
        assert hosts.locator("mark").all_inner_texts() == [
            "us-smtp-outbound-2.mimecast.com",
            "eu-smtp-outbound-1.mimecast.com",
        ]


FILTERS = [
    ("status", "input[value=pass]", lambda f: f["status"] != "pass"),
    ("severity", "input[value=critical]", lambda f: f["severity"] != "critical"),
]


@pytest.mark.parametrize(("name", "box", "stays"), FILTERS, ids=[name for name, *_ in FILTERS])
def test_unchecking_a_box_hides_its_findings(browser, drifted, name, box, stays):
    path, report = drifted
    with opened(browser, path) as page:
        assert shown(page) == len(report["findings"])
        page.uncheck(box)
        expected = sum(map(stays, report["findings"]))
        assert shown(page) == expected
        assert page.inner_text("#shown").startswith(f"{expected} of ")
        page.click("text=Show all")
        assert shown(page) == len(report["findings"])


def test_findings_are_found_by_connector_and_by_text(browser, drifted):
    path, report = drifted
    with opened(browser, path) as page:
        page.select_option("select", label="Partner")
        assert shown(page) == sum(f["connector"] == "Partner" for f in report["findings"]) > 0
        page.select_option("select", label="All")
        page.fill("input[type=search]", "SMARTHOSTS missing")
        assert shown(page) == 1
        page.fill("input[type=search]", "no such words")
        assert shown(page) == 0
        assert page.locator("#none").is_visible()


@pytest.mark.parametrize("has_clipboard", [True, False])
def test_a_command_is_copied_whole(browser, drifted, has_clipboard):
    path, report = drifted
    command = next(f["remediation"]["command"] for f in report["findings"] if f["remediation"])
    with opened(browser, path) as page:
        if has_clipboard:
            page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        else:
            page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
        button = page.locator(".copy").first
        button.click()
        page.wait_for_function("document.querySelector('.copy').textContent === 'Copied'")
        page.focus("input[type=search]")
        page.keyboard.press("Control+V")
        assert page.input_value("input[type=search]") == command


def test_the_keyboard_is_enough(browser, drifted):
    with opened(browser, drifted[0]) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        assert page.locator(".skip").is_visible()
        page.keyboard.press("Enter")
        assert page.evaluate("location.hash") == "#findings"
        before = shown(page)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.name") == "status"
        page.keyboard.press("Space")
        assert shown(page) < before
        page.focus("summary >> nth=0")
        page.keyboard.press("Enter")
        assert page.locator("details").first.evaluate("one => one.open")
        focusable = page.locator("a, button, input, select, summary, [tabindex]")
        assert all(one.evaluate("e => e.tabIndex >= 0") for one in focusable.all())


def test_paper_holds_all_findings_and_no_filters(browser, drifted):
    path, report = drifted
    with opened(browser, path) as page:
        printed = PdfReader(io.BytesIO(page.pdf()))
        text = "".join(sheet.extract_text() for sheet in printed.pages)
        flat = re.sub(r"\s", "", text)
        for finding in report["findings"]:
            assert re.sub(r"\s", "", finding["message"]) in flat
        assert "findingsshown" not in flat
        page.emulate_media(media="print")
        assert not page.locator("#filters").is_visible()
        assert not page.locator(".copy").first.is_visible()


def test_without_scripting_nothing_is_missing_but_the_filters(browser, drifted):
    path, report = drifted
    with opened(browser, path, java_script_enabled=False) as page:
        assert page.locator(".finding").count() == len(report["findings"])
        assert not page.locator("#filters").is_visible()
        assert not page.locator(".copy").first.is_visible()
        assert not page.locator("#none").is_visible()


VIEWS = [(400, "light"), (400, "dark"), (1280, "light"), (1280, "dark"), (2560, "light")]


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_the_page_is_accessible_and_fits_its_window(browser, drifted, width, scheme):
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    with opened(browser, drifted[0], **options) as page:
        found = Axe().run(page, options=WCAG)
        assert [v["id"] for v in found.response["violations"]] == [], found.generate_report()
        assert len(found.response["passes"]) > 15
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_hostile_names_are_text_and_nothing_else(browser, page_of, tmp_path):
    source = tmp_path / "hostile.json"
    source.write_bytes(snapshot(NAMES))
    path, report = page_of(source)
    with opened(browser, path) as page:
        assert page.locator("script").count() == 1
        assert page.locator("img, iframe, object, embed, form:not(#filters), base").count() == 0
        # What is named in a link of ours, and nothing from outside.
        assert all(a.get_attribute("href").startswith("#") for a in page.locator("a").all())
        assert page.locator(".finding").count() == len(report["findings"])
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280
        text = page.inner_text("body")
        assert "<script>alert(1)</script>" in text
        assert not re.search(
            "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", text
        )


def test_a_page_of_another_origin_cannot_run_in_it(browser, drifted):
    """Even where something got in, the page's own policy stops it."""
    path = drifted[0]
    text = path.read_text("utf-8")
    path.write_text(
        text.replace("<main>", "<main><script>alert(1)</script><b onclick='alert(1)'>x</b>"),
        "utf-8",
    )
    context = browser.new_context()
    page, dialogs, said = context.new_page(), [], []
    page.on("dialog", lambda dialog: (dialogs.append(dialog), dialog.dismiss()))
    page.on("console", lambda message: said.append(message.text))
    page.goto(path.as_uri())
    page.click("main > b")
    context.close()
    assert dialogs == []
    assert any("Content Security Policy" in text for text in said)


def test_a_thousand_findings_are_two_megabytes_at_most(page_of, tmp_path):
    source = tmp_path / "many.json"
    source.write_bytes(snapshot([f"Outbound connector {number}" for number in range(500)]))
    path, report = page_of(source)
    assert len(report["findings"]) >= 1000
    assert path.stat().st_size <= 2_000_000


def test_the_same_audit_gives_the_same_bytes(page_of):
    first = page_of(DRIFTED)[0].read_bytes()
    assert page_of(DRIFTED)[0].read_bytes() == first


def test_a_sign_off_shows_what_it_comes_to_and_who_says_what(audit, browser, tmp_path):
    said = {**ALL, "journaling": "not-confirmed"}
    (tmp_path / "answers.yaml").write_text(answers(said, remark="Ελένη & Söhne"), "utf-8")
    words = ("-s", ROOT / "examples/compliant.xml", "--attestations", "answers.yaml")
    assert audit("signoff", "-r", "na", *words, "--bundle", "b").status == 1
    report = json.loads((tmp_path / "b/report.json").read_text("utf-8"))
    with opened(browser, tmp_path / "b/report.html") as page:
        text = page.inner_text("body")
        assert "Go-live: not ready" in text
        assert all(reason in text for reason in report["go_live_reasons"])
        rows = page.locator("#checklist tbody tr")
        assert rows.count() == 18
        assert "Anna Admin, Engineer, 2026-11-20: Ελένη & Söhne" in rows.first.inner_text()
        assert rows.last.locator(".badge").inner_text() == "not confirmed"
        assert Axe().run(page, options=WCAG).response["violations"] == []


def test_a_failed_run_replaces_the_page_and_says_why(audit, browser, page_of, tmp_path):
    path, _ = page_of(DRIFTED)
    (tmp_path / "empty.xml").write_bytes(b"")
    result = audit("check", "-r", "na", "-s", tmp_path / "empty.xml", "-o", f"html={path}")
    assert result.status == 3
    with opened(browser, path) as page:
        assert page.title() == "Nothing was evaluated"
        assert "empty.xml" in page.inner_text("main")
        found = Axe().run(page, options=WCAG)
        assert found.response["violations"] == []


MARKS = [
    ("mail.contoso.com", "mail.contoso.org", ["com"], ["org"]),
    ("mail.contoso.com", "relay.fabrikam.net", ["mail.contoso.com"], ["relay.fabrikam.net"]),
    ("mail.contoso.com", None, [], ["(not set)"]),
]


@pytest.mark.parametrize(("wanted", "found", "missing", "extra"), MARKS)
def test_of_texts_that_are_nearly_alike_only_the_difference_is_marked(
    browser, page_of, tmp_path, wanted, found, missing, extra
):
    (tmp_path / "own.yaml").write_text(
        'schema: audit-policy/1\nname: own\nversion: "1"\nextends: mimecast\n'
        f"connector: {{properties: {{Fqdn: {wanted}}}}}\n"
    )
    source = tmp_path / "connectors.json"
    source.write_bytes(export(connector(Fqdn=found)))
    path, _ = page_of(source, "--policy", str(tmp_path / "own.yaml"))
    with opened(browser, path) as page:
        card = page.locator("article", has_text="Fqdn").first.locator(".compared > div")
        assert card.first.locator("mark").all_inner_texts() == missing
        assert card.last.locator("mark").all_inner_texts() == extra
