"""``audit route``: which connector a message to a recipient really takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.cli.auditing import evidence_for
from auditor.cli.output import put, refuse_overwriting
from auditor.cli.policy_options import policy_files, read_policy
from auditor.cli.recipients import read_message_size, read_recipient
from auditor.cli.source import path_of, read_files, save_snapshot
from auditor.evaluate.recipients import Router
from auditor.report import route_json, route_text
from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from auditor.cli.session import Session
    from auditor.cli.settings import Settings
    from auditor.model import RecipientRoute, Snapshot


def run(settings: Settings, session: Session) -> int:
    """Print the routes; 0 where all are right, 1 where one is not, 3 where that is not known.

    Raises:
        AuditError: nothing could be evaluated.
    """
    recipients = [read_recipient(text) for text in settings.operands]
    size, server = read_message_size(settings.text("size")), settings.text("from-server")
    policy = read_policy(settings)
    kept = path_of(settings, "save-snapshot")
    refuse_overwriting([kept] if kept else [], [*read_files(settings), *policy_files(policy)])

    unsaved: list[str | None] = []

    def keep(snapshot: Snapshot) -> None:
        unsaved.append(save_snapshot(snapshot, settings, session))

    evidence = evidence_for(policy, settings, session, keep)
    router = Router(evidence.connectors, policy, evidence.region, evidence.now)
    places = router.places(server)
    if server is not None and not any(place.servers for place in places):
        session.tell(
            f"{printable(server)} is no source server that is known: the answer is that for any "
            "other server",
            "warning",
        )
    routes = [router.route(recipient, size, places) for recipient in recipients]
    explained = settings.flag("explain")
    ladders = [[*router.ladders(r, size, places)] if explained else [] for r in recipients]
    found = list(zip(routes, ladders, strict=True))
    as_json = settings.text("format") == "json"
    put(route_json.render(found, size, server) if as_json else route_text.render(found), session)
    return _exit_status(routes, is_saved=not any(unsaved))


def _exit_status(routes: Iterable[RecipientRoute], *, is_saved: bool) -> int:
    found = {route.is_right for route in routes}
    if False in found:
        return 1
    return 2 if not is_saved else 3 if None in found else 0
