"""``audit schedule``: what is written is what systemd, cron, Windows and Kubernetes read."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from cronsim import CronSim

from auditor.schedule import Job, scheduled
from tests.conftest import ROOT, connector, export

CONFIG = """\
schema: audit-config/1
region: na
snapshot: good.json
organization: Contoso
history: state/h.sqlite
output: ["html=reports/{organization}/{date}.html"]
"""
SPACE = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
HOSTILE = {
    "blanks": "/srv/mail audit/a b.yaml",
    "quotes": '/srv/o\'brien "x"/a.yaml',
    "percent": "/srv/100% sure/%h %i.yaml",
    "dollar": "/srv/$HOME/${PATH}.yaml",
    "semicolon": "/srv/a;reboot/&& id.yaml",
    "letters": "/srv/Büro/監査.yaml",
    "hash": "/srv/#1/# x.yaml",
}


def job(path: str = "/etc/audit.yaml", **changes: object) -> Job:
    folder = str(Path(path).parent)
    values: dict[str, object] = {
        "name": "connector-audit-contoso",
        "title": "Contoso",
        "program": ("/usr/bin/true",),
        "arguments": ("check", f"--config={path}"),
        "folder": folder,
        "writes": (folder,),
    }
    return Job(**{**values, **changes})


@pytest.fixture
def files(tmp_path):
    (tmp_path / "good.json").write_bytes(export(connector()))
    (tmp_path / "audit.yaml").write_text(CONFIG, "utf-8")
    return tmp_path


def units(made, folder: Path) -> list[str]:
    for file in made.files:
        (folder / file.name).write_bytes(file.data)
    return [str(folder / file.name) for file in made.files]


@pytest.mark.parametrize("path", HOSTILE.values(), ids=HOSTILE)
def test_systemd_takes_the_units(tmp_path, path):
    made = units(scheduled("systemd", job(path, user="root"), ""), tmp_path)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *made], capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_the_service_is_hardened_and_the_timer_fires_at_night(tmp_path):
    service, timer = units(scheduled("systemd", job(weekdays=True), ""), tmp_path)
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", service],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    (calendar,) = re.findall(r"OnCalendar=(.*)", Path(timer).read_text("utf-8"))
    shown = subprocess.run(
        ["systemd-analyze", "calendar", calendar], capture_output=True, text=True
    ).stdout
    assert "Normalized form: Mon..Fri *-*-* 02:30:00" in shown


def systemd_words(line: str) -> list[str]:
    """The words of ExecStart= as systemd.service(5) and systemd.syntax(7) say they are read."""
    found = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', line)
    words = [re.sub(r"\\(.)", r"\1", quoted) if quoted else plain for quoted, plain in found]
    return [word.replace("%%", "%").replace("$$", "$") for word in words]


@pytest.mark.parametrize("path", HOSTILE.values(), ids=HOSTILE)
def test_every_word_reaches_the_program_whatever_is_in_it(tmp_path, path):
    one = job(path)
    service = scheduled("systemd", one, "").files[0].text
    (line,) = re.findall(r"ExecStart=(.*)", service)
    assert systemd_words(line) == [*one.program, *one.arguments]
    (cron,) = scheduled("cron", one, "").files
    _, _, _, _, _, command = cron.text.splitlines()[-1].split(" ", 5)
    # A percent sign ends a command for cron unless a backslash is before it; then sh reads it.
    assert not re.search(r"(?<!\\)%", command)
    _, folder, _, *words = shlex.split(command.replace("\\%", "%"))
    assert (folder, words) == (one.folder, [*one.program, *one.arguments])
    manifest = scheduled("kubernetes", one, "").files[0].text
    container = list(yaml.safe_load_all(manifest))[-1]["spec"]["jobTemplate"]["spec"]["template"][
        "spec"
    ]["containers"][0]
    assert container["args"] == list(one.arguments)
    assert container["workingDir"] == one.folder


WINDOWS = (
    r"C:\Program Files\audit\a b.yaml",
    r'C:\x\quo"te.yaml',
    "C:\\ends\\",
    r"C:\Büro & Söhne\<a>.yaml",
)


@pytest.mark.parametrize("path", WINDOWS)
def test_windows_reads_the_task_and_its_words(path):
    one = job(
        arguments=("check", f"--config={path}"),
        program=(r"C:\Program Files\audit.exe",),
        folder=r"C:\Program Files",
        user=r"CONTOSO\svc-audit",
    )
    task, script = scheduled("windows", one, r"C:\units").files
    assert task.data.startswith((b"\xff\xfe", b"\xfe\xff"))
    assert b"\n" not in task.text.replace("\n", task.newline).replace("\r\n", "").encode()
    root = ElementTree.fromstring(task.data)
    assert root.tag == f"{SPACE}Task"
    execution = root.find(f"{SPACE}Actions/{SPACE}Exec")
    found = {part.tag.removeprefix(SPACE): part.text for part in execution}
    assert found["Command"] == one.program[0]
    assert argv_of(found["Arguments"]) == list(one.arguments)
    assert found["WorkingDirectory"] == one.folder
    # The order in [MS-TSCH] 2.5.2 and 2.5.3 is fixed.
    trigger = [
        part.tag.removeprefix(SPACE)
        for part in root.find(f"{SPACE}Triggers/{SPACE}CalendarTrigger")
    ]
    assert trigger == ["StartBoundary", "RandomDelay", "ScheduleByDay"]
    settings = {part.tag.removeprefix(SPACE): part.text for part in root.find(f"{SPACE}Settings")}
    assert settings["MultipleInstancesPolicy"] == "IgnoreNew"
    assert settings["StartWhenAvailable"] == "true"
    assert "Register-ScheduledTask" in script.text
    assert script.data.startswith(b"\xef\xbb\xbf")


def argv_of(line: str) -> list[str]:
    """The words that CommandLineToArgvW gives.

    https://learn.microsoft.com/windows/win32/api/shellapi/nf-shellapi-commandlinetoargvw
    """
    words, word, quoted, begun, at = [], "", False, False, 0
    while at < len(line):
        slashes = len(line) - at - len(line[at:].lstrip("\\"))
        at += slashes
        sign = line[at : at + 1]
        if sign == '"':
            word += "\\" * (slashes // 2)
            begun = True
            if slashes % 2:
                word += '"'
            else:
                quoted = not quoted
        else:
            word += "\\" * slashes
            begun = begun or bool(slashes)
            if sign in {" ", "\t"} and not quoted:
                words += [word] if begun else []
                word, begun = "", False
            elif sign:
                word, begun = word + sign, True
        at += 1
    return [*words, word] if begun else words


@pytest.mark.parametrize("kind", ["systemd", "cron", "windows", "kubernetes"])
@pytest.mark.parametrize("sign", ["\n", "\r", "\0", "\u2028", "\udc80"])
def test_what_no_line_can_carry_is_refused(kind, sign):
    from auditor.errors import UsageError

    with pytest.raises(UsageError):
        scheduled(kind, job(f"/srv/a{sign}b.yaml"), "")


def test_cron_runs_it_every_night(audit, files, tmp_path):
    done = audit("schedule", "cron", "--at", "3:05", "--weekdays", "--output-dir", "out")
    assert done.status == 0, done.err
    (file,) = (tmp_path / "out").iterdir()
    line = file.read_text("utf-8").splitlines()[-1]
    *fields, command = line.split(" ", 5)
    nights = CronSim(" ".join(fields), datetime(2026, 11, 20, 12))
    assert [next(nights) for _ in range(2)] == [
        datetime(2026, 11, 23, 3, 5),
        datetime(2026, 11, 24, 3, 5),
    ]
    ran = subprocess.run(
        ["/bin/sh", "-c", command.replace("\\%", "%")],
        cwd="/",
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("FIRST RUN: ")
    assert len(list((files / "reports/Contoso").iterdir())) == 1


def test_what_is_written_is_said_and_another_file_is_never_replaced(audit, files):
    done = audit("schedule", "systemd", "--output-dir", "units")
    assert done.status == 0
    written = sorted(path.name for path in (files / "units").iterdir())
    assert written == ["connector-audit-contoso.service", "connector-audit-contoso.timer"]
    assert "systemctl enable --now connector-audit-contoso.timer" in done.out
    service = (files / "units" / written[0]).read_text("utf-8")
    assert f"ReadWritePaths={files}/reports" in service
    assert f"ReadWritePaths={files}/state" in service
    assert audit("schedule", "systemd", "--output-dir", "units").status == 0
    (files / "units" / written[0]).write_text("mine", "utf-8")
    assert audit("schedule", "systemd", "--output-dir", "units").status == 2
    assert (files / "units" / written[0]).read_text("utf-8") == "mine"


def test_kubernetes_has_all_that_it_needs_and_no_more(audit, files):
    text = CONFIG + "notifications:\n  - {to: {env: TEAMS}, attach: [pdf]}\n"
    (files / "audit.yaml").write_text(text, "utf-8")
    done = audit(
        "schedule", "kubernetes", "--output-dir", "k8s", "--image", "registry.example.com/audit:1"
    )
    assert done.status == 0, done.err
    objects = {
        one["kind"]: one
        for one in yaml.safe_load_all(
            (files / "k8s/connector-audit-contoso.yaml").read_text("utf-8")
        )
    }
    assert objects["ConfigMap"]["data"]["audit.yaml"] == text
    spec = objects["CronJob"]["spec"]
    assert (spec["schedule"], spec["timeZone"], spec["concurrencyPolicy"]) == (
        "30 2 * * *",
        "Etc/UTC",
        "Forbid",
    )
    pod = spec["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    volumes = {one["name"] for one in pod["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == volumes
    build = (files / "k8s/Containerfile").read_text("utf-8")
    assert "pip install --no-cache-dir '.[notifications,pdf]'" in build
    extras = set(
        re.findall(
            r"^(\w+) = \[",
            (ROOT / "pyproject.toml")
            .read_text("utf-8")
            .partition("[project.optional-dependencies]")[2],
            re.M,
        )
    )
    assert {"notifications", "pdf"} <= extras
    assert re.findall(r"^USER (.*)$", build, re.M) == ["10001:10001"]


def test_one_of_several_audits_or_all(audit, files):
    (files / "audit.yaml").write_text(
        "region: na\nhistory: h.sqlite\naudits:\n  emea: {snapshot: good.json}\n  apac: {snapshot: good.json, history: other/h.sqlite}\n",
        "utf-8",
    )
    both = audit("schedule", "systemd").out
    assert "--name" not in both
    assert "TimeoutStartSec=1020" in both
    one = audit("schedule", "systemd", "--name", "apac").out
    assert "--name=apac" in one
    assert f"ReadWritePaths={files}/other" in one


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("launchd",), "Known: systemd, cron, windows, kubernetes"),
        (("cron", "--at", "25:00"), "--at 02:30"),
        (("cron", "--snapshot", "-"), "standard input cannot be scheduled"),
        (("systemd", "--user", "a b"), "local account"),
        (("kubernetes", "--image", "a b"), "no image has the name"),
        (("cron", "-r", "mars"), "mars"),
    ],
)
def test_what_is_wrong_is_said(audit, files, words, said):
    result = audit("schedule", *words)
    assert result.status == 2
    assert said in result.err


def test_metrics_are_replaced_whole(tmp_path):
    """A reader that never waits sees the old file or the new one, and nothing else."""
    writer = (
        "import sys, pathlib; from auditor.cli.output import write_file\n"
        "for n in range(200): write_file(pathlib.Path(sys.argv[1]), bytes([65 + n % 26]) * 50_000)\n"
    )
    path = tmp_path / "connectors.prom"
    path.write_bytes(b"A" * 50_000)
    path.chmod(0o644)
    running = subprocess.Popen([sys.executable, "-c", writer, str(path)], cwd=ROOT)
    seen = set()
    while running.poll() is None:
        data = path.read_bytes()
        assert len(data) == 50_000
        assert data == data[:1] * 50_000
        seen.add(data[:1])
        assert {one.name for one in tmp_path.glob("*.prom")} <= {path.name}
    assert running.returncode == 0
    assert path.stat().st_mode & 0o777 == 0o644
    assert len(seen) > 1
