"""Organisations with any drift that Exchange can hold, policies for them, and what an export shows.

What is generated is the true state, a model of Exchange; the audit sees it through a lens, which
leaves properties out or makes them unreadable, the same before and after the changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from exchange import CREDENTIAL, DEFAULTS, Exchange
from hypothesis import strategies as st

from auditor.model import Provenance, Region, Snapshot
from auditor.policy import load_policy
from auditor.properties import PROPERTIES, VERSIONS

if TYPE_CHECKING:
    from exchange import Settings

    from auditor.model import Policy

SERVER_VERSIONS = {
    "2010": "Version 14.3 (Build 123.4)",
    "2013": "Version 15.0 (Build 1497.2)",
    "2016": "Version 15.1 (Build 2507.6)",
    "2019": "Version 15.2 (Build 1118.7)",
}
ROLES = "Mailbox, HubTransport"
LENSES = ("absent", "unreadable")
_UNREADABLE = "System.Object[]"
_PLAIN = {"Name", "Guid", "Identity"}


@dataclass(repr=False)
class Case:
    """One organisation, how it is seen, and the policy that it is held against.

    Attributes:
        exchange: the true state.
        policy: what must hold.
        region: the effective one.
        lens: (Guid, property) → ``absent``, ``unreadable`` or ``null``.
        servers: the raw objects of Get-ExchangeServer; None: not collected.
        largest: TransportConfig's MaxSendSize; None: not collected.
        identity: whether the export holds Identity beside Name.
        text: the policy as it was written, for people.
    """

    exchange: Exchange
    policy: Policy
    region: Region | None
    lens: dict[tuple[str, str], str] = field(default_factory=dict)
    servers: list[dict[str, object]] | None = None
    largest: object = None
    identity: bool = True
    text: str = ""

    def __repr__(self) -> str:
        return "\n".join([
            f"\nExchange {self.exchange.version}, region {self.region and self.region.id}",
            *(_said(noun, c) for noun, found in self.exchange.objects.items() for c in found),
            f"hidden: {self.lens}, MaxSendSize: {self.largest}, Identity: {self.identity}",
            f"servers: {self.servers}",
            self.text,
        ])  # fmt: skip

    def snapshot(self, exchange: Exchange) -> Snapshot:
        """What an export shows of a state of the organisation."""
        objects = {
            noun: tuple(self._seen(connector) for connector in found)
            for noun, found in exchange.objects.items()
        }
        if self.servers is not None:
            objects["ExchangeServer"] = tuple(self.servers)
        if self.largest is not None:
            objects["TransportConfig"] = ({"MaxSendSize": self.largest},)
        return Snapshot(None, Provenance("json", "export.json"), objects)

    def _seen(self, connector: Settings) -> dict[str, object]:
        shown = {name: v for name, v in connector.items() if name != "AuthenticationCredential"}
        if self.identity:
            shown["Identity"] = shown["Name"]
        if "SmartHosts" in shown:
            shown["SmartHostsString"] = ",".join(shown["SmartHosts"])  # type: ignore[arg-type]
        for name in list(shown):
            how = self.lens.get((str(connector["Guid"]), name))
            if how == "absent":
                del shown[name]
            elif how == "null":
                shown[name] = None
            elif how == "unreadable":
                shown[name] = _UNREADABLE
        return shown


def _said(noun: str, connector: Settings) -> str:
    """A connector, without what is as Exchange makes it."""
    telling = {n: v for n, v in connector.items() if v != DEFAULTS.get(n)}
    return f"{noun} {telling}"


NAMES = (
    *("Outbound to Mimecast", "Outbound Mail to Mimecast", "Internet", "Partner", "Büro"),
    *("EdgeSync - HQ to Internet", "Vault feed", "O'Brien’s", "EdgeSync - Inbound to HQ"),
)
SERVERS = ("EX01", "EX02", "ex03.contoso.com")
SOURCES = [
    ["EX01"],
    [],
    ["EX02"],
    ["EX01", "EX02"],
    ["ex03.contoso.com"],
    ["GONE"],
    ["EX01", "GONE"],
]
HOSTS = (
    ("us-smtp-outbound-1.mimecast.com", "us-smtp-outbound-2.mimecast.com"),
    ("US-SMTP-Outbound-2.mimecast.com.", "us-smtp-outbound-1.mimecast.com"),
    ("us-smtp-outbound-1.mimecast.com",),
    ("eu-smtp-outbound-1.mimecast.com", "eu-smtp-outbound-2.mimecast.com"),
    ("eu-smtp-outbound-1.mimecast.com", "us-smtp-outbound-1.mimecast.com"),
    ("other.mimecast.com",),
    ("us-smtp-journal-1.mimecast.com",),
    ("smtp.partner.example", "[192.0.2.1]"),
    ("tenant.mail.onmicrosoft.com",),
)
SPACES = (
    ("SMTP:*;1",),
    ("smtp:*; 1",),
    ("*",),
    ("SMTP:*;100",),
    ("SMTP:contoso.com;1",),
    ("SMTP:partner.example;1", "SMTP:*.partner.example;5"),
    ("SMTP:*;1", "SMTP:partner.example;1"),
)
INBOUND = ("SMTP:--;1",)
X400 = ("X400:c=US;a= ;p=Contoso;1",)
NEVER_TLS = {"RequireTLS": False, "TlsAuthLevel": None, "TlsDomain": None}
TLS = (
    {**NEVER_TLS, "IgnoreSTARTTLS": False},
    {**NEVER_TLS, "IgnoreSTARTTLS": True},
    {**NEVER_TLS, "IgnoreSTARTTLS": False, "RequireTLS": True},
    {**NEVER_TLS, "IgnoreSTARTTLS": False, "RequireTLS": True, "TlsAuthLevel": "EncryptionOnly"},
    {
        **NEVER_TLS,
        "IgnoreSTARTTLS": False,
        "RequireTLS": True,
        "TlsAuthLevel": "CertificateValidation",
    },
    {
        "IgnoreSTARTTLS": False,
        "RequireTLS": True,
        "TlsAuthLevel": "DomainValidation",
        "TlsDomain": "*.mimecast.com",
    },
)
LEVEL_ALONE = {**TLS[5], "TlsDomain": None}
OTHERS: dict[str, tuple[object, ...]] = {
    "Port": (25, 587),
    "MaxMessageSize": ("35 MB (36,700,160 bytes)", "10 MB (10,485,760 bytes)", "Unlimited"),
    "ConnectionInactivityTimeOut": ("00:10:00", "00:05:00", "1.00:00:00"),
    "ProtocolLoggingLevel": ("None", "Verbose"),
    "IsScopedConnector": (False, True),
    "Fqdn": (None, "mail.contoso.com"),
    "Comment": (None, "It's here"),
    "ForceHELO": (False, True),
    "FrontendProxyEnabled": (False, True),
    "CloudServicesMailEnabled": (False, True),
    "TlsCertificateName": (None, "<I>CN=a<S>CN=b"),
    "ErrorPolicies": ("Default", "DowngradeDnsFailures"),
}


def _rarely(many: int = 12) -> st.SearchStrategy[bool]:
    return st.integers(0, many - 1).map(lambda n: n == many - 1)


@st.composite
def send_connectors(draw, number: int, version: str) -> Settings:
    """A send connector that Exchange can hold."""
    made: Settings = {n: v for n, v in DEFAULTS.items() if PROPERTIES[n].in_version(version)}
    made["AuthenticationCredential"] = None
    made["Name"] = draw(st.sampled_from(NAMES))
    made["Guid"] = f"{number:08x}-1111-2222-3333-444444444444"
    made["Enabled"] = not draw(_rarely(5))
    dns = draw(st.booleans())
    spaces = list(SPACES) if dns else [*SPACES, INBOUND, X400]
    made["AddressSpaces"] = list(draw(st.sampled_from(spaces)))
    made["DNSRoutingEnabled"] = dns
    made["SmartHosts"] = [] if dns else list(draw(st.sampled_from(HOSTS)))
    if not dns and draw(_rarely(4)):
        mechanism = draw(st.sampled_from(["BasicAuth", "BasicAuthRequireTLS", "ExchangeServer"]))
        made["SmartHostAuthMechanism"] = mechanism
        if mechanism.startswith("Basic"):
            made["AuthenticationCredential"] = CREDENTIAL
    made.update(draw(st.sampled_from([*TLS, LEVEL_ALONE] if dns else TLS)))
    if dns and not made["IgnoreSTARTTLS"]:
        made["DomainSecureEnabled"] = draw(_rarely(4))
    made["SourceTransportServers"] = draw(st.sampled_from(SOURCES)).copy()
    for name in draw(st.lists(st.sampled_from(sorted(OTHERS)), unique=True, max_size=3)):
        if name in made:
            made[name] = draw(st.sampled_from(OTHERS[name]))
    return made


@st.composite
def other_connectors(draw, number: int) -> Settings:
    """A foreign or delivery-agent connector."""
    return {
        "Name": draw(st.sampled_from(["Fax", "Text", "Internet", "Relay"])),
        "Guid": f"{number:08x}-5555-6666-7777-888888888888",
        "Enabled": not draw(_rarely(4)),
        "AddressSpaces": list(draw(st.sampled_from([*SPACES, ("FAX:*;1",)]))),
        "IsScopedConnector": False,
        "SourceTransportServers": ["EX01"],
        "MaxMessageSize": "Unlimited",
    }


# Policies: what each property may be asked to be.

WISHES: dict[str, tuple[str, ...]] = {
    "Enabled": ("{ignore: true}",),
    "AddressSpaces": (
        "{ignore: true}",
        '{includes: ["SMTP:*;1"]}',
        '{excludes: ["SMTP:partner.example;1"]}',
        '{subset_of: ["SMTP:*;1", "SMTP:contoso.com;1"]}',
        '{includes: ["*"], excludes: ["SMTP:*;100"], max: 2}',
        '["SMTP:contoso.com;1"]',
        "{present: true}",
        "{max: 1}",
    ),
    "DNSRoutingEnabled": ("{ignore: true}", "true", "{one_of: [true, false]}"),
    "SmartHosts": (
        "{ignore: true}",
        "[us-smtp-outbound-1.mimecast.com]",
        "{includes: [us-smtp-outbound-2.mimecast.com]}",
        "{subset_of: [us-smtp-outbound-1.mimecast.com, eu-smtp-outbound-1.mimecast.com]}",
        "{excludes: [smtp.partner.example]}",
        "{present: true}",
        "{present: false}",
        "[]",
        "{min: 2}",
        "[smtp.partner.example]",
    ),
    "SmartHostAuthMechanism": (
        "{ignore: true}",
        "BasicAuth",
        "{one_of: [BasicAuthRequireTLS, None]}",
        "ExternalAuthoritative",
    ),
    "SourceTransportServers": (
        "[EX01, EX02]",
        "{includes: [EX02]}",
        "{includes: [EX01.contoso.com]}",
        "{excludes: [EX02]}",
        "{subset_of: [EX01, EX03]}",
        "{min: 2}",
        "{ignore: true}",
    ),
    "IsScopedConnector": ("{ignore: true}", "true"),
    "Port": ("{ignore: true}", "{one_of: [587, 25]}", "{max: 100}", "{min: 26}", "null"),
    "RequireTLS": ("true", "false", "{equals: true, when: {IgnoreSTARTTLS: false}}"),
    "IgnoreSTARTTLS": ("false", "true"),
    "TlsAuthLevel": (
        "CertificateValidation",
        "DomainValidation",
        "null",
        "{one_of: [null, EncryptionOnly]}",
        "{present: true}",
        "{present: false}",
        "{equals: EncryptionOnly, when: {RequireTLS: true}}",
    ),
    "TlsDomain": (
        "gateway.example",
        "null",
        "{equals: gateway.example, when: {TlsAuthLevel: DomainValidation}}",
        "{present: false}",
    ),
    "DomainSecureEnabled": ("false", "true"),
    "MaxMessageSize": (
        "{max: 25 MB}",
        "{min: 20 MB, max: 40 MB}",
        "Unlimited",
        "{equals_from: TransportConfig.MaxSendSize}",
    ),
    "ConnectionInactivityTimeOut": ('"00:10:00"', '{max: "00:10:00"}', '{min: "00:06:00"}'),
    "ProtocolLoggingLevel": ("Verbose",),
    "Fqdn": ("{matches: '.*contoso.com'}", "{present: false}", "mail.contoso.com"),
    "Comment": ("{present: true}", "null", "It's a test"),
    "FrontendProxyEnabled": ("false", "true"),
    "CloudServicesMailEnabled": ("false",),
    "ConnectorType": ("Default",),
    "ForceHELO": ("false",),
    "ErrorPolicies": ("Default",),
    "Guid": ("{present: true}",),
    "IsValid": ("true",),
    "IsCoexistenceConnector": ("false",),
}
PACKS = (
    *("tls", "cis-exchange-2019", "stig-exchange-2019-mailbox", "stig-exchange-2016-edge"),
    "own.yaml",
)
OWN_PACK = """\
schema: audit-pack/1
name: own
version: "1"
controls:
  - {id: OWN-1, title: Verbose, property: ProtocolLoggingLevel, equals: Verbose, scope: all}
  - {id: OWN-2, title: TLS, properties: {RequireTLS: true, TlsAuthLevel: CertificateValidation}}
  - id: OWN-3
    title: No clear text
    scope: all
    properties: {IgnoreSTARTTLS: false, ForceHELO: false}
  - {id: OWN-4, title: Small, property: MaxMessageSize, max: 30 MB, when: {Enabled: true}}
  - {id: OWN-5, title: Hosts, property: SmartHosts, max: 1, when: {Port: 587}, scope: all}
"""
EXEMPTION = """\
  - connector: {connector}
    control: {control}
    reason: approved
    owner: a@contoso.com
    approved_by: b@contoso.com
    expires: {expires}
"""
GUARDS = (
    "",
    "    only_if: {Enabled: true}\n",
    '    only_if: {AddressSpaces: ["SMTP:*;1"]}\n',
    "    only_if: {RequireTLS: false}\n",
    "    only_if: {Port: 25}\n",
)


@cache
def _folder() -> Path:
    folder = Path(mkdtemp())
    (folder / "own.yaml").write_text(OWN_PACK, "utf-8")
    return folder


@cache
def policy_of(text: str) -> Policy:
    """The policy that a text says."""
    path = _folder() / "policy.yaml"
    path = path.with_stem(f"policy-{len(list(_folder().iterdir()))}")
    path.write_text(text, "utf-8")
    return load_policy(str(path), _folder())


@st.composite
def exemptions(draw, names: list[str], controls: list[str]) -> str:
    connector = draw(st.sampled_from([*names, "*", "E*", None]))
    text = EXEMPTION.format(
        connector="null" if connector is None else '"' + connector + '"',
        control=draw(st.sampled_from(controls)),
        expires=draw(st.sampled_from(["2030-01-31", "2030-01-31", "2020-01-31"])),
    )
    return text + (draw(st.sampled_from(GUARDS)) if connector is not None else "")


@st.composite
def policies(draw, names: list[str]) -> str:
    """A policy's text, for connectors of these names."""
    lines = ["schema: audit-policy/1", "name: own", 'version: "1"', "extends: mimecast"]
    packs = draw(st.lists(st.sampled_from(PACKS), unique=True, max_size=2))
    if packs:
        lines.append(f"packs: [{', '.join(packs)}]")
    name = draw(st.sampled_from([None, None, *NAMES, *names]))
    wanted = draw(st.lists(st.sampled_from(sorted(WISHES)), unique=True, max_size=4))
    if name or wanted:
        lines.append("connector:")
    if name:
        lines.append(f'  name: "{name}"')
    if wanted:
        lines.append("  properties:")
    lines += [f"    {key}: {draw(st.sampled_from(WISHES[key]))}" for key in wanted]
    ignored = draw(st.sampled_from([None] * 6 + ["ConnectorPresent", "OtherOutboundConnectors"]))
    if ignored:
        lines.append(f"controls: {{{ignored}: {{ignore: true}}}}")
    controls = ["OtherOutboundConnectors"] * 6 + [
        *("ConnectorPresent", "SmartHosts", "DNSRoutingEnabled", "AddressSpaces", "Enabled"),
        *("SourceTransportServers", "SmartHostAuthMechanism", "Port", "IsScopedConnector"),
        *wanted,
    ]
    given = draw(st.lists(exemptions(names, controls), max_size=2))
    text = "\n".join(lines) + "\n"
    return text + ("exemptions:\n" + "".join(given) if given else "")


@st.composite
def _lenses(draw, connectors: list[Settings]) -> dict[tuple[str, str], str]:
    found = {}
    for connector in connectors:
        if not draw(_rarely(4)):
            continue
        usual = [name for name in connector if name not in {*_PLAIN, "AuthenticationCredential"}]
        for name in draw(st.lists(st.sampled_from([*usual, "SmartHostsString"]), max_size=4)):
            found[str(connector["Guid"]), name] = draw(st.sampled_from(LENSES))
    return found


@st.composite
def cases(draw, lens: bool = True, twins: bool = True) -> Case:
    """Any organisation with any policy.

    Args:
        draw: of hypothesis.
        lens: whether something may be missing or unreadable.
        twins: whether two connectors may have one name, and whether a Guid may be missing.
    """
    versions = draw(st.lists(st.sampled_from(VERSIONS[::-1]), min_size=1, max_size=2, unique=True))
    version = draw(st.sampled_from(sorted(versions, reverse=True)))
    several = draw(st.integers(0, 6))
    send = [draw(send_connectors(number, version)) for number in range(several)]
    others: dict[str, list[Settings]] = {"ForeignConnector": [], "DeliveryAgentConnector": []}
    for number in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        noun = draw(st.sampled_from(sorted(others)))
        others[noun].append(draw(other_connectors(number)))
    everything = [*send, *others["ForeignConnector"], *others["DeliveryAgentConnector"]]
    seen: set[str] = set()
    for number, connector in enumerate(everything):
        if str(connector["Name"]).lower() in seen and not (twins and draw(_rarely())):
            connector["Name"] = f"{connector['Name']} {number}"
        seen.add(str(connector["Name"]).lower())
    objects = {"SendConnector": send, **{noun: found for noun, found in others.items() if found}}
    names = [str(connector["Name"]) for connector in everything]
    text = draw(policies(names))
    policy = policy_of(text)
    hidden = draw(_lenses(everything)) if lens else {}
    if twins and draw(_rarely(6)):
        for connector in everything:
            if draw(st.booleans()):
                hidden[str(connector["Guid"]), "Guid"] = "absent"
    servers = None
    if draw(st.booleans()):
        servers = [
            {"Name": name, "AdminDisplayVersion": SERVER_VERSIONS[v], "ServerRole": ROLES}
            if v != "2010"
            else {
                "Name": name,
                "AdminDisplayVersion": SERVER_VERSIONS[v],
                "ServerRole": "Mailbox, HubTransport",
            }
            for name, v in zip(SERVERS, versions * 3, strict=False)
        ]
    return Case(
        Exchange(objects, version),
        policy,
        policy.regions[draw(st.sampled_from(["na", "na", "eu", "uspcom"]))],
        hidden,
        servers,
        draw(st.sampled_from([None, "10 MB (10,485,760 bytes)", "Unlimited", _UNREADABLE])),
        draw(st.booleans()),
        text,
    )
