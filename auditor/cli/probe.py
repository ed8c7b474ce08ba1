"""``audit probe``: whether mail can reach the gateway from here, and will be taken."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Final, NamedTuple

from auditor import __version__
from auditor.cli.auditing import audit_with
from auditor.cli.interruption import stopped_as_interrupted
from auditor.cli.output import coloured, plain, put, refuse_overwriting, save
from auditor.cli.policy_options import policy_files, read_policy
from auditor.cli.probe_options import read_asked, refuse_beside_result
from auditor.cli.source import path_of, read_files, read_result
from auditor.errors import UndecidedError, UsageError
from auditor.evaluate.readiness import judged, listed_hosts, subject_of
from auditor.evaluate.sender_policy import public_domains
from auditor.kinds.hosts import host_name
from auditor.model import HostSeen, Probe, ProbeSubject
from auditor.normalise.accepted import accepted_domains
from auditor.policy import find_region
from auditor.probefile import written
from auditor.report import probe_json, probe_text
from auditor.report.printable import printable

if TYPE_CHECKING:
    from auditor.cli.probe_options import Asked
    from auditor.cli.session import Session
    from auditor.cli.settings import Settings
    from auditor.model import Audit, Policy, ProbeResult, Region, SpfSeen

_STATUS: Final = {"pass": 0, "fail": 1}
_PORT: Final = 25


class _Subject(NamedTuple):
    """What is probed.

    Attributes:
        region: the one that is used.
        hosts: the connector's, or the region's, each once.
        port: the connector's; None where nobody knows.
        fqdn: what the connector says in EHLO; None likewise.
        domains: the accepted domains, where they are known.
        servers: the connector's source servers, where they are known.
    """

    region: Region | None
    hosts: tuple[str, ...]
    port: int | None = None
    fqdn: str | None = None
    domains: tuple[str, ...] = ()
    servers: tuple[str, ...] | None = None

    @property
    def region_id(self) -> str | None:
        """The region's id."""
        return self.region.id if self.region is not None else None

    def contacted(self, policy: Policy) -> tuple[str, ...]:
        """The hosts that the policy lists; the others are left alone."""
        listed = listed_hosts(policy)
        return tuple(host for host in self.hosts if host in listed)


def run(settings: Settings, session: Session) -> int:
    """Print what was seen; 0 reachable and accepted, 1 a host failed, 3 it cannot be known.

    Raises:
        AuditError: nothing could be probed.
    """
    policy = read_policy(settings)
    kept, result_file = path_of(settings, "save-result"), path_of(settings, "result")
    read = [*read_files(settings), *policy_files(policy), *([result_file] if result_file else [])]
    refuse_overwriting([kept] if kept else [], read)
    asked = read_asked(settings)
    if settings.flag("script"):
        subject = _subject(policy, settings, session)
        put(_script(subject, asked, policy), session)
        return 0
    if result_file is not None:
        refuse_beside_result(settings)
        probe = read_result(result_file)
        subject = _subject(policy, settings, session, probe.region)
    else:
        _require_all(asked)
        subject = _subject(policy, settings, session)
        probe = _probed(subject, asked, policy, settings, session)
    # Another port than the connector's is probed only where somebody wants that.
    port = subject.port if asked.port is None else None
    wanted = ProbeSubject(subject.hosts, port, subject.servers)
    result = judged(probe, policy, subject.region, wanted)
    unsaved = save(kept, written(probe), session) if kept is not None else None
    _show(result, settings, session)
    status = _STATUS.get(result.status, 3)
    return 2 if unsaved is not None and status != 1 else status


def _show(result: ProbeResult, settings: Settings, session: Session) -> None:
    if settings.text("format") == "json":
        put(probe_json.render(result), session)
        return
    text = probe_text.render(result)
    put(text if plain(settings, session) else coloured(text), session)


def _require_all(asked: Asked) -> None:
    """That the libraries and the authorities are there, before anything is read."""
    from auditor.collect.probe import require_libraries

    require_libraries()
    from auditor.collect.probe.tls import check_authorities

    check_authorities(asked.authorities)


def _subject(
    policy: Policy, settings: Settings, session: Session, region_of_file: str | None = None
) -> _Subject:
    """The region's hosts, or those that a connector really has."""
    if settings.texts("snapshot") or settings.text("server") is not None:
        return _subject_of(audit_with(policy, settings, session))
    with settings.said_by("region"):
        region = find_region(policy, settings.text("region") or region_of_file)
    if region is None and len(policy.regions) == 1:
        region = next(iter(policy.regions.values()))
    if region is None:
        raise UsageError("which region of the gateway?", hint="Give --region, or --snapshot.")
    return _Subject(region, region.smart_hosts)


def _subject_of(audit: Audit) -> _Subject:
    hint = "Leave the source away to probe the region's hosts: audit probe --region na"
    subject = audit.subject
    if subject is None:
        raise UndecidedError("there is no send connector to the gateway", hint=hint)
    found = subject_of(subject)
    if not found.hosts:
        raise UndecidedError(f"'{subject.label}' has no smart hosts that can be read", hint=hint)
    fqdn = subject.properties["Fqdn"]
    return _Subject(
        region=audit.region,
        hosts=tuple(dict.fromkeys(found.hosts)),
        port=found.port,
        fqdn=fqdn if isinstance(fqdn, str) else None,
        domains=tuple(one.domain for one in accepted_domains(audit.snapshot).domains),
        servers=found.servers,
    )


def _probed(
    subject: _Subject, asked: Asked, policy: Policy, settings: Settings, session: Session
) -> Probe:
    from auditor.collect.live.deadline import Deadline
    from auditor.collect.probe.names import Resolver
    from auditor.collect.probe.observe import Plan, observe

    def tell(text: str) -> None:
        if not settings.flag("quiet"):
            session.tell(printable(text))

    public, private = public_domains(subject.domains)
    domains = asked.domains or tuple(public)
    plan = Plan(
        hosts=subject.contacted(policy),
        domains=domains,
        port=asked.port or subject.port or _PORT,
        ehlo=asked.ehlo or _full_name(subject.fqdn or socket.gethostname()),
        servers=asked.servers,
        relay=asked.relay,
        authorities=asked.authorities,
        seconds=asked.seconds,
    )
    began = session.now()
    named = Resolver(Deadline(1), plan.servers).servers
    if private and not asked.domains:
        tell(f"SPF is not looked at where nobody outside sees it: {', '.join(private)}")
    count = f"{len(plan.hosts)} host{'' if len(plan.hosts) == 1 else 's'}"
    tell(f"probing {count}, at most {plan.seconds:.0f} s")
    with stopped_as_interrupted():
        seen, spf = observe(plan, lambda one: tell(f"{_name(one)}: done"))
    left_out = [HostSeen(host, plan.port) for host in subject.hosts if host not in plan.hosts]
    return Probe(
        probed_at=began.replace(microsecond=0),
        machine=socket.gethostname(),
        tool=f"audit {__version__}",
        ehlo=plan.ehlo,
        resolver=named,
        region=subject.region_id,
        relay=plan.relay,
        hosts=(*seen, *left_out),
        domains=spf,
    )


def _name(one: HostSeen | SpfSeen) -> str:
    return one.host if isinstance(one, HostSeen) else f"SPF of {one.domain}"


def _full_name(text: str) -> str | None:
    """A name that EHLO may give; None for one without a domain."""
    name = host_name(text)
    return name if name is not None and "." in name else None


def _script(subject: _Subject, asked: Asked, policy: Policy) -> str:
    from auditor.collect.probe.script import script

    return script(
        subject.contacted(policy),
        asked.port or subject.port or _PORT,
        asked.ehlo or _full_name(subject.fqdn or ""),
        subject.region_id,
        __version__,
    )
