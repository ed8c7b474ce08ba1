"""Who is told of a run: the routes of the configuration file, and a dead man's switch."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from auditor.cli.configuration import resolved
from auditor.errors import AuditError
from auditor.notify.ping import ping
from auditor.notify.routes import Ping, Route
from auditor.notify.run import tell
from auditor.notify.send import require
from auditor.report import render

if TYPE_CHECKING:
    from auditor.cli.configuration import Extras, Reference, RouteSpec
    from auditor.cli.session import Session
    from auditor.notify.occasion import Occasion
    from auditor.report.sheet import Sheet


def route_of(spec: RouteSpec, url: str) -> Route:
    """A route whose address is known."""
    return Route(spec.name, url, spec.when, spec.severity, spec.attach, spec.unaudited_runs)


class Telling:
    """What is told of one run. What goes wrong with it is said, and changes nothing else."""

    def __init__(self, extras: Extras, session: Session) -> None:
        self._routes = extras.notifications or ()
        self._ping = extras.ping
        self._session = session

    def begin(self) -> None:
        """The run begins. What would keep a message from being sent is said already now."""
        if self._routes:
            try:
                require()
            except AuditError as error:
                self._session.report(error)
        self._call("start")

    def end(self, occasion: Occasion | None, sheet: Sheet | None, *, well: bool) -> None:
        """The run is over.

        Args:
            occasion: what there is to tell; None where nobody knows whose audit it was.
            sheet: what a PDF is printed on.
            well: whether it was decided, and everything written.
        """
        if occasion is not None and not occasion.as_of:
            self._tell(occasion, sheet)
        self._call("success" if well else "failure")

    def _tell(self, occasion: Occasion, sheet: Sheet | None) -> None:
        def report(name: str) -> bytes:
            assert occasion.audit is not None  # noqa: S101 - only then anything is attached
            return render(name, occasion.audit, sheet)

        routes = [route for spec in self._routes if (route := self._route(spec)) is not None]
        for delivery in tell(routes, occasion, report, time.sleep):
            if not delivery.ok:
                self._complain(f"{delivery.route} was not told: {delivery.why}")
            elif delivery.why:
                self._complain(f"{delivery.route} was told, but: {delivery.why}")

    def _route(self, spec: RouteSpec) -> Route | None:
        url = self._found(spec.to)
        return None if url is None else route_of(spec, url)

    def _call(self, event: str) -> None:
        url = self._address(event)
        if url is None:
            return
        done = ping(url, time.sleep)
        if not done.ok:
            self._complain(f"the ping ({event}) was not heard: {done.why}")

    def _address(self, event: str) -> str | None:
        """The address that is called when something happens; None where nothing is."""
        if self._ping is None:
            return None
        if self._ping.every is not None:
            whole = self._found(self._ping.every)
            return None if whole is None else self._of_one(whole, event)
        reference: Reference | None = getattr(self._ping, event)
        return None if reference is None else self._found(reference)

    def _of_one(self, url: str, event: str) -> str | None:
        try:
            address: str | None = getattr(Ping.of(url), event)
        except AuditError as error:
            self._session.report(error)
            return None
        return address

    def _found(self, reference: Reference) -> str | None:
        try:
            return resolved(reference, self._session)
        except AuditError as error:
            self._session.report(error)
            return None

    def _complain(self, why: str) -> None:
        self._session.tell(why, "warning")
