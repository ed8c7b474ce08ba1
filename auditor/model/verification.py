"""What a verification of a signed bundle found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from datetime import date, datetime

FileState: TypeAlias = Literal["as signed", "as listed", "altered", "removed", "added"]
Remaking: TypeAlias = Literal["same", "differs", "not made again"]
Outcome: TypeAlias = Literal["as signed", "not as signed", "undecided"]


class CheckedFile(NamedTuple):
    """A file of a bundle against its manifest; ``why`` says what else is known, or is empty.

    Where no signature over the manifest holds, it can at best be ``as listed``.
    """

    path: str
    state: FileState
    why: str = ""


class CheckedSignature(NamedTuple):
    """A signature in a bundle.

    Attributes:
        path: the file that it stands in.
        keyid: of the key, as it says; None where it cannot be read.
        name: of the key in the list of trusted keys; None where it is not in it.
        role: likewise.
        valid_until: likewise.
        signed_at: as the signed statement says; None where that cannot be believed.
        against: why it is not accepted, a sentence each; none where it is.
    """

    path: str
    keyid: str | None
    name: str | None
    role: str | None
    valid_until: date | None
    signed_at: datetime | None
    against: tuple[str, ...]


class RemadeFile(NamedTuple):
    """A file that follows from the evidence, made again; ``why`` says more, or is empty."""

    path: str
    state: Remaking
    why: str = ""


@dataclass(frozen=True, slots=True)
class Verification:
    """All that a verification found.

    Attributes:
        bundle: its name.
        verified_at: the moment for which keys are judged.
        problems: what is not as it was signed, a sentence each.
        undecided: what could not be found out, a sentence each.
        version: of the program that made the bundle; None where no manifest can be read.
        version_here: of this program.
        organization: as the manifest says.
        verdict: likewise.
        go_live: likewise.
        evaluated_at: likewise.
        files: each file but the signatures.
        signatures: each of them.
        remade: what was evaluated again; empty where that was not tried.
        findings: how many findings were compared; None where that was not tried.
    """

    bundle: str
    verified_at: datetime
    problems: tuple[str, ...]
    version_here: str
    undecided: tuple[str, ...] = ()
    version: str | None = None
    organization: str | None = None
    verdict: str | None = None
    go_live: str | None = None
    evaluated_at: datetime | None = None
    files: tuple[CheckedFile, ...] = ()
    signatures: tuple[CheckedSignature, ...] = ()
    remade: tuple[RemadeFile, ...] = ()
    findings: int | None = None

    @property
    def outcome(self) -> Outcome:
        """What is certainly wrong outranks what is not known."""
        if self.problems:
            return "not as signed"
        return "undecided" if self.undecided else "as signed"
