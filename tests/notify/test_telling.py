"""Messages that arrive: by mail and by web, whatever the other side does."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from auditor.errors import UnreachableError
from auditor.model import AdminChange, Drift, KeptFinding
from auditor.notify import Occasion, Route
from auditor.notify.ping import ping
from auditor.notify.run import tell
from auditor.report import render
from tests.conftest import ROOT, connector, export
from tests.history.audits import audit_of
from tests.history.nights import clock, night
from tests.notify.servers import mailbox, receiver

__all__ = ["clock", "mailbox", "night", "receiver"]

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
SINCE = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
EVIL = "x\r\nBcc: all@evil.example\r\n\r\n<script>alert(1)</script> @everyone [a](http://evil.example) \u202etxt {{x}} Büro"
HOSTILE = KeptFinding("f", "Port", "", "fail", "high", EVIL, None, f"Port of '{EVIL}' is 587.")
WHO = AdminChange(SINCE, "CONTOSO\\anna", "Set-SendConnector", "Outbound", (("Port", "587"),), True)


def occasion(finding=HOSTILE, key="Contoso"):
    drift = Drift(run=1, since=SINCE, new=(finding, finding._replace(fingerprint="g")), who=(WHO,))
    return Occasion(key, NOW, audit=replace(audit_of(connector(Port=587)), drift=drift))


def told(url, *, what=None, attach=(), seconds=10.0, name="team"):
    pauses: list[float] = []
    one = what or occasion()
    done = tell(
        [Route(name, url, attach=attach)],
        one,
        lambda form: render(form, one.audit),
        pauses.append,
        seconds,
    )
    return done, pauses


def test_a_mail_begins_with_what_is_new_and_has_the_report(mailbox):
    url = f"mailto://127.0.0.1:{mailbox.port}?from=audit@contoso.com&to=team@contoso.com"
    one = occasion()
    ((delivery,), _) = told(url, what=one, attach=("html",))
    assert delivery.ok, delivery.why
    (mail,) = mailbox.mails
    assert mail["Subject"] == "Contoso: 2 new since 22 November"
    assert "team@contoso.com" in mail["To"]
    assert "audit@contoso.com" in mail["From"]
    html = mail.get_body(("html",)).get_content()
    text = mail.get_body(("plain",)).get_content()
    assert text.strip().startswith("2 new since 22 November")
    assert html.index("2 new since 22 November") < html.index("Port")
    for body in (html, text):
        assert "CONTOSO\\anna" in body
        assert "Set-SendConnector" in body
    (part,) = mail.iter_attachments()
    assert part.get_filename() == "Contoso-2026-11-23.html"
    assert part.get_content_type() == "text/html"
    assert part.get_payload(decode=True) == render("html", one.audit)


def test_no_name_adds_a_header_or_runs_in_a_mail(mailbox):
    url = f"mailto://127.0.0.1:{mailbox.port}?from=audit@contoso.com&to=team@contoso.com"
    one = HOSTILE._replace(status="fail")
    fixed = Occasion(
        EVIL,
        NOW,
        audit=replace(audit_of(connector()), drift=Drift(run=1, since=SINCE, fixed=(one,))),
    )
    assert told(url, what=fixed)[0][0].ok
    (mail,) = mailbox.mails
    assert mail["Bcc"] is None
    assert "\n" not in mail["Subject"]
    assert "\u202e" not in mail["Subject"]
    html = mail.get_body(("html",)).get_content()
    assert "<script>" not in html
    assert "\u202e" not in html
    assert "B\xfcro" in html


def test_a_web_hook_gets_text(receiver):
    ((delivery,), pauses) = told(f"json://{receiver.address}/hook")
    assert (delivery.ok, delivery.tries, pauses) == (True, 1, [])
    ((path, body),) = receiver.heard
    said = json.loads(body)
    assert path == "/hook"
    assert said["title"] == "Contoso: 2 new since 22 November"
    assert said["message"].startswith("2 new since 22 November")
    assert "@everyone" not in said["message"]


def test_a_chat_that_reads_markdown_is_not_led_astray(receiver):
    ((delivery,), _) = told(f"mmost://{receiver.address}/3ccdd113474722377935511fc85d3dd4")
    assert delivery.ok, delivery.why
    text = json.loads(receiver.heard[0][1])["text"]
    assert "2 new since 22 November" in text
    # Code calls nobody, and holds no link.
    plain = re.sub(r"`[^`]*`", "", text)
    assert "@everyone" not in plain
    assert "](http" not in plain


TROUBLE = {
    "it fails, then works": ([500, 200], True, 2, ""),
    "it always fails": ([500] * 3, False, 3, "500"),
    "it is busy, then works": ([429, 429, 200], True, 3, ""),
    "it is busy": ([429] * 3, False, 3, "429"),
    "it closes": (["close"] * 3, False, 3, "closed the connection"),
}  # fmt: skip


@pytest.mark.parametrize(("replies", "ok", "tries", "why"), TROUBLE.values(), ids=TROUBLE)
def test_what_fails_is_tried_again_and_said(receiver, replies, ok, tries, why, capsys):
    receiver.replies.extend(replies)
    ((delivery,), pauses) = told(f"json://{receiver.address}/9f3aB77c01d2e4secret")
    assert (delivery.ok, delivery.tries) == (ok, tries), delivery.why
    assert len(receiver.heard) == tries
    assert pauses == sorted(pauses)
    assert len(pauses) == tries - 1
    assert all(pause >= 15 for pause in pauses) == (429 in replies)
    assert why in delivery.why
    assert "9f3aB77c01d2e4secret" not in delivery.why + "".join(capsys.readouterr())


def test_a_server_that_hangs_is_given_up(receiver):
    receiver.replies.extend(["hang"] * 3)
    begun = time.monotonic()
    ((delivery,), _) = told(f"json://{receiver.address}/", seconds=0.5)
    assert time.monotonic() - begun < 5
    assert (delivery.ok, delivery.tries) == (False, 3)
    assert "0.5 seconds" in delivery.why or "in time" in delivery.why


def test_a_mail_server_that_refuses_is_said(mailbox):
    mailbox.refusal = "554 no"
    ((delivery,), _) = told(
        f"mailto://127.0.0.1:{mailbox.port}?from=a@contoso.com&to=b@contoso.com"
    )
    assert not delivery.ok
    assert delivery.why


@pytest.mark.parametrize(
    "url",
    ["nosuch://token-9f3aB77c", "json://", "token-9f3aB77c", "json://127.0.0.1:1/token-9f3aB77c"],
)
def test_an_address_of_no_use_is_said_without_it_and_keeps_nobody_from_the_others(receiver, url):
    routes = [Route("first", url), Route("second", f"json://{receiver.address}/")]
    first, second = tell(routes, occasion(), lambda _: b"", lambda _: None, 5.0)
    assert (first.ok, second.ok) == (False, True)
    assert first.why
    assert "9f3aB77c" not in first.why


def test_that_nothing_could_be_audited(receiver):
    down = Occasion(
        "Contoso",
        NOW,
        error=UnreachableError(f"no answer from {EVIL}"),
        undecided_before=2,
        last_evaluated=SINCE,
    )
    assert told(f"json://{receiver.address}/", what=down)[0][0].ok
    said = json.loads(receiver.heard[0][1])
    assert said["title"].startswith("Contoso: could not be audited for 3 runs")
    assert "2026-11-22 02:30:00 UTC" in said["message"]
    assert "\u202e" not in said["message"]


def test_nothing_is_written_where_the_user_lives(receiver, tmp_path):
    script = (
        "import sys; from tests.notify.test_telling import told\n"
        "print(told(sys.argv[1])[0][0].ok)\n"
    )
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", script, f"json://{receiver.address}/"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.stdout == "True\n", done.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_the_library_it_is_one_sentence(receiver):
    script = (
        "import sys\n"
        "class No:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name.split('.')[0] == 'apprise': raise ModuleNotFoundError(name=name)\n"
        "import importlib.util; real = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *a: None if name == 'apprise' else real(name, *a)\n"
        "sys.meta_path.insert(0, No())\n"
        "from tests.notify.test_telling import told\n"
        "print(told(sys.argv[1])[0][0].why)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, f"json://{receiver.address}/"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert "apprise, which is not installed" in done.stdout, done.stderr
    assert receiver.heard == []


PINGS = {
    "heard": ([200], True, 1, ""),
    "at the second try": ([500, 200], True, 2, ""),
    "never": ([500] * 3, False, 3, "500"),
    "no such check": ([404], False, 1, "404"),
    "elsewhere": ([302], False, 1, "redirects"),
    "not found": ([(200, "OK (not found)")], False, 1, "no check"),
    "closed": (["close"] * 3, False, 3, "closed"),
}  # fmt: skip


@pytest.mark.parametrize(("replies", "ok", "tries", "why"), PINGS.values(), ids=PINGS)
def test_a_ping(receiver, replies, ok, tries, why):
    receiver.replies.extend(replies)
    done = ping(f"http://{receiver.address}/hush-9f3aB77c", lambda _: None, 5.0)
    assert (done.ok, done.tries, len(receiver.heard)) == (ok, tries, tries)
    assert why in done.why
    assert "hush" not in done.why


def test_a_ping_knows_who_asks_from_its_address_only(receiver, tmp_path, monkeypatch):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password netrc\n", "utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    assert ping(f"http://{receiver.address}/", lambda _: None).ok
    assert ping(f"http://me:hush%21@{receiver.address}/", lambda _: None).ok
    expected = base64.b64encode(b"me:hush!").decode()
    assert receiver.authorised == [None, f"Basic {expected}"]


def test_a_ping_that_hangs_is_given_up(receiver):
    receiver.replies.extend(["hang"] * 3)
    assert not ping(f"http://{receiver.address}/", lambda _: None, 0.3).ok


CONFIG = """\
schema: audit-config/1
region: na
organization: Contoso
snapshot: export.json
history: h.sqlite
notifications:
  - {{name: hook, to: {{env: HOOK}}, severity: high, unaudited_runs: 2}}
  - {{name: broken, to: {{env: BROKEN}}}}
  - {{name: nowhere, to: {{env: NOT_SET}}}}
ping: {{env: BEAT}}
{more}
"""


@pytest.fixture
def scheduled(audit, clock, receiver, monkeypatch, tmp_path):
    """A scheduled audit on a day of November, of the connectors as they are then."""
    monkeypatch.setattr("auditor.cli.telling.time.sleep", lambda _: None)
    monkeypatch.setenv("HOOK", f"json://{receiver.address}/hook")
    monkeypatch.setenv("BROKEN", "json://127.0.0.1:1/token-9f3aB77c")
    monkeypatch.setenv("BEAT", f"http://{receiver.address}/beat")

    def run(day, *connectors, options=(), more=""):
        clock(datetime(2026, 11, day, 2, 30, tzinfo=UTC))
        (tmp_path / "audit.yaml").write_text(CONFIG.format(more=more), "utf-8")
        data = export(*connectors) if connectors else b"<Objs"
        (tmp_path / "export.json").write_bytes(data)
        receiver.heard.clear()
        result = audit("check", *options)
        hooks = [json.loads(body) for path, body in receiver.heard if path == "/hook"]
        return (
            result,
            [hook["title"] for hook in hooks],
            [path for path, _ in receiver.heard if path != "/hook"],
        )

    return run


def test_a_week_of_nights(scheduled):
    good, port = connector(), connector(Port=587)
    result, titles, beats = scheduled(16, good)
    assert (result.status, titles, beats) == (0, [], ["/beat/start", "/beat"])
    result, titles, beats = scheduled(17, port)
    assert (result.status, titles, beats) == (
        1,
        ["Contoso: 1 new since 16 November"],
        ["/beat/start", "/beat"],
    )
    assert "WARNING: broken was not told: " in result.err
    assert "NOT_SET" in result.err
    assert "9f3aB77c" not in result.err
    result, titles, _ = scheduled(18, port)
    assert (result.status, titles) == (1, [])
    assert scheduled(18, good, options=("--as-of", "2026-12-24"))[1] == []
    result, titles, beats = scheduled(19)
    assert (result.status in {2, 3}, titles, beats) == (True, [], ["/beat/start", "/beat/fail"])
    _, titles, _ = scheduled(20)
    assert [title.partition(":")[0:2] for title in titles] == [("Contoso", ":")]
    assert "could not be audited for 2 runs" in titles[0]
    result, titles, _ = scheduled(21, good)
    assert result.status == 0
    (title,) = titles
    assert title.startswith("Contoso: audited again after 2 runs")
    assert "Port" in title


def test_severity_and_always(scheduled):
    more = ""
    scheduled(16, connector())
    low = connector(Port=587, IsScopedConnector=False)
    assert scheduled(17, low, more=more)[1] == ["Contoso: 1 new since 16 November"]


def test_where_nothing_is_kept_the_switch_hears_of_failure(scheduled, tmp_path):
    (tmp_path / "h.sqlite").write_text("no history at all, but a text\n" * 99, "utf-8")
    result, _, beats = scheduled(16, connector())
    assert (result.status, beats) == (2, ["/beat/start", "/beat/fail"])
