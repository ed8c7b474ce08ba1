"""``audit policy explain``: what a control checks, why, and how to put it right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.cli.output import put, put_document
from auditor.cli.policy_options import read_policy
from auditor.errors import UsageError, did_you_mean
from auditor.evaluate.explanation import explain
from auditor.model import Scene
from auditor.policy import find_region, load_builtin_packs
from auditor.report.columns import WIDTH, pairs, wrapped
from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.cli.session import Session
    from auditor.cli.settings import Settings
    from auditor.evaluate.explanation import Explanation
    from auditor.model import Control, Json, Policy


def run(settings: Settings, session: Session) -> int:
    """Explain one control of the policy, of its packs, or of any built-in pack.

    Raises:
        AuditError: there is no such control or policy.
    """
    policy = read_policy(settings)
    wanted = settings.operands[0]
    with settings.said_by("region"):
        word = settings.text("region") or policy.default_region
        scene = Scene(find_region(policy, word) if word else None)
    found = list(_find(wanted, policy))
    if not found:
        known = [control.id for _, control in _all(policy)]
        raise UsageError(f"there is no control {wanted!r}", hint=did_you_mean(wanted, known))
    explained = [(home, control, explain(control, policy, scene)) for home, control in found]
    if settings.text("format") == "json":
        entries: Json = [_entry(*one) for one in explained]
        put_document("audit-explanation/1", {"controls": entries}, session)
        return 0
    put("\n\n".join(_text(*one) for one in explained) + "\n", session)
    return 0


def _all(policy: Policy) -> Iterator[tuple[str, Control]]:
    """Every control, with the name of the policy or the pack that it is of."""
    yield from ((policy.name, control) for control in policy.controls.values())
    used = {pack.file for pack in policy.packs}
    others = [pack for pack in load_builtin_packs() if pack.file not in used]
    for pack in (*policy.packs, *others):
        yield from ((pack.name, control) for control in pack.controls.values())


def _find(wanted: str, policy: Policy) -> Iterator[tuple[str, Control]]:
    """The controls of an id, any case; else those of the packs that are about a property."""
    everything = list(_all(policy))
    exact = [one for one in everything if one[1].id.lower() == wanted.lower()]
    yield from exact or [
        one
        for one in everything
        if wanted.lower() in {requirement.property.lower() for requirement in one[1].requirements}
    ]


def _text(home: str, control: Control, said: Explanation) -> str:
    title = f"{control.id}: {control.title}" if control.title else control.id
    facts = {
        "Checks": " ".join(said.checks),
        "Applies": said.applies,
        "Why": control.why or "",
        "Otherwise": said.otherwise,
        "To fix": " ".join(said.fix) if not control.not_applicable_because else "",
        "Severity": control.severity,
        "From": f"{home}, {control.position.file}:{control.position.line}"
        if control.position.file
        else home,
        "Identifier": "known from one source only" if control.unconfirmed else "",
    }
    references = "\n".join(f"  {printable(text)}" for text in control.references)
    parts = [
        wrapped(printable(title), WIDTH),
        pairs({name: text for name, text in facts.items() if text}),
        f"References\n{references}" if references else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _entry(home: str, control: Control, said: Explanation) -> dict[str, Json]:
    return {
        "control": control.id,
        "title": control.title,
        "from": home,
        "severity": control.severity,
        "properties": [requirement.property for requirement in control.requirements],
        "checks": list(said.checks),
        "applies": said.applies,
        "why": control.why,
        "otherwise": said.otherwise or None,
        "fix": list(said.fix),
        "references": list(control.references),
        "unconfirmed": control.unconfirmed,
    }
