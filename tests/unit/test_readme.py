"""What the README says is true: its commands run, its output is the output, its tables agree."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from auditor.cli.commands import COMMANDS
from auditor.policy import load_policy
from auditor.policy.matchers import MATCHERS
from tests.conftest import ROOT
from tests.live.conftest import endpoint, kdc, kerberos
from tests.live.objects import organization

__all__ = ["endpoint", "kdc", "kerberos"]

README = (ROOT / "README.md").read_text("utf-8")
OUTPUTS = re.findall(r"<!-- output of: audit (.*?) -->\n```text\n(.*?)```", README, re.DOTALL)
SHOWN = OUTPUTS[0]
INSTALL, *CHECKS = re.findall(r"```sh\n(.*?)\n```", README, re.DOTALL)
SIGNED = ("audit signoff", "audit verify", "openssl", "python3 -c", "sha256sum")
NIGHTLY = re.findall(
    r"```sh\n(.*?)\n```",
    README.partition("\n## Audit every night")[2].partition("\n## ")[0],
    re.DOTALL,
)
PROBES = re.findall(
    r"```sh\n(.*?)\n```",
    README.partition("\n## Try the way to the gateway")[2].partition("\n## ")[0],
    re.DOTALL,
)  # tried in tests/probe
MAIL_FLOWS = re.findall(
    r"```sh\n(.*?)\n```",
    README.partition("\n## See which way mail really left")[2].partition("\n## ")[0],
    re.DOTALL,
)  # tried in tests/mailflow
SIGN_OFF = [block for block in CHECKS if block.startswith(SIGNED)]
COMMAND_LINES = [
    line
    for block in CHECKS
    if block not in (*SIGN_OFF, *NIGHTLY, *PROBES, *MAIL_FLOWS)
    for line in block.splitlines()
    if line.startswith("audit")
]
CONFIGURATION, SEVERAL, KEYS, POLICY, PRE_COMMIT = re.findall(
    r"```yaml\n(.*?)```", README, re.DOTALL
)


def clone(folder: Path) -> Path:
    """The files that a clone would have."""
    names = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.splitlines()
    for name in names:
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


def test_the_first_command_installs_and_shows_what_the_readme_shows(tmp_path):
    folder = clone(tmp_path / "clone")
    environment = {
        name: v for name, v in os.environ.items() if not name.startswith(("AUDIT_", "PYTHON"))
    }
    done = subprocess.run(
        ["sh", "-c", INSTALL],
        cwd=folder,
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    without_time = re.compile(r"(?m)^Evaluated at.*$")
    assert without_time.sub("", done.stdout) == without_time.sub("", SHOWN[1])


@pytest.mark.parametrize(("words", "shown"), OUTPUTS, ids=[words for words, _ in OUTPUTS])
def test_the_output_shown_is_the_output(audit, monkeypatch, words, shown):
    monkeypatch.chdir(ROOT)
    assert audit(*words.split()).out == shown


@pytest.mark.parametrize("line", COMMAND_LINES)
def test_every_command_line_works(audit, endpoint, kerberos, monkeypatch, tmp_path, line):
    server = endpoint(organization(connectors=2), modes=("kerberos",))
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{kerberos.ticket('auditor', 'secret')}")
    for name in ("connectors.xml", "snapshot.json"):
        shutil.copy(ROOT / "examples/compliant.xml", tmp_path / name)
    (tmp_path / "contoso.yaml").write_text(POLICY, "utf-8")
    result = audit(*line.replace("ex01.contoso.com", f"localhost:{server.port}").split()[1:])
    assert result.status == 0, result.out + result.err


def test_the_sign_off_goes_from_attestations_to_a_signature_that_anybody_can_verify(tmp_path):
    """In a shell and in order, as a user types it; whatever is not 0 stops it."""
    shutil.copy(ROOT / "examples/compliant.xml", tmp_path / "connectors.xml")
    (tmp_path / "keys.yaml").write_text(KEYS, "utf-8")
    fill_in = f'cp "{ROOT}/examples/attestations.yaml" answers.yaml'
    first, *others = SIGN_OFF
    questions, *rest = first.splitlines()
    script = "\n".join(
        ["set -e", questions, "grep -q journaling answers.yaml", fill_in, *rest, *others]
    )
    programs = Path(sys.executable).parent
    environment = {name: v for name, v in os.environ.items() if not name.startswith("AUDIT_")}
    environment["PATH"] = f"{programs}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(SIGN_OFF) == 4
    assert "READY: " in done.stdout
    assert "AS SIGNED: " in done.stdout
    assert "Signature Verified Successfully" in done.stdout
    assert done.stdout.count(": OK") >= 9


class Receiver(BaseHTTPRequestHandler):
    """Takes whatever is sent, and says so."""

    def do_GET(self) -> None:
        self.server.heard.append(
            (self.path, self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        )
        self.send_response(200)
        self.end_headers()

    do_POST = do_GET  # noqa: N815 - its own name

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def receiver():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.heard = []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_configuration_is_a_whole_scheduled_audit(
    audit, endpoint, kerberos, monkeypatch, receiver, tmp_path
):
    """Every command of the section, in its order."""
    server = endpoint(organization(connectors=2), modes=("kerberos",))
    monkeypatch.setenv("KRB5_CLIENT_KTNAME", f"FILE:{kerberos.keytab_of_user('auditor')}")
    address = f"127.0.0.1:{receiver.server_port}"
    monkeypatch.setenv("TEAMS_URL", f"json://{address}/teams")
    monkeypatch.setenv("HEALTHCHECK_URL", f"http://{address}/beat")
    text = CONFIGURATION.replace("ex01.contoso.com", f"localhost:{server.port}")
    text = text.replace(
        "mailto://mail.contoso.com?from=audit@contoso.com&to=", f"json://{address}/"
    )
    text = (
        text.replace("archive@contoso.com", "archive")
        .replace("/var/lib/node_exporter", "metrics")
        .replace("CONTOSO.COM", kerberos.realm)
    )
    text = text.replace("password: {file: secrets/password.txt}\n", "organization: Contoso\n")
    (tmp_path / "audit.yaml").write_text(text, "utf-8")
    for name in ("connectors.xml", "monday.json", "tuesday.json"):
        shutil.copy(ROOT / "examples/compliant.xml", tmp_path / name)
    for line in "\n".join(NIGHTLY).splitlines():
        for _ in range(1 + line.startswith("audit check")):
            result = audit(*line.split()[1:])
            assert result.status == 0, (line, result.out, result.err)
    told = [path for path, _ in receiver.heard]
    assert told[:6] == 2 * ["/beat/start", "/archive", "/beat"]
    (page,) = (tmp_path / "reports/Contoso").iterdir()
    assert page.name.endswith("-compliant.html")
    assert (tmp_path / "metrics/connectors.prom").is_file()
    assert (tmp_path / "history/audits.sqlite").is_file()
    assert len(list((tmp_path / "units").iterdir())) == 2


def test_several_audits_in_a_file_are_valid_but_for_their_servers(audit, tmp_path):
    (tmp_path / "audit.yaml").write_text(SEVERAL, "utf-8")
    assert audit("config", "validate").out == "emea: valid\napac: valid\n"


def test_every_option_named_exists():
    known = {f"--{o.name}" for command in COMMANDS.values() for o in command.options}
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", "\n".join([*COMMAND_LINES, *PROBES])))
    assert named <= known


def test_the_table_of_controls_is_the_policy():
    section = README.partition("## What is checked")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    controls = list(load_policy("mimecast", ROOT).controls)
    controls.insert(1, "Name")
    assert rows == controls


def test_the_table_of_matchers_is_whole():
    section = README.partition("| matcher | the value |")[2].partition("\n\n")[0]
    named = re.findall(r"`(\w+)", section.replace("`TransportConfig", ""))
    assert set(named) == {*MATCHERS, "ignore"}


def test_the_regions_are_the_policy():
    sentence = README.partition("\nRegions: ")[2].partition(".")[0]
    named = re.findall(r"`(\w+)`", re.sub(r"\(also.*?\)", "", sentence))
    assert named == list(load_policy("mimecast", ROOT).regions)


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "bench/README.md"])
def test_links_lead_somewhere(name):
    text = (ROOT / name).read_text("utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert ((ROOT / name).parent / target).exists(), target
