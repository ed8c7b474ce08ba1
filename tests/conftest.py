"""What all tests share: running the command line in this process, and the report's schema."""

from __future__ import annotations

import io
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import settings

from auditor.cli import main

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = json.loads((ROOT / "auditor/report/audit-report-1.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

# In CI the same examples every time; elsewhere new ones. A slow machine is no failure.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("here", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "here")

if os.environ.get("CI"):
    # A test that does not run proves nothing.
    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(report: pytest.TestReport) -> None:
        fail_if_skipped(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collectreport(report: pytest.CollectReport) -> None:
        fail_if_skipped(report)

    def fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.skipped:
            report.outcome = "failed"
            report.longrepr = f"skipped in CI: {report.longrepr}"


@dataclass(frozen=True)
class Result:
    """What a run gave."""

    status: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """Standard output as one report, held against the schema."""
        document = json.loads(self.out)
        VALIDATOR.validate(document)
        return document

    @property
    def statuses(self) -> dict[str, str]:
        """Status by control, or by ``control @ connector`` where a control has several."""
        findings = self.report["findings"]
        names = [finding["control"] for finding in findings]
        return {
            f["control"]
            if names.count(f["control"]) == 1
            else f"{f['control']} @ {f['connector']}": f["status"]
            for f in findings
        }


@pytest.fixture
def audit(tmp_path, monkeypatch, capsys):
    """Runs ``audit`` in an empty folder with a clean environment."""
    for name in list(os.environ):
        if name.startswith("AUDIT_") or name == "NO_COLOR":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str | Path, stdin: bytes | None = None) -> Result:
        if stdin is not None:
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        status = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in err, err
        return Result(status, out, err)

    return run


def connector(**changes: object) -> dict[str, object]:
    """A compliant gateway connector as ConvertTo-Json gives it; None takes a property out."""
    base: dict[str, object] = {
        "Name": "Outbound Mail to Mimecast",
        "Guid": "11111111-2222-3333-4444-555555555555",
        "Enabled": True,
        "AddressSpaces": ["SMTP:*;1"],
        "DNSRoutingEnabled": False,
        "SmartHosts": ["us-smtp-outbound-1.mimecast.com", "us-smtp-outbound-2.mimecast.com"],
        "SmartHostAuthMechanism": "None",
        "SourceTransportServers": ["EX01", "EX02"],
        "IsScopedConnector": False,
        "Port": 25,
    }
    merged = {**base, **changes}
    return {name: value for name, value in merged.items() if value is not REMOVED}


REMOVED = object()


def export(*connectors: dict[str, object]) -> bytes:
    """A JSON export."""
    return json.dumps(list(connectors)).encode()
