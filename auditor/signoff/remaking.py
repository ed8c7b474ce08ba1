"""A bundle's evidence evaluated again, and what was signed held against what comes out.

Only after signatures and digests hold. Who signed is trusted to have signed, not to write files
that do no harm: a policy that names files outside of its bundle is not read.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import auditor
from auditor.errors import AuditError, InputError, PolicyError, shortened
from auditor.model.verification import RemadeFile
from auditor.policy.effective import PACKS, POLICY
from auditor.signoff.contents import ATTESTATIONS, MAILFLOW, PROBE, REPORTS, SNAPSHOT, contents
from auditor.signoff.manifest import MANIFEST, SIGNATURES
from auditor.textfile import decode
from auditor.yamlfile import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from auditor.report.sheet import Sheet
    from auditor.signoff.contents import Contents
    from auditor.signoff.manifest import Manifest, Printing

_EVIDENCE: Final = (SNAPSHOT, POLICY, ATTESTATIONS)
_OPTIONAL: Final = (PROBE, MAILFLOW)
_COMPARED: Final = ("status", "severity", "actual_sha256")


class Remade(NamedTuple):
    """What evaluating again gave.

    Attributes:
        files: what became of each file that follows from the evidence.
        problems: what is not as it was signed, a sentence each.
        undecided: what could not be found out, a sentence each.
        findings: how many were compared; None where that was not possible.
    """

    files: tuple[RemadeFile, ...] = ()
    problems: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    findings: int | None = None


def remake(
    files: Mapping[str, bytes], manifest: Manifest, sheet: Sheet, printing: Printing
) -> Remade:
    """Evaluate a bundle's evidence again.

    Args:
        files: of the bundle.
        manifest: what it says; signed by somebody who is trusted.
        sheet: the fonts that there are here, and who is told what cannot be printed.
        printing: the same as a bundle would list it, with the version of typst here.
    """
    missing = [name for name in _EVIDENCE if name not in files]
    if missing:
        return Remade(problems=(f"the bundle has no {', '.join(missing)}.",))
    evidence = {name: data for name, data in files.items() if _is_evidence(name)}
    same = manifest.version == auditor.__version__
    why = _why_no_pages(files, manifest.printing, printing)
    paper = sheet._replace(paper=manifest.printing.paper)
    try:
        _require_self_contained(evidence)
        made = contents(evidence, manifest.inputs, paper, pages=same and why is None)
    except AuditError as error:
        said = f"the evidence cannot be evaluated again: {error.message}."
        # What this version does not read, another one may have read.
        return Remade(problems=(said,)) if same else Remade(undecided=(said,))
    problems = [*_differing_words(manifest, made), *_differing_findings(files, made)]
    remade = _compared(files, made, why) if same else _not_compared(files, made, manifest.version)
    problems += [f"{file.path} {file.why}." for file in remade if file.state == "differs"]
    return Remade(remade, tuple(problems), findings=len(made.audit.findings))


def _is_evidence(name: str) -> bool:
    return name in (*_EVIDENCE, *_OPTIONAL) or name.startswith(f"{PACKS}/")


def _derived(files: Mapping[str, bytes]) -> list[str]:
    return [
        name
        for name in sorted(files)
        if not _is_evidence(name) and name != MANIFEST and not name.startswith(SIGNATURES)
    ]


def _why_no_pages(files: Mapping[str, bytes], then: Printing, here: Printing) -> str | None:
    """Why the PDF cannot be made again here; None where it can."""
    if REPORTS["pdf"] not in files:
        return "the bundle has none"
    if then.typst is None:
        return None  # made again, and found to differ: who lists none has no PDF
    if here.typst is None:
        return "typst is not installed here"
    if then.typst != here.typst:
        return f"it was made with typst {then.typst}, and here is {here.typst}"
    if [font.sha256 for font in then.fonts] != [font.sha256 for font in here.fonts]:
        names = ", ".join(font.name for font in then.fonts) or "no --font"
        return f"it was made with {names}, in this order"
    return None


def _require_self_contained(evidence: Mapping[str, bytes]) -> None:
    """That the policy names no file that is not in the bundle.

    Raises:
        InputError: it does, or is no policy at all.
    """
    try:
        root = parse(decode(evidence[POLICY], POLICY, InputError), POLICY, InputError)
    except PolicyError as error:
        raise InputError(error.message, error.place) from error
    entries = root.value if isinstance(root.value, dict) else {}
    packs = entries["packs"].value if "packs" in entries else ()
    words = [pack.value for pack in packs] if isinstance(packs, tuple) else [packs]
    stray = [word for word in words if not isinstance(word, str) or word not in evidence]
    unnamed = [name for name in evidence if name.startswith(f"{PACKS}/") and name not in words]
    if unnamed:
        raise InputError(f"{POLICY} does not name {shortened(unnamed[0])}")
    if "extends" in entries or stray:
        named = "extends" if "extends" in entries else shortened(str(stray[0]))
        raise InputError(f"{POLICY} leads out of the bundle ({named})")


def _compared(
    files: Mapping[str, bytes], made: Contents, why_no_pages: str | None
) -> tuple[RemadeFile, ...]:
    """Byte for byte: the same version makes the same files of the same evidence."""
    found = []
    for name in sorted({*_derived(files), *made.files, *REPORTS.values()}):
        if name == REPORTS["pdf"] and name in files and name not in made.files:
            found.append(RemadeFile(name, "not made again", why_no_pages or ""))
        elif name not in files:
            found.append(RemadeFile(name, "differs", "follows from the evidence, and is missing"))
        elif name not in made.files:
            found.append(RemadeFile(name, "differs", "does not follow from the evidence"))
        elif files[name] != made.files[name]:
            found.append(RemadeFile(name, "differs", "is another when it is made again"))
        else:
            found.append(RemadeFile(name, "same"))
    return tuple(found)


def _not_compared(
    files: Mapping[str, bytes], made: Contents, version: str
) -> tuple[RemadeFile, ...]:
    """Another version: the same findings, but not the same bytes; and no files of other names."""
    why = f"made with version {version}, and this is {auditor.__version__}"
    found = []
    for name in sorted({*_derived(files), *made.files, *REPORTS.values()}):
        if name not in files:
            found.append(RemadeFile(name, "differs", "follows from the evidence, and is missing"))
        elif name not in made.files and name not in REPORTS.values():
            found.append(RemadeFile(name, "differs", "does not follow from the evidence"))
        else:
            found.append(RemadeFile(name, "not made again", why))
    return tuple(found)


def _differing_words(manifest: Manifest, made: Contents) -> Iterator[str]:
    audit = made.audit
    go_live = audit.go_live.state if audit.go_live else "undecided"
    for what, then, now in (
        ("the verdict", manifest.verdict, audit.verdict),
        ("go_live", manifest.go_live, go_live),
    ):
        if then != now:
            yield f"{what} was {shortened(then)}, and evaluated again is {now!r}."


def _differing_findings(files: Mapping[str, bytes], made: Contents) -> Iterator[str]:
    """Findings that another evaluation does not confirm, by what makes them the same."""
    name = REPORTS["json"]
    now = json.loads(made.files[name])
    try:
        then: Any = json.loads(files[name])
        before, after = _findings(then), _findings(now)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        yield f"{name} is no report of this program ({type(error).__name__})."
        return
    for key in ("verdict", "go_live"):
        if then.get(key) != now.get(key):
            yield f"{name} says {key} {shortened(str(then.get(key)))}, and now it is {now[key]!r}."
    for mark in sorted({*before, *after}):
        if before.get(mark) != after.get(mark):
            yield f"{name}: {_about(mark, before, after)}."


def _findings(report: Any) -> dict[str, dict[str, Any]]:  # noqa: ANN401 - whatever JSON gives
    keys = ("control", "connector", *_COMPARED)
    found = {str(one["fingerprint"]): {k: one[k] for k in keys} for one in report["findings"]}
    if len(found) != len(report["findings"]):
        raise ValueError("a finding is there twice")
    return found


def _about(mark: str, before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> str:
    """What became of a finding, in words."""
    one = before.get(mark) or after[mark]
    whose = f" of {shortened(str(one['connector']))}" if one["connector"] is not None else ""
    who = f"{shortened(str(one['control']), quoted=False)}{whose}"
    if mark not in before or mark not in after:
        return f"{who} was {'not ' if mark not in before else ''}there, and now it is " + (
            "not" if mark not in after else "there"
        )
    then, now = before[mark], after[mark]
    parts = [
        f"{key} was {shortened(str(then[key]), 80)}, now {shortened(str(now[key]), 80)}"
        for key in then
        if then[key] != now[key]
    ]
    return f"{who}: {'; '.join(parts)}"
