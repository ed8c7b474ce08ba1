"""Snapshot and policy files → the same without names, by one mapping."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from auditor.collect.cmdlets import COLLECTED_NOUNS
from auditor.digests import canonical
from auditor.model import ADMIN_LOG, CollectionError, cmdlet_of
from auditor.redact.evidence import evidence_digests
from auditor.redact.kept import builtin
from auditor.redact.matchers import Matchers
from auditor.redact.names import Names
from auditor.redact.objects import redacted_object
from auditor.redact.packs import redacted_pack
from auditor.redact.policy import PolicyWriter
from auditor.redact.texts import redacted_sentence
from auditor.redact.words import TWIN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from auditor.model import Json, Policy, Provenance, Raw, Snapshot
    from auditor.redact.evidence import Digests

MARK: Final = "(redacted)"

_TOOL: Final = re.compile(
    r"(?:connector-)?audit(?:or)?[ /][0-9]{1,3}(?:\.[0-9]{1,3}){1,2}"
    r"(?:(?:a|b|rc|\.dev|\.post)[0-9]{1,4})?(?:, script)?",
    re.ASCII,
)
_KINDS: Final = frozenset({"clixml", "csv", "format-list", "json", "live", "script"})
_CAUTIONS: Final = frozenset({"cleartext", "insecure"})
_UNKNOWN: Final = "redacted"
_LOG_LEFT_OUT: Final = "it says who did what, and is left out of what is redacted"
_SUFFIX: Final = re.compile(r".*(\.(?:json|xml|clixml|csv|txt))", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Redacted:
    """What is safe to hand over, and the key to it, which is not.

    Attributes:
        snapshot: the snapshot with stand-ins.
        policy: the text of one policy file in place of the user's own; None if there were none.
        packs: file name → text of the packs in place of the user's own.
        names: stand-in → the name as it was first spelled.
    """

    snapshot: Snapshot
    policy: str | None
    packs: Mapping[str, str]
    names: Mapping[str, str]


def redact(
    snapshot: Snapshot,
    policy: Policy,
    texts: Sequence[str] = (),
    packs: Sequence[tuple[str, str]] = (),
) -> Redacted:
    """The snapshot and the policy with stand-ins for every name.

    Args:
        snapshot: what was collected.
        policy: the effective policy.
        texts: its own files, decoded, in the order of ``extends``; no built-in one.
        packs: all packs of its own in their order, each the name of the file that takes its
            place, beside the policy's, and its text.

    Raises:
        InputError: an object is nested beyond all bounds.
        PolicyError: a text is not YAML, no policy or no pack.
    """
    # The order of all names, and which labels are servers, must be known before the first is
    # replaced: so everything is done twice, and the first result thrown away.
    first = Names(builtin())
    _snapshot(snapshot, first)
    _policy(policy, Matchers(snapshot, policy, first), {}, texts, packs)
    names = Names(builtin(), first.seen)
    redacted = _snapshot(snapshot, names)
    digests = evidence_digests(snapshot, redacted, policy)
    matchers = Matchers(snapshot, policy, names)
    written, written_packs = _policy(policy, matchers, digests, texts, packs)
    return Redacted(redacted, written, written_packs, dict(names.originals))


def _policy(
    policy: Policy,
    matchers: Matchers,
    digests: Digests,
    texts: Sequence[str],
    packs: Sequence[tuple[str, str]],
) -> tuple[str | None, dict[str, str]]:
    """The texts of the policy and, by the names of their files, of its packs."""
    written = {
        name: redacted_pack(text, number, matchers)
        for number, (name, text) in enumerate(packs, start=1)
    }
    writer = PolicyWriter(policy, matchers, digests, tuple(written))
    return writer.write(texts), written


def _snapshot(snapshot: Snapshot, names: Names) -> Snapshot:
    organization = snapshot.organization
    return replace(
        snapshot,
        organization=None if organization is None else names.organization(organization),
        objects={
            noun: _objects(noun, found, names)
            for noun, found in snapshot.objects.items()
            if noun != ADMIN_LOG
        },
        errors=_errors(snapshot, names),
        provenance=_provenance(snapshot.provenance),
    )


def _errors(snapshot: Snapshot, names: Names) -> tuple[CollectionError, ...]:
    """What was not collected; the administrator audit log is taken out, and that is said."""
    without_log = CollectionError(cmdlet_of(ADMIN_LOG), _LOG_LEFT_OUT, refused=True)
    if ADMIN_LOG in snapshot.objects:
        kept = [error for error in snapshot.errors if error.noun != ADMIN_LOG]
        return (*(_error(error, names) for error in kept), without_log)
    return tuple(e if e == without_log else _error(e, names) for e in snapshot.errors)


def _error(error: CollectionError, names: Names) -> CollectionError:
    known = error.noun in COLLECTED_NOUNS or error.cmdlet == cmdlet_of(ADMIN_LOG)
    return error._replace(
        cmdlet=error.cmdlet if known else _UNKNOWN,
        reason=redacted_sentence(error.reason, names),
    )


def _objects(
    noun: str, found: Sequence[Mapping[str, Raw]], names: Names
) -> tuple[dict[str, Json], ...]:
    """All objects of a cmdlet; what differed still differs, also where only a spelling did."""
    known: dict[bytes, dict[bytes, int]] = {}
    objects = []
    for raw in found:
        # Not by the object itself: to Python, False and 0 are one.
        original, redacted = canonical(raw), redacted_object(noun, raw, names)
        originals = known.setdefault(canonical(redacted), {})
        twin = originals.setdefault(original, len(originals))
        objects.append({**redacted, TWIN: twin} if twin else redacted)
    return tuple(objects)


def _provenance(origin: Provenance) -> Provenance:
    """Where it came from, as far as that names nobody."""
    tool = (origin.tool or "").removesuffix(MARK).strip()
    tool = tool if _TOOL.fullmatch(tool) else ""
    kinds = origin.kind.split("+")
    return replace(
        origin,
        kind="+".join(kind if kind in _KINDS else _UNKNOWN for kind in kinds),
        location=_UNKNOWN,
        tool=f"{tool} {MARK}".strip(),
        files=tuple(_file(name, number) for number, name in enumerate(origin.files, start=1)),
        server=None,
        account=None,
        cautions=tuple(word if word in _CAUTIONS else _UNKNOWN for word in origin.cautions),
    )


def _file(name: str, number: int) -> str:
    suffix = _SUFFIX.fullmatch(name)
    return f"file-{number}{suffix[1].lower() if suffix else ''}"
