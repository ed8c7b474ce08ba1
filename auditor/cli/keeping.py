"""What is done with a run besides reporting it: it is kept, compared, and told of."""

from __future__ import annotations

import os
import platform
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import auditor
from auditor.cli.histories import age_of, history_of, key_of
from auditor.cli.settings import configuration_path
from auditor.errors import AuditError, UsageError
from auditor.history.drift import drift_of, undecided_runs
from auditor.history.store import open_store
from auditor.normalise.admin_log import admin_changes
from auditor.notify.occasion import Occasion

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from auditor.cli.session import Session
    from auditor.cli.settings import Settings
    from auditor.cli.telling import Telling
    from auditor.history.store import Store
    from auditor.model import Audit, Drift
    from auditor.report.sheet import Sheet

_TOOL: Final = f"audit {auditor.__version__}"
_NAMELESS: Final = "Many organizations have the same name, or none: give --name or --organization."


@contextmanager
def only_one_run(settings: Settings, session: Session) -> Iterator[None]:
    """In here this is the only run of an audit of the configuration file on this machine.

    Raises:
        UndecidedError: another one is under way.
        UsageError: there is no folder for the lock.
    """
    from auditor.cli.locking import lock_folder, only_one

    config = configuration_path(settings.text("config"), session)
    where, name = history_of(settings), settings.text("name")
    file = None if where is None or "://" in where else session.folder / where
    folder = lock_folder(file, session.environ)
    key = f"{os.path.realpath(config or session.folder)}\n{name or ''}"
    with only_one(folder, key, session.now(), f"the audit {name!r}" if name else "this audit"):
        yield


class Keeping:
    """One run of an audit that is kept in a history, or that somebody is told of.

    Attributes:
        problem: why it could not be kept; None where it was, or was not asked for.
    """

    def __init__(self, settings: Settings, session: Session) -> None:
        self.problem: str | None = None
        self._settings = settings
        self._session = session
        self._telling = _telling_of(settings, session)
        self._is_kept = False
        self._undecided = 0
        self._last: datetime | None = None

    def begin(self) -> datetime | None:
        """When the last run that was decided was evaluated, where that is known beforehand.

        Raises:
            UsageError: an option is wrong.
        """
        if self._telling is not None:
            self._telling.begin()
        age_of(self._settings, "retention")
        where, key = history_of(self._settings), key_of(self._settings)
        if where is None or key is None:
            return None
        try:
            with open_store(where) as store:
                self._look_back(store, key)
        except AuditError as error:
            self._complain(error)
        return self._last

    def keep(self, audit: Audit) -> Audit:
        """Keep a run; returns the audit with what has changed since the one before.

        A history that cannot be written is a problem, and no reason to have no report.

        Raises:
            UsageError: nobody knows what name to keep it under.
        """
        where = history_of(self._settings)
        if where is None:
            return audit
        key = key_of(self._settings, audit.organization)
        if key is None:
            raise UsageError("there is no name to keep the history under", hint=_NAMELESS)
        drift = None
        try:
            with open_store(where) as store:
                drift = self._drift(audit, key, store)
                self._record(audit, key, store)
        except AuditError as error:
            self._complain(error)
        return audit if drift is None else replace(audit, drift=drift)

    def end(self, audit: Audit, sheet: Sheet, *, well: bool) -> None:
        """Tell of a run that was evaluated; ``well``: everything asked for was written."""
        if self._telling is None:
            return
        occasion = Occasion(
            key=key_of(self._settings, audit.organization) or "send connectors",
            now=self._session.now(),
            audit=audit,
            undecided_before=self._undecided,
            last_evaluated=self._last,
            as_of=self._is_as_of,
        )
        decided = audit.verdict != "incomplete"
        self._telling.end(occasion, sheet, well=well and decided and self.problem is None)

    def fail(self, error: AuditError) -> None:
        """Keep a run that could not be evaluated, where its name is known, and tell of it."""
        key = key_of(self._settings)
        if not self._is_as_of and not self._is_kept:
            self._keep_failure(error, key)
        if self._telling is None:
            return
        occasion = Occasion(
            key=key or "send connectors",
            now=self._session.now(),
            error=error,
            undecided_before=self._undecided,
            last_evaluated=self._last,
            as_of=self._is_as_of,
        )
        self._telling.end(occasion, None, well=False)

    def _keep_failure(self, error: AuditError, key: str | None) -> None:
        try:
            where = history_of(self._settings)
            if where is None:
                return
            if key is None:
                self._session.tell(f"this run is not in the history. {_NAMELESS}", "warning")
                return
            with open_store(where) as store:
                now = self._session.now()
                store.record_failure(error, key, now=now, tool=_TOOL, machine=_machine())
        except AuditError as trouble:
            self._complain(trouble)

    @property
    def _is_as_of(self) -> bool:
        return self._settings.text("as-of") is not None

    def _look_back(self, store: Store, key: str) -> None:
        last = next(store.counted_runs(key), None)
        self._last = last.evaluated_at if last else None
        self._undecided = undecided_runs(store, key, last)

    def _drift(self, audit: Audit, key: str, store: Store) -> Drift | None:
        try:
            self._look_back(store, key)
            return drift_of(audit, key, store, admin_changes(audit.snapshot))
        except AuditError as error:
            # What was kept before cannot be read: this run is kept all the same.
            self._complain(error)
            return None

    def _record(self, audit: Audit, key: str, store: Store) -> None:
        now = self._session.now()
        store.record(audit, key, as_of=self._is_as_of, now=now, tool=_TOOL, machine=_machine())
        self._is_kept = True
        age = age_of(self._settings, "retention")
        if age is not None:
            store.prune(key, older_than=now - age, keep=None)

    def _complain(self, error: AuditError) -> None:
        if self.problem is None:
            self._session.report(error)
        self.problem = f"the history could not be kept: {error.message}"


def _telling_of(settings: Settings, session: Session) -> Telling | None:
    """Who is told, where the configuration file names anybody."""
    extras = settings.extras
    if extras is None or not (extras.notifications or extras.ping):
        return None
    from auditor.cli.telling import Telling

    return Telling(extras, session)


def _machine() -> str | None:
    return platform.node() or None
