"""A plan → ``remediate.ps1`` and ``rollback.ps1``.

The fixed text of both is in ``remediate.ps1``, ``rollback.ps1`` and ``functions.ps1`` beside this
file; data never becomes anything but a literal (``powershell.literal``) or a comment.

The scripts keep to PowerShell 2.0, which Exchange 2010 has, and read connectors by what they print,
because remoting sends copies. Sources: about_Splatting, about_Trap, about_Comparison_Operators;
https://learn.microsoft.com/powershell/module/exchangepowershell/get-sendconnector (a connector that
does not exist: all are returned). A byte order mark, because Windows PowerShell reads a file
without one in the ANSI code page (about_Character_Encoding).
"""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING, Final, NamedTuple

import auditor
from auditor.digests import fingerprints
from auditor.moments import rfc3339
from auditor.properties import shown
from auditor.remediate.command import address_of, backward, forward
from auditor.remediate.powershell import array, comment, literal, visible
from auditor.snapshot import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from auditor.model import Audit, ManualStep, Plan, PlannedChange, Settings
    from auditor.remediate.command import Address, Call

_MARK: Final = re.compile(r"^#@([A-Z]+)@\n", re.MULTILINE)


class Answer(NamedTuple):
    """A finding that a plan answers: its control, its connector if it is about one, its message."""

    control: str
    connector: str | None
    message: str


class Head(NamedTuple):
    """What the head of a script says of where it comes from.

    Attributes:
        organization: its name, where it is known.
        policy: the policy's name.
        policy_version: what the policy says it is.
        policy_sha256: of the effective policy.
        region: its id, where there is one.
        source: the file or the endpoint.
        source_sha256: of the snapshot.
        evaluated_at: when the audit was made.
        tool_version: this program's.
        ticket: of the change, where there is one.
        domain_controller: the one that is asked; None leaves that to Exchange.
        answers: the findings that the plan answers.
    """

    organization: str | None
    policy: str
    policy_version: str
    policy_sha256: str
    region: str | None
    source: str
    source_sha256: str | None
    evaluated_at: datetime
    tool_version: str
    ticket: str | None = None
    domain_controller: str | None = None
    answers: tuple[Answer, ...] = ()

    @classmethod
    def of(
        cls, audit: Audit, plan: Plan, ticket: str | None, domain_controller: str | None
    ) -> Head:
        """The head of the scripts of a plan, which was made of an audit."""
        marks = {mark for change in plan.changes for mark in change.findings}
        found = zip(fingerprints(audit.findings), audit.findings, strict=True)
        return cls(
            organization=audit.organization,
            policy=audit.policy.name,
            policy_version=audit.policy.version,
            policy_sha256=audit.policy.sha256,
            region=audit.region.id if audit.region else None,
            source=audit.snapshot.provenance.location,
            source_sha256=digest(audit.snapshot),
            evaluated_at=audit.evaluated_at,
            tool_version=auditor.__version__,
            ticket=ticket,
            domain_controller=domain_controller,
            answers=tuple(
                Answer(f.control.id, f.connector.label if f.connector else None, f.message)
                for mark, f in found
                if mark in marks
            ),
        )


def remediate_script(plan: Plan, head: Head) -> bytes:
    """What makes the changes of a plan: UTF-8 with a mark, its lines ended by CRLF.

    Raises:
        InputError: a connector has neither Guid nor name, or a value holds a character that no
            command can carry.
    """
    steps: list[str] = []
    for change in plan.changes:
        steps += _change(change, len(plan.changes), head.domain_controller)
    steps += _manual(plan.manual)
    return _file("remediate.ps1", head, steps)


def rollback_script(plan: Plan, head: Head) -> bytes:
    """What puts every changed property back, in the reverse order; in the same form.

    Raises:
        InputError: a connector has neither Guid nor name, or a value holds a character that no
            command can carry.
    """
    steps: list[str] = []
    for change in reversed(plan.changes):
        steps += _undoing(change, len(plan.changes), head.domain_controller)
    return _file("rollback.ps1", head, steps)


def _file(name: str, head: Head, steps: Iterable[str]) -> bytes:
    parts = {
        "HEAD": _lines(_head(head)),
        "SETTINGS": f"$domainController = {literal(head.domain_controller)}\n",
        "FUNCTIONS": _template("functions.ps1"),
        "STEPS": _lines(steps).rstrip("\n") + "\n",
    }
    # Marks are looked for in the template alone, never in what is put in.
    text = _MARK.sub(lambda mark: parts[mark[1]], _template(name))
    return b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()


def _template(name: str) -> str:
    return files("auditor.remediate").joinpath(name).read_text("ascii")


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _head(head: Head) -> Iterator[str]:
    rows: Mapping[str, str | None] = {
        "Organisation": head.organization or "(not known)",
        "Policy": f"{head.policy}, version {head.policy_version}, sha256 {head.policy_sha256}",
        "Region": head.region,
        "Audited": rfc3339(head.evaluated_at),
        "From": head.source,
        "Its sha256": head.source_sha256,
        "Written by": f"connector-auditor {head.tool_version}",
        "Ticket": head.ticket,
        "Domain controller": head.domain_controller or "(Exchange chooses)",
    }
    yield from (comment(f"{key}: {value}") for key, value in rows.items() if value is not None)
    yield "#"
    yield comment("The findings that it answers:")
    for answer in head.answers:
        where = f" on {answer.connector}" if answer.connector else ""
        yield comment(f"- {answer.control}{where}: {answer.message}")


def _change(change: PlannedChange, count: int, domain_controller: str | None) -> Iterator[str]:
    call = forward(change)
    address = call.address
    yield comment(f"{change.order} of {count}. Connector: {address.name}")
    yield from _meaning(change.before, change.parameters)
    if change.caution is not None:
        yield comment(f"Think of: {change.caution}")
    if change.connector is None:
        yield " ".join(_words("Assert-Absent", address))
    else:
        yield from _guard(_words("Assert-Audited", address), {"Audited": change.before})
    yield from _call(call, domain_controller)
    after = address._replace(name=str(change.parameters.get("Name", address.name)))
    yield from _guard(_words("Assert-Changed", after), {"Wanted": change.parameters})
    yield ""


def _undoing(change: PlannedChange, count: int, domain_controller: str | None) -> Iterator[str]:
    call = backward(change)
    if not call.parameters:
        return
    old = address_of(change)
    audited, changed = _both(change)
    yield comment(f"Undoes {change.order} of {count}. Connector: {call.address.name}")
    yield from _meaning(changed, audited)
    warning = _not_restored(change, call)
    if warning is not None:
        yield comment(warning)
    words = _words("if (Test-Applied", call.address)
    if change.connector is None:
        words.append("-Created")
    if call.address.name != old.name:
        words.append(f"-OldName {literal(old.name)}")
    yield from _guard(words, {"Audited": audited, "Changed": changed}, ") {")
    if warning is not None:
        yield f"    Write-Host {literal(visible(f'{old.name}: {warning}'))}"
    held = _guard(_words("Assert-Changed", old), {"Wanted": audited})
    yield from (f"    {line}" for line in (*_call(call, domain_controller), *held))
    yield "}"
    yield ""


def _both(change: PlannedChange) -> tuple[Settings, Settings]:
    """What is put back, and what it is before that."""
    if change.connector is None:
        return {"Enabled": False}, {"Enabled": True, **change.parameters}
    names = [name for name, value in change.before.items() if value != change.parameters[name]]
    return (
        {name: change.before[name] for name in names},
        {name: change.parameters[name] for name in names},
    )


def _not_restored(change: PlannedChange, call: Call) -> str | None:
    if change.connector is None:
        return "What was created is not removed, only disabled."
    if call.credential:
        return "The password cannot be restored: no export holds it, so it is asked for."
    return None


def _call(call: Call, domain_controller: str | None) -> Iterator[str]:
    if call.credential:
        yield f"$credential = Read-Credential -Name {literal(call.address.name)}"
    yield call.line(domain_controller, "$credential", preview=True)


def _words(function: str, address: Address) -> list[str]:
    """A call of one of the script's own functions, about a connector."""
    guid = [f"-Guid {literal(address.guid)}"] if address.guid is not None else []
    name = f"-Name {literal(address.name)}"
    return [function, f"-Noun {literal(address.noun)}", *guid, name]


def _guard(words: list[str], tables: Mapping[str, Settings], end: str = "") -> Iterator[str]:
    """The same call with tables of literals, a line for each property."""
    line = " ".join(words)
    for name, values in tables.items():
        yield f"{line} -{name} @{{"
        yield from (f"    {key} = {array(value)}" for key, value in values.items())
        line = "}"
    yield line + end


def _meaning(before: Settings, after: Settings) -> Iterator[str]:
    for name, value in after.items():
        if name not in before:
            yield comment(f"    {name}: {shown(name, value)}")
        elif before[name] != value:
            yield comment(f"    {name}: from {shown(name, before[name])} to {shown(name, value)}")


def _manual(steps: tuple[ManualStep, ...]) -> Iterator[str]:
    """What a person must do: to be read here, and printed when the script runs."""
    if not steps:
        return
    yield comment("What no command can do, and a person must:")
    texts = [": ".join(filter(None, (step.connector, step.advice))) for step in steps]
    yield from (comment(f"- {text}") for text in texts)
    yield "Write-Host ''"
    yield "Write-Host 'By hand:'"
    yield from (f"Write-Host {literal(visible(f'- {text}'))}" for text in texts)
