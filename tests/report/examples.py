"""The example reports. ``python -m tests.report.examples`` writes them anew, with their pictures."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

from auditor.cli import main
from auditor.report import FORMATS
from tests.conftest import ROOT
from tests.report.browser import executable

FOLDER: Final = ROOT / "reports" / "examples"
PICTURES: Final = ("drifted.html.png", "signoff.pdf.png")
ENDINGS: Final = {
    "table": "txt",
    "json": "json",
    "markdown": "md",
    "html": "html",
    "csv": "csv",
    "junit": "junit.xml",
    "sarif": "sarif",
    "ocsf": "ocsf.json",
    "oscal": "oscal.json",
    "prometheus": "prom",
    "pdf": "pdf",
}


def write(folder: Path) -> None:
    """One report of each format, and the document of a sign-off, into a folder."""
    os.chdir(ROOT)
    when = ("--as-of", "2026-11-23")
    drifted = ("check", "--policy", "examples/contoso.yaml", "-s", "examples/drifted.xml", *when)
    outputs = [f"--output={name}={folder / f'drifted.{ENDINGS[name]}'}" for name in FORMATS]
    with tempfile.TemporaryDirectory() as name:
        bundle = Path(name) / "bundle"
        compliant = ("signoff", "-r", "na", "-s", "examples/compliant.xml", *when)
        said = ("--attestations", "examples/attestations.yaml", "--bundle", str(bundle))
        statuses = main([*drifted, *outputs]), main([*compliant, *said])
        if statuses != (1, 0):
            sys.exit(f"the examples end with {statuses}")
        (folder / "signoff.pdf").write_bytes((bundle / "report.pdf").read_bytes())


def draw(folder: Path) -> None:
    """Pictures of the page and of the document's first pages, for the README."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 1400})
        page.goto((folder / "drifted.html").as_uri())
        page.screenshot(path=folder / PICTURES[0])
        browser.close()
    target = folder / PICTURES[1].removesuffix(".png")
    command = ("pdftoppm", "-png", "-r", "60", "-f", "1", "-l", "1", "-singlefile")
    subprocess.run([*command, folder / "signoff.pdf", target], check=True)


if __name__ == "__main__":
    write(FOLDER)
    draw(FOLDER)
