"""One value of an option, and who said it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.errors import NOWHERE, Place

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Setting:
    """A value, the folder that paths in it are relative to, and who said it."""

    value: str | bool | tuple[str, ...]
    folder: Path
    said_by: str
    place: Place = NOWHERE
