"""Snapshot and policy files → the same without names, by one mapping."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from auditor.model import CollectionError
from auditor.redact.evidence import evidence_digests
from auditor.redact.kept import kept_of
from auditor.redact.matchers import Matchers
from auditor.redact.names import Names
from auditor.redact.objects import redacted_object
from auditor.redact.policy import PolicyFile, PolicyWriter
from auditor.redact.sentences import redacted_caution, redacted_sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from auditor.model import Json, Policy, Provenance, Raw, Snapshot

MARK: Final = "(redacted)"
TWIN: Final = "RedactedTwin"
"""Property that keeps two objects apart whose difference was in what is replaced."""

_TOOL: Final = re.compile(
    r"(?:connector-)?audit(?:or)?[ /][0-9][0-9a-z.+]{0,20}(?:, script)?", re.ASCII
)
_CMDLET: Final = re.compile(r"(?:[A-Z][a-z]+-)?[A-Z][A-Za-z]{1,63}", re.ASCII)
_SUFFIX: Final = re.compile(r".*(\.(?:json|xml|clixml|csv|txt))", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Redacted:
    """What is safe to hand over, and the key to it, which is not.

    Attributes:
        snapshot: the snapshot with stand-ins.
        policies: file name and text of each policy file, in the order they were given; the first
            extends the second, and so on.
        names: stand-in → the name as it was first spelled.
    """

    snapshot: Snapshot
    policies: tuple[tuple[str, str], ...]
    names: Mapping[str, str]


def redact(
    snapshot: Snapshot, policy: Policy, texts: Sequence[str] = (), stem: str = "policy"
) -> Redacted:
    """The snapshot and the policy files with stand-ins for every name.

    Args:
        snapshot: what was collected.
        policy: the effective policy: its gateway's domains and its regions' smart hosts stay.
        texts: the policy's own files, decoded, in the order of ``extends``; no built-in one.
        stem: the redacted files are named ``{stem}-1.yaml``, ``{stem}-2.yaml``, …

    Raises:
        PolicyError: a text is not YAML.
    """
    files = [PolicyFile(f"{stem}-{number}.yaml", text) for number, text in enumerate(texts, 1)]
    # The order of all names, and which labels are servers, must be known before the first is
    # replaced: so everything is done twice, and the first result thrown away.
    first = Names(kept_of(policy))
    _snapshot(snapshot, first)
    _policies(files, snapshot, first, {})
    names = Names(kept_of(policy), first.seen)
    redacted = _snapshot(snapshot, names)
    policies = _policies(files, snapshot, names, evidence_digests(snapshot, redacted))
    return Redacted(redacted, policies, dict(names.originals))


def _policies(
    files: Sequence[PolicyFile], snapshot: Snapshot, names: Names, digests: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    writer = PolicyWriter(Matchers(snapshot, names), names, digests)
    parents = [*(file.name for file in files[1:]), None]
    return tuple(
        (file.name, writer.write(file, parent))
        for file, parent in zip(files, parents, strict=False)
    )


def _snapshot(snapshot: Snapshot, names: Names) -> Snapshot:
    organization = snapshot.organization
    return replace(
        snapshot,
        organization=None if organization is None else names.organization(organization),
        objects={noun: _objects(noun, found, names) for noun, found in snapshot.objects.items()},
        errors=tuple(
            CollectionError(
                error.cmdlet if _CMDLET.fullmatch(error.cmdlet) else "redacted",
                redacted_sentence(error.reason, names),
            )
            for error in snapshot.errors
        ),
        provenance=_provenance(snapshot.provenance, names),
    )


def _objects(
    noun: str, found: Sequence[Mapping[str, Raw]], names: Names
) -> tuple[dict[str, Json], ...]:
    """All objects of a cmdlet; what differed still differs, also where only a spelling did."""
    known: dict[str, list[str]] = {}
    objects = []
    for raw in found:
        redacted, original = redacted_object(noun, raw, names), repr(raw)
        originals = known.setdefault(repr(redacted), [])
        if original not in originals:
            originals.append(original)
        twin = originals.index(original)
        objects.append({**redacted, TWIN: twin} if twin else redacted)
    return tuple(objects)


def _provenance(origin: Provenance, names: Names) -> Provenance:
    """Where it came from, as far as that names nobody."""
    tool = (origin.tool or "").removesuffix(MARK).strip()
    tool = tool if _TOOL.fullmatch(tool) else ""
    return replace(
        origin,
        location="redacted",
        tool=f"{tool} {MARK}".strip(),
        files=tuple(_file(name, number) for number, name in enumerate(origin.files, start=1)),
        server=None,
        account=None,
        cautions=tuple(redacted_caution(text, names) for text in origin.cautions),
    )


def _file(name: str, number: int) -> str:
    suffix = _SUFFIX.fullmatch(name)
    return f"file-{number}{suffix[1].lower() if suffix else ''}"
