"""Two runs of one audit of a configuration file: the second is told, and hurts nothing."""

from __future__ import annotations

import socket
import subprocess
import sys
import time

from tests.conftest import ROOT

CONFIG = """\
region: na
organization: Contoso
server: http://127.0.0.1:{port}/PowerShell/
auth: basic
username: auditor
allow-cleartext: true
timeout: 4
history: h.sqlite
output: [json=report.json]
"""


def test_the_second_run_ends_at_once_and_replaces_no_report(audit, tmp_path, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        (tmp_path / "audit.yaml").write_text(CONFIG.format(port=silent.getsockname()[1]), "utf-8")
        report = tmp_path / "report.json"
        report.write_text('{\n  "schema": "audit-report/1"}', "utf-8")
        monkeypatch.setenv("AUDIT_PASSWORD", "x")
        first = subprocess.Popen(
            [sys.executable, "-m", "auditor", "check", "--config", str(tmp_path / "audit.yaml")],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        silent.settimeout(20)
        connection, _ = silent.accept()  # it has begun
        begun = time.monotonic()
        second = audit("check")
        assert second.status == 3
        assert "another run of this audit is under way" in second.err
        assert time.monotonic() - begun < 3
        assert report.read_text("utf-8") == '{\n  "schema": "audit-report/1"}'
        first.kill()
        first.wait()
        connection.close()
    # Whoever was killed holds no lock: this one tries, and finds nobody there.
    third = audit("check")
    assert third.status == 3
    assert "under way" not in third.err
    assert '"verdict": null' in report.read_text("utf-8")
