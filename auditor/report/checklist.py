"""The article's steps, one line each: what must be so, and what shows it.

Source: Exchange 2010: Setting Up an SMTP Connector, its prerequisites, 14 steps and follow-ups.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from auditor.model import QUESTIONS
from auditor.moments import instant
from auditor.report.wording import in_short

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from auditor.model import Attestation, Audit, Finding, ProbeResult, Status

Mark: TypeAlias = "Status | Literal['attested', 'open', 'refused', 'nothing']"
"""What a line comes to. Beside the statuses of findings: what people say, or nothing to show."""


class Step(NamedTuple):
    """One step of the article: what is done, and what can show it.

    Attributes:
        number: of the step; or when it is done, before or after them.
        title: what the administrator does.
        controls: the ids of the controls that show it.
        question: the id of what somebody attests instead.
        remark: what there is to know where nothing shows it.
        probed: whether a probe from a source server shows it.
    """

    number: str
    title: str
    controls: tuple[str, ...] = ()
    question: str | None = None
    remark: str = ""
    probed: bool = False


_WIZARD: Final = "A click in the wizard: nothing of it is stored."
STEPS: Final = (
    Step("Before", "Authorise the outbound addresses at the gateway", (), "authorised-addresses"),
    Step("1", "Create the send connector", ("ConnectorPresent",)),
    Step(
        "2",
        "Name it; intended use Custom",
        ("Name",),
        None,
        "The policy asks for no certain name; Exchange does not store the intended use.",
    ),
    Step("3", "Add an SMTP address space", ("AddressSpaces",)),
    Step("4", "Address *, cost 1", ("AddressSpaces", "IsScopedConnector")),
    Step("5", "Next", (), None, _WIZARD),
    Step("6", "Route mail through smart hosts", ("DNSRoutingEnabled", "Port")),
    Step("7", "Primary and secondary smart host of the region, as FQDN", ("SmartHosts",)),
    Step("8", "Next", (), None, _WIZARD),
    Step("9", "Smart host authentication", ("SmartHostAuthMechanism",)),
    Step("10", "Add the source servers", ("SourceTransportServers",)),
    Step("11", "Check the settings, and create it", ("Enabled",)),
    Step(
        "12",
        "The wizard tests the connector",
        (),
        "test-message",
        "No cmdlet shows the wizard's test; a test message that arrived shows as much.",
        probed=True,
    ),
    Step("13", "The connector is listed", ("ConnectorPresent", "Enabled")),
    Step(
        "14",
        "Disable or remove every other outbound connector",
        ("OtherOutboundConnectors", "BypassRoutes"),
    ),
    Step("After", "Send a message out, and see it at the gateway", (), "test-message"),
    Step("Next", "Configure recipient validation", (), "recipient-validation"),
    Step("Next", "Configure journaling", (), "journaling"),
)

_WORDS: Final = {"refused": "not confirmed", "nothing": "-"}
_ORDER: Final[tuple[Status, ...]] = ("fail", "unknown", "exempt", "pass", "not-applicable")


class Line(NamedTuple):
    """One line of the checklist.

    Attributes:
        step: of the article.
        mark: what it comes to.
        evidence: sentences that show it.
        attestation: what somebody says to its question, where somebody does.
    """

    step: Step
    mark: Mark
    evidence: tuple[str, ...] = ()
    attestation: Attestation | None = None

    @property
    def word(self) -> str:
        """What it comes to, for people."""
        return _WORDS.get(self.mark, self.mark)


def checklist(audit: Audit) -> list[Line]:
    """The article's steps with what the audit and the attestations show of each."""
    said = {one.question: one for one in audit.attestations or ()}
    return [_line(step, audit, said.get(step.question or "")) for step in STEPS]


def _line(step: Step, audit: Audit, attestation: Attestation | None) -> Line:
    if step.question is not None:
        line = _attested(step, attestation)
        return _probed(line, audit.probe) if step.probed and audit.probe is not None else line
    found = [finding for finding in audit.findings if finding.control.id in step.controls]
    if not found:
        return Line(step, "nothing", (step.remark or "The policy does not ask for it.",))
    mark = next(status for status in _ORDER if any(f.status == status for f in found))
    return Line(step, mark, tuple(_evidence(step.controls, found)))


def _probed(line: Line, probe: ProbeResult) -> Line:
    """A line with what a probe shows; from another machine it shows nothing of this one."""
    statuses = {host.judgement.status for host in probe.hosts}
    bad = [host for host in probe.hosts if host.judgement.status != "pass"]
    found = [f"{host.seen.host}: {host.judgement.message}." for host in bad] or [
        f"Every smart host answers: {', '.join(host.seen.host for host in probe.hosts)}."
    ]
    where = "" if probe.sends else ", which is not known to be a source server"
    said = f"Probed from {probe.probe.machine}{where}, on {instant(probe.probe.probed_at)}."
    line = line._replace(evidence=(*line.evidence, said, *found))
    if probe.sends and "fail" in statuses:
        return line._replace(mark="fail")
    if probe.sends and statuses == {"pass"} and line.mark == "open":
        return line._replace(mark="pass")
    return line


def _attested(step: Step, attestation: Attestation | None) -> Line:
    if attestation is None:
        remark = (step.remark,) if step.remark else ()
        return Line(step, "open", (QUESTIONS[step.question or ""], *remark))
    marks: dict[str, Mark] = {
        "confirmed": "attested",
        "not-confirmed": "refused",
        "not-applicable": "not-applicable",
    }
    return Line(step, marks[attestation.answer], (QUESTIONS[attestation.question],), attestation)


def _evidence(controls: Sequence[str], found: Sequence[Finding]) -> Iterator[str]:
    """What each control says; only what is not as it should be, where something is not."""
    wrong = [finding for finding in found if finding.status in {"fail", "unknown"}]
    for finding in sorted(wrong or found, key=lambda one: controls.index(one.control.id)):
        text = in_short(finding)
        is_value = text != finding.message
        yield f"{finding.control.id}: {text}" if is_value else text
