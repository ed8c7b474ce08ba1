"""The command line: layers of settings, files, exit statuses, errors for people."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

import pytest

from auditor.cli import auditing
from tests.conftest import REMOVED, ROOT, connector, export

GOOD = export(connector())
DRIFT = export(connector(Port=587))
OWN_POLICY = "schema: audit-policy/1\nname: own\nversion: '1'\nextends: mimecast\n"
UNDECIDED = export(connector(Port=REMOVED))


@pytest.fixture
def files(tmp_path):
    """good.json, drift.json and undecided.json in the working folder."""
    for name, data in {"good": GOOD, "drift": DRIFT, "undecided": UNDECIDED}.items():
        (tmp_path / f"{name}.json").write_bytes(data)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "arguments", "status"),
    [
        ("good", [], 0),
        ("drift", [], 1),
        ("undecided", [], 3),
        ("drift", ["--exit-zero"], 0),
        ("undecided", ["--exit-zero"], 3),
        ("drift", ["--fail-on", "critical"], 0),
        ("drift", ["--fail-on", "high"], 1),
        ("drift", ["--fail-on", "low"], 1),
        ("undecided", ["--fail-on", "critical"], 3),
        ("good", ["--exit-style", "nagios"], 0),
        ("drift", ["--exit-style", "nagios"], 2),
        ("drift", ["--exit-style", "nagios", "--fail-on", "critical"], 0),
        ("drift", ["--exit-style", "nagios", "--exit-zero"], 0),
        ("undecided", ["--exit-style", "nagios"], 3),
    ],
)
def test_exit_status(audit, files, name, arguments, status):
    assert audit("check", "-r", "na", "-s", f"{name}.json", *arguments).status == status


def test_a_warning_for_a_monitor(audit, files):
    policy = "schema: audit-policy/1\nname: x\nversion: '1'\nextends: mimecast\n"
    policy += "connector:\n  properties:\n    Port: {severity: low}\n"
    (files / "p.yaml").write_text(policy, "utf-8")
    result = audit("check", "-r", "na", "-p", "p.yaml", "-s", "drift.json", "--exit-style=nagios")
    assert result.status == 1
    assert result.out.startswith("CONNECTORS WARNING - drift.json: Port | pass=10 fail=1 ")


@pytest.mark.parametrize("arguments", [["-r", "mars"], ["--nope"], ["-r", "na", "-s", "gone.json"]])
def test_a_monitor_gets_unknown_for_every_error(audit, files, arguments):
    result = audit("check", "--exit-style", "nagios", *arguments)
    assert result.status == 3
    assert result.out.startswith("CONNECTORS UNKNOWN - ")


def test_two_files_of_the_same_name_are_two(audit, files):
    (files / "sub").mkdir()
    (files / "sub/good.json").write_bytes(DRIFT)
    result = audit("check", "-r", "na", "-s", "sub/good.json", "-s", "good.json")
    assert result.status == 2
    assert "both hold Get-SendConnector" in result.err


def test_standard_input(audit):
    result = audit("check", "-r", "na", "-s", "-", "-f", "json", stdin=GOOD)
    assert result.status == 0
    assert result.report["snapshot"]["source"] == "stdin"


USAGE_ERRORS = [
    ([], "which region of the gateway?"),
    (["-r", "na"], "nothing to read"),
    (["-r", "na", "-s", "gone.json"], "cannot be read"),
    (["-r", "na", "-s", "."], "cannot be read"),
    (["-r", "na", "-s", "-", "-s", "-"], "only once"),
    (["-r", "na", "-s", "good.json", "-f", "xml"], "--format cannot be 'xml'"),
    (["-r", "na", "-s", "good.json", "-f", "pdf"], "--format cannot be 'pdf'"),
    (["-r", "na", "-s", "good.json", "-o", "json"], "FORMAT=PATH"),
    (["-r", "na", "-s", "good.json", "-o", "xml=a"], "no format 'xml'"),
    (["-r", "na", "-s", "good.json", "-o", "table=-"], "writes files"),
    (["-r", "na", "-s", "good.json", "--as-of", "tomorrow"], "neither a date nor a time"),
    (["-r", "na", "-s", "good.json", "--as-of", "2026-02-30"], "neither a date nor a time"),
    (["-r", "na", "-s", "good.json", "--fail-on", "hgih"], "Did you mean 'high'?"),
    (["-r", "na", "-s", "good.json", "-p", "mimcast"], "Did you mean 'mimecast'?"),
    (["-r", "na", "-s", "good.json", "-p", "gone.yaml"], "there is no file"),
    (["-r", "", "-s", "good.json"], "without a value"),
    (["-r", "na", "-s", "good.json", "--exit-style", "nagios", "-f", "json"], "cannot be json"),
    (["-r", "na", "-s", "good.json", "--config", "gone.yaml"], "configuration file cannot"),
    (["--nope"], "No such option: --nope"),
    (["-r"], "requires an argument"),
]


@pytest.mark.parametrize(("arguments", "words"), USAGE_ERRORS)
def test_usage_errors_in_words(audit, files, arguments, words):
    result = audit("check", *arguments)
    assert result.status == 2
    assert words in result.err


@pytest.mark.parametrize(("arguments", "words"), USAGE_ERRORS)
def test_usage_errors_in_json(audit, files, monkeypatch, arguments, words):
    if "-f" not in arguments:
        monkeypatch.setenv("AUDIT_FORMAT", "json")
    result = audit("check", *arguments)
    assert result.status == 2
    if arguments[-1:] not in (["xml"], ["pdf"]):  # then the format is not known to be JSON
        (error,) = result.report["errors"]
        assert words in f"{error['message']} {error['hint']}"


def test_no_arguments_show_the_help_and_are_no_success(audit):
    result = audit()
    assert result.status == 2
    assert "Usage: audit" in result.out


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["check", "--help"]])
def test_help_has_an_example(audit, arguments):
    result = audit(*arguments)
    assert result.status == 0
    assert "Example: audit check --region na --snapshot connectors.xml" in result.out
    assert max(map(len, result.out.splitlines())) <= 80
    assert result.out.isascii()


def test_version(audit):
    import auditor

    assert audit("--version").out == f"audit {auditor.__version__}\n"


# --- layers


def test_the_environment_alone_is_a_whole_audit(audit, files, monkeypatch):
    monkeypatch.setenv("AUDIT_REGION", "us")
    monkeypatch.setenv("AUDIT_SNAPSHOT", "good.json")
    monkeypatch.setenv("AUDIT_FORMAT", "json")
    assert audit("check").report["verdict"] == "compliant"


def test_option_over_environment_over_configuration(audit, files, monkeypatch):
    (files / "audit.yaml").write_text("region: de\nsnapshot: drift.json\nformat: json\n", "utf-8")
    assert audit("check").report["region"] == "de"
    monkeypatch.setenv("AUDIT_REGION", "eu")
    assert audit("check").report["region"] == "eu"
    assert audit("check", "-r", "na").report["region"] == "na"
    monkeypatch.setenv("AUDIT_SNAPSHOT", "undecided.json,missing.json")
    assert audit("check", "-r", "na", "-s", "good.json").report["verdict"] == "compliant"


def test_paths_in_a_configuration_are_relative_to_it(audit, files):
    folder = files / "etc"
    folder.mkdir()
    (folder / "audit.yaml").write_text(
        "snapshot: [../good.json]\nregion: na\npolicy: p.yaml\noutput: [json=out/r.json]\nquiet: true\n",
        "utf-8",
    )
    (folder / "p.yaml").write_text(
        "schema: audit-policy/1\nname: own\nversion: '1'\nextends: mimecast\n", "utf-8"
    )
    assert audit("check", "--config", "etc/audit.yaml").status == 0
    report = json.loads((folder / "out/r.json").read_text("utf-8"))
    assert report["policy"]["name"] == "own"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("regoin: na\n", "Did you mean 'region'?"),
        ("region: [na]\n", "must be text, not a list"),
        ("region: 5\n", "must be text, not the number 5"),
        ("quiet: perhaps\n", "must be true or false, not the text 'perhaps'"),
        ('output: ["json=a\\0b"]\n', "holds a NUL character"),
        ("- region\n", "must be keys and values"),
        ("region: na\nregion: eu\n", "already there in line 1"),
        ("region: 'na\n", "not YAML"),
        ("region:\tna\n\tx: 1\n", "not YAML"),
        ("fail-on: hi\n", "cannot be 'hi'"),
        ("region: \x01\n", "not YAML"),
    ],
)
def test_a_wrong_configuration(audit, files, text, words):
    (files / "audit.yaml").write_text(text, "utf-8")
    result = audit("check", "-s", "good.json")
    assert result.status == 2
    assert words in result.err
    assert "in audit.yaml" in result.err


@pytest.mark.parametrize(("value", "status"), [("true", 0), ("1", 0), ("no", 1), ("", 1), ("x", 2)])
def test_a_flag_in_the_environment(audit, files, monkeypatch, value, status):
    monkeypatch.setenv("AUDIT_EXIT_ZERO", value)
    assert audit("check", "-r", "na", "-s", "drift.json").status == status


def test_json_is_kept_where_the_environment_asks_for_it(audit, files, monkeypatch):
    monkeypatch.setenv("AUDIT_FORMAT", "json")
    assert audit("check", "--nope").report["errors"][0]["code"] == "usage"
    (files / "audit.yaml").write_text("nope: 1\n", "utf-8")
    assert audit("check").report["errors"][0]["line"] == 1


@pytest.mark.parametrize(
    "text",
    ["format: json\nnope: 1\n", "format: 'json'\nx: [\n", '"format": json\nregion: mars\n',
     "{format: json, region: mars}\n", "\ufeffformat: json\nnope: 1\n"],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_json_is_kept_where_a_wrong_configuration_asks_for_it(audit, files, text, encoding):
    (files / "other.yaml").write_text(
        text.removeprefix("\ufeff") if encoding == "utf-16" else text, encoding
    )
    assert audit("check", "--config", "other.yaml").report["errors"][0]["code"] == "usage"


def test_a_configuration_of_comments_says_nothing(audit, files):
    (files / "audit.yaml").write_text("# region: na\n", "utf-8")
    assert audit("check", "-r", "na", "-s", "good.json").status == 0


# --- the instant


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-12-01", "2026-12-01T00:00:00Z"),
        ("2026-12-01T08:00", "2026-12-01T08:00:00Z"),
        ("2026-12-01 08:00:01", "2026-12-01T08:00:01Z"),
        ("2026-12-01T08:00:00+02:00", "2026-12-01T06:00:00Z"),
        ("2026-12-01T08:00:00Z", "2026-12-01T08:00:00Z"),
    ],
)
def test_as_of(audit, files, text, instant):
    result = audit("check", "-r", "na", "-s", "good.json", "-f", "json", "--as-of", text)
    assert result.report["evaluated_at"] == instant


def test_the_same_input_and_instant_give_the_same_bytes(audit, files):
    command = ["check", "-r", "na", "-s", "drift.json", "-f", "json", "--as-of", "2026-12-01"]
    assert audit(*command).out == audit(*command).out


# --- files


def test_report_files(audit, files):
    result = audit(
        "check", "-r", "na", "-s", "drift.json", "-o", "json=out/a.json", "-o", "table=b.txt"
    )
    assert result.status == 1
    assert json.loads((files / "out/a.json").read_text("utf-8"))["verdict"] == "drift"
    assert (files / "b.txt").read_text("utf-8") == result.out


@pytest.mark.parametrize(
    ("name", "more", "status"),
    [
        ("good", [], 2),
        ("undecided", [], 2),
        ("drift", [], 1),
        ("drift", ["--exit-zero"], 2),
        ("good", ["--exit-style", "nagios"], 3),
        ("drift", ["--exit-style", "nagios"], 2),
    ],
)
def test_a_report_that_cannot_be_written(audit, files, name, more, status):
    result = audit("check", "-r", "na", "-s", f"{name}.json", "-o", "json=good.json/x", *more)
    assert result.status == status
    assert "could not be written" in result.err
    assert "Findings" in result.out  # nothing that was found is lost


def test_a_link_is_followed_and_stays(audit, files):
    try:
        (files / "link.json").symlink_to(files / "target.json")
    except OSError:  # Windows lets only developers make links
        return
    assert audit("check", "-r", "na", "-s", "good.json", "-o", "json=link.json").status == 0
    assert (files / "link.json").is_symlink()
    assert json.loads((files / "target.json").read_text("utf-8"))["verdict"] == "compliant"


def test_no_half_file_is_left_behind(audit, files, monkeypatch):
    from pathlib import Path

    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    before = sorted(files.iterdir())
    assert audit("check", "-r", "na", "-s", "good.json", "-o", "json=r.json").status == 2
    assert sorted(files.iterdir()) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["-o", "json=good.json"],
        ["--save-snapshot", "./good.json"],
        ["-o", "json=p.yaml"],
        ["-o", "json=parent.yaml"],
        ["-o", "json=audit.yaml"],
        ["-o", "json=a.txt", "-o", "table=a.txt"],
        ["-o", "json=a.txt", "--save-snapshot", "a.txt"],
    ],
)
def test_no_report_takes_the_place_of_what_it_is_made_of(audit, files, arguments):
    (files / "p.yaml").write_text(OWN_POLICY.replace("mimecast", "parent.yaml"), "utf-8")
    (files / "parent.yaml").write_text(OWN_POLICY, "utf-8")
    (files / "audit.yaml").write_text("quiet: true\n", "utf-8")
    before = {path: path.read_bytes() for path in files.iterdir()}
    result = audit("check", "-r", "na", "-p", "p.yaml", "-s", "good.json", *arguments)
    assert result.status == 2
    assert "would replace" in result.err
    assert {path: path.read_bytes() for path in files.iterdir()} == before


def test_a_pipe_is_written_to_and_not_replaced(audit, files):
    if not hasattr(os, "mkfifo"):
        return
    pipe = files / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE)
    assert audit("check", "-r", "na", "-s", "good.json", "-o", f"json={pipe}").status == 0
    out, _ = reader.communicate()
    assert json.loads(out)["verdict"] == "compliant"


FULL = pathlib.Path("/dev/full")


@pytest.mark.parametrize(
    ("name", "more", "status"),
    [("good", [], 2), ("drift", [], 1), ("good", ["--exit-style=nagios"], 3)],
)
def test_standard_output_that_is_full_is_said(files, name, more, status):
    if not FULL.exists():
        return
    command = [sys.executable, "-m", "auditor", "check", "-r", "na", "-s", f"{name}.json", *more]
    with FULL.open("wb") as full:
        done = subprocess.run(
            command, cwd=files, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == status
    assert "standard output could not be written: No space left" in done.stderr
    assert "fault" not in done.stderr


# --- what people see


def test_what_is_left_out_of_the_exit_status_is_said(audit, files):
    command = ["check", "-r", "na", "-s", "drift.json"]
    assert (
        "--fail-on leaves out of the exit status: Port" in audit(*command, "--fail-on=critical").err
    )
    assert "--exit-zero leaves out of the exit status: Port" in audit(*command, "--exit-zero").err
    assert audit(*command, "--exit-zero", "-q").err == ""
    line = audit(*command, "--fail-on=critical", "--exit-style=nagios").out.splitlines()[0]
    assert line.startswith("CONNECTORS OK - drift.json: left out by the options: Port |")


def test_a_wrong_value_says_which_layer_gave_it(audit, files, monkeypatch):
    (files / "audit.yaml").write_text("snapshot: good.json\nregion: mars\n", "utf-8")
    assert "'region': there is no region 'mars'" in audit("check").err
    assert "in audit.yaml, line 2, column 9" in audit("check").err
    monkeypatch.setenv("AUDIT_REGION", "moon")
    assert "AUDIT_REGION: there is no region 'moon'" in audit("check").err
    assert audit("check", "-r", "sun").err.startswith("audit: there is no region 'sun'")


@pytest.mark.parametrize("arguments", [["export.json"], ["-s", "good.json", "x"]])
def test_a_file_without_its_option_is_explained(audit, files, arguments):
    assert "Files are given with --snapshot FILE." in audit("check", *arguments).err


def test_verbose_says_what_is_done(audit, files):
    result = audit("check", "-r", "na", "-s", "good.json", "-v")
    assert "read good.json as json" in result.err
    assert "carry all outbound mail: 'Outbound Mail to Mimecast'" in result.err
    assert audit("check", "-r", "na", "-s", "good.json", "-v", "-q").err == ""


def test_an_organization_can_be_named(audit, files):
    result = audit(
        "check", "-r", "na", "-s", "good.json", "--organization", "Contoso", "-f", "json"
    )
    assert result.report["organization"] == "Contoso"


def on_a_terminal(*arguments, **environment):
    """What a run writes to a real terminal."""
    pty = pytest.importorskip("pty")
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "auditor", *arguments]
    env = {**os.environ, **environment}
    process = subprocess.Popen(command, stdout=follower, stderr=subprocess.PIPE, env=env)
    os.close(follower)
    output = b""
    try:
        while data := os.read(leader, 65536):
            output += data
    except OSError:
        pass  # Linux says so when the other end is closed
    _, error = process.communicate()
    os.close(leader)
    assert error == b""
    return output.decode()


def test_colour_on_a_terminal_only_and_not_if_unwanted(audit, files):
    command = ["check", "-r", "na", "-s", "drift.json"]
    assert on_a_terminal(*command).startswith("\x1b[31m\x1b[1mDRIFT:\x1b[0m outbound")
    assert "\x1b" not in on_a_terminal(*command, "--no-color")
    assert "\x1b" not in on_a_terminal(*command, NO_COLOR="1")
    assert "\x1b" not in audit(*command).out


@pytest.mark.parametrize(
    ("closed", "arguments", "status"),
    [
        (">&-", "-r na -s good.json", 2),
        (">&-", "-r na -s drift.json", 1),
        ("2>&-", "-r mars -s good.json", 2),
        ("2>&-", "-r na -s good.json", 0),
        ("<&-", "-r na -s -", 2),
        (">&- 2>&- <&-", "-r na -s good.json", 2),
    ],
)
def test_streams_that_are_not_there(files, closed, arguments, status):
    if os.name == "nt":
        return
    command = f"{sys.executable} -m auditor check {arguments} {closed}"
    done = subprocess.run(["sh", "-c", command], cwd=files, capture_output=True, check=False)
    assert done.returncode == status
    assert b"Traceback" not in done.stderr


def test_a_working_folder_that_is_gone_is_no_traceback(files):
    if os.name == "nt":
        return
    script = f"mkdir gone; cd gone; rmdir ../gone; {sys.executable} -m auditor check -r na -s {files}/good.json"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["sh", "-c", script], cwd=files, capture_output=True, check=False, env=environment
    )
    assert b"Traceback (most" not in done.stderr
    assert done.returncode in {0, 2}


def test_a_fault_of_ours_is_4_and_says_where(audit, files, monkeypatch):
    monkeypatch.setattr(auditing, "evaluate", lambda *_: 1 // 0)
    result = audit("check", "-r", "na", "-s", "good.json", "-f", "json")
    assert result.status == 4
    assert result.report["errors"][0]["code"] == "fault"
    assert "ZeroDivisionError at auditing.py:" in result.err
    assert "report this" in result.err


def test_an_interrupt_is_undecided(audit, files, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(auditing, "evaluate", interrupt)
    result = audit("check", "-r", "na", "-s", "good.json")
    assert (result.status, result.err) == (3, "audit: it was interrupted\n")


def test_a_closed_pipe_is_no_traceback_and_keeps_the_status(files):
    script = "import sys; from auditor.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", script, "check", "-r", "na", "-s", "drift.json", "-f", "json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=files)
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()
    process.wait()
    assert error == b""
    assert process.returncode == 1


def test_python_m_auditor_is_the_same_program(files):
    command = [sys.executable, "-m", "auditor", "check", "-r", "na", "-s", "good.json"]
    done = subprocess.run(
        command, cwd=files, capture_output=True, check=False, env=dict(os.environ)
    )
    assert done.returncode == 0
    assert done.stdout.startswith(b"COMPLIANT: ")
    assert b"\r" not in done.stdout
