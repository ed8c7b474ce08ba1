"""``audit policy explain``: what a control checks, why, and how to put it right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.cli.output import put, put_document
from auditor.cli.policy_options import read_policy
from auditor.errors import UsageError, nearest, shortened
from auditor.evaluate.explanation import explain
from auditor.model import Scene
from auditor.policy import find_region, load_builtin_packs
from auditor.policy.words import SPECIAL
from auditor.properties import BY_LOWER, PROPERTIES
from auditor.report.columns import WIDTH, pairs, wrapped
from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
    explained = [
        (home, control, explain(control, policy, scene)) for home, control in _find(wanted, policy)
    ]
    if settings.text("format") == "json":
        entries: Json = [_entry(*one) for one in explained]
        put_document("audit-explanation/1", {"controls": entries}, session)
        return 0
    put("\n\n".join(_text(*one) for one in explained) + "\n", session)
    return 0


class _Home(NamedTuple):
    """The policy or the pack that a control is of."""

    name: str
    in_use: bool = True

    def __str__(self) -> str:
        unused = f" (a pack that is not in use: --pack {self.name})"
        return f"{self.name}{'' if self.in_use else unused}"


def _in_use(policy: Policy) -> Iterator[tuple[_Home, Control]]:
    """The policy's own controls, then those of its packs."""
    yield from ((_Home(policy.name), control) for control in policy.controls.values())
    for pack in policy.packs:
        yield from ((_Home(pack.name), control) for control in pack.controls.values())


def _not_in_use(policy: Policy) -> Iterator[tuple[_Home, Control]]:
    """The controls of built-in packs that the policy has not."""
    used = {pack.file for pack in policy.packs}
    for pack in load_builtin_packs():
        if pack.file not in used:
            yield from ((_Home(pack.name, False), c) for c in pack.controls.values())


def _find(wanted: str, policy: Policy) -> list[tuple[_Home, Control]]:
    """The controls of an id or about a property, any case; of packs not in use only if need be.

    Raises:
        UsageError: there is none.
    """
    word = wanted.lower()
    everything = [list(_in_use(policy)), list(_not_in_use(policy))]
    for controls in everything:
        found = [one for one in controls if _is_about(one[1], word)]
        if found:
            return found
    known = [control.id for controls in everything for _, control in controls]
    raise _nothing(wanted, known)


def _is_about(control: Control, word: str) -> bool:
    """Whether a control has an id, or looks at a property, in lower case."""
    return word in {control.id.lower(), *(r.property.lower() for r in control.requirements)}


def _nothing(wanted: str, known: Iterable[str]) -> UsageError:
    """What to say of a word that no control is about."""
    name = BY_LOWER.get(wanted.lower())
    if name is None or name not in PROPERTIES:
        meant = nearest(wanted, [*known, *PROPERTIES])
        hint = f"Did you mean {meant!r}?" if meant else _CONTROLS
        return UsageError(f"there is no control {shortened(wanted)}", hint=hint)
    example = PROPERTIES[name].kind.example or "VALUE"
    hint = f"To put it under control, write under connector, properties: {name}: {example}"
    if name == "Name":
        hint = (
            "It is under control only where the policy names the connector: "
            f"connector: {{name: {example}}}"
        )
    message = (
        f"{name} is a property of send connectors, and no control of this policy or of a built-in "
        "pack is about it"
    )
    return UsageError(message, hint=hint)


_CONTROLS: Final = (
    f"Controls are properties of send connectors, {', '.join(SPECIAL)}, and the ids of packs "
    "(audit policy list)."
)


def _text(home: _Home, control: Control, said: Explanation) -> str:
    title = f"{control.id}: {control.title}" if control.title else control.id
    facts: dict[str, str | tuple[str, ...]] = {
        "Checks": " ".join(said.checks),
        "Applies": said.applies,
        "Why": control.why or "",
        "Otherwise": said.otherwise,
        "To fix": said.fix,
        "Severity": control.severity,
        "From": f"{home}, {control.position.file}:{control.position.line}"
        if control.position.file
        else str(home),
        "Identifier": "known from one source only" if control.unconfirmed else "",
    }
    references = "\n".join(f"  {printable(text)}" for text in control.references)
    parts = [
        wrapped(printable(title), WIDTH),
        pairs({name: text for name, text in facts.items() if text}),
        f"References\n{references}" if references else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _entry(home: _Home, control: Control, said: Explanation) -> dict[str, Json]:
    return {
        "control": control.id,
        "title": control.title,
        "from": home.name,
        "in_use": home.in_use,
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
