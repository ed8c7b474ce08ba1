"""What a control yields: it knows nothing of severity, exemptions or formats."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from auditor.model import ABSENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.model import Change, Connector, Exemption, Json, Status, Value


class Outcome(NamedTuple):
    """The result of one control on one connector, before the driver makes a Finding of it.

    ``advice`` is what to do about it; nobody needs it where an exemption covers the finding.
    ``undecided``: it failed, and of a part of it nothing is known. ``exemption``: of another
    control, which permits this one as well.
    """

    status: Status
    connector: Connector | None
    message: str
    expected: Json = None
    actual: Value | Mapping[str, Value | Json] = ABSENT
    changes: tuple[Change, ...] = ()
    advice: str = ""
    undecided: bool = False
    exemption: Exemption | None = None
