"""``present``: there is a value, whichever."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.model import Undecided
from auditor.policy.fields import boolean
from auditor.policy.matchers.base import Everywhere, Uncompared, Uncounted

if TYPE_CHECKING:
    from auditor.kinds import Kind
    from auditor.model import Json, Matcher, Present
    from auditor.yamlfile import Node


@dataclass(frozen=True, slots=True)
class IsPresent(Everywhere, Uncompared, Uncounted):
    """There is a value (or, with false, there is none): null and empty are no value."""

    wanted: bool

    def holds(self, actual: Present | None) -> bool:
        """Whether a value is there, as wanted."""
        return (actual is not None and actual != () and actual != "") is self.wanted

    def mended(self, actual: Present | None) -> Present | Undecided | None:
        """Nothing, where nothing is wanted; which value else, nobody has said."""
        if self.wanted:
            return Undecided("which value it must have is for a person to say")
        return () if isinstance(actual, tuple) else None

    def expected(self) -> Json:
        """The matcher as an object."""
        return {"present": self.wanted}

    def must(self, name: str) -> str:  # noqa: ARG002 - the same for all
        """``be set to something``."""
        return "be set to something" if self.wanted else "be left empty"


def read_present(node: Node, name: str, kind: Kind) -> Matcher:  # noqa: ARG001
    """true: there is a value, whichever; false: it is null or empty."""
    return IsPresent(boolean(node, f"'present' of {name}"))
