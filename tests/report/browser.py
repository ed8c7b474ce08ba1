"""A real browser for the tests of pages: whatever it complains of, or asks the network for, fails."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def executable() -> str:
    """The browser of the system."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    assert found is not None, "there is no Chromium: install Debian's package chromium"
    return found


@dataclass
class Seen:
    """What happened on a page besides being shown."""

    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)


@contextmanager
def opened(browser: Browser, path: Path, **options: Any) -> Iterator[Page]:
    """A page from a file; at the end nothing but the file was asked for, and nobody complained."""
    context = browser.new_context(**options)
    page, seen = context.new_page(), Seen()
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("console", lambda message: seen.complaints.append(message.text))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("dialog", lambda dialog: (seen.dialogs.append(dialog.message), dialog.dismiss()))
    try:
        page.goto(path.as_uri())
        yield page
        outside = [url for url in seen.requests if not url.startswith("data:")]
        assert {url.partition("#")[0] for url in outside} == {path.as_uri()}
        assert seen.complaints == []
        assert seen.dialogs == []
    finally:
        context.close()
