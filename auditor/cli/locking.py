"""One run at a time of the same audit, on this machine.

The system holds the lock, so it is free as soon as the process is gone, however it went. Beside the
lock a small file says who holds it: on Windows nobody else can read a file that is locked.

Both files stay private where others may write: in a shared folder for temporary files they are in a
folder that only this user has, and no link is followed.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from auditor.errors import NOWHERE, Place, UndecidedError, UsageError
from auditor.moments import instant, rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_OURS: Final = "connector-auditor"
_MOST: Final = 1000


@contextmanager
def only_one(folder: Path, key: str, now: datetime, what: str = "this audit") -> Iterator[None]:
    """In here this is the only run of an audit.

    Args:
        folder: where the lock is, see ``lock_folder``.
        key: what tells this audit from others, whatever it holds: the configuration file and the
            audit's name, or the history and the name that it keeps the audit under.
        now: the time, for whoever comes second.
        what: the audit in words.

    Raises:
        UndecidedError: another run is under way.
        UsageError: the folder cannot hold a lock.
    """
    from filelock import FileLock, Timeout

    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    path = folder / f"audit-{digest[:24]}.lock"
    holder = path.with_suffix(".run")
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise _under_way(what, holder) from error
    except OSError as error:
        raise UsageError(
            f"no lock can be made: {error.strerror or error}",
            Place(str(path)),
            "Run it as the user whose file that is, or remove the file while no audit runs.",
        ) from error
    try:
        _say_who(holder, now)
        yield
    finally:
        with suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


def lock_folder(history: Path | None, environ: Mapping[str, str]) -> Path:
    """Where locks are: beside the history, so that all who write it meet; else this user's state.

    Args:
        history: the file of the history; None where there is none, or a server has it.
        environ: the environment.

    Raises:
        UsageError: no folder can be written.
    """
    if history is not None:
        folder = Path(os.path.realpath(history)).parent
        if _is_made(folder, 0o777):
            return folder
    for state in _states(environ):
        if _is_made(state, 0o700):
            return state
    from tempfile import gettempdir

    user = getattr(os, "getuid", lambda: "user")()
    private = Path(gettempdir()) / f"{_OURS}-{user}"
    if _is_made(private, 0o700) and _is_ours_alone(private):
        return private
    raise UsageError(
        "there is no folder for the lock that only this user may write",
        Place(str(private)),
        "Set XDG_STATE_HOME to a folder of this user.",
    )


def _states(environ: Mapping[str, str]) -> Iterator[Path]:
    """Folders for what programs of this user keep.

    Sources: systemd.exec(5), StateDirectory=; the XDG Base Directory Specification
    (https://specifications.freedesktop.org/basedir-spec/latest/), which ignores what is not
    absolute; on Windows the local, not the roaming folder.
    """
    local = environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_STATE_HOME", "")
    home = environ.get("HOME", "") if os.name != "nt" else ""
    words = (
        environ.get("STATE_DIRECTORY", "").split(":")[0],
        f"{local}/{_OURS}" if local else "",
        f"{home}/.local/state/{_OURS}" if home else "",
    )
    yield from (Path(word) for word in words if word and Path(word).is_absolute())


def _is_made(folder: Path, mode: int) -> bool:
    """Whether a folder is there, or could be made, and may be written."""
    try:
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)


def _is_ours_alone(folder: Path) -> bool:
    """Whether nobody else could have put something there; on Windows that is so by itself."""
    if not hasattr(os, "getuid"):
        return True
    found = folder.lstat()
    return (
        stat.S_ISDIR(found.st_mode)
        and found.st_uid == os.getuid()
        and not stat.S_IMODE(found.st_mode) & 0o077
    )


def _say_who(holder: Path, now: datetime) -> None:
    """Who holds the lock; it is held also where that cannot be written."""
    text = json.dumps({"process": os.getpid(), "since": rfc3339(now)})
    with suppress(OSError):
        # Never through a link: what is there goes, and the new file must be new.
        holder.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(holder, flags, 0o644), "w", encoding="utf-8") as file:
            file.write(text)


def _under_way(what: str, holder: Path) -> UndecidedError:
    process, since = None, None
    with suppress(OSError, ValueError, TypeError, KeyError):
        with holder.open(encoding="utf-8") as file:
            said = json.loads(file.read(_MOST))
        process, since = int(said["process"]), datetime.fromisoformat(said["since"])
    details = f" (since {instant(since)}, process {process})" if since and process else ""
    end = f"end process {process}" if process else "end it"
    return UndecidedError(
        f"another run of {what} is under way{details}",
        NOWHERE,
        f"Wait until it is done, or {end} if it hangs; then run this again.",
    )
