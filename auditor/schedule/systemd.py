"""A service and a timer of systemd, hardened: it reads, and writes nothing but its state.

Drift (1) makes the unit fail, as an audit that could not be made does: ``systemctl --failed`` and
OnFailure= are what every administrator of systemd looks at, and drift that nobody notices is the
worse fault. A line that changes that is in the unit, as a comment.

Sources: systemd.service(5), systemd.exec(5), systemd.timer(5), systemd.time(7); for what is escaped
systemd.syntax(7) (quotes and backslashes), systemd.unit(5) (%%) and COMMAND LINES in
systemd.service(5) ($$, which holds for arguments, not for the program). On
https://www.freedesktop.org/software/systemd/man/latest/ .
"""

from __future__ import annotations

import re
from shlex import quote
from typing import Final

from auditor.errors import UsageError, shortened
from auditor.schedule.job import File, Job, Scheduled, at_path, speakable_job

_PLAIN: Final = re.compile(r"[\w./:=@,+-]+", re.ASCII)
_HOMES: Final = ("/home/", "/root/", "/run/user/")
_ACCOUNT: Final = "connector-auditor"
_UNITS: Final = "/etc/systemd/system"

_SERVICE: Final = """\
[Unit]
Description=Audit of Exchange send connectors: {title} (connector-auditor)
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
User={user}
WorkingDirectory={folder}
ExecStart={command}
TimeoutStartSec={seconds}
# The unit fails where there is drift (exit status 1), and where there was no audit (2, 3, 4), so
# that systemctl --failed and OnFailure= show both. Where drift is noticed by other ways:
# SuccessExitStatus=1

# Secrets, one NAME=value a line, in a file that only root may read: AUDIT_PASSWORD=...
EnvironmentFile=-/etc/{ours}/{name}.env
# With Kerberos rather a keytab than a password; root alone may read it:
# LoadCredential=keytab:/etc/{ours}/{name}.keytab
# Environment=KRB5_CLIENT_KTNAME=FILE:%d/keytab

# All that there is can be read as far as the user may; written is only this.
ProtectSystem=strict
ProtectHome={home}
StateDirectory={ours}
StateDirectoryMode=0700
{writes}UMask={mask}

NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProcSubset=pid
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
# Should a library say MemoryError when it is loaded (libffi before 3.4), take this line out.
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
"""
_TIMER: Final = """\
[Unit]
Description=When to audit Exchange send connectors: {title} (connector-auditor)

[Timer]
OnCalendar={calendar}
# A run that was missed (the machine was off) is made up for.
Persistent=true
RandomizedDelaySec=5min
AccuracySec=1min

[Install]
WantedBy=timers.target
"""


def render(job: Job, folder: str) -> Scheduled:
    """A service and its timer.

    Raises:
        UsageError: the job holds what a unit cannot carry.
    """
    speakable_job(job)
    user = job.user or _ACCOUNT
    if not re.fullmatch(r"[A-Za-z_][\w.-]*\$?", user, re.ASCII):
        raise UsageError(f"a unit cannot run as {shortened(user)}", hint="Name a local account.")
    title = job.title.replace("%", "%%")
    service = _SERVICE.format(
        title=title,
        user=user,
        ours=_ACCOUNT,
        name=job.name,
        folder=_bare(job.folder),
        command=command(job),
        seconds=job.seconds,
        home=_home(job),
        writes="".join(f"ReadWritePaths={word(path, '')}\n" for path in job.writes),
        mask="0022" if job.metrics else "0077",
    )
    days = "Mon..Fri " if job.weekdays else ""
    calendar = f"{days}*-*-* {job.hour:02}:{job.minute:02}:00"
    files = (
        File(f"{job.name}.service", service),
        File(f"{job.name}.timer", _TIMER.format(title=title, calendar=calendar)),
    )
    return Scheduled(files, tuple(_steps(job, user, [at_path(folder, f.name) for f in files])))


def command(job: Job) -> str:
    """The line of ExecStart=.

    Raises:
        UsageError: the program's path holds what no unit can carry.
    """
    program, *rest = job.program
    # What follows a dollar sign is a variable in argv[0], and in the path it is not.
    if "$" in program:
        raise UsageError(
            f"a unit cannot start {shortened(program)}: it holds a dollar sign",
            hint="Install this program in another folder.",
        )
    return " ".join([word(program), *(word(text) for text in (*rest, *job.arguments))])


def word(text: str, dollar: str = "$") -> str:
    """A word as systemd reads it back; ``dollar`` is what a dollar sign is escaped with."""
    if _PLAIN.fullmatch(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return '"' + escaped.replace("$", f"{dollar}$") + '"'


def _bare(path: str) -> str:
    """A path that is a whole value, which systemd takes as it is but for specifiers.

    Raises:
        UsageError: its end would be lost.
    """
    if path != path.strip() or path.endswith("\\"):
        raise UsageError(
            f"a unit cannot run in the folder {shortened(path)}",
            hint="Give the folder a name without a blank or a backslash at its end.",
        )
    return path.replace("%", "%%")


def _home(job: Job) -> str:
    """Whether homes can be hidden: not where the program or its files are in one."""
    paths = [*job.program, job.folder, *job.writes, *(path for path, _ in job.files)]
    paths += [text.partition("=")[2] for text in job.arguments]
    return "read-only" if any(f"{path}/".startswith(_HOMES) for path in paths) else "yes"


def _steps(job: Job, user: str, paths: list[str]) -> list[str]:
    files, account = " ".join(map(quote, paths)), quote(user)
    steps = []
    if job.user is None:
        steps.append(f"id {account} || sudo useradd --system --shell /usr/sbin/nologin {account}")
    if job.writes:
        folders = " ".join(map(quote, job.writes))
        steps.append(f"sudo mkdir -p {folders}")
        steps.append(f"sudo chown {account}: {folders}")
    return [
        *steps,
        f"sudo install -m 0644 {files} {_UNITS}/",
        "sudo systemctl daemon-reload",
        f"sudo systemctl enable --now {job.name}.timer",
        f"sudo systemctl start {job.name}.service   # one run now",
        f"systemctl status {job.name}.service; journalctl -u {job.name}.service",
    ]
