"""Logs from what a user names: files, folders, patterns, zip and gzip; recognised by content."""

from __future__ import annotations

import codecs
import glob
import gzip
import os
import shutil
import zipfile
import zlib
from collections import Counter, defaultdict
from datetime import UTC, datetime
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from auditor.collect.mailflow.lines import MARK, Row, fields_of, rows
from auditor.errors import InputError, Place
from auditor.model import LogFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from auditor.model import LogKind, LogState

COLUMNS: Final = (
    "date-time",
    "client-hostname",
    "server-hostname",
    "server-ip",
    "connector-id",
    "source",
    "event-id",
    "recipient-address",
    "recipient-status",
    "total-bytes",
    "recipient-count",
)
"""What is read of a tracking log; each version of Exchange has these, in an order of its own."""

TRACKING: Final = frozenset(COLUMNS)

PROTOCOL: Final = frozenset(
    {"date-time", "connector-id", "session-id", "remote-endpoint", "event", "data"}
)
_HEAD: Final = 64 * 1024
_ZIP, _GZIP, _UTF16 = b"PK\x03\x04", b"\x1f\x8b", (b"\xff\xfe", b"\xfe\xff")
_ROWS: Final = 40
"""So many events say whose log it is."""

_PIECE: Final = 1 << 20
_RATIO: Final = 200
"""So many times as large as its archive may a log be: text of logs shrinks to a tenth."""

_SMALLEST_LIMIT: Final = 64 * 1024 * 1024
_FOREIGN: Final = "it is no message tracking log, and no protocol log of SMTP sending"
_RECEIVED: Final = "it is a log of receiving, which says nothing of mail that leaves"
_FEW_FIELDS: Final = "its #Fields line lacks columns that such a log has"
_NESTED: Final = "it is an archive inside of an archive: unpack it first"
_NO_FIELDS: Final = "there is no #Fields line at its top, so its columns are not known"


class Found(NamedTuple):
    """A log: what is known of it, where it is on disk, and the header at its top."""

    file: LogFile
    path: Path
    fields: tuple[str, ...] = ()
    header: int = 0
    plain: bool = False


class _Candidate(NamedTuple):
    """Something that may be a log, by its name for people.

    ``path`` is None where nothing of it can be read, ``problem`` why it could not be had whole.
    """

    name: str
    path: Path | None
    problem: str | None = None


def find_logs(words: Sequence[str], base: Path, folder: Path) -> Iterator[Found]:
    """All that is named, each log once.

    Args:
        words: files, folders and patterns.
        base: the folder that relative ones are in.
        folder: an empty one, for what archives hold.

    Returns:
        The logs, and what is none: that has no kind.

    Raises:
        InputError: a word leads to nothing.
    """
    candidates = [
        one
        for number, (path, closed) in enumerate(_named(words, base).items())
        for one in (
            [_Candidate(_name(path, base), None, closed)]
            if closed
            else _unpacked(path, _name(path, base), folder / f"{number}")
        )
    ]
    found = [_recognised(candidate) for candidate in candidates]
    yield from _once(found)


def _named(words: Iterable[str], base: Path) -> dict[Path, str | None]:
    """The files that words lead to, each once, with why one cannot be read."""
    paths: dict[Path, str | None] = {}
    for word in words:
        path = base / word
        closed: dict[Path, str | None] = {}
        if path.is_dir():
            inside, closed = _below(path)
        elif path.exists():
            inside = [path]
        else:
            # Of a pattern that is absolute, pathlib knows no way.
            inside = sorted(map(Path, glob.glob(str(path), recursive=True)))  # noqa: PTH207
            inside = [one for one in inside if one.is_file()]
        if not inside and not closed:
            hint = "Name log files, folders or patterns: 'TransportRoles/Logs/MessageTracking'"
            raise InputError("there is no file here", Place(word), hint)
        paths |= dict.fromkeys(inside) | closed
    return paths


def _below(folder: Path) -> tuple[list[Path], dict[Path, str | None]]:
    """The files in a folder, and the folders in it that cannot be looked into."""
    closed: dict[Path, str | None] = {}

    def refuse(error: OSError) -> None:
        closed[Path(error.filename)] = f"the folder cannot be read: {_why(error)}"

    found = [
        Path(where, name)
        for where, _, names in os.walk(folder, onerror=refuse)
        for name in names
        if Path(where, name).is_file()
    ]
    return sorted(found), closed


def _name(path: Path, base: Path) -> str:
    """As the user calls it."""
    return str(path.relative_to(base) if path.is_relative_to(base) else path)


def _unpacked(path: Path, name: str, folder: Path) -> list[_Candidate]:
    """A file, or what it holds as an archive."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
        if start == _ZIP:
            return _members(path, name, folder)
        if start.startswith(_GZIP):
            with gzip.open(path) as stream:
                return [_copied(stream, name, folder, _limit(path))]
        if start.startswith(_UTF16):
            with path.open("rb") as stream:
                return [_recoded(stream, name, folder)]
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        return [_Candidate(name, None, f"it cannot be read: {_why(error)}")]
    return [_Candidate(name, path)]


def _why(error: BaseException) -> str:
    return str(getattr(error, "strerror", None) or error)


def _limit(archive: Path) -> int:
    return max(archive.stat().st_size * _RATIO, _SMALLEST_LIMIT)


def _members(path: Path, archive_name: str, folder: Path) -> list[_Candidate]:
    found = []
    with zipfile.ZipFile(path) as archive:
        for number, info in enumerate(one for one in archive.infolist() if not one.is_dir()):
            name = f"{archive_name}/{info.filename}"
            try:
                with archive.open(info) as stream:
                    found.append(_copied(stream, name, folder / f"{number}", _limit(path)))
            except (OSError, RuntimeError, zipfile.BadZipFile, NotImplementedError) as error:
                found.append(_Candidate(name, None, f"it cannot be read: {_why(error)}"))
    return found


def _copied(stream: gzip.GzipFile | IO[bytes], name: str, folder: Path, most: int) -> _Candidate:
    """What a packed file holds, as far as it can be unpacked; under a name of our own."""
    folder.mkdir(parents=True)
    path = folder / "log"
    problem = None
    # Of what is cut off, ``read`` gives nothing: it waits for all that was asked for.
    read = getattr(stream, "read1", stream.read)
    with path.open("wb") as file:
        try:
            while piece := read(_PIECE):
                file.write(piece)
                if file.tell() > most:
                    problem = "it is cut off here: no log is packed as tightly as this"
                    break
        except (EOFError, zlib.error, OSError, zipfile.BadZipFile) as error:
            problem = f"the archive is damaged or cut off: {_why(error)}"
    with path.open("rb") as file:
        if file.read(2) in _UTF16:
            file.seek(0)
            return _recoded(file, name, folder / "utf8")._replace(problem=problem)
    return _Candidate(name, path, problem)


def _recoded(stream: IO[bytes], name: str, folder: Path) -> _Candidate:
    """A file in UTF-16, as PowerShell's ``>`` writes it, in UTF-8."""
    folder.mkdir(parents=True)
    path = folder / "log"
    with path.open("w", encoding="utf-8", newline="") as file:
        shutil.copyfileobj(codecs.getreader("utf-16")(stream, "replace"), file)
    return _Candidate(name, path)


def _recognised(candidate: _Candidate) -> Found:
    """What kind of log it is, by its header."""
    state: LogState = "damaged" if candidate.problem else "read"
    file = LogFile(candidate.name, state, problem=candidate.problem)
    if candidate.path is None:
        return Found(file, Path())
    nothing = Found(file, candidate.path)
    try:
        with candidate.path.open("rb") as stream:
            head = stream.read(_HEAD)
            size = stream.seek(0, 2)
            stream.seek(max(0, size - _HEAD))
            tail = stream.read(_HEAD)
    except OSError as error:
        why = f"it cannot be read: {_why(error)}"
        return nothing._replace(file=file._replace(state="damaged", problem=why))
    lines = head.removeprefix(MARK).split(b"\n")
    header = next((n for n, line in enumerate(lines) if line and not line.startswith(b"#")), None)
    at = next((n for n, line in enumerate(lines) if fields_of(line) is not None), None)
    kind, problem = _kind(lines, at)
    if kind is None or at is None:
        if head.startswith((_ZIP, _GZIP)):
            problem = _NESTED
        harmless = problem in {_FOREIGN, _RECEIVED} and not candidate.problem
        state = "foreign" if harmless else "damaged"
        return nothing._replace(
            file=file._replace(state=state, problem=candidate.problem or problem)
        )
    fields = fields_of(lines[at]) or ()
    top = lines[: header if header is not None else len(lines)]
    regular = header == at + 1 and b"" not in top and sum(map(_names_fields, top)) == 1
    first, last, server = _looked_at(head, tail, kind)
    return Found(
        file._replace(kind=kind, first=first, last=last, server=server),
        candidate.path,
        fields,
        at + 1,
        plain=regular and tail.endswith(b"\n") and len(set(fields)) == len(fields),
    )


def _names_fields(line: bytes) -> bool:
    return fields_of(line) is not None


def _kind(lines: Sequence[bytes], at: int | None) -> tuple[LogKind | None, str]:
    """The kind, or why there is none."""
    if at is None:
        looks = any(line.lower().startswith(b"#log-type: message tracking") for line in lines)
        looks = looks or any(line[:4].isdigit() and line.count(b",") > 8 for line in lines[:9])
        return None, _NO_FIELDS if looks else _FOREIGN
    fields = set(fields_of(lines[at]) or ())
    said = next((line.lower() for line in lines if line.lower().startswith(b"#log-type")), b"")
    if fields >= TRACKING:
        return "tracking", ""
    if b"receive" in said:
        return None, _RECEIVED
    if fields >= PROTOCOL:
        return "protocol", ""
    is_one = b"message tracking" in said or b"smtp send" in said or "event-id" in fields
    return None, _FEW_FIELDS if is_one else _FOREIGN


def _looked_at(
    head: bytes, tail: bytes, kind: LogKind
) -> tuple[datetime | None, datetime | None, str | None]:
    """The first and the last time in it, and whose log it is."""
    found = [one for one in islice(rows(BytesIO(head)), _ROWS) if isinstance(one, Row)]
    times = [when for row in found if (when := _time(row)) is not None][:1]
    ends = [line[:40].split(b",")[0] for line in tail.split(b"\n")[1:-1]]
    times += [when for end in ends[-20:] if (when := moment(end.decode("latin-1"))) is not None]
    servers = Counter(name for row in found if kind == "tracking" and (name := _server(row)))
    server = servers.most_common(1)[0][0] if servers else None
    return (min(times), max(times), server) if times else (None, None, server)


def _time(row: Row) -> datetime | None:
    if row.values is None or "date-time" not in row.fields:
        return None
    return moment(row.values[row.fields.index("date-time")])


def moment(text: str) -> datetime | None:
    """A time of a log, in UTC; None where it is none."""
    if len(text) < len("2026-01-01T00:00") or not text.startswith(("19", "20")):
        return None
    try:
        when = datetime.fromisoformat(text)
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _server(row: Row) -> str | None:
    """The server that wrote a line: which side of an event it is on depends on the event.

    Source: https://learn.microsoft.com/exchange/mail-flow/transport-logs/message-tracking
    (client-hostname submitted the message, server-hostname is where it went).
    """
    if row.values is None or not set(row.fields) >= TRACKING:
        return None
    at = dict(zip(row.fields, row.values, strict=True))
    if at["source"].upper() != "SMTP":
        return None
    side = {"RECEIVE": "server-hostname", "SEND": "client-hostname"}.get(at["event-id"].upper())
    return (at[side].strip().partition(".")[0].upper() or None) if side else None


def _once(found: Sequence[Found]) -> Iterator[Found]:
    """Each log once: a copy, also one that was made while the log still grew, is left out."""
    groups: dict[bytes, list[Found]] = defaultdict(list)
    for one in found:
        if one.file.kind is None:
            yield one
        else:
            with one.path.open("rb") as file:
                groups[file.read(4096)[:1024]].append(one)
    for group in groups.values():
        kept: list[Found] = []
        for one in sorted(group, key=lambda each: -each.path.stat().st_size):
            same = next((k for k in kept if _begins_with(k.path, one.path)), None)
            if same is None:
                kept.append(one)
            else:
                problem = f"it is a copy of {same.file.name}, which is counted"
                yield one._replace(file=LogFile(one.file.name, "copy", problem=problem))
        yield from kept


def _begins_with(longer: Path, shorter: Path) -> bool:
    with longer.open("rb") as one, shorter.open("rb") as other:
        while piece := other.read(_PIECE):
            if one.read(len(piece)) != piece:
                return False
    return True
