"""A task of Windows' Task Scheduler, and the script that registers it.

The account needs its password kept (logon type *Password*), because a task without it (S4U) cannot
prove to Exchange who it is. The script asks for it; none is written.

Sources: the schema and its elements, [MS-TSCH] 2.5
(https://learn.microsoft.com/openspecs/windows_protocols/ms-tsch/0d6383e4-de92-43e7-b0bb-a60cfa36379f)
and https://learn.microsoft.com/windows/win32/taskschd/task-scheduler-schema ; that variables
(%TEMP%) are expanded in Command, Arguments and WorkingDirectory,
https://learn.microsoft.com/windows/win32/taskschd/taskschedulerschema-exec-actiongroup-element ;
how arguments are quoted, CommandLineToArgvW, which ``subprocess.list2cmdline`` follows.
"""

from __future__ import annotations

import re
from subprocess import list2cmdline
from typing import Final
from xml.sax.saxutils import escape

from auditor.errors import UsageError, shortened
from auditor.schedule.job import File, Job, Scheduled, at_path, speakable_job

_LONGEST_PATH: Final = 260
_EXPANDED: Final = re.compile(r"%[^%]+%|\$\(")
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
_DAILY: Final = "<ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay>"
_WEEKLY: Final = (
    "<ScheduleByWeek><WeeksInterval>1</WeeksInterval><DaysOfWeek>"
    + "".join(f"<{day} />" for day in _DAYS)
    + "</DaysOfWeek></ScheduleByWeek>"
)
_TASK: Final = """\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Author>connector-auditor</Author>
    <Description>Audit of Exchange send connectors: {title}</Description>
  </RegistrationInfo>
  <Triggers>
    <CalendarTrigger>
      <StartBoundary>2026-01-01T{hour:02}:{minute:02}:00</StartBoundary>
      <RandomDelay>PT5M</RandomDelay>
      {days}
    </CalendarTrigger>
  </Triggers>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT{minutes}M</ExecutionTimeLimit>
  </Settings>
  <Principals>
    <Principal id="Account">
{user}      <LogonType>Password</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Actions Context="Account">
    <Exec>
      <Command>{command}</Command>
      <Arguments>{arguments}</Arguments>
      <WorkingDirectory>{folder}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
"""
_REGISTER: Final = """\
# Registers the task beside this script. Run it as an administrator.
# A group managed service account has no password: register the task for your own account first,
# and then hand it over:
#   Set-ScheduledTask -TaskPath '\\connector-auditor\\' -TaskName '{name}' -Principal (
#     New-ScheduledTaskPrincipal -UserId 'CONTOSO\\gmsa$' -LogonType Password)
$file = Join-Path $PSScriptRoot '{name}.xml'
$account = Get-Credential {user}-Message 'The account that audits'
Register-ScheduledTask -TaskPath '\\connector-auditor\\' -TaskName '{name}' `
  -Xml (Get-Content -LiteralPath $file -Raw) `
  -User $account.UserName -Password $account.GetNetworkCredential().Password
"""


def render(job: Job, folder: str) -> Scheduled:
    """A task and the script that registers it.

    Raises:
        UsageError: the job holds what a task cannot carry.
    """
    speakable_job(job)
    user = _account(job.user) if job.user else ""
    program, *rest = job.program
    arguments = list2cmdline([*rest, *job.arguments])
    for text in (program, job.folder, arguments):
        _require_plain(text)
    for path in (program, job.folder):
        if not 0 < len(path) <= _LONGEST_PATH:
            why = f"a task takes paths of {_LONGEST_PATH} characters at most: {shortened(path)}"
            raise UsageError(why, hint="Use a shorter path.")
    task = _TASK.format(
        title=escape(job.title),
        hour=job.hour,
        minute=job.minute,
        days=_WEEKLY if job.weekdays else _DAILY,
        minutes=-(-job.seconds // 60),
        user=f"      <UserId>{escape(user)}</UserId>\n" if user else "",
        command=escape(program),
        arguments=escape(arguments),
        folder=escape(job.folder),
    )
    script = _REGISTER.format(name=job.name, user=f"-UserName '{user}' " if user else "")
    register = f"{job.name}-register.ps1"
    files = (
        # With a byte order mark each: so Windows PowerShell 5.1 and schtasks read them right.
        File(f"{job.name}.xml", task, "utf-16", "\r\n"),
        File(register, script, "utf-8-sig", "\r\n"),
    )
    path = at_path(folder, register).replace("'", "''")
    return Scheduled(files, (f"& '{path}'   # in PowerShell, as an administrator",))


def _require_plain(text: str) -> None:
    """Nothing in it is taken for a variable; there is no way to write one that is none.

    Raises:
        UsageError: something would be.
    """
    found = _EXPANDED.search(text)
    if found:
        raise UsageError(
            f"Task Scheduler would take {shortened(found[0])} for a variable",
            hint="Give the file or the folder another name.",
        )


def _account(user: str) -> str:
    r"""An account: ``CONTOSO\svc-audit``, ``svc-audit@contoso.com``, ``gmsa$``.

    Raises:
        UsageError: it holds what no account's name does, and what could end a literal.
    """
    if not all(character.isalnum() or character in " ._-$@\\" for character in user):
        raise UsageError(
            f"a task cannot run as {shortened(user)}", hint="For example: --user CONTOSO\\svc-audit"
        )
    return user
