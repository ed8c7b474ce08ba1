"""What every judgement may look at: the organisation, the policy, the region and the day."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import date

    from auditor.model import Connectors, Policy, Scene
    from auditor.routing import Traffic


class Situation(NamedTuple):
    """One audit's facts.

    Attributes:
        connectors: all of them, and what is known of servers.
        policy: what must hold.
        scene: the effective region, and the organisation's settings.
        today: the day of the evaluation, in UTC.
        traffic: where all mail goes.
    """

    connectors: Connectors
    policy: Policy
    scene: Scene
    today: date
    traffic: Traffic
