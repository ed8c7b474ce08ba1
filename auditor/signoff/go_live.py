"""Whether an organisation may go live: ready, not ready or undecided, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from auditor.model import QUESTIONS, GoLive
from auditor.report.notes import disproved, unproven, weaknesses

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from auditor.model import Attestation, Audit, JudgedDomain, JudgedHost

    _Judged = TypeVar("_Judged", JudgedHost, JudgedDomain)


def go_live(audit: Audit, attestations: Sequence[Attestation]) -> GoLive:
    """What stands against going live; what is certain outranks what is not known.

    Args:
        audit: the evaluated audit.
        attestations: what people say, at most one for each question.
    """
    against = [*_drift(audit), *_unreachable(audit), *_unanswered(attestations)]
    unknown = list(_undecided(audit))
    if against:
        return GoLive("not ready", (*against, *unknown))
    return GoLive("undecided", tuple(unknown)) if unknown else GoLive("ready")


def _drift(audit: Audit) -> Iterator[str]:
    """What is certainly wrong."""
    failed = [finding.control.id for finding in audit.findings if finding.status == "fail"]
    if failed:
        count = f"{len(failed)} finding{'' if len(failed) == 1 else 's'} failed"
        yield f"{count}: {', '.join(dict.fromkeys(failed))}."
    wrong = disproved(audit)
    # Where the policy asks less than what makes mail go through the gateway, the facts decide.
    if wrong and not failed:
        yield f"Not all outbound mail leaves through {audit.policy.gateway.name}: {wrong}."


def _unreachable(audit: Audit) -> Iterator[str]:
    """What a probe from a source server found wrong; from elsewhere it proves nothing."""
    probe = audit.probe
    if probe is None or not probe.sends:
        return
    hosts, domains = _failed(probe.hosts), _failed(probe.domains)
    wrong = [f"{one.seen.host}: {one.judgement.message}" for one in hosts]
    wrong += [f"SPF of {one.seen.domain}: {one.judgement.message}" for one in domains]
    if wrong:
        yield f"The probe from {probe.probe.machine} failed. {'; '.join(wrong)}."


def _failed(found: Sequence[_Judged]) -> list[_Judged]:
    return [one for one in found if one.judgement.status == "fail"]


def _unanswered(attestations: Sequence[Attestation]) -> Iterator[str]:
    answers = {attestation.question: attestation for attestation in attestations}
    for question, title in QUESTIONS.items():
        said = answers.get(question)
        if said is None:
            yield f"Nobody has attested {question}: {title}"
        elif said.answer == "not-confirmed":
            yield f"{said.name} does not confirm {question}: {title}"


def _undecided(audit: Audit) -> Iterator[str]:
    """What nobody can know from the evidence."""
    unknown = [finding.control.id for finding in audit.findings if finding.status == "unknown"]
    if unknown:
        count = f"{len(unknown)} finding{'' if len(unknown) == 1 else 's'} could not be decided"
        yield f"{count}: {', '.join(dict.fromkeys(unknown))}."
    yield from weaknesses(audit)
    missing = unproven(audit)
    if missing and not unknown and audit.verdict != "drift":
        yield f"That all outbound mail leaves through the gateway is not proven: {missing}."
