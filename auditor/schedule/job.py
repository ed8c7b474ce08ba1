"""What is scheduled, whatever schedules it; and what comes out."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import Final, NamedTuple

from auditor.errors import UsageError, shortened

PREFIX: Final = "connector-audit"
_LONGEST: Final = 40
# Controls, line separators and halves of a pair: no line of any schedule carries them.
_REFUSED: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Job:
    """A scheduled audit. All paths are absolute.

    Attributes:
        name: of units, tasks and files: ``connector-audit-contoso``, see ``job_name``.
        title: whose audit it is, in words.
        program: the words that start this program: one path, or an interpreter and more.
        arguments: the words after these: ``check``, ``--config=/etc/audit.yaml``, ...
        folder: the folder that it is run in.
        writes: folders that it writes: of the history, of reports, of snapshots.
        hour: of the local clock (of UTC in Kubernetes), 0 to 23.
        minute: 0 to 59.
        weekdays: whether it is left out on Saturday and Sunday.
        user: the account that it runs as; None: whoever installs it.
        seconds: how long a run may take before it is ended.
        metrics: whether it writes metrics, which another account reads.
        files: path and text of each file that it reads and that can be handed on: the
            configuration, policies, packs.
        image: the name of the container's image.
        extras: optional parts of this program that it needs: ``kerberos``, ``pdf``, ...
    """

    name: str
    title: str
    program: tuple[str, ...]
    arguments: tuple[str, ...]
    folder: str
    writes: tuple[str, ...] = ()
    hour: int = 2
    minute: int = 30
    weekdays: bool = False
    user: str | None = None
    seconds: int = 3600
    metrics: bool = False
    files: tuple[tuple[str, str], ...] = ()
    image: str = "connector-auditor:latest"
    extras: tuple[str, ...] = ()


class File(NamedTuple):
    """A file of a schedule: its name, its text, and how that becomes bytes."""

    name: str
    text: str
    encoding: str = "utf-8"
    newline: str = "\n"

    @property
    def data(self) -> bytes:
        """What is written to disk."""
        return self.text.replace("\n", self.newline).encode(self.encoding)


class Scheduled(NamedTuple):
    """The files of a schedule, and what to do with them, a line each."""

    files: tuple[File, ...]
    steps: tuple[str, ...]


def job_name(title: str | None) -> str:
    """A name that units, tasks, files and Kubernetes objects may have, for a title of any kind.

    Two titles give one name only where they differ in letter case, blanks, dots or underscores.
    """
    if not title:
        return PREFIX
    plain = unicodedata.normalize("NFKD", title.lower()).encode("ascii", "ignore").decode()
    slug = "-".join(re.findall(r"[a-z0-9]+", plain))
    name = f"{PREFIX}-{slug}"
    if re.fullmatch(r"[a-z0-9 ._-]+", title.lower()) and slug and len(name) <= _LONGEST:
        return name
    digest = hashlib.sha256(title.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{name[: _LONGEST - 9].rstrip('-')}-{digest}"


def speakable(text: str, what: str) -> str:
    """The text, which a line of any schedule can carry.

    Raises:
        UsageError: it holds a line break or another character that none can.
    """
    found = _REFUSED.search(text)
    if found:
        raise UsageError(
            f"{what} {shortened(text)} holds U+{ord(found[0]):04X}, which no schedule can carry",
            hint="Give the file or the folder another name.",
        )
    return text


def speakable_job(job: Job) -> Job:
    """The job, all of whose words a line can carry.

    Raises:
        UsageError: one holds a character that none can.
    """
    for word in (*job.program, *job.arguments):
        speakable(word, "the word")
    for path in (job.folder, *job.writes, *(path for path, _ in job.files)):
        speakable(path, "the path")
    speakable(job.title, "the title")
    speakable(job.user or "", "the user")
    speakable(job.image, "the image")
    return job


def at_path(folder: str, name: str) -> str:
    """Where a file of a schedule will be."""
    return f"{folder.rstrip('/')}/{name}" if folder else name
