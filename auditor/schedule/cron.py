"""A line of crontab(5).

A percent sign ends a command there, unless a backslash is before it, also in quotes; a backslash
itself is read in two ways by the crons that there are, so there is none. Source: crontab(5) of
Debian's cron and of cronie (https://man7.org/linux/man-pages/man5/crontab.5.html).
"""

from __future__ import annotations

import re
from shlex import quote
from typing import Final

from auditor.errors import UsageError, shortened
from auditor.schedule.job import File, Job, Scheduled, at_path, speakable_job

_MOST: Final = 990
"""Longer commands are refused by cron (MAX_COMMAND is 1000)."""

_HEAD: Final = """\
# Audit of Exchange send connectors: {title} (connector-auditor)
# Cron mails what it prints; where the audit tells people by itself, end the line with: >/dev/null
# MAILTO=exchange-admins@example.com
# A run that was missed (the machine was off) is not made up for. Kerberos without a ticket:
# KRB5_CLIENT_KTNAME=FILE:/etc/connector-auditor/{name}.keytab
"""


def render(job: Job, folder: str) -> Scheduled:
    """A file for ``crontab``; with a user one for /etc/cron.d.

    Raises:
        UsageError: the job holds what a line of cron cannot carry.
    """
    speakable_job(job)
    user = job.user or ""
    if user and not re.fullmatch(r"[A-Za-z_][\w.-]*\$?", user, re.ASCII):
        raise UsageError(f"cron cannot run as {shortened(user)}", hint="Name a local account.")
    text = command(job)
    days = "1-5" if job.weekdays else "*"
    fields = [f"{job.minute} {job.hour} * * {days}", *([user] if user else []), text]
    head = _HEAD.format(title=job.title, name=job.name)
    # Files in /etc/cron.d whose name has a dot are passed over.
    file = File(job.name if user else f"{job.name}.cron", f"{head}{' '.join(fields)}\n")
    path = quote(at_path(folder, file.name))
    if user:
        step = f"sudo install -m 0644 {path} /etc/cron.d/"
    else:
        step = f"(crontab -l 2>/dev/null; cat {path}) | crontab -"
    return Scheduled((file,), (step,))


def command(job: Job) -> str:
    """The command, for /bin/sh by way of cron.

    Raises:
        UsageError: it holds a backslash, or is too long.
    """
    words = " ".join(quote(word) for word in (*job.program, *job.arguments))
    text = f"cd {quote(job.folder)} && {words}"
    if "\\" in text:
        raise UsageError(
            f"a line of cron cannot carry a backslash: {shortened(text)}",
            hint="Give the file or the folder another name.",
        )
    text = text.replace("%", "\\%")
    if len(text.encode()) > _MOST:
        raise UsageError(
            f"the command is longer than the {_MOST} bytes that cron takes",
            hint="Put the options into the configuration file.",
        )
    return text
