"""A commented policy that an audited organisation satisfies: the audit → YAML.

What the policy inherits and the connector has is not said again. Every other enabled connector gets
an exemption that is to be filled in, as a comment: until then an audit reports it. A comment that
can become policy stands right behind its number sign, as it must; before prose there is a blank.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from auditor.kinds import SIZE
from auditor.model import is_known
from auditor.properties import PROPERTIES, possible, shown
from auditor.yamlfile import flow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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

_NO_NAME: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
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
    name = [f"  name: {flow(subject.name)}"] if _is_name(subject.name) else []
    judged = {
        finding.control.id: finding
        for finding in audit.findings
        if finding.connector is subject and finding.control.id == finding.control.property
    }
    properties = list(_properties(subject, judged))
    # Keys with nothing below them are no policy: they become comments as well, or are left out.
    mark = "" if any(line.lstrip()[0] != "#" for line in properties) else "#"
    also = list(_also(subject, judged, above=bool(mark)))
    head = [f"{'' if name else mark}connector:"] if name or also or not mark else []
    below = [f"  {mark}properties:"] if also or not mark else []
    lines = [*head, *name, *below, *properties, *also]
    return ["", *lines] if lines else []


def _properties(subject: Connector, judged: Mapping[str, Finding]) -> Iterator[str]:
    servers = subject.properties["SourceTransportServers"]
    listed = isinstance(servers, tuple) and bool(servers)
    if isinstance(servers, tuple) and listed:
        yield "    # Exactly these servers send; inherited is only that there are some."
        yield f"    SourceTransportServers: {_written(servers)}"
    for name, finding in judged.items():
        if name != "SourceTransportServers" or not listed:
            yield from _judged(name, finding)


def _also(subject: Connector, judged: Mapping[str, Finding], *, above: bool) -> Iterator[str]:
    """Settings that the policy may hold as well; ``above`` says that their keys are comments."""
    also = {name: subject.properties[name] for name in _ALSO if name not in judged}
    said = [f"    #{n}: {_value(n, value)}" for n, value in also.items() if _can_be_said(n, value)]
    if said:
        where = ", here and above" if above else ""
        yield f"    # Also so today. To keep it so, take the number signs away{where}:"
        yield from said


def _judged(name: str, finding: Finding) -> Iterator[str]:
    """What a control inherits and the connector has not."""
    if finding.status == "unknown":
        yield f"    # {name} is not known. {_comment(finding.message)}"
    if finding.status == "exempt":
        yield f"    # {name} is exempt, by an exemption that is inherited."
    if finding.status != "fail":
        return
    wanted = shown(name, _plain(finding.expected))
    yield f"    # Differs from the inherited policy, which wants: {_comment(wanted)}"
    if _can_be_said(name, finding.actual):
        yield f"    {name}: {_value(name, finding.actual)}"
    else:
        yield f"    # What {name} is now cannot be written as a policy, so it goes on failing."


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
    for connector in others:
        if not _is_name(connector.name):
            yield f"# (Connector {connector.position} has no name that a policy could give.)"
    if any(_is_name(connector.name) for connector in others):
        yield "#exemptions:"
    for connector in others:
        yield from _exemption(connector)


def _exemption(connector: Connector) -> Iterator[str]:
    """The exemption of a connector as a comment; nothing where it has no name."""
    if connector.name is None or not _is_name(connector.name):
        return
    yield f"#  - connector: {flow(connector.name)}"
    for key, meaning in _FILL_IN:
        yield f"#    {f'{key}:':13}  # {meaning}"
    spaces = connector.properties["AddressSpaces"]
    if isinstance(spaces, tuple) and spaces:
        yield "#    only_if:  # it is covered only while this is so"
        yield f"#      AddressSpaces: {_written(spaces)}"


def _is_name(name: str | None) -> bool:
    """Whether a policy can give a connector's name: control characters are in none."""
    return bool(name) and not any(unicodedata.category(c) in _NO_NAME for c in name or "")


def _can_be_said(name: str, value: object) -> bool:
    """Whether a policy can ask for a value at all."""
    if not is_known(value) or isinstance(value, dict):
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
