"""A control as a rule of SARIF, and text as a message of SARIF."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.model import Control, Json, Severity

LEVELS: Final[Mapping[Severity, str]] = {
    "critical": "error",
    "high": "error",
    "medium": "warning",
    "low": "note",
}
_SCORES: Final[Mapping[Severity, str]] = {
    "critical": "9.5",
    "high": "8.0",
    "medium": "5.5",
    "low": "2.0",
}
"""In the middle of each of the ranges that code scanning gives the same names."""
# https://www.rfc-editor.org/rfc/rfc3986#section-2
_LINK: Final = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+")


def rule(control: Control) -> dict[str, Json]:
    """A control as a reportingDescriptor (3.49)."""
    title = control.title or f"{control.id} is as the policy wants it"
    why = _sentence(control.why or title)
    links = [text for text in control.references if _LINK.fullmatch(text)]
    return {
        "id": control.id,
        "shortDescription": message(_sentence(title)),
        "fullDescription": message(why),
        "help": message(why, *(f"See: {reference}" for reference in control.references)),
        **({"helpUri": links[0]} if links else {}),
        "defaultConfiguration": {"level": LEVELS[control.severity]},
        "properties": {
            "security-severity": _SCORES[control.severity],
            "severity": control.severity,
            "tags": ["security"],
        },
    }


def message(*lines: str) -> dict[str, Json]:
    """Text in which nothing is a placeholder (3.11.5), a link (3.11.6) or another line.

    Braces are doubled, as the standard has it; between a bracket and a parenthesis stands a blank.
    """
    shown = "\n".join(map(printable, lines)).replace("](", "] (")
    return {"text": shown.replace("{", "{{").replace("}", "}}")}


def _sentence(text: str) -> str:
    said = text.strip()
    return said if said.endswith((".", "!", "?")) else f"{said}."
