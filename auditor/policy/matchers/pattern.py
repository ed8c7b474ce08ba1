"""``matches``: a regular expression that must match the whole value, each item of a list."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Final

from auditor.errors import PolicyError, shortened
from auditor.model import Undecided
from auditor.policy.fields import text
from auditor.policy.matchers.base import Everywhere, Uncompared, Uncounted, cannot_apply

if TYPE_CHECKING:
    from regex import Pattern

    from auditor.kinds import Kind
    from auditor.model import Json, Matcher, Present
    from auditor.yamlfile import Node

SECONDS: Final = 1.0
"""How long one pattern may look at one text; most take microseconds, some never end."""

# A brace that counts nothing is a literal in one dialect and an approximate match in another.
_STRAY_BRACE = re.compile(r"(?<!\\)(?:\\\\)*\{(?!\d+(?:,\d*)?\}|,\d+\})")
# A set of three letters and two colons in one dialect, all letters in another.
_POSIX_CLASS = re.compile(r"(?<!\\)(?:\\\\)*\[:[^\]]*:\]")
_COUNT = re.compile(r"\{(\d*)(?:,(\d*))?\}")
_LONGEST: Final = 1000
_MOST_COPIES: Final = 10_000
_HINT = "It is for text; for numbers, sizes and time spans: equals, one_of, min or max."
_SIGNS = (
    r"In a regular expression a dot is written \. and a backslash is \\; put it in single quotes."
)
_ANY_TEXT = r"In a regular expression any text is written .* and a dot \.; put it in single quotes."


@dataclass(frozen=True, slots=True)
class Matches(Everywhere, Uncompared, Uncounted):
    """The whole value matches a pattern, of a list each item; null and empty never do."""

    pattern: str
    ignores_case: bool

    def holds(self, actual: Present | None) -> bool | Undecided:
        """Whether it matches."""
        texts = actual if isinstance(actual, tuple) else (actual,)
        results = [matches_whole(self.pattern, self.ignores_case, str(t)) for t in texts if t]
        if not results or len(results) < len(texts) or any(found is False for found in results):
            return False
        if any(found is None for found in results):
            return Undecided(f"the pattern {shortened(self.pattern)} took too long to match")
        return True

    def mended(self, actual: Present | None) -> Undecided:  # noqa: ARG002
        """Unknown: a pattern names no value."""
        return Undecided("which value it must have is for a person to say")

    def expected(self) -> Json:
        """The matcher as an object."""
        return {"matches": self.pattern}

    def must(self, name: str) -> str:  # noqa: ARG002
        """``match the pattern …``."""
        return f"match the pattern {self.pattern}"


def read_matches(node: Node, name: str, kind: Kind) -> Matcher:
    """A regular expression that must match the whole value, each item of a list."""
    if not kind.textual:
        cannot_apply(node, "matches", name, kind, _HINT)
    pattern = text(node, f"'matches' of {name}")
    problem = pattern_problem(pattern)
    if problem is not None:
        raise PolicyError(
            f"'matches' of {name} is no regular expression: {problem}",
            node.place,
            _ANY_TEXT if pattern.startswith("*") else _SIGNS,
        )
    return Matches(pattern, kind.ignores_case)


def pattern_problem(pattern: str) -> str | None:
    """Why a text is no regular expression of Python's dialect that has only one meaning."""
    if _STRAY_BRACE.search(pattern):
        return r"a brace that is not a count, as in {2} or {1,3}, is written \{"
    if len(pattern) > _LONGEST or _copies(pattern) > _MOST_COPIES:
        return "it is too large"
    if _POSIX_CLASS.search(pattern):
        return "a class such as [:alpha:] is not known; write A-Za-z in its place"
    import regex  # as below

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # of sets that will mean something else one day
            re.compile(pattern)
            _compiled(pattern, ignores_case=False)
    except (re.error, regex.error, ValueError, FutureWarning, DeprecationWarning) as error:
        return shortened(str(error), 120, quoted=False)
    except (RecursionError, OverflowError):
        return "it is too large"
    return None


def _copies(pattern: str) -> int:
    """How often something may be written out: nested counts multiply."""
    return prod(int(found[2] or found[1]) or 1 for found in _COUNT.finditer(pattern))


def _folds(letter: str) -> bool:
    """Whether a letter in lower case folds to another one, as the long s does to s."""
    return not letter.isascii() and letter.casefold() != letter and len(letter.casefold()) == 1


@lru_cache(maxsize=256)
def _compiled(pattern: str, ignores_case: bool) -> Pattern[str]:
    """A pattern that can be matched with a limit of time, which the standard library has not.

    Source: https://github.com/mrabarnett/mrab-regex (Timeout).
    """
    import regex  # only a policy with patterns needs it

    return regex.compile(pattern, regex.IGNORECASE if ignores_case else 0)


def matches_whole(pattern: str, ignores_case: bool, value: str) -> bool | None:
    """Whether a pattern matches all of a text; None where that took too long.

    Letter case is ignored as lower case is, not as folding does it, which takes some letters for
    others: a text with such a letter must be spelled as the pattern is.
    """
    ignores_case = ignores_case and not any(_folds(letter) for letter in value.lower())
    try:
        return _compiled(pattern, ignores_case).fullmatch(value, timeout=SECONDS) is not None
    except TimeoutError:
        return None
