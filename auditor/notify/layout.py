"""A message laid out: as text that fits a limit, and as HTML. What is in it stays text.

Some services read Markdown in what apprise takes for plain text; their text is escaped here, with
the Markdown report's own escaping. Elsewhere apprise escapes what a service would read
(``text_to_markdown``, ``text_to_html`` in https://github.com/caronc/apprise,
apprise/conversion/format.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from auditor.errors import shortened
from auditor.report.markdown import escaping
from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Level: TypeAlias = Literal["success", "info", "warning", "failure"]
"""How grave a message is, in apprise's words: services give it a colour or an icon."""

TITLE: Final = 140
"""Characters of a title: a mail's subject is cut by most programs well before."""
LIMIT: Final = 6000
"""Characters of a message's text, where a service takes that many."""
_ITEM: Final = 400
_SHOWN: Final = (20, 10, 5, 3, 2, 1, 0)
"""How many items of each section are tried, until the text fits."""
_MENTION: Final = re.compile(r"(?<![\w.@])@(?=\w)")


class Attachment(NamedTuple):
    """A file that goes along: its name, its format and what is in it."""

    name: str
    format: str
    data: bytes


class Section(NamedTuple):
    """A heading and what stands under it, the worst first; either may be empty."""

    heading: str
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent. Texts are as they came: whoever lays them out escapes them.

    Attributes:
        title: who, and what is new, on one line.
        lead: the first line: what is new.
        sections: all else, what is new first.
        level: how grave it is.
    """

    title: str
    lead: str
    sections: tuple[Section, ...]
    level: Level

    def with_notes(self, notes: Iterable[str]) -> Message:
        """The same, with paragraphs at its end."""
        return replace(self, sections=(*self.sections, *map(Section, notes)))

    @property
    def subject(self) -> str:
        """The title as plain text: one line, no mention, no longer than ``TITLE``."""
        return plain(shortened(printable(self.title), TITLE, quoted=False))

    def text(self, limit: int = LIMIT, *, markdown: bool = False) -> str:
        """As text; what does not fit is left out and counted.

        Args:
            limit: so many characters at most.
            markdown: whether the service reads the text as Markdown.
        """
        spell = escaping.text if markdown else plain
        text = ""
        for shown in _SHOWN:
            text = self._text(shown, spell)
            if len(text) <= limit:
                return text
        # A cut may leave a mark of Markdown open; of plain text it cannot.
        return shortened(plain(self.lead) if markdown else text, limit, quoted=False)

    def html(self) -> str:
        """As the body of a mail: paragraphs and lists, no style, no link, no image."""
        parts = [f"<p><b>{_safe(self.lead)}</b></p>"]
        for section in self.sections:
            if section.heading:
                parts.append(f"<p>{_safe(section.heading)}</p>")
            items = [f"<li>{_safe(item)}</li>" for item in _some(section.items, _SHOWN[0])]
            if items:
                parts.append("<ul>\n" + "\n".join(items) + "\n</ul>")
        return "\n".join(parts)

    def _text(self, shown: int, spell: Callable[[str], str]) -> str:
        blocks = [spell(self.lead)]
        for section in self.sections:
            lines = [spell(section.heading)] if section.heading else []
            lines += [f"- {spell(item)}" for item in _some(section.items, shown)]
            blocks.append("\n".join(lines))
        return "\n\n".join(block for block in blocks if block) + "\n"


def plain(text: str) -> str:
    """Text for a service that shows it as it is, but would call people: ``@all`` is ``@ all``."""
    return _MENTION.sub("@ ", printable(text))


def _safe(text: str) -> str:
    return escape(printable(text))


def _some(items: tuple[str, ...], shown: int) -> list[str]:
    """The first few, and how many were left out."""
    kept = [shortened(item, _ITEM, quoted=False) for item in items[:shown]]
    left = len(items) - len(kept)
    # With nothing shown, the heading has said how many there are.
    return [*kept, f"and {left} more"] if left and kept else kept
