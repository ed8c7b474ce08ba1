"""Bundles: the same files give the same bytes, and only what is a bundle is read as one."""

from __future__ import annotations

import io
import json
import os
import stat
import zipfile

import jsonschema
import pytest

from auditor.errors import AlteredError, InputError, UsageError
from auditor.signoff.archive import unzipped, zip_bytes
from auditor.signoff.bundle import read_bundle, write_folder
from auditor.signoff.manifest import MANIFEST, read_manifest, written_manifest
from auditor.signoff.names import check_names
from tests.conftest import ROOT
from tests.signoff.made import bundle, digest

SCHEMA = json.loads((ROOT / "auditor/signoff/audit-bundle-1.schema.json").read_text("utf-8"))


def test_the_manifest_lists_every_other_file_and_follows_its_schema():
    files = bundle()
    manifest = json.loads(files[MANIFEST])
    jsonschema.Draft202012Validator(SCHEMA).validate(manifest)
    assert {file["path"]: file["sha256"] for file in manifest["files"]} == {
        name: digest(data) for name, data in files.items() if name != MANIFEST
    }


def test_a_manifest_reads_back_as_it_was_written():
    data = bundle(ticket="CHG1")[MANIFEST]
    assert written_manifest(read_manifest(data, "b")) == data


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"audit-bundle/1"', b'"audit-bundle/2"'),
        (b'"a4"', b'"a5"'),
        (b'"size": ', b'"size":  '),
        (b"T08:00:00Z", b"T08:00:00 "),
        (b'"typst"', b'"typsu"'),
        (b'"verdict": "compliant"', b'"verdict": null'),
        (b"{", b"["),
    ],
)
def test_a_manifest_that_this_program_does_not_write_is_refused(before, after):
    data = bundle()[MANIFEST]
    assert before in data
    with pytest.raises(AlteredError, match=r"manifest\.json"):
        read_manifest(data.replace(before, after, 1), "b")


def test_folder_and_zip_hold_the_same_files(tmp_path):
    files = bundle()
    write_folder(tmp_path / "folder", files)
    (tmp_path / "b.zip").write_bytes(zip_bytes(files))
    assert read_bundle(tmp_path / "folder") == files
    assert read_bundle(tmp_path / "b.zip") == files


def test_the_archive_is_a_zip_for_everybody_and_always_the_same():
    files = bundle()
    data = zip_bytes(files)
    assert data == zip_bytes(dict(reversed(files.items())))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == sorted(files)
        assert {e.date_time for e in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {e.external_attr >> 16 for e in archive.infolist()} == {stat.S_IFREG | 0o644}


def test_what_is_there_is_never_replaced(tmp_path):
    for name in ("folder", "empty"):
        (tmp_path / name).mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("folder", "empty", "link"):
        with pytest.raises(UsageError, match="already there"):
            write_folder(tmp_path / name, bundle())


def test_a_folder_is_written_whole_or_not_at_all(tmp_path):
    with pytest.raises(UsageError, match="could not be written"):
        write_folder(tmp_path / "b", {MANIFEST: b"{}", "x" * 300: b""})
    assert not (tmp_path / "b").exists()


def packed(*entries, how=zipfile.ZIP_STORED, comment=b""):
    """An archive of another program: (name, data) or (name, data, attributes)."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", how) as archive:
        archive.comment = comment
        for name, data, *attributes in entries:
            info = zipfile.ZipInfo(name)
            info.compress_type = how
            info.external_attr = (attributes[0] if attributes else stat.S_IFREG | 0o644) << 16
            archive.writestr(info, data)
    return file.getvalue()


def two(name, other):
    """Two entries whose names the library would refuse to write beside each other."""
    stand_in = "~" * len(other)
    return packed((name, b""), (stand_in, b"")).replace(stand_in.encode(), other.encode())


def named(name):
    """An entry with a name that the library would mend."""
    stand_in = "~" * len(name)
    return packed((stand_in, b"")).replace(stand_in.encode(), name.encode())


def encrypted():
    data = bytearray(packed(("a", b"x")))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def bomb():
    """It claims to be larger than it is."""
    data = bytearray(packed(("a", b"x")))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = (1 << 31).to_bytes(4, "little")
    return bytes(data)


FOLDER = stat.S_IFDIR | 0o755
DANGEROUS = {
    "symbolic link": (packed(("a", b"/etc/passwd", stat.S_IFLNK | 0o777)), "symbolic link"),
    "folder entry": (packed(("a/", b"", FOLDER)), "no regular file"),
    "pipe": (packed(("a", b"", stat.S_IFIFO | 0o644)), "no regular file"),
    "up": (named("../a"), "leads out"),
    "up below": (named("packs/../../a"), "leads out"),
    "absolute": (named("/etc/a"), "absolute"),
    "drive": (named("C:a"), "absolute"),
    "backslash": (named("..\\a"), "backslash"),
    "control character": (named("a\x07b"), "other characters"),
    "line end": (named("a\nb"), "other characters"),
    "zero byte": (named("a\x00b"), "other characters"),
    "device": (named("NUL.json"), "device"),
    "last dot": (named("a."), "dot"),
    "no name": (named("a//b"), "without a name"),
    "dot": (named("./a"), "without a name"),
    "accent": (packed(("é.json", b"")), "other characters"),
    "letter case": (two("a.json", "A.json"), "beside"),
    "twice": (two("a.json", "a.json"), "twice"),
    "encrypted": (encrypted(), "encrypted"),
    "bomb": (bomb(), "more than any bundle"),
    "many": (packed(*((f"f{n}", b"") for n in range(1001))), "more than any bundle"),
    "deflated": (packed(("a", b"x" * 99), how=zipfile.ZIP_DEFLATED), "another program"),
    "stored by another": (packed(("b", b"x"), ("a", b"")), "another program"),
    "comment": (packed(("a", b"x"), comment=b"hello"), "another program"),
    "before it": (b"MZ" + zip_bytes({"a": b"x"}), "another program"),
    "cut off": (zip_bytes({"a": b"x"})[:-5], "damaged or cut off"),
    "no archive": (b"PK\x03\x04 manifest.json", "damaged or cut off"),
}


@pytest.mark.parametrize("name", DANGEROUS)
def test_an_archive_that_is_not_ours_is_refused(name):
    data, words = DANGEROUS[name]
    with pytest.raises(AlteredError, match=words) as caught:
        unzipped(data, "b.zip")
    assert caught.value.exit_status == 1


def test_an_archive_of_another_program_is_refused_with_advice():
    data = packed(*bundle().items(), how=zipfile.ZIP_DEFLATED)
    with pytest.raises(AlteredError) as caught:
        unzipped(data, "b.zip")
    assert "verify the folder" in (caught.value.hint or "")


def test_names_that_normalise_to_one_are_one():
    with pytest.raises(AlteredError):
        check_names(["\u212b.txt"], "b")


@pytest.fixture
def folder(tmp_path):
    write_folder(tmp_path / "b", bundle())
    return tmp_path / "b"


def linked_file(folder):
    (folder / "report.json").rename(folder.parent / "elsewhere")
    (folder / "report.json").symlink_to(folder.parent / "elsewhere")


def linked_folder(folder):
    (folder.parent / "other").mkdir()
    (folder / "packs").symlink_to(folder.parent / "other", target_is_directory=True)


ODD = {
    "linked file": (linked_file, "'report.json' is a symbolic link"),
    "linked folder": (linked_folder, "'packs' is a symbolic link"),
    "pipe": (lambda folder: os.mkfifo(folder / "pipe"), "no regular file"),
    "odd name": (lambda folder: (folder / "a\x1b").write_bytes(b""), "other characters"),
    "no manifest": (lambda folder: (folder / MANIFEST).unlink(), "was removed"),
}


@pytest.mark.parametrize("name", ODD)
def test_a_folder_with_what_no_bundle_has_is_refused(name, folder):
    do, words = ODD[name]
    do(folder)
    with pytest.raises(AlteredError, match=words):
        read_bundle(folder)


def test_what_is_no_bundle_is_no_altered_one(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "x.txt").write_text("hello")
    for name in ("empty", "x.txt", "nowhere"):
        with pytest.raises(InputError):
            read_bundle(tmp_path / name)
