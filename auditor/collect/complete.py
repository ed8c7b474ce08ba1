"""Whether a snapshot holds what an audit cannot do without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.errors import NOWHERE, Place, UndecidedError

if TYPE_CHECKING:
    from auditor.model import Snapshot


def require_connectors(snapshot: Snapshot, place: Place = NOWHERE) -> None:
    """Refuse a snapshot whose send connectors may not be all.

    Raises:
        UndecidedError: collecting them reported an error; some may be there, but nobody knows how
            many are not.
    """
    for error in snapshot.errors:
        if error.noun.strip().lower() == "sendconnector":
            message = f"the send connectors could not be collected: {error.reason}"
            raise UndecidedError(message, place, "Collect again.")
