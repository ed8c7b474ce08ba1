"""A bundle as one zip file, packed in exactly one way.

Stored, sorted, without dates, comments or extra fields: the same files give the same bytes. So
reading can pack again and compare, and a bit that was flipped anywhere, in a header that nobody
else looks at too, is found. Nothing is ever unpacked to a disk.

Source of the layout: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.
"""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from binascii import crc32
from typing import TYPE_CHECKING, Final

from auditor.errors import AlteredError, Place, shortened
from auditor.signoff.names import check_names

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_BYTES: Final = 512 * 1024 * 1024
MOST_FILES: Final = 1000
# Of each entry: version 2.0, no flags, stored, 00:00 of 1980-01-01 (the first day there is).
_ENTRY: Final = struct.Struct("<HHHHHLLLHH")
_LOCAL: Final = b"PK\x03\x04"
_CENTRAL: Final = b"PK\x01\x02"
_END: Final = b"PK\x05\x06"
_MADE_BY: Final = 3 << 8 | 20  # Unix, 2.0
_ATTRIBUTES: Final = (stat.S_IFREG | 0o644) << 16
_FIRST_DAY: Final = 1 << 5 | 1
_UNPACK: Final = "Unpack it and verify the folder: what is signed are the files in it."
_AGAIN: Final = "Get the bundle again from who made it."


def zip_bytes(files: Mapping[str, bytes]) -> bytes:
    """The files as one archive.

    Args:
        files: their names, in ASCII with ``/`` between folder and file, and what is in them.
    """
    packed, directory = io.BytesIO(), io.BytesIO()
    for path in sorted(files):
        name, data, offset = path.encode("ascii"), files[path], packed.tell()
        size = len(data)
        fields = _ENTRY.pack(20, 0, 0, 0, _FIRST_DAY, crc32(data), size, size, len(name), 0)
        packed.write(_LOCAL + fields + name + data)
        where = struct.pack("<HHHLL", 0, 0, 0, _ATTRIBUTES, offset)
        directory.write(_CENTRAL + struct.pack("<H", _MADE_BY) + fields + where + name)
    entries, start = directory.getvalue(), packed.tell()
    count = len(files)
    end = _END + struct.pack("<HHHHLLH", 0, 0, count, count, len(entries), start, 0)
    return packed.getvalue() + entries + end


def unzipped(data: bytes, file: str) -> dict[str, bytes]:
    """The files in an archive of ours.

    Args:
        data: the archive.
        file: its name, for messages.

    Raises:
        AlteredError: it is not as this program packs it, or could do harm.
    """
    if len(data) > MOST_BYTES:
        raise AlteredError("the archive is larger than any bundle", Place(file), _AGAIN)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_entries(entries, file)
            found = {entry.orig_filename: _read(archive, entry, file) for entry in entries}
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, struct.error,
            EOFError, OSError, OverflowError) as error:  # fmt: skip
        raise AlteredError("the archive is damaged or cut off", Place(file), _AGAIN) from error
    again = zip_bytes(found)
    if again != data:
        pairs = enumerate(zip(again, data, strict=False))
        at = next((n for n, (ours, theirs) in pairs if ours != theirs), min(len(again), len(data)))
        raise AlteredError(
            f"the archive is not as it was packed, from byte {at + 1} on: it was altered, or "
            "packed by another program",
            Place(file),
            _UNPACK,
        )
    return found


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, file: str) -> bytes:
    try:
        return archive.read(entry)
    except zipfile.BadZipFile as error:
        message = f"{shortened(entry.orig_filename)} in the archive is damaged"
        raise AlteredError(message, Place(file), _AGAIN) from error


def _check_entries(entries: list[zipfile.ZipInfo], file: str) -> None:
    """That nothing in it is dangerous, or other than a plain stored file, before any is read."""
    if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise AlteredError("the archive holds more than any bundle", Place(file), _AGAIN)
    for entry in entries:
        name = shortened(entry.orig_filename)
        if _is_link(entry):
            raise AlteredError(f"{name} in the archive is a symbolic link", Place(file), _AGAIN)
        if _is_no_file(entry):
            raise AlteredError(f"{name} in the archive is no regular file", Place(file), _UNPACK)
        if entry.flag_bits & 1:
            raise AlteredError(f"{name} in the archive is encrypted", Place(file), _AGAIN)
    check_names((entry.orig_filename for entry in entries), file, "archive")
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
        raise AlteredError("the archive was packed by another program", Place(file), _UNPACK)


def _is_link(entry: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(entry.external_attr >> 16)


def _is_no_file(entry: zipfile.ZipInfo) -> bool:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    return entry.orig_filename.endswith("/") or kind not in {0, stat.S_IFREG}
