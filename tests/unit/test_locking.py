"""One run at a time: whoever comes second is told so, and a dead process holds nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.cli.locking import lock_folder, only_one
from auditor.errors import UndecidedError, UsageError
from tests.conftest import ROOT

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
HOLD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from auditor.cli.locking import only_one
with only_one(Path(sys.argv[1]), sys.argv[2], datetime(2026, 11, 23, 2, 30, tzinfo=UTC)):
    print("held", flush=True)
    sys.stdin.read()
"""
HOSTILE = ["a", "../../etc/passwd", "a\nb", "a\0b", "x" * 5000, "\udc80", "", "CON", "a:b|c?*"]


@contextmanager
def held(folder: Path, key: str = "emea"):
    """Another process that holds the lock until it is ended."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder), key],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.communicate("", timeout=20)


def test_a_second_run_is_told_since_when_and_by_whom(tmp_path):
    with held(tmp_path) as process:
        with pytest.raises(UndecidedError) as caught, only_one(tmp_path, "emea", NOW):
            raise AssertionError
        assert caught.value.message == (
            "another run of this audit is under way (since 2026-11-23 02:30:00 UTC, process "
            f"{process.pid})"
        )
        assert caught.value.hint.startswith(f"Wait until it is done, or end process {process.pid}")
        assert caught.value.exit_status == 3
        with only_one(tmp_path, "apac", NOW):
            pass
    with only_one(tmp_path, "emea", NOW):
        pass


def test_a_killed_process_holds_nothing(tmp_path):
    for _ in range(3):
        with held(tmp_path) as process:
            process.kill()
            process.wait()
            if os.name != "nt":
                assert process.returncode == -signal.SIGKILL
            with only_one(tmp_path, "emea", NOW):
                pass


def test_a_run_that_fails_leaves_the_lock(tmp_path):
    with pytest.raises(KeyError), only_one(tmp_path, "emea", NOW):
        raise KeyError
    with only_one(tmp_path, "emea", NOW):
        (who,) = tmp_path.glob("*.run")
        assert json.loads(who.read_text())["process"] == os.getpid()
        with pytest.raises(UndecidedError), only_one(tmp_path, "emea", NOW):
            raise AssertionError
    assert not [*tmp_path.glob("*.run")]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"process": "x", "since": 3}', "\udcff"])
def test_what_the_holder_says_may_be_half_written(tmp_path, text):
    with held(tmp_path):
        (who,) = tmp_path.glob("*.run")
        who.write_bytes(text.encode("utf-8", "surrogateescape"))
        with pytest.raises(UndecidedError) as caught, only_one(tmp_path, "emea", NOW):
            raise AssertionError
    assert caught.value.message == "another run of this audit is under way"


@pytest.mark.parametrize("key", HOSTILE, ids=ascii)
def test_whatever_the_key_is_the_lock_is_a_file_in_the_folder(tmp_path, key):
    folder = tmp_path / "locks"
    folder.mkdir()
    with only_one(folder, key, NOW):
        names = sorted(path.name for path in folder.iterdir())
    assert [name.rpartition(".")[2] for name in names] == ["lock", "run"]
    assert all(len(name) < 40 and name.isascii() for name in names)
    assert [*tmp_path.iterdir()] == [folder]


@pytest.mark.skipif(os.name == "nt", reason="Windows makes links for administrators only")
def test_no_link_is_followed(tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    folder = tmp_path / "locks"
    folder.mkdir()
    with only_one(folder, "emea", NOW):
        names = [path.name for path in folder.iterdir()]
    for name in names:
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(victim)
        if name.endswith(".lock"):
            with pytest.raises(UsageError), only_one(folder, "emea", NOW):
                raise AssertionError
            (folder / name).unlink()
        else:
            with only_one(folder, "emea", NOW):
                assert not (folder / name).is_symlink()
        assert victim.read_text() == "precious"


def test_the_lock_is_beside_the_history(tmp_path):
    (tmp_path / "kept").mkdir()
    environ = {"STATE_DIRECTORY": str(tmp_path / "state")}
    assert lock_folder(tmp_path / "kept/h.db", environ) == tmp_path / "kept"
    assert lock_folder(tmp_path / "new/er/h.db", environ) == tmp_path / "new/er"


@pytest.mark.skipif(os.name == "nt", reason="folders of POSIX systems")
@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"STATE_DIRECTORY": "{}/a:{}/b", "HOME": "{}/home"}, "a"),
        ({"XDG_STATE_HOME": "{}/xdg", "HOME": "{}/home"}, "xdg/connector-auditor"),
        ({"XDG_STATE_HOME": "not/absolute", "HOME": "{}/home"}, "home/.local/state/connector-auditor"),
        ({"HOME": "{}/file"}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_without_a_history_the_lock_is_this_users(tmp_path, monkeypatch, environ, expected):
    (tmp_path / "file").write_text("no folder")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    found = lock_folder(None, {k: v.format(tmp_path, tmp_path) for k, v in environ.items()})
    private = f"tmp/connector-auditor-{os.getuid()}"
    assert found == tmp_path / (expected or private)
    assert found.stat().st_mode & 0o777 == 0o700
    with only_one(found, "emea", NOW):
        pass


@pytest.mark.skipif(os.name == "nt", reason="folders of POSIX systems")
@pytest.mark.parametrize("attack", ["open to all", "a link", "a file"])
def test_a_folder_that_somebody_else_may_write_holds_no_lock(tmp_path, monkeypatch, attack):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    private = tmp_path / f"connector-auditor-{os.getuid()}"
    if attack == "open to all":
        private.mkdir()
        private.chmod(0o777)
    elif attack == "a link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        private.symlink_to(tmp_path / "elsewhere")
    else:
        private.write_text("")
    with pytest.raises(UsageError) as caught:
        lock_folder(None, {})
    assert "XDG_STATE_HOME" in caught.value.hint
