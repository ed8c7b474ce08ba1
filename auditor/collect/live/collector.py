"""The cmdlets of an audit, asked in one session; what is refused is recorded, not fatal."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from auditor.collect.cleaning import clean_objects
from auditor.collect.cmdlets import ADMIN_LOG_SEARCH, CHANGING, CMDLETS, MOST_ENTRIES, Wanted
from auditor.collect.live.deadline import Deadline
from auditor.collect.live.faults import explain, is_passing, without_secrets
from auditor.collect.live.session import RemoteSession
from auditor.errors import AuditError, InputError, UndecidedError, UnreachableError
from auditor.model import CollectionError, Provenance, Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from auditor.collect.cmdlets import Cmdlet
    from auditor.collect.live.endpoint import Target
    from auditor.collect.live.psrp import Answer, Problem
    from auditor.collect.live.session import Argument
    from auditor.model import Raw

WORK: Final = 0.9
"""The part of the time for the work; the rest is for closing the session."""
ROLE_HINT: Final = (
    "Ask for membership of the role group View-Only Organization Management, or for a role with "
    "this cmdlet; it reads only."
)
_PAUSE_SECONDS: Final = 1.0
_FAILED_HINT: Final = (
    "Try again; if it stays so, run the cmdlet in the Exchange Management Shell, or name another "
    "domain controller with --domain-controller."
)
_NO_CONTROLLER_HINT: Final = (
    "Leave --domain-controller out: an Edge server, for example, has no such parameter."
)
_REFUSED: Final = "not available to this account, or not on this server"
_CAPPED: Final = f"it returned {MOST_ENTRIES} entries, and gives no more at once: some are missing"
_CLOCKS_DIFFER: Final = timedelta(minutes=5)
"""How far a server's clock may be ahead, for what was just done is not to be lost.

Windows lets clocks differ by so much, for Kerberos: https://learn.microsoft.com/windows/security/
threat-protection/security-policy-settings/maximum-tolerance-for-computer-clock-synchronization
"""


def collect(
    target: Target,
    now: Callable[[], datetime],
    tool: str,
    tell: Callable[[str], object],
    changes_since: datetime | None = None,
) -> Snapshot:
    """Everything that an audit asks one organisation for.

    Args:
        target: whom to ask and as whom; checked with ``check_target``.
        now: the clock, in UTC.
        tool: this program and its version.
        tell: takes a line on what is being done, for those who want to know.
        changes_since: where given, who changed send connectors since then is asked as well, last;
            a moment with its zone.

    Returns:
        The snapshot. Where Get-SendConnector reported an error, its errors say so: there may be
        more connectors than it holds.

    Raises:
        UnreachableError: the server could not be asked for send connectors.
        UndecidedError: this account may not read them, or they could not be read.
    """
    started = now()
    collection = _Collection(target, tell, now)
    if changes_since is not None:
        collection.ask_who(min(changes_since, started))
    collection.run()
    return Snapshot(
        organization=None,
        provenance=Provenance(
            kind="live",
            location=target.endpoint.url,
            collected_at=started,
            tool=tool,
            server=target.endpoint.host,
            account=collection.account or target.login.username,
            cautions=(*target.cautions, *(("cleartext",) if collection.in_clear else ())),
        ),
        objects=collection.objects,
        errors=tuple(collection.errors),
    )


class _Collection:
    """What has been collected so far, and what is still to be asked; it outlives a connection."""

    def __init__(
        self, target: Target, tell: Callable[[str], object], now: Callable[[], datetime]
    ) -> None:
        self.objects: dict[str, tuple[Mapping[str, Raw], ...]] = {}
        self.errors: list[CollectionError] = []
        self.account: str | None = None
        self.in_clear = False
        self._open: list[Wanted] = list(CMDLETS)
        self._target = target
        self._tell = tell
        self._now = now
        self._since: datetime | None = None
        self._whole = Deadline(target.timeout)
        self._work = Deadline(target.timeout * WORK)
        controller = target.domain_controller
        self._parameters = {"DomainController": controller} if controller else {}

    def ask_who(self, since: datetime) -> None:
        """Ask for the changes since then too; last, so that it can cost nothing else."""
        self._since = since
        self._open.append(Wanted(ADMIN_LOG_SEARCH))

    def _parameters_of(self, cmdlet: Cmdlet) -> Mapping[str, Argument]:
        """What a cmdlet is called with; only the search in the log takes more than the others."""
        if cmdlet != ADMIN_LOG_SEARCH or self._since is None:
            return self._parameters
        period = {"StartDate": self._since, "EndDate": self._now() + _CLOCKS_DIFFER}
        return {"Cmdlets": CHANGING, **period, **self._parameters}

    def run(self) -> None:
        """Ask for everything, with one more try where a failure was passing."""
        try:
            fault = self._try()
            if fault is not None and self._work.left > _PAUSE_SECONDS:
                self._tell(f"{fault.message}; trying once more in {_PAUSE_SECONDS:.0f} s")
                self._work.pause(_PAUSE_SECONDS)
                fault = self._try()
            if fault is not None:
                raise fault
        except UnreachableError as error:
            if "SendConnector" not in self.objects:
                raise
            # What is collected is kept; what was not is optional.
            self._tell(f"{error.message}; going on with what was collected")
            broke, *rest = (str(wanted.cmdlet) for wanted in self._open)
            self._record(broke, error.message)
            for cmdlet in rest:
                self._record(cmdlet, f"not asked, because {broke} failed: {error.message}")

    def _try(self) -> UnreachableError | None:
        """One session for all that has not been collected yet; the failure, if it may pass.

        Raises:
            UnreachableError: another failure.
        """
        self._tell(f"opening a session on {self._target.endpoint.url}")
        try:
            with RemoteSession(self._target, self._work, self._whole) as session:
                self.account = session.account
                while self._open:
                    self._collect_one(session, self._open[0])
                    self._open.pop(0)
                    self.in_clear = self.in_clear or session.in_clear
        except AuditError:
            raise
        except Exception as error:
            fault = explain(error, self._target)
            if is_passing(error):
                return fault
            raise fault from error
        return None

    def _collect_one(self, session: RemoteSession, wanted: Wanted) -> None:
        for cmdlet in wanted.choices:
            answer = session.run(cmdlet, self._parameters_of(cmdlet))
            if answer.failure is None or not answer.failure.is_unknown_command:
                break
        else:
            cmdlet = wanted.cmdlet
        for warning in answer.warnings:
            self._tell(f"{cmdlet} warns: {without_secrets(warning, self._target)}")
        self._keep(cmdlet, answer, required=wanted.required)
        count = len(self.objects.get(cmdlet.noun, ()))
        self._tell(f"{cmdlet}: {count} object{'' if count == 1 else 's'}")

    def _keep(self, cmdlet: Cmdlet, answer: Answer, *, required: bool) -> None:
        """Keep an answer; what went wrong is recorded beside what came.

        Raises:
            UndecidedError: the cmdlet is required, and was refused or cannot be read.
        """
        failure = answer.failure
        if failure is not None and not answer.objects:
            if required:
                raise self._failed(cmdlet, failure)
            reason = _REFUSED if failure.is_unknown_command else failure.text
            self._record(str(cmdlet), reason, refused=failure.is_refusal)
            return
        try:
            self.objects[cmdlet.noun] = clean_objects(answer.objects, cmdlet.noun)
        except InputError as error:
            if required:
                message = f"what {cmdlet} returned cannot be read: {error.message}"
                raise UndecidedError(message, hint=error.hint) from error
            self._record(str(cmdlet), error.message)
        for problem in answer.trouble:
            self._record(str(cmdlet), problem.text)
        if cmdlet == ADMIN_LOG_SEARCH and len(answer.objects) >= MOST_ENTRIES:
            self._record(str(cmdlet), _CAPPED)

    def _record(self, cmdlet: str, reason: str, *, refused: bool = False) -> None:
        said = without_secrets(reason, self._target) or "no reason was given"
        self.errors.append(CollectionError(cmdlet, said, refused))

    def _failed(self, cmdlet: Cmdlet, failure: Problem) -> UndecidedError:
        """Why there is nothing to evaluate, and what to do about it."""
        text = without_secrets(failure.text, self._target)
        if failure.is_unknown_command:
            return UndecidedError(f"{cmdlet} was refused: {_REFUSED}", hint=ROLE_HINT)
        if failure.is_refusal:
            return UndecidedError(f"{cmdlet} was refused: {text}", hint=ROLE_HINT)
        unknown = self._parameters and "NamedParameterNotFound" in failure.identifier
        hint = _NO_CONTROLLER_HINT if unknown else _FAILED_HINT
        return UndecidedError(f"{cmdlet} failed: {text}", hint=hint)
