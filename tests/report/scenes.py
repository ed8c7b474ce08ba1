"""Audits to report on: every status, packs, and names that try what they can.

Each is a run of the command line. The same for every format, so that none is easier on one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.conftest import REMOVED, ROOT, connector, export
from tests.report.hostile import MIXED, NAMES, snapshot

AS_OF = "2026-11-23"
SECONDS = 1795392000
POLICY = """schema: audit-policy/1
name: contoso
version: "3"
extends: mimecast
region: na
packs: [cis-exchange-2019]
connector:
  name: Outbound Mail to Mimecast
  properties:
    Fqdn: {equals: mail.contoso.com, severity: low, why: "It is\\nwhat we say", references: ["https://example.com/a b"]}
    ForceHELO: {equals: false, severity: high}
exemptions:
  - {connector: "Vault*", reason: "Archive\\nfeed", owner: a@contoso.com, approved_by: b@contoso.com,
     ticket: CHG1, starts: 2026-01-01, expires: 2027-01-31}
  - {connector: "Vault*", control: BypassRoutes, reason: Archive feed, owner: a@contoso.com,
     approved_by: b@contoso.com, expires: 9999-12-31}
  - {connector: Nobody, reason: r, owner: o, approved_by: a, expires: 2026-11-30}
"""


EVERY = """schema: audit-policy/1
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


class Scene(NamedTuple):
    """What one run is given."""

    data: bytes | None = None
    arguments: tuple[str, ...] = ()
    policy: str | None = None


def other(name: Any, number: int = 1, **changes: object) -> dict[str, object]:
    """A connector beside the gateway's."""
    spaces = [f"SMTP:d{number}.example;1"]
    guid = f"22222222-0000-0000-0000-{number:012d}"
    base = {"Name": name, "Guid": guid, "AddressSpaces": spaces, "SmartHosts": ["x.example"]}
    return connector(**{**base, **changes})


def example(name: str, *arguments: str) -> Scene:
    """One of the project's examples."""
    return Scene(None, ("-r", "na", "-s", str(ROOT / "examples" / name), *arguments))


def exported(*connectors: dict[str, object], arguments: tuple[str, ...] = ()) -> Scene:
    """A JSON export, given as standard input."""
    return Scene(export(*connectors), ("-r", "na", "-s", "-", *arguments))


def every_status() -> bytes:
    """An export for ``EVERY``: it passes, fails, is exempt, unknown and not applicable."""
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


def every(data: bytes, *arguments: str) -> Scene:
    """An export under ``EVERY``."""
    return Scene(data, ("-s", "-", *arguments), EVERY)


SCENES = {
    "compliant": example("compliant.xml"),
    "drifted": example("drifted.xml"),
    "cis": example("drifted.xml", "--pack", "cis-exchange-2019"),
    "stig": example("compliant.xml", "--pack", "stig-exchange-2019-mailbox"),
    "stig-edge": example("drifted.xml", "--pack", "stig-exchange-2016-edge"),
    "statuses": Scene(
        export(
            connector(Port=REMOVED, Fqdn="wrong.contoso.com", ForceHELO="maybe"),
            other("Vault feed"),
            other("Left over", 2),
        ),
        ("-s", "-"),
        POLICY,
    ),
    "every": every(every_status()),
    "exempt": Scene(
        export(connector(Fqdn="mail.contoso.com", ForceHELO=False), other("Vault feed")),
        ("-s", "-"),
        POLICY.replace("packs: [cis-exchange-2019]\n", ""),
    ),
    "undecided": exported(connector(Enabled="perhaps", Port=REMOVED)),
    "no connector": Scene(b"[]", ("-r", "na", "-s", "-")),
    "no guids": exported(connector(Guid=REMOVED), other("Left over", Guid=REMOVED)),
    "no names": exported(
        connector(), other(REMOVED, Guid=REMOVED), other(REMOVED, 2, Guid=REMOVED)
    ),
    "one name": exported(
        connector(),
        other("Twin", Guid=REMOVED),
        other("Twin", 2, Guid=REMOVED),
        other("TWIN", 3),
        other("Twin", 4),
        other("Twin", 5, Guid=other("", 4)["Guid"]),
    ),
    # Two findings each: another connector, and a route of its own.
    "thousand": exported(
        connector(),
        *(other(f"Site {n}", n, AddressSpaces=["SMTP:site.example;1"]) for n in range(500)),
    ),
    **{
        f"hostile {kind}": exported(
            connector(Port=587),
            other(name, Comment=name, Fqdn=name, TlsDomain=name),
            arguments=("--organization", name),
        )
        for kind, name in MIXED.items()
    },
    "hostile": Scene(snapshot(NAMES), ("-r", "na", "-s", "-")),
    "hostile policy": Scene(
        export(connector(), other("Vault feed")),
        ("-s", "-"),
        POLICY.replace("It is", MIXED["markup"].replace('"', "")).replace(
            "Archive\\nfeed", "[a](javascript:a) \\u202e\\x1b <b>"
        ),
    ),
}
STATUSES = ("pass", "fail", "exempt", "unknown", "not-applicable")
_IGNORED = (
    "Enabled", "AddressSpaces", "DNSRoutingEnabled", "SmartHosts", "SmartHostAuthMechanism",
    "SourceTransportServers", "IsScopedConnector", "Port",
)  # fmt: skip
_SPECIAL = ("ConnectorPresent", "OtherOutboundConnectors", "BypassRoutes")
NOTHING = Scene(
    export(connector()),
    ("-s", "-"),
    "schema: audit-policy/1\nname: nothing\nversion: '1'\nextends: mimecast\nregion: na\n"
    + "controls:\n"
    + "".join(f"  {name}: {{ignore: true}}\n" for name in _SPECIAL)
    + "connector:\n  properties:\n"
    + "".join(f"    {name}: {{ignore: true}}\n" for name in _IGNORED),
)
"""An audit without any finding."""
