"""A commented policy that an audited organisation satisfies: the audit → YAML.

What the policy inherits and the connector has is not said again. Every other enabled connector gets
an exemption that is to be filled in, as a comment: until then an audit reports it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from auditor.kinds import SIZE
from auditor.model import ABSENT, Unreadable
from auditor.properties import PROPERTIES, possible, shown
from auditor.yamlfile import flow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.model import Audit, Connector, Finding, Present

_ALSO: Final = (
    "RequireTLS",
    "TlsAuthLevel",
    "TlsDomain",
    "IgnoreSTARTTLS",
    "Fqdn",
    "MaxMessageSize",
    "ConnectionInactivityTimeOut",
    "ProtocolLoggingLevel",
    "FrontendProxyEnabled",
    "UseExternalDNSServersEnabled",
    "SourceIPAddress",
)
"""Settings that a policy may hold as well, beside those of the built-in one."""

_FILL_IN: Final = (
    ("reason", "why it may stay"),
    ("owner", "who answers for it"),
    ("approved_by", "who approved it"),
    ("expires", "the last day, for example 2027-01-31"),
)


def render(audit: Audit, subject: Connector, extends: str) -> str:
    """The policy as YAML text.

    Args:
        audit: of the organisation, with the policy that is extended.
        subject: its connector to the gateway.
        extends: what names that policy.
    """
    lines = [*_head(audit, extends), *_connector(audit, subject), *_exemptions(audit)]
    return "\n".join(lines) + "\n"


def _head(audit: Audit, extends: str) -> Iterator[str]:
    where = _comment(audit.organization or audit.snapshot.provenance.location)
    yield f"# What {where} had on {audit.evaluated_at:%Y-%m-%d}, as far as it is not inherited."
    yield "# Check it, fill in the exemptions at the end if there are any, and have it signed."
    yield "schema: audit-policy/1"
    yield f"name: {flow(_slug(audit.organization))}"
    yield 'version: "1"'
    yield f"extends: {flow(extends)}"
    if audit.region is not None:
        yield f"region: {flow(audit.region.id)}"


def _slug(organization: str | None) -> str:
    words = re.findall(r"[a-z0-9]+", (organization or "").lower())
    return "-".join(words)[:60] or "our-organization"


def _comment(text: str) -> str:
    """Text from outside in a comment, which ends with its line."""
    return re.sub(r"[^ -~\u00a1-\ud7ff]+", " ", text)


def _connector(audit: Audit, subject: Connector) -> list[str]:
    name = [f"  name: {flow(subject.name)}"] if subject.name else []
    properties = list(_properties(audit, subject))
    # Keys with nothing below them are no policy: they become comments as well.
    mark = "" if any(line.lstrip()[0] != "#" for line in properties) else "# "
    head = "connector:" if name or not mark else "# connector:"
    below = [f"  {mark}properties:", *properties] if properties else []
    return ["", head, *name, *below]


def _properties(audit: Audit, subject: Connector) -> Iterator[str]:
    servers = subject.properties["SourceTransportServers"]
    listed = isinstance(servers, tuple) and bool(servers)
    if isinstance(servers, tuple) and listed:
        yield "    # Exactly these servers send; inherited is only that there are some."
        yield f"    SourceTransportServers: {_written(servers)}"
    judged = {
        finding.control.id: finding
        for finding in audit.findings
        if finding.connector is subject and finding.control.id == finding.control.property
    }
    for name, finding in judged.items():
        if name != "SourceTransportServers" or not listed:
            yield from _judged(name, finding)
    also = {name: subject.properties[name] for name in _ALSO if name not in judged}
    said = [f"    # {n}: {_value(n, value)}" for n, value in also.items() if _can_be_said(n, value)]
    if said:
        yield "    # Also so today. To keep it so, take the number sign away:"
        yield from said


def _judged(name: str, finding: Finding) -> Iterator[str]:
    """What a control inherits and the connector has not."""
    if finding.status == "unknown":
        yield f"    # {name} is not known. {_comment(finding.message)}"
    if finding.status not in {"fail", "exempt"}:
        return
    wanted = shown(name, _plain(finding.expected))
    yield f"    # Differs from the inherited policy, which wants: {_comment(wanted)}"
    if _can_be_said(name, finding.actual):
        yield f"    {name}: {_value(name, finding.actual)}"
    else:
        yield f"    {name}: {{ignore: true}}  # no policy can ask for what it is now"


def _exemptions(audit: Audit) -> Iterator[str]:
    others = [
        finding.connector
        for finding in audit.findings
        if finding.control.id == "OtherOutboundConnectors"
        and finding.status == "fail"
        and finding.connector is not None
    ]
    if not others:
        return
    yield ""
    yield "# Other enabled connectors that take outbound mail. Disable what nobody needs. Of each"
    yield "# that must stay, take the number signs away, and fill in what is empty."
    yield "# exemptions:"
    for connector in others:
        if connector.name is None:
            yield f"#   (connector {connector.position} has no name, so it cannot be exempt)"
            continue
        yield f"#   - connector: {flow(connector.name)}"
        for key, meaning in _FILL_IN:
            yield f"#     {f'{key}:':13}  # {meaning}"
        spaces = connector.properties["AddressSpaces"]
        if isinstance(spaces, tuple) and spaces:
            yield "#     only_if:  # it is covered only while this is so"
            yield f"#       AddressSpaces: {_written(spaces)}"


def _can_be_said(name: str, value: object) -> bool:
    """Whether a policy can ask for a value at all."""
    if value is ABSENT or isinstance(value, Unreadable | dict):
        return False
    known = PROPERTIES[name]
    if value is None or isinstance(value, tuple):
        return True
    if known.kind.members and value not in known.kind.members:
        return False
    return isinstance(value, bool | int | str) and possible(name, value)


def _value(name: str, value: object) -> str:
    if isinstance(value, tuple):
        return _written(value)
    if PROPERTIES[name].kind is SIZE and isinstance(value, int):
        said = shown(name, value)
        return said if said[-2:] in {"KB", "MB", "GB"} else str(value)
    return flow(value if value is None or isinstance(value, bool | int) else str(value))


def _written(items: tuple[str, ...]) -> str:
    return f"[{', '.join(map(flow, items))}]"


def _plain(value: object) -> Present | None:
    if isinstance(value, list):
        return tuple(map(str, value))
    return value if value is None or isinstance(value, bool | int | tuple) else str(value)
