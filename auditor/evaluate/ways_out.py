"""Where one way out leads: its connector and its next hop, held against policy and snapshot."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.evaluate.exempting import is_live, names
from auditor.evaluate.gateway_hosts import is_gateway_host, recognise, region_name
from auditor.model import JudgedWay

if TYPE_CHECKING:
    from auditor.model import Audit, Connector, Connectors, MailFlow, Policy, Region, Way, WayKind

INTRA_ORGANIZATION: Final = "intra-organization smtp send connector"
"""The name that tracking logs give to what is between own servers; Get-SendConnector has none."""

_OTHERS: Final = "OtherOutboundConnectors"


class Scene(NamedTuple):
    """What ways out are held against.

    Attributes:
        policy: whose hosts there should be.
        region: the one that is used.
        audit: of the snapshot; None where there is none.
        connectors: of the snapshot, by their names in small letters.
        servers: own servers by their first label in small letters.
        full_names: own servers by their whole names, where these are known.
        sources: the servers that the subject sends from.
        exempt: names in small letters of connectors that an exemption covers.
        domains: the organisation's own; None where they are not known.
    """

    policy: Policy
    region: Region | None
    audit: Audit | None
    connectors: dict[str, Connector]
    servers: frozenset[str]
    full_names: frozenset[str]
    sources: tuple[str, ...]
    exempt: frozenset[str]
    domains: frozenset[str] | None

    def knows(self, way: JudgedWay) -> bool:
        """Whether the snapshot has the way's connector."""
        return way.seen.connector.lower() in self.connectors

    def is_foreign(self, way: JudgedWay) -> bool:
        """Whether there is a snapshot, and it has no such connector."""
        name = way.seen.connector.lower()
        return self.audit is not None and not self.knows(way) and name != INTRA_ORGANIZATION


def scene_of(seen: MailFlow, policy: Policy, region: Region | None, audit: Audit | None) -> Scene:
    """All that is needed for each way."""
    inventory = audit.inventory if audit is not None else None
    connectors = {
        connector.name.lower(): connector
        for connector in ((*inventory.send, *inventory.other) if inventory is not None else ())
        if connector.name is not None
    }
    found = set(inventory.servers or ()) if inventory is not None else set()
    found |= {file.server.lower() for file in seen.files if file.server is not None}
    sources = audit.subject.properties["SourceTransportServers"] if _has_subject(audit) else ()  # type: ignore[union-attr]
    return Scene(
        policy=policy,
        region=region,
        audit=audit,
        connectors=connectors,
        servers=frozenset(name.partition(".")[0] for name in found),
        full_names=frozenset(name for name in found if "." in name),
        sources=tuple(map(str, sources)) if isinstance(sources, tuple) else (),
        exempt=_exempt(audit, connectors),
        domains=frozenset(own_domains(inventory)) if inventory is not None else None,
    )


def own_domains(inventory: Connectors) -> tuple[str, ...]:
    """The domains whose mail is delivered inside, as far as they are known."""
    return tuple(one.domain for one in inventory.accepted_domains if one.inside)


def _has_subject(audit: Audit | None) -> bool:
    return audit is not None and audit.subject is not None


def _exempt(audit: Audit | None, connectors: dict[str, Connector]) -> frozenset[str]:
    """Connectors that may carry mail beside the subject, and of which nothing failed."""
    if audit is None:
        return frozenset()
    today = audit.evaluated_at.date()
    failed = {
        finding.connector.name.lower()
        for finding in audit.findings
        if finding.control.id == _OTHERS and finding.status in {"fail", "unknown"}
        if finding.connector is not None and finding.connector.name is not None
    }
    return frozenset(
        name
        for name, connector in connectors.items()
        if name not in failed
        and any(
            e.control == _OTHERS and is_live(e, today) and names(e, connector)
            for e in audit.policy.exemptions
        )
    )


def judged_way(way: Way, scene: Scene) -> JudgedWay:
    """Where a way leads, and why that is so."""
    kind, why = _judged(way, scene)
    return JudgedWay(way, kind, f"{_title(way)}{why}")


def _title(way: Way) -> str:
    connector = f"'{way.connector}'" if way.connector else "a connector without a name"
    return f"{connector} hands mail to {way.host or way.address or 'a host without a name'}"


def _judged(way: Way, scene: Scene) -> tuple[WayKind, str]:
    name = way.connector.lower()
    if name == INTRA_ORGANIZATION and name not in scene.connectors:
        return "internal", ", between own servers"
    if way.deliveries == way.inside and scene.audit is not None:
        return "internal", ", for own domains only"
    if name in scene.exempt:
        return "exempt", ", and is exempt"
    if way.host.partition(".")[0] in scene.servers:
        found = _by_own_server(way, scene)
        if found is not None:
            return found
    return _to_others(way, scene)


def _by_own_server(way: Way, scene: Scene) -> tuple[WayKind, str] | None:
    """An own server is the next hop of internal mail, and of what a front end sends on.

    None where it is only somebody of the same first name.
    """
    surely = "." not in way.host or way.host in scene.full_names
    if not surely and not _is_private(way.address):
        return None
    connector = scene.connectors.get(way.connector.lower())
    proxied = connector is None or connector.properties["FrontendProxyEnabled"] is True
    if surely and not proxied:
        return "internal", ", an own server"
    return "unclear", ", an own server, which may send it on: where to is not logged"


def _is_private(address: str) -> bool:
    try:
        return ip_address(address).is_private
    except ValueError:
        return False


def _to_others(way: Way, scene: Scene) -> tuple[WayKind, str]:
    subject = scene.audit.subject if scene.audit is not None else None
    by_subject = subject is not None and (subject.name or "").lower() == way.connector.lower()
    gateway = scene.policy.gateway
    if not way.host:
        if scene.audit is None or by_subject or way.connector.lower() not in scene.connectors:
            return "unclear", ", and whose host that is cannot be told"
        return "bypass", f", around {gateway.name}"
    if not _is_gateway(way, scene):
        return "bypass", f", around {gateway.name}"
    found = recognise(way.host, scene.policy)
    role = found.role if found is not None else None
    listed = scene.region is None or way.host in scene.region.smart_hosts
    # What a server calls itself in its greeting is no name of a smart host.
    if not listed and (way.kind == "tracking" or role is not None):
        wrong = found.region if found is not None else None
        where = f" but of {region_name(wrong)}" if wrong is not None else ""
        return "other-region", f", none of the region's hosts{where}"
    if scene.audit is None or by_subject:
        return "gateway", f", through {gateway.name}"
    if way.connector.lower() in scene.connectors:
        return "other-connector", ", and is not the connector to the gateway"
    return "unknown-connector", ", and the snapshot has no such connector"


def _is_gateway(way: Way, scene: Scene) -> bool:
    listed = any(way.host in region.smart_hosts for region in scene.policy.regions.values())
    return listed or is_gateway_host(way.host, scene.policy.gateway)
