"""Runs the command line on what audits.py holds."""

from __future__ import annotations

import json

import pytest

from tests.report.audits import AS_OF, SCENES


@pytest.fixture
def written(audit, tmp_path):
    """A scene's report in a format: the bytes of its file, which standard output shows as well."""

    def written(format_: str, scene: str, as_of: str = AS_OF) -> str:
        data, arguments, policy = SCENES[scene]
        if policy is not None:
            (tmp_path / "policy.yaml").write_text(policy, "utf-8")
            arguments = ("--policy", "policy.yaml", *arguments)
        files = {format_: tmp_path / f"report.{format_}", "json": tmp_path / "report.json"}
        outputs = [word for name, file in files.items() for word in ("-o", f"{name}={file}")]
        done = audit(
            "check", *arguments, "--as-of", as_of, "-f", format_, *outputs, stdin=data or b""
        )
        assert done.status in {0, 1, 3}, done.err
        text = files[format_].read_bytes().decode("utf-8")
        assert text == done.out
        return text

    return written


@pytest.fixture
def findings(tmp_path):
    """What the last scene found, as the JSON report says it."""
    return lambda: json.loads((tmp_path / "report.json").read_text("utf-8"))["findings"]


@pytest.fixture
def failed(audit, tmp_path):
    """The report that replaces an earlier one when a run evaluates nothing."""

    def failed(format_: str, data: bytes = b"") -> str:
        file = tmp_path / "report"
        run = ("check", "-r", "na", "-s", "-", "-o", f"{format_}={file}")
        audit(*run, stdin=b"[]")
        before = file.read_bytes()
        assert audit(*run, stdin=data).status in {2, 3}
        assert file.read_bytes() != before
        return file.read_text("utf-8")

    return failed
