"""A probe → whether mail can reach the gateway, and will be taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.evaluate.gateway_hosts import recognise, region_name
from auditor.evaluate.reachability import judged_host
from auditor.evaluate.sender_policy import judged_domain
from auditor.model import HostSeen, ProbeResult, ProbeSubject

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from auditor.model import Connector, Policy, Probe, Region, Status

_PORT: Final = 25
_SERVERS: Final = "SourceTransportServers"
_ANY: Final = ProbeSubject()


def judged(
    probe: Probe, policy: Policy, region: Region | None, subject: ProbeSubject = _ANY
) -> ProbeResult:
    """What a probe comes to.

    Args:
        probe: what was seen.
        policy: whose hosts there should be.
        region: the one that is used.
        subject: what it must be of.
    """
    regional = region.smart_hosts if region is not None else ()
    wanted = regional if subject.hosts is None else subject.hosts
    seen = {one.host: one for one in probe.hosts}
    all_hosts = [*probe.hosts, *(HostSeen(h, _PORT) for h in wanted if h not in seen)]
    listed = listed_hosts(policy)
    found = tuple(
        judged_host(one, probe, subject.port, is_listed=one.host in listed) for one in all_hosts
    )
    domains = tuple(judged_domain(one, policy, region) for one in probe.domains)
    statuses = [one.judgement.status for one in found]
    statuses += [one.judgement.status for one in domains]
    return ProbeResult(
        probe=probe,
        gateway=policy.gateway.name,
        region=region_name(region) if region is not None else None,
        status=_worst(statuses) if found else "unknown",
        sends=_sends(probe, subject),
        hosts=found,
        domains=domains,
        notes=(*_notes(probe, policy, region), *_elsewhere(probe, subject)),
    )


def subject_of(connector: Connector) -> ProbeSubject:
    """What the probe of a send connector is of; nothing that cannot be read."""
    hosts, servers = connector.properties["SmartHosts"], connector.properties[_SERVERS]
    port = connector.properties["Port"]
    return ProbeSubject(
        hosts=tuple(map(str, hosts)) if isinstance(hosts, tuple) else None,
        port=port if type(port) is int and 0 < port < 65536 else None,
        servers=tuple(map(str, servers)) if isinstance(servers, tuple) else None,
    )


def _sends(probe: Probe, subject: ProbeSubject) -> bool | None:
    """Whether mail leaves from the machine: servers are named in full or not (``EX01``)."""
    if not subject.servers:
        return None
    return _label(probe.machine) in map(_label, subject.servers)


def _label(name: str) -> str:
    return name.partition(".")[0].lower()


def _elsewhere(probe: Probe, subject: ProbeSubject) -> Iterator[str]:
    if subject.servers and not _sends(probe, subject):
        yield (
            f"Mail leaves from {', '.join(subject.servers)}, and {probe.machine} is none of them: "
            "run audit probe --script there, and give what it writes with --result."
        )


def listed_hosts(policy: Policy) -> frozenset[str]:
    """The hosts of all regions: none but these is ever contacted."""
    return frozenset(host for region in policy.regions.values() for host in region.smart_hosts)


def _worst(statuses: Sequence[Status]) -> Status:
    order: tuple[Status, ...] = ("fail", "unknown")
    return next((status for status in order if status in statuses), "pass")


def _notes(probe: Probe, policy: Policy, region: Region | None) -> Iterator[str]:
    yield f"This holds for {probe.machine} at that time, and for no other machine."
    if probe.relay is None:
        yield (
            f"Whether {policy.gateway.name} takes mail from this machine's address was not asked; "
            "--ask-relay FROM TO asks."
        )
    if not probe.domains:
        yield "SPF was not looked at: no public accepted domain is known (--domain contoso.com)."
    if region is None:
        return
    probed = [one.host for one in probe.hosts]
    for host in region.smart_hosts:
        if host not in probed:
            yield f"{host} belongs to {region_name(region)}, and was not probed."
    for host in probed:
        known = recognise(host, policy)
        if known is not None and known.region is not None and known.region != region:
            other = region_name(known.region)
            yield f"{host} is a host of {other}, not of {region_name(region)}."
