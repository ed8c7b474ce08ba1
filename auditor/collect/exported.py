"""One exported object, before it is known which cmdlet returned it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from auditor.model import Raw


class Exported(NamedTuple):
    """Properties by name, the .NET type where the export gives it, and the line it begins at."""

    properties: dict[str, Raw]
    type_name: str | None = None
    line: int | None = None
