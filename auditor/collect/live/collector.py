"""The cmdlets of an audit, asked in one session; what is refused is recorded, not fatal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from auditor.collect.cleaning import clean_objects
from auditor.collect.cmdlets import CMDLETS
from auditor.collect.live.deadline import Deadline
from auditor.collect.live.faults import explain, is_passing
from auditor.collect.live.session import RemoteSession
from auditor.errors import AuditError, InputError, UndecidedError, UnreachableError
from auditor.model import CollectionError, Provenance, Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from auditor.collect.cmdlets import Cmdlet, Wanted
    from auditor.collect.live.endpoint import Target
    from auditor.collect.live.psrp import Answer
    from auditor.model import Raw

_WORK: Final = 0.9
"""The part of the time for the work; the rest is for closing the session."""
_PAUSE_SECONDS: Final = 1.0
ROLE_HINT: Final = (
    "Ask for membership of the role group View-Only Organization Management, or for a role with "
    "this cmdlet; it reads only."
)
_FAILED_HINT: Final = (
    "Try again; if it stays so, run the cmdlet in the Exchange Management Shell, or name another "
    "domain controller with --domain-controller."
)
_REFUSED: Final = "not available to this account, or not on this server"


@dataclass(slots=True)
class _Harvest:
    """What has been collected so far; it outlives a connection that breaks."""

    objects: dict[str, tuple[Mapping[str, Raw], ...]] = field(default_factory=dict)
    errors: list[CollectionError] = field(default_factory=list)
    account: str | None = None
    open: list[Wanted] = field(default_factory=lambda: list(CMDLETS))


def collect(
    target: Target, now: Callable[[], datetime], tool: str, tell: Callable[[str], object]
) -> Snapshot:
    """Everything that an audit asks one organisation for.

    Args:
        target: whom to ask and as whom; checked with ``check_target``.
        now: the clock, in UTC.
        tool: this program and its version.
        tell: takes a line on what is being done, for those who want to know.

    Returns:
        The snapshot. Where Get-SendConnector reported an error, its errors say so: there may be
        more connectors than it holds.

    Raises:
        UnreachableError: the server could not be asked for send connectors.
        UndecidedError: this account may not read them.
    """
    harvest = _Harvest()
    whole = Deadline(target.timeout)
    work = Deadline(target.timeout * _WORK)
    started = now()
    try:
        _with_one_retry(target, work, whole, harvest, tell)
    except UnreachableError as error:
        if "SendConnector" not in harvest.objects:
            raise
        # What is collected is kept; what was not is optional.
        tell(f"{error.message}; going on with what was collected")
        for wanted in harvest.open:
            harvest.errors.append(CollectionError(str(wanted.cmdlet), error.message))
    return Snapshot(
        organization=None,
        provenance=Provenance(
            kind="live",
            location=target.endpoint.url,
            collected_at=started,
            tool=tool,
            server=target.endpoint.host,
            account=harvest.account or target.login.username,
            cautions=target.cautions,
        ),
        objects=harvest.objects,
        errors=tuple(harvest.errors),
    )


def _with_one_retry(
    target: Target,
    work: Deadline,
    whole: Deadline,
    harvest: _Harvest,
    tell: Callable[[str], object],
) -> None:
    try:
        _ask(target, work, whole, harvest, tell)
        return
    except AuditError:
        raise
    except Exception as error:
        if not is_passing(error) or work.left <= _PAUSE_SECONDS:
            raise explain(error, target) from error
        fault = explain(error, target)
    tell(f"{fault.message}; trying once more in {_PAUSE_SECONDS:.0f} s")
    work.pause(_PAUSE_SECONDS)
    try:
        _ask(target, work, whole, harvest, tell)
    except AuditError:
        raise
    except Exception as error:
        raise explain(error, target) from error


def _ask(
    target: Target,
    work: Deadline,
    whole: Deadline,
    harvest: _Harvest,
    tell: Callable[[str], object],
) -> None:
    """Ask, in one session, for all that has not been collected yet."""
    tell(f"opening a session on {target.endpoint.url}")
    with RemoteSession(target, work, whole) as session:
        harvest.account = session.account
        while harvest.open:
            _collect_one(session, harvest.open[0], target, harvest, tell)
            harvest.open.pop(0)


def _collect_one(
    session: RemoteSession,
    wanted: Wanted,
    target: Target,
    harvest: _Harvest,
    tell: Callable[[str], object],
) -> None:
    controller = target.domain_controller
    parameters = {"DomainController": controller} if controller else {}
    for cmdlet in wanted.choices:
        answer = session.run(cmdlet, parameters)
        if answer.failure is None or not answer.failure.is_unknown_command:
            break
    else:
        cmdlet = wanted.cmdlet
    for warning in answer.warnings:
        tell(f"{cmdlet} warns: {warning}")
    _keep(cmdlet, answer, harvest, required=wanted.required)
    count = len(harvest.objects.get(cmdlet.noun, ()))
    tell(f"{cmdlet}: {count} object{'' if count == 1 else 's'}")


def _keep(cmdlet: Cmdlet, answer: Answer, harvest: _Harvest, *, required: bool) -> None:
    """Add an answer to the harvest; what went wrong is recorded beside what came.

    Raises:
        UndecidedError: the cmdlet is required, and was refused.
    """
    failure = answer.failure
    if failure is not None and not answer.objects:
        reason = _REFUSED if failure.is_unknown_command else failure.text
        if required:
            if failure.is_refusal:
                raise UndecidedError(f"{cmdlet} was refused: {reason}", hint=ROLE_HINT)
            raise UndecidedError(f"{cmdlet} failed: {reason}", hint=_FAILED_HINT)
        harvest.errors.append(CollectionError(str(cmdlet), reason))
        return
    try:
        harvest.objects[cmdlet.noun] = clean_objects(answer.objects, cmdlet.noun)
    except InputError as error:
        if required:
            message = f"what {cmdlet} returned cannot be read: {error.message}"
            raise UndecidedError(message, hint=error.hint) from error
        harvest.errors.append(CollectionError(str(cmdlet), error.message))
    harvest.errors.extend(CollectionError(str(cmdlet), p.text) for p in answer.trouble)
