"""Lines on standard error: as people read them, and as JSON whatever happens."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from auditor.cli.log import Log
from auditor.errors import InputError, Place
from tests.conftest import ROOT, connector, export

GOOD, BAD = export(connector()), export(connector(Port=587))
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
BROKEN_POLICY = 'schema: audit-policy/1\nname: x\nversion: "1"\nextends: mimecats\n'


def lines(err: str) -> list[dict[str, object]]:
    """Every line, which must be an object of the documented kind."""
    found = [json.loads(line) for line in err.splitlines()]
    for line in found:
        assert TIME.fullmatch(line["time"])
        assert line["level"] in {"info", "warning", "error"}
        assert isinstance(line["message"], str)
        assert not line["message"].startswith(("audit:", "WARNING"))
        error = {"code", "file", "line", "column", "hint"}
        known = {"time", "level", "message", "audit", *error}
        assert set(line) <= known
        assert line["level"] != "error" or "code" not in line or set(line) >= error
    return found


def test_every_line_of_a_verbose_run_is_an_object(audit, tmp_path):
    (tmp_path / "x.json").write_bytes(BAD)
    words = ("check", "-r", "na", "-s", "x.json", "-v", "--exit-zero", "--log-format", "json")
    found = lines(audit(*words).err)
    assert [line["level"] for line in found] == ["info"] * 4
    assert found[1]["message"] == "read x.json as json"
    assert found[0]["message"] == "--exit-zero leaves out of the exit status: Port"


def test_as_text_the_same_lines_are_as_they_were(audit, tmp_path):
    (tmp_path / "x.json").write_bytes(BAD)
    words = ("check", "-r", "na", "-s", "x.json", "-v", "--exit-zero")
    said = audit(*words).err.splitlines()
    assert said[0] == "audit: --exit-zero leaves out of the exit status: Port"
    assert said[1] == "audit: read x.json as json"
    assert audit(*words, "--log-format", "text").err.splitlines() == said


FAILING = {
    "no file": (("check", "-s", "none.json", "-r", "na"), "input", 2),
    "no region": (("check", "-s", "x.json", "-r", "nowhere"), "usage", 2),
    "no option": (("check", "-s", "x.json", "-r", "na", "--nope"), "usage", 2),
    "no choice": (("check", "-s", "x.json", "-r", "na", "--fail-on", "x"), "usage", 2),
    "policy": (("check", "-s", "x.json", "-r", "na", "-p", "broken.yaml"), "policy", 2),
    "report": (("check", "-s", "x.json", "-r", "na", "-o", "json=x.json/x"), "usage", 2),
    "as JSON": (("check", "-s", "none.json", "-r", "na", "-f", "json"), "input", 2),
    "bundle": (("verify",), "usage", 2),
    "cut off": (("check", "-s", "cut.json", "-r", "na"), "cut-off", 3),
}
NO_CONFIGURATION = {
    "no configuration": (("check", "-r", "na", "--config", "none.yaml"), "usage", 2),
    "no command": (("nope",), "usage", 2),
    "no such policy": (("policy", "show", "nope"), "usage", 2),
}
LAYERED = [
    *((layer, name) for layer in ("option", "environment", "configuration") for name in FAILING),
    *(("environment", name) for name in NO_CONFIGURATION),
    ("option", "no configuration"),
    ("option", "no command"),
]


@pytest.mark.parametrize(("layer", "name"), LAYERED)
def test_every_line_of_a_failing_run_is_an_object(audit, tmp_path, monkeypatch, layer, name):
    (tmp_path / "x.json").write_bytes(GOOD)
    (tmp_path / "cut.json").write_bytes(GOOD[:-9])
    (tmp_path / "broken.yaml").write_text(BROKEN_POLICY, "utf-8")
    words, code, status = {**FAILING, **NO_CONFIGURATION}[name]
    if layer == "configuration":
        (tmp_path / "audit.yaml").write_text("log-format: json\n", "utf-8")
    elif layer == "environment":
        monkeypatch.setenv("AUDIT_LOG_FORMAT", "json")
    else:
        words = (*words, "--log-format=json")
    result = audit(*words)
    (line,) = lines(result.err)
    assert (line["level"], line["code"], result.status) == ("error", code, status)


def test_an_error_has_its_place_and_what_to_do(audit, tmp_path):
    (tmp_path / "x.json").write_bytes(GOOD)
    (tmp_path / "broken.yaml").write_text(BROKEN_POLICY, "utf-8")
    words = ("check", "-s", "x.json", "-r", "na", "-p", "broken.yaml", "--log-format", "json")
    (line,) = lines(audit(*words).err)
    assert (line["file"], line["line"], line["column"]) == ("broken.yaml", 4, 10)
    assert "mimecast" in str(line["hint"])


@pytest.mark.parametrize(
    "text", ["log-format: json\nreg on: na\n", "log-format: json\n- a\n", "log-format: 'json'\n\t"]
)
def test_a_broken_configuration_that_asks_for_json_is_told_so(audit, tmp_path, text):
    (tmp_path / "audit.yaml").write_text(text, "utf-8")
    (line,) = lines(audit("check").err)
    assert line["file"] == "audit.yaml"


def test_the_form_itself_can_be_wrong(audit):
    assert "audit: --log-format cannot be 'xml'" in audit("check", "--log-format", "xml").err


def test_a_wider_layer_does_not_overrule_the_command_line(audit, monkeypatch):
    monkeypatch.setenv("AUDIT_LOG_FORMAT", "json")
    assert audit("check", "--log-format", "text").err.startswith("audit: which region")


STRAY = """
import logging, sys, threading, warnings
import auditor.cli.check as check
from auditor.cli import main
real = check.run
def run(settings, session):
    warnings.warn("old\\nways", DeprecationWarning)
    logging.getLogger("lib").warning("retry %s of %s", 1)
    try:
        1 / 0
    except ZeroDivisionError:
        logging.getLogger("lib").exception("it failed")
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    class Late:
        def __del__(self):
            raise ValueError("late")
    Late()
    if "boom" in sys.argv:
        raise KeyError("\\udc80 \\u202e")
    return real(settings, session)
check.run = run
sys.exit(main([word for word in sys.argv[1:] if word != "boom"]))
"""


@pytest.mark.parametrize("boom", [False, True])
def test_neither_python_nor_a_library_breaks_a_line(tmp_path, boom):
    (tmp_path / "x.json").write_bytes(GOOD)
    (tmp_path / "audit.yaml").write_text("log-format: json\n", "utf-8")
    words = ["check", "-r", "na", "-s", "x.json", "-v", *(["boom"] if boom else [])]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AUDIT_")}
    environment["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(
        [sys.executable, "-W", "always::DeprecationWarning:__main__", "-c", STRAY, *words],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == (4 if boom else 0)
    found = [line["message"] for line in lines(done.stderr)]
    assert found[:5] == [
        "DeprecationWarning: old\\x0aways",
        "lib: retry %s of %s",
        "lib: it failed: ZeroDivisionError: division by zero",
        "ignored: ZeroDivisionError: division by zero",
        "ignored: ValueError: late",
    ]
    assert found[5].startswith("a fault in this program: KeyError" if boom else "read x.json")


def at(moment: datetime) -> tuple[Log, list[str]]:
    """A log at a moment, and what it writes."""
    said: list[str] = []
    return Log(said.append, lambda: moment, as_json=True), said


def test_a_line_names_the_audit_that_it_is_about():
    log, said = at(datetime(2026, 11, 23, 8, tzinfo=UTC))
    with log.about("emea"):
        log.report(InputError("no", Place("a.xml", 2), "Look."))
    log.tell("done", "warning")
    assert [json.loads(line) for line in said] == [
        {
            "time": "2026-11-23T08:00:00.000Z",
            "level": "error",
            "message": "no",
            "code": "input",
            "file": "a.xml",
            "line": 2,
            "column": None,
            "hint": "Look.",
            "audit": "emea",
        },
        {"time": "2026-11-23T08:00:00.000Z", "level": "warning", "message": "done"},
    ]


@pytest.mark.parametrize(
    "text", ["a\nb", "a\r\nb", "a\u2028b", "a\udc80b", "a\x1b[31mb", "a\u202eb"]
)
def test_whatever_a_message_holds_it_is_one_line_of_ascii(text):
    log, said = at(datetime(2026, 11, 23, tzinfo=UTC) + timedelta(microseconds=1))
    log.tell(text)
    (line,) = said
    assert line.isascii()
    assert line.count("\n") == 1
    assert json.loads(line)["message"].isprintable()


def test_no_caller_says_whose_line_it_is():
    """``tell`` says that for people; a program has no need of it."""
    for path in (ROOT / "auditor/cli").rglob("*.py"):
        assert not re.search(r'\.tell\(\s*f?"audit: ', path.read_text("utf-8")), path
