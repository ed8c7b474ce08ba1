"""``audit signoff``: the check, what people attest, and one bundle of all of it to sign."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Final, NamedTuple

from auditor import flowfile
from auditor.cli.attesting import asked_answers, given_answers
from auditor.cli.auditing import controller_of
from auditor.cli.bundles import keep_unfinished, require_room, write_bundle
from auditor.cli.flow_logs import read_flow, require_flow
from auditor.cli.instant import as_of
from auditor.cli.output import coloured, plain, put, refuse_overwriting
from auditor.cli.policy_options import policy_files, policy_words, read_policy
from auditor.cli.sheet import require_fonts, sheet_of
from auditor.cli.source import (
    path_of,
    read_files,
    read_result,
    read_source,
    require_source,
    save_snapshot,
)
from auditor.collect import require_connectors
from auditor.errors import InputError, Place, UsageError
from auditor.moments import instant
from auditor.normalise import normalise, organization_of
from auditor.policy import find_region
from auditor.policy.effective import self_contained
from auditor.probefile import written
from auditor.report import require, signoff_text
from auditor.signoff.attestations import (
    Answers,
    require_organization,
    written_attestations,
)
from auditor.signoff.bundle import (
    make_bundle,
    printing_with,
    refuse_what_is_there,
)
from auditor.signoff.contents import (
    ATTESTATIONS,
    MAILFLOW,
    PROBE,
    SNAPSHOT,
    Contents,
    Inputs,
    contents,
)
from auditor.snapshot import write_snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from auditor.cli.session import Session
    from auditor.cli.settings import Settings
    from auditor.model import Attestation, Audit, Policy, Region, Snapshot
    from auditor.report.sheet import Sheet

_STATUS: Final = {"ready": 0, "not ready": 1, "undecided": 3}
_DAY: Final = timedelta(days=1)
_FOLDER: Final = "reports"


class _Asked(NamedTuple):
    """What the options ask for, all of it checked before anything is collected."""

    policy: Mapping[str, str]
    region: Region | None
    moment: datetime
    answers: Answers | None
    sheet: Sheet
    bundle: Path | None
    probe: bytes | None


def run(settings: Settings, session: Session) -> int:
    """Write the bundle; returns 0 where it is ready, 1 where it is not, 3 where nobody knows.

    Raises:
        AuditError: nothing could be evaluated, or the bundle could not be written.
    """
    if settings.flag("questions"):
        put(written_attestations((), settings.text("organization")), session)
        return 0
    asked = _asked(settings, session)
    snapshot = read_source(settings, session)
    unsaved = save_snapshot(snapshot, settings, session)
    said: list[Attestation] = []
    try:
        status = _signed_off(asked, snapshot, said, settings, session)
    except BaseException:
        is_kept = settings.texts("snapshot") or (settings.text("save-snapshot") and not unsaved)
        keep_unfinished(None if is_kept else snapshot, said, session)
        raise
    return 2 if unsaved is not None and status != 1 else status


def _signed_off(
    asked: _Asked,
    snapshot: Snapshot,
    said: list[Attestation],
    settings: Settings,
    session: Session,
) -> int:
    """From what was collected to the bundle; ``said`` gets what people answer on the way."""
    require_connectors(snapshot)
    organization = settings.text("organization") or organization_of(snapshot)
    answers = asked.answers or asked_answers(session, said)
    require_organization(answers, organization, settings.text("attestations") or ATTESTATIONS)
    evidence = _evidence(snapshot, asked, answers, organization)
    evidence |= _logs(snapshot, asked, settings, session)
    inputs = Inputs(
        region=asked.region.id if asked.region else None,
        organization=organization,
        evaluated_at=asked.moment,
        domain_controller=controller_of(settings),
        ticket=settings.text("ticket"),
    )
    made = contents(evidence, inputs, asked.sheet)
    files = make_bundle(evidence, made, inputs, printing_with(asked.sheet))
    path = asked.bundle or _new_name(made.audit, session)
    write_bundle(path, files)
    _show(made, files, path, settings, session)
    return _STATUS[made.audit.go_live.state if made.audit.go_live else "undecided"]


def _asked(settings: Settings, session: Session) -> _Asked:
    """The options, checked.

    Raises:
        AuditError: one is wrong, or something that is needed is not there.
    """
    require_source(settings)
    require("pdf")
    if settings.texts("mailflow"):
        require_flow(settings, session)
    policy = read_policy(settings)
    with settings.said_by("region"):
        region = find_region(policy, settings.text("region"))
    # A bundle says its time to the second, so that is the time of which it is true.
    moment = (as_of(settings) or session.now()).replace(microsecond=0)
    controller_of(settings)
    return _Asked(
        policy=self_contained(*policy_words(settings)),
        region=region,
        moment=moment,
        answers=_answers(moment, settings, session),
        sheet=_sheet(settings, session),
        bundle=_bundle(settings, policy, session),
        probe=_probe(settings, moment),
    )


def _probe(settings: Settings, moment: datetime) -> bytes | None:
    """The probe as the bundle keeps it.

    Raises:
        InputError: it is none, or later than the evaluation.
    """
    path = path_of(settings, "probe")
    if path is None:
        return None
    probe = read_result(path)
    if probe.probed_at > moment:
        why = f"the probe is of {instant(probe.probed_at)}, after the evaluation"
        raise InputError(why, Place(str(path)), "Is the clock of the machine right that probed?")
    return written(probe)


def _answers(moment: datetime, settings: Settings, session: Session) -> Answers | None:
    """What a file of attestations says; None where somebody will be asked, or nobody is there.

    Raises:
        InputError: the file is wrong.
        UsageError: what people say now would be later than the evaluation.
    """
    now = session.now()
    found = given_answers(settings, min(moment, now))
    if found is None and session.ask is not None and now - moment > _DAY:
        raise UsageError(
            "people attest today, and --as-of is before that",
            hint="Give what they said then: --attestations FILE",
        )
    return found


def _sheet(settings: Settings, session: Session) -> Sheet:
    sheet = sheet_of(settings, session)
    require_fonts(sheet)
    return sheet


def _bundle(settings: Settings, policy: Policy, session: Session) -> Path | None:
    """Where the bundle goes; None where nobody says so: then it is among the reports.

    Raises:
        UsageError: it cannot be there.
    """
    path = path_of(settings, "bundle")
    require_room(path or session.folder / _FOLDER / "signoff")
    if path is None:
        return None
    kept = path_of(settings, "save-snapshot")
    read = [*read_files(settings), *policy_files(policy)]
    refuse_overwriting([path, *([kept] if kept else [])], read)
    refuse_what_is_there(path)
    if kept is not None and path in kept.parents:
        raise UsageError("the bundle has its own snapshot", Place(str(kept)), "Name another place.")
    return path


def _new_name(audit: Audit, session: Session) -> Path:
    """A folder among the reports that is not there yet, named after what it is about."""
    words = re.findall(r"[a-z0-9]{1,20}", (audit.organization or "").lower())
    name = "-".join(["signoff", *words[:4], audit.evaluated_at.date().isoformat()])
    folder = session.folder / _FOLDER
    candidates = (folder / (name if n == 1 else f"{name}-{n}") for n in count(1))
    return next(path for path in candidates if not path.exists())


def _evidence(
    snapshot: Snapshot, asked: _Asked, answers: Answers, organization: str | None
) -> dict[str, bytes]:
    said = written_attestations(answers.attestations, organization)
    return {
        SNAPSHOT: write_snapshot(snapshot),
        ATTESTATIONS: said.encode("utf-8"),
        **{path: text.encode("utf-8") for path, text in asked.policy.items()},
        **({PROBE: asked.probe} if asked.probe is not None else {}),
    }


def _logs(
    snapshot: Snapshot, asked: _Asked, settings: Settings, session: Session
) -> dict[str, bytes]:
    """What logs say of mail flow, where some are given."""
    words = settings.texts("mailflow")
    if not words:
        return {}
    words = tuple(str(settings.folder("mailflow") / word) for word in words)
    seen = read_flow(words, normalise(snapshot), settings, session, asked.moment)
    return {MAILFLOW: flowfile.written(seen)}


def _show(
    made: Contents,
    files: Mapping[str, bytes],
    path: Path,
    settings: Settings,
    session: Session,
) -> None:
    if settings.text("format") == "json":
        put(made.files["report.json"].decode(), session)
        return
    text = signoff_text.render(made.audit, sorted(files), str(path))
    put(text if plain(settings, session) else coloured(text), session)
