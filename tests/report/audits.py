"""Audits for the tests of formats: runs of the command line that together have every status."""

from __future__ import annotations

from typing import Any

from tests.conftest import REMOVED, ROOT, connector, export

AS_OF = "2026-11-23"
POLICY = """schema: audit-policy/1
name: every
version: "1"
extends: mimecast
region: na
connector:
  properties:
    MaxMessageSize: {max: 50 MB, severity: low, when: {Enabled: true}}
    TlsDomain: {not_applicable_because: "nobody <asked> for *it*", present: true}
exemptions:
  - {connector: Vault*, reason: "Archive [feed](x) | =1+1", owner: messaging@contoso.com,
     approved_by: ciso@contoso.com, ticket: CHG0012345, expires: 2027-01-31}
  - {connector: Vault*, control: BypassRoutes, reason: "Archive [feed](x) | =1+1",
     owner: messaging@contoso.com, approved_by: ciso@contoso.com, expires: 2027-01-31}
"""
"""With ``every_status``: a finding of each status."""


def every_status() -> bytes:
    """An export for ``POLICY``: it passes, fails, is exempt, unknown and not applicable."""
    return export(
        connector(Port=587, MaxMessageSize=REMOVED),
        connector(
            Name="Vault feed",
            Guid=REMOVED,
            AddressSpaces=["SMTP:vault.example;1"],
            SmartHosts=["vault.example"],
        ),
        connector(
            Name="Bypass",
            Guid="99999999-2222-3333-4444-555555555555",
            SmartHosts=[],
            DNSRoutingEnabled=True,
        ),
    )


def checked(audit: Any, tmp_path: Any, form: str, data: bytes, *more: str) -> str:
    """The report of an export in a format, the same from standard output and from a file."""
    (tmp_path / "every.yaml").write_text(POLICY, "utf-8")
    (tmp_path / "export.json").write_bytes(data)
    command = ["check", "-p", "every.yaml", "-s", "export.json", "--as-of", AS_OF, *more]
    out = audit(*command, "--format", form).out
    file = tmp_path / f"report.{form}"
    again = audit(*command, "--quiet", "--output", f"{form}={file}")
    assert "Traceback" not in again.err
    assert file.read_bytes().decode("utf-8") == out
    return out


def example(audit: Any, name: str, form: str) -> str:
    """The report of an example in a format."""
    file = ROOT / "examples" / f"{name}.xml"
    return audit("check", "-r", "na", "-s", file, "--as-of", AS_OF, "-f", form).out


def failed(audit: Any, tmp_path: Any, form: str) -> str:
    """The file of an earlier run, after a run that could evaluate nothing."""
    file = tmp_path / f"report.{form}"
    good = ["check", "-r", "na", "-s", ROOT / "examples/compliant.xml", "-o", f"{form}={file}"]
    assert audit(*good, "--as-of", AS_OF).status == 0
    before = file.read_bytes()
    (tmp_path / "b[a]d|`x`.xml").write_bytes(b"")
    bad = ["check", "-r", "na", "-s", tmp_path / "b[a]d|`x`.xml", "-o", f"{form}={file}"]
    assert audit(*bad, "--as-of", AS_OF).status == 3
    assert file.read_bytes() != before
    return file.read_bytes().decode("utf-8")
