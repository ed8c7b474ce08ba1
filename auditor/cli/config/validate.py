"""``audit config validate``: a configuration file, checked without Exchange and sending nothing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from auditor.cli.argv import Invocation
from auditor.cli.commands import COMMANDS
from auditor.cli.configuration import resolved
from auditor.cli.histories import age_of, history_of
from auditor.cli.instant import as_of
from auditor.cli.output import put, put_document
from auditor.cli.outputs import outputs_of
from auditor.cli.policy_options import read_policy
from auditor.cli.settings import configuration_path, resolve
from auditor.cli.source import read_files, require_source
from auditor.errors import AuditError, Place, UsageError
from auditor.policy import find_region
from auditor.report.error_text import in_words
from auditor.report.json_report import error_document
from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auditor.cli.configuration import RouteSpec
    from auditor.cli.session import Session
    from auditor.cli.settings import Settings


def run(settings: Settings, session: Session) -> int:
    """Check what each audit of the file needs; returns 2 where something is wrong.

    Raises:
        UsageError: there is no configuration file, or it cannot be read at all.
    """
    named = settings.text("config")
    path = configuration_path(named, session)
    if path is None:
        raise UsageError(
            "there is no configuration file", hint="Name one with --config, or write audit.yaml."
        )
    whole = resolve(Invocation(COMMANDS["check"], {"config": named} if named else {}), session)
    found = {
        one.text("name") or path.name: list(_wrong(one, session))
        for one in whole.several or (whole,)
    }
    if settings.text("format") == "json":
        errors = [error_document(error) for wrong in found.values() for error in wrong]
        put_document("audit-error/1", {"errors": errors}, session)
    else:
        put("".join(_text(name, wrong) for name, wrong in found.items()), session)
    return 2 if any(found.values()) else 0


def _wrong(settings: Settings, session: Session) -> Iterator[AuditError]:
    """What is wrong with one audit: all of it, not the first only."""
    checks: list[Callable[[], object]] = [
        lambda: _check_policy(settings),
        lambda: require_source(settings),
        lambda: _check_files(settings),
        lambda: outputs_of(settings),
        lambda: history_of(settings),
        lambda: age_of(settings, "retention"),
        lambda: as_of(settings),
    ]
    if settings.extras is not None:
        found = settings.extras
        checks += [partial(resolved, one, session) for one in found.references]
        checks += [partial(_check_route, spec, session) for spec in found.notifications or ()]
    for check in checks:
        try:
            check()
        except AuditError as error:
            yield error


def _check_route(spec: RouteSpec, session: Session) -> None:
    """That a message could be sent, as far as that shows without sending one."""
    from auditor.cli.telling import route_of
    from auditor.notify.send import check

    try:
        url = resolved(spec.to, session)
    except UsageError:
        return  # said of the reference
    try:
        check(route_of(spec, url))
    except UsageError as error:
        raise UsageError(error.message, spec.place, error.hint) from error


def _check_policy(settings: Settings) -> None:
    policy = read_policy(settings)
    with settings.said_by("region"):
        find_region(policy, settings.text("region"))


def _check_files(settings: Settings) -> None:
    """That every file that is read is there; what a schedule writes may come later."""
    for path in read_files(settings)[:-1]:
        if path.name != "-" and not path.is_file():
            raise UsageError("there is no such file", Place(str(path)))


def _text(name: str, wrong: list[AuditError]) -> str:
    if not wrong:
        return f"{printable(name)}: valid\n"
    return "".join(f"{printable(name)}: {in_words(one).removeprefix('audit: ')}\n" for one in wrong)
